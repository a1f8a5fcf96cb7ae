//! A started port: its queues, given away once, and what the control thread asks of it (docs/spec/netstack.md §4.2, §4.8).
//!
//! Invariant: while a [`Port`] lives, nobody else configures, stops or closes the device, and every buffer that it may hold comes
//! from a pool that outlives it. The second is why it is *invariant* in `'pool`: a queue takes buffers of pools that live as
//! long as its port's, never of one made later.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dpdk_sys as sys;
use flow::{Counter, QueueId};
use pktio::{PortId, Rss};

use crate::config::{Accept, PortConfig, PortError, Step};
use crate::errno::{Errno, check};
use crate::hotplug::Attached;
use crate::pool::Pool;
use crate::report::{Capabilities, Note, PortReport, RssOutcome, RxOffloads, TxOffloads};
use crate::rss;
use crate::rx::RxQueue;
use crate::tx::TxQueue;

/// What was agreed with the driver on the way up.
pub(crate) struct Accepted {
    pub(crate) rx_desc: u16,
    pub(crate) tx_desc: u16,
    pub(crate) rx: u64,
    pub(crate) tx: u64,
}

/// A device from its configuration to its end: whatever happens in between, it is closed.
pub(crate) struct Open<'pool> {
    port: PortId,
    pool: &'pool Pool<'pool>,
    /// Goes last, when the port is closed.
    _attached: Option<Attached>,
}

impl<'pool> Open<'pool> {
    pub(crate) fn new(port: PortId, attached: Option<Attached>, pool: &'pool Pool<'pool>) -> Self {
        pool.port_opened();
        Self { port, pool, _attached: attached }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        // SAFETY: queues borrow the port, so none is in use. Closing gives all buffers back to pools that still live.
        let closed = unsafe {
            sys::rte_eth_dev_stop(self.port.0);
            sys::rte_eth_dev_close(self.port.0)
        };
        if closed == 0 {
            self.pool.port_closed();
        }
    }
}

/// What a queue counts itself. One line per queue: each has its one writer.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct QueueCounters {
    /// Received, but not in one buffer with room for a window; or sent, but without room for what was asked.
    pub(crate) unfit: Counter,
}

/// All queues of a port.
pub struct Queues<'port, 'pool> {
    /// By number.
    pub rx: Vec<RxQueue<'port, 'pool>>,
    /// By number.
    pub tx: Vec<TxQueue<'port, 'pool>>,
}

/// A started port.
pub struct Port<'pool> {
    open: Open<'pool>,
    report: PortReport,
    rss: Option<Rss>,
    rx: Box<[QueueCounters]>,
    tx: Box<[QueueCounters]>,
    queues_given: AtomicBool,
    /// Control functions of a driver are not made for two threads at once.
    control: Mutex<()>,
    invariant: PhantomData<fn(&'pool ()) -> &'pool ()>,
}

impl<'pool> Port<'pool> {
    pub(crate) fn start(
        open: Open<'pool>,
        capabilities: Capabilities,
        config: &PortConfig,
        accepted: Accepted,
        notes: Vec<Note>,
    ) -> Result<Self, PortError> {
        let counters = |queues| (0..queues).map(|_| QueueCounters::default()).collect();
        let mut port = Self {
            rx: counters(config.rx_queues),
            tx: counters(config.tx_queues),
            report: report(open.port, capabilities, config, &accepted, notes),
            open,
            rss: None,
            queues_given: AtomicBool::new(false),
            control: Mutex::default(),
            invariant: PhantomData,
        };
        // SAFETY: configured, with all queues set up.
        check(unsafe { sys::rte_eth_dev_start(port.id().0) }).map_err(port.refused(Step::Start))?;
        port.report.mac = port.mac()?;
        port.report.mtu = port.mtu().unwrap_or(config.mtu);
        port.accept(config);
        let (outcome, rss) = rss::settle(port.id(), config.rss.as_ref(), &port.report.capabilities);
        (port.report.rss, port.rss) = (outcome, rss);
        if !matches!(outcome, RssOutcome::NotAsked | RssOutcome::Accepted) {
            port.report.notes.push(Note::Rss(outcome));
        }
        Ok(port)
    }

    /// Off needs no call: a device starts with it.
    fn accept(&mut self, config: &PortConfig) {
        let mut notes = Vec::new();
        if config.promiscuous == Accept::All {
            notes.extend(errno_of(self.set_promiscuous(Accept::All)).map(Note::Promiscuous));
        }
        if config.allmulticast == Accept::All {
            notes.extend(errno_of(self.set_allmulticast(Accept::All)).map(Note::Allmulticast));
        }
        self.report.notes.extend(notes);
    }

