//! DPDK, with ownership as the type: a buffer has one owner, a queue one thread, and nothing is dropped before what borrows it.
//!
//! | module | what |
//! |---|---|
//! | [`eal`], [`launch`], [`affinity`] | the process-wide state; work on its threads; CPUs for other threads |
//! | [`pool`], [`mbuf`] | packet buffers |
//! | [`device`], [`config`], [`hotplug`] | from a device that was found or made to a started port |
//! | [`port`], [`stats`], [`report`] | what a port is asked and answers |
//! | [`rx`], [`tx`] | its queues, which implement [`pktio`] |
//!
//! The order in which things end is the compiler's business: queues borrow their [`Port`], it borrows its [`Pool`], and both
//! borrow the [`Eal`]. `README.md` beside this crate says why there is `unsafe` and what it rests on.
//!
//! # What does not compile
//!
//! A queue that outlives its port:
//! ```compile_fail,E0597
//! # use dpdk::*;
//! fn f<'p>(pool: &'p Pool<'p>, device: Device<'p>, config: &PortConfig) {
//!     let queues;
//!     {
//!         let port: Port<'p> = device.start(pool, config).unwrap();
//!         queues = port.queues();
//!     }
//!     drop(queues);
//! }
//! ```
//!
//! A buffer that outlives its pool:
//! ```compile_fail,E0505
//! # use {dpdk::*, pktio::Allocator};
//! fn f(eal: &Eal) {
//!     let pool = Pool::new(eal, PoolConfig::default()).unwrap();
//!     let buffer = (&pool).allocate();
//!     drop(pool);
//!     drop(buffer);
//! }
//! ```
//!
//! A port that outlives its pool, and a pool that outlives the EAL:
//! ```compile_fail,E0505
//! # use dpdk::*;
//! fn f(eal: &Eal, device: Device<'_>) {
//!     let pool = Pool::new(eal, PoolConfig::default()).unwrap();
//!     let port = device.start(&pool, &PortConfig::default());
//!     drop(pool);
//!     drop(port);
//! }
//! ```
//! ```compile_fail,E0505
//! # use dpdk::*;
//! fn f(eal: Eal) {
//!     let pool = Pool::new(&eal, PoolConfig::default());
//!     drop(eal);
//!     drop(pool);
//! }
//! ```
//!
//! A port that outlives the EAL:
//! ```compile_fail,E0505
//! # use dpdk::*;
//! fn f(eal: Eal) {
//!     let devices = eal.devices();
//!     drop(eal);
//!     drop(devices);
//! }
//! ```
//!
//! Sending a buffer of a pool that goes before the port (which may hold it until it is closed):
//! ```compile_fail,E0597
//! # use {dpdk::*, pktio::{Allocator, TxQueue}};
//! fn f<'p>(eal: &'p Eal, pool: &'p Pool<'p>, device: Device<'p>) {
//!     let port: Port<'p> = device.start(pool, &PortConfig::default()).unwrap();
//!     let mut queues = port.queues().unwrap();
//!     let late = Pool::new(eal, PoolConfig::default()).unwrap();
//!     let mut burst = vec![(&late).allocate().unwrap()];
//!     queues.tx[0].send(&mut burst);
//! }
//! ```
//!
//! Two threads at one queue, and work that borrows what ends before it:
//! ```compile_fail,E0277
//! # use dpdk::*;
//! fn shared<T: Sync>(_: T) {}
//! fn f(queue: RxQueue<'_, '_>) {
//!     shared(queue);
//! }
//! ```
//! ```compile_fail,E0373
//! # use dpdk::*;
//! fn f(eal: &Eal) {
//!     eal.launch(|launch| {
//!         let ends_too_early = 7;
//!         launch.on(LcoreId(1), || println!("{}", &ends_too_early)).unwrap();
//!     });
//! }
//! ```
//!
//! # What does
//! ```no_run
//! # use {dpdk::*, pktio::{Allocator, RxQueue as _, TxQueue as _}};
//! # use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let eal = Eal::init(["--lcores", "0@0,1@1", "--vdev", "net_tap0", "--vdev", "net_tap1"])?;
//! let pool = Pool::new(&eal, PoolConfig::default())?;
//! let devices = eal.devices().unwrap_or_default();
//! let ports: Vec<Port> =
//!     devices.into_iter().map(|device| device.start(&pool, &PortConfig::default())).collect::<Result<_, _>>()?;
//! let mut queues: Vec<Queues> = ports.iter().filter_map(Port::queues).collect();
//! let stop = AtomicBool::new(false);
//! eal.launch(|launch| {
//!     let work = || {
//!         let mut burst = pktio::burst();
//!         while !stop.load(Relaxed) {
//!             queues[0].rx[0].receive(&mut burst);
//!             queues[1].tx[0].send(&mut burst);
//!             burst.clear(); // what was not sent
//!         }
//!     };
//!     launch.on(LcoreId(1), work)?;
//!     let other = std::thread::scope(|scope| scope.spawn(|| (&pool).allocate().is_some()).join());
//!     println!("{other:?} {:?}", ports[0].stats());
//!     stop.store(true, Relaxed);
//!     Ok::<_, LaunchError>(())
//! })?; // waits for the worker
//! # Ok(())
//! # }
//! ```
#![allow(unsafe_code, reason = "see README.md")]

pub mod affinity;
pub mod config;
mod control;
pub mod device;
pub mod eal;
mod errno;
pub mod hotplug;
pub mod launch;
pub mod mbuf;
pub mod pool;
pub mod port;
pub mod report;
mod rss;
pub mod rx;
pub mod stats;
pub mod tx;

pub use affinity::Affinity;
pub use config::{Accept, FastFree, PortConfig, PortError, RSS_TABLE, RssConfig};
pub use device::Device;
pub use eal::{Eal, EalError, Lcore, LcoreId, NumaNode};
pub use errno::Errno;
pub use hotplug::{Hotplug, HotplugError};
pub use launch::{Launch, LaunchError};
pub use mbuf::Mbuf;
pub use pool::{Pool, PoolConfig, PoolError};
pub use port::{Port, Queues};
pub use report::{Capabilities, Link, Note, PortReport, RssOutcome, Stats, Xstat};
pub use rx::RxQueue;
pub use tx::TxQueue;
