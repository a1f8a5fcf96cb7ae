//! A started port: its queues, given away once, and what the control thread asks of it (docs/spec/netstack.md §4.2, §4.8).
//!
//! Invariant: while a [`Port`] lives, nobody else configures, stops or closes the device, and every buffer that it may hold comes
//! from a pool that outlives it. The second is why it is *invariant* in `'pool`: a queue takes buffers of pools that live as
//! long as its port's, never of one made later.

use std::fmt;
use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dpdk_sys as sys;
use flow::{Counter, QueueId};
use pktio::{PortId, Rss};
use wire::eth::Mac;

use crate::config::{Accept, PortConfig, PortError, Step};
use crate::errno::{Errno, check};
use crate::pool::Pool;
use crate::report::{Capabilities, Link, Note, PortReport, RssOutcome, RxOffloads, TxOffloads};
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
}

impl<'pool> Open<'pool> {
    pub(crate) fn new(port: PortId, pool: &'pool Pool<'pool>) -> Self {
        pool.port_opened();
        Self { port, pool }
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
        let numbered = |counters: &'_ Box<[QueueCounters]>| (0u16..).map(QueueId).take(counters.len());
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

    /// State of the link, as the driver knows it now. Whoever waits for it asks again.
    pub fn link(&self) -> Result<Link, PortError> {
        let mut link = sys::shim_link::default();
        // SAFETY: a started port, and room for the answer.
        self.control(Step::ReadLink, |port| unsafe { sys::shim_link_get(port, ptr::from_mut(&mut link)) })?;
        Ok(Link {
            up: link.up != 0,
            speed: Some(link.speed).filter(|&speed| speed != sys::SHIM_SPEED_UNKNOWN),
            full_duplex: link.full_duplex != 0,
            autoneg: link.autoneg != 0,
        })
    }

    /// Its MAC address.
    pub fn mac(&self) -> Result<Mac, PortError> {
        // MAC addresses are 16-bit aligned in C.
        let mut words = [0u16; 3];
        // SAFETY: a started port, and room for six bytes.
        self.control(Step::ReadMac, |port| unsafe { sys::shim_mac_get(port, words.as_mut_ptr().cast()) })?;
        let [[a, b], [c, d], [e, f]] = words.map(u16::to_ne_bytes);
        Ok([a, b, c, d, e, f])
    }

    /// The largest layer-3 packet.
    pub fn mtu(&self) -> Result<u16, PortError> {
        let mut mtu = 0;
        // SAFETY: a started port, and room for the answer.
        self.control(Step::Configure, |port| unsafe {
            sys::rte_eth_dev_get_mtu(port, ptr::from_mut(&mut mtu))
        })?;
        Ok(mtu)
    }

    /// Changes its MAC address, to a valid one of one station.
    pub fn set_mac(&self, mac: Mac) -> Result<(), PortError> {
        if mac[0] & 1 != 0 || mac == [0; 6] {
            return Err(PortError::NotUnicast { port: self.id(), mac });
        }
        // SAFETY: a started port; six bytes are read.
        self.control(Step::SetMac, |port| unsafe { sys::shim_mac_set(port, mac.as_ptr()) })
    }

    /// Sets the multicast addresses that it takes frames for.
    pub fn set_multicast(&self, macs: &[Mac]) -> Result<(), PortError> {
        // MAC addresses are 16-bit aligned in C.
        let words: Vec<[u16; 3]> =
            macs.iter().map(|&[a, b, c, d, e, f]| [[a, b], [c, d], [e, f]].map(u16::from_ne_bytes)).collect();
        let count = u32::try_from(words.len()).unwrap_or(u32::MAX);
        // SAFETY: a started port, and a list of `count` addresses.
        self.control(Step::SetMulticast, |port| unsafe {
            sys::shim_multicast_set(port, words.as_ptr().cast(), count)
        })
    }

    /// Takes unicast frames for others or not.
    pub fn set_promiscuous(&self, accept: Accept) -> Result<(), PortError> {
        // SAFETY: a started port.
        self.control(Step::Promiscuous, |port| unsafe {
            match accept {
                Accept::All => sys::rte_eth_promiscuous_enable(port),
                Accept::Own => sys::rte_eth_promiscuous_disable(port),
            }
        })
    }

    /// Takes multicast frames for others or not.
    pub fn set_allmulticast(&self, accept: Accept) -> Result<(), PortError> {
        // SAFETY: a started port.
        self.control(Step::Allmulticast, |port| unsafe {
            match accept {
                Accept::All => sys::rte_eth_allmulticast_enable(port),
                Accept::Own => sys::rte_eth_allmulticast_disable(port),
            }
        })
    }

    /// Which unicast frames it takes.
    #[must_use]
    pub fn promiscuous(&self) -> Accept {
        // SAFETY: a started port.
        accept(unsafe { sys::rte_eth_promiscuous_get(self.id().0) })
    }

    /// Which multicast frames it takes.
    #[must_use]
    pub fn allmulticast(&self) -> Accept {
        // SAFETY: a started port.
        accept(unsafe { sys::rte_eth_allmulticast_get(self.id().0) })
    }

    /// Takes the link up.
    pub fn set_link_up(&self) -> Result<(), PortError> {
        // SAFETY: a started port.
        self.control(Step::LinkUp, |port| unsafe { sys::rte_eth_dev_set_link_up(port) })
    }

    /// Takes the link down.
    pub fn set_link_down(&self) -> Result<(), PortError> {
        // SAFETY: a started port.
        self.control(Step::LinkDown, |port| unsafe { sys::rte_eth_dev_set_link_down(port) })
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

fn accept(state: i32) -> Accept {
    if state == 1 { Accept::All } else { Accept::Own }
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