    /// Its queues. They are given away once: `None` after that.
    pub fn queues(&self) -> Option<Queues<'_, 'pool>> {
        if self.queues_given.swap(true, Ordering::Relaxed) {
            return None;
        }
        let numbered = |counters: &[QueueCounters]| (0u16..).map(QueueId).take(counters.len());
        let untag = !self.report.rx.vlan_strip;
        let rx = numbered(&self.rx)
            .zip(&self.rx)
            .map(|(queue, counters)| RxQueue::new(self.id(), queue, counters, untag));
        let offloads = self.report.tx;
        let tx = numbered(&self.tx)
            .zip(&self.tx)
            .map(|(queue, counters)| TxQueue::new(self.id(), queue, counters, offloads, self.open.pool));
        Some(Queues { rx: rx.collect(), tx: tx.collect() })
    }
}

impl Port<'_> {
    /// Its number.
    #[must_use]
    pub fn id(&self) -> PortId {
        self.open.port
    }

    /// What it is and got.
    #[must_use]
    pub fn report(&self) -> &PortReport {
        &self.report
    }

    /// How it spreads packets over its queues, if it does that exactly as it was told.
    #[must_use]
    pub fn rss(&self) -> Option<&Rss> {
        self.rss.as_ref()
    }

    /// Received packets that were dropped because they did not come in one buffer (GSO or LRO chains, jumbo frames).
    #[must_use]
    pub fn oversize(&self) -> u64 {
        self.rx.iter().map(|counters| counters.unfit.read()).sum()
    }

    /// Packets that were dropped on sending because what was asked for found no room.
    #[must_use]
    pub fn unsendable(&self) -> u64 {
        self.tx.iter().map(|counters| counters.unfit.read()).sum()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, ()> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One control call, alone.
    pub(crate) fn control(&self, step: Step, call: impl FnOnce(u16) -> i32) -> Result<(), PortError> {
        let _alone = self.lock();
        check(call(self.id().0)).map(|_| ()).map_err(self.refused(step))
    }

    pub(crate) fn refused(&self, step: Step) -> impl Fn(Errno) -> PortError {
        let Capabilities { device, driver, .. } = self.report.capabilities.clone();
        let port = self.id();
        move |errno| PortError::Refused { port, device: device.clone(), driver: driver.clone(), step, errno }
    }
}

impl fmt::Debug for Port<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)
    }
}

fn errno_of(result: Result<(), PortError>) -> Option<Errno> {
    match result {
        Err(PortError::Refused { errno, .. }) => Some(errno),
        _ => None,
    }
}

fn report(
    port: PortId,
    capabilities: Capabilities,
    config: &PortConfig,
    accepted: &Accepted,
    notes: Vec<Note>,
) -> PortReport {
    let rx = |offload| accepted.rx & offload != 0;
    let tx = |offload| accepted.tx & offload != 0;
    PortReport {
        port,
        capabilities,
        mac: [0; 6],
        mtu: config.mtu,
        rx_queues: config.rx_queues,
        tx_queues: config.tx_queues,
        rx_desc: accepted.rx_desc,
        tx_desc: accepted.tx_desc,
        rx: RxOffloads {
            ipv4_checksum: rx(sys::SHIM_RX_OFFLOAD_IPV4_CKSUM),
            tcp_checksum: rx(sys::SHIM_RX_OFFLOAD_TCP_CKSUM),
            udp_checksum: rx(sys::SHIM_RX_OFFLOAD_UDP_CKSUM),
            vlan_strip: rx(sys::SHIM_RX_OFFLOAD_VLAN_STRIP),
            rss_hash: rx(sys::SHIM_RX_OFFLOAD_RSS_HASH),
        },
        tx: TxOffloads {
            ipv4_checksum: tx(sys::SHIM_TX_OFFLOAD_IPV4_CKSUM),
            tcp_checksum: tx(sys::SHIM_TX_OFFLOAD_TCP_CKSUM),
            udp_checksum: tx(sys::SHIM_TX_OFFLOAD_UDP_CKSUM),
            fast_free: tx(sys::SHIM_TX_OFFLOAD_FAST_FREE),
        },
        rss: RssOutcome::NotAsked,
        notes,
    }
}
