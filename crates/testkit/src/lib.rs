//! Networks for tests, made of namespaces: a [`Lab`] has clients, routers, a director's ports and backends, and runs
//! real programs in them. What it made goes in reverse order when it is dropped, after a panic too.
//!
//! ```no_run
//! # fn main() -> Result<(), testkit::LabError> {
//! use testkit::{Lab, Objects, Setup};
//!
//! let lab = Lab::new("one")
//!     .client("c", "10.0.0.2/24")
//!     .director(["10.0.0.0/24", "10.1.0.0/24"]) // its ports dpdk0 and dpdk1
//!     .backend("b1", "10.1.0.11/24")
//!     .up()?;
//! let _web = lab.on("b1").web(&Objects::none(&lab)?)?;
//! let dpvs = lab.dpvs(&Setup::new(1, 2))?;
//! lab.dpip("addr add 10.0.0.100/32 dev dpdk0")?;
//! lab.ipvsadm("-A -t 10.0.0.100:80 -s rr")?;
//! assert_eq!(lab.on("c").curl("http://10.0.0.100/")?, "b1");
//! dpvs.stop()
//! # }
//! ```
//!
//! Every distinct network among the addresses becomes a bridge, in one namespace of its own (`fabric`), to which each
//! node has one veth pair. A node's default gateway is the first router that was named on its first network. The
//! topology that most tests share is drawn in [`fullnat`].
//!
//! What a host cannot do (no root, no `nginx`, no `dpvs` built) is [`LabError::CannotHere`]; [`case`] turns it into a
//! line `skipped: <test>: <reason>`, and into a failure where `DPVS_LAB_STRICT` is set.
#![forbid(unsafe_code)]

pub mod bins;
mod cidr;
mod conf;
mod daemon;
mod download;
mod error;
pub mod fullnat;
mod host;
mod lab;
mod ns;
mod objects;
mod on;
mod plan;
mod run;
pub mod show;
mod skip;
pub mod spec;
pub mod udp;
mod wait;
mod web;

pub use cidr::{BadCidr, Cidr};
pub use conf::{Memory, Setup, Timeouts};
pub use daemon::Daemon;
pub use download::{Download, Fault};
pub use error::LabError;
pub use lab::Lab;
pub use objects::Objects;
pub use on::On;
pub use plan::{Offloads, Plan};
pub use run::{Output, Process};
pub use skip::case;
pub use web::Web;
