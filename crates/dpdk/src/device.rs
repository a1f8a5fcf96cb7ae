//! A device that EAL found, and how it becomes a started [`Port`] (docs/spec/netstack.md §4.2).
//!
//! Whatever the driver does not offer is not asked for; whatever it refuses is either an error that names both sides, or, where
//! the port works without it, a note in the report.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;

use dpdk_sys as sys;
use flow::QueueId;
use pktio::PortId;

use crate::config::{DEFAULT_MTU, Direction, FastFree, PortConfig, PortError, Step};
use crate::eal::NumaNode;
use crate::errno::{Errno, check};
use crate::hotplug::Attached;
use crate::pool::{AROUND_MTU, Pool};
use crate::port::{Accepted, Open, Port};
use crate::report::{Capabilities, Note};
use crate::rss;

/// What is asked for where it is offered.
const RX_OFFLOADS: u64 = sys::SHIM_RX_OFFLOAD_IPV4_CKSUM
    | sys::SHIM_RX_OFFLOAD_TCP_CKSUM
    | sys::SHIM_RX_OFFLOAD_UDP_CKSUM
    | sys::SHIM_RX_OFFLOAD_VLAN_STRIP
    | sys::SHIM_RX_OFFLOAD_RSS_HASH;
const TX_OFFLOADS: u64 =
    sys::SHIM_TX_OFFLOAD_IPV4_CKSUM | sys::SHIM_TX_OFFLOAD_TCP_CKSUM | sys::SHIM_TX_OFFLOAD_UDP_CKSUM;

/// A device that nobody uses yet. Dropped, it stays unused, or goes if it was attached by [`crate::hotplug`].
#[derive(Debug)]
pub struct Device<'eal> {
    port: PortId,
    attached: Option<Attached>,
    eal: PhantomData<&'eal ()>,
}

impl<'eal> Device<'eal> {
    pub(crate) fn new(port: PortId) -> Self {
        Self { port, attached: None, eal: PhantomData }
    }

    pub(crate) fn attached(port: PortId, attached: Attached) -> Self {
        Self { attached: Some(attached), ..Self::new(port) }
    }

    /// Its number: the n-th `device` block of `dpvs.conf` means it, if EAL found it by itself.
    #[must_use]
    pub fn id(&self) -> PortId {
        self.port
    }

    /// What its driver says of it.
    pub fn capabilities(&self) -> Result<Capabilities, PortError> {
        let mut info = sys::shim_dev_info::default();
        // SAFETY: a port that EAL named, and room for the answer.
        check(unsafe { sys::shim_dev_info_get(self.port.0, &raw mut info) })
            .map_err(|errno| PortError::Unknown { port: self.port, errno })?;
        // SAFETY: as above.
        let node = NumaNode::from_raw(unsafe { sys::rte_eth_dev_socket_id(self.port.0) });
        // SAFETY: the texts live as long as the device.
        let [device, driver, bus] = [info.device, info.driver, info.bus].map(|text| unsafe { owned(text) });
        Ok(Capabilities {
            device,
            driver,
            bus,
            node,
            if_index: Some(info.if_index).filter(|&index| index != 0),
            max_rx_queues: info.max_rx_queues,
            max_tx_queues: info.max_tx_queues,
            rx_desc: (info.rx_desc_min, info.rx_desc_max),
            tx_desc: (info.tx_desc_min, info.tx_desc_max),
            mtu: (info.min_mtu, info.max_mtu),
            min_rx_bufsize: info.min_rx_bufsize,
            max_rx_pktlen: info.max_rx_pktlen,
            max_mac_addrs: info.max_mac_addrs,
            reta_size: info.reta_size,
            hash_key_size: info.hash_key_size,
            rx_offloads: info.rx_offloads,
            tx_offloads: info.tx_offloads,
            rss_fields: info.rss_fields,
        })
    }

    /// Configures and starts it; what it receives lies in buffers of `pool`. The link may take its time: see [`Port::link`].
    pub fn start<'pool>(
        self,
        pool: &'pool Pool<'pool>,
        config: &PortConfig,
    ) -> Result<Port<'pool>, PortError> {
        let setup = Setup { port: self.port, config, capabilities: self.capabilities()? };
        setup.check_queues()?;
        setup.check_room(pool)?;
        let open = Open::new(self.port, self.attached, pool);
        setup.configure()?;
        let (rx_desc, tx_desc) = setup.descriptors()?;
        setup.queues(pool, rx_desc, tx_desc)?;
        let mut notes = Vec::new();
        notes.extend(setup.set_mtu()?);
        let accepted = Accepted { rx_desc, tx_desc, rx: setup.rx_offloads(), tx: setup.tx_offloads() };
        Port::start(open, setup.capabilities, config, accepted, notes)
    }
}

/// # Safety
/// `text` is null or a C string.
unsafe fn owned(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: as promised.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// A port on its way up.
struct Setup<'a> {
    port: PortId,
    config: &'a PortConfig,
    capabilities: Capabilities,
}

impl Setup<'_> {
    fn refused(&self, step: Step) -> impl Fn(Errno) -> PortError {
        let (device, driver) = (self.capabilities.device.clone(), self.capabilities.driver.clone());
        let port = self.port;
        move |errno| PortError::Refused { port, device: device.clone(), driver: driver.clone(), step, errno }
    }

    /// docs/spec/netstack.md §3.2.
    fn check_queues(&self) -> Result<(), PortError> {
        let (config, has) = (self.config, &self.capabilities);
        let (port, device, driver) = (self.port, has.device.clone(), has.driver.clone());
        let (rx, tx) = (config.rx_queues, config.tx_queues);
        if let Some((made_rx, made_tx, cure)) = self.made_with().filter(|&(r, t, _)| (r, t) != (rx, tx)) {
            return Err(PortError::QueuesNotAsMade { port, device, driver, rx, tx, made_rx, made_tx, cure });
        }
        for (direction, asked, max) in
            [(Direction::Receive, rx, has.max_rx_queues), (Direction::Transmit, tx, has.max_tx_queues)]
        {
            if asked == 0 {
                return Err(PortError::NoQueue { port, device, direction });
            }
            if asked > max {
                return Err(PortError::TooManyQueues { port, device, driver, direction, asked, max });
            }
        }
        let table = config.rss.iter().flat_map(|rss| rss.table).enumerate();
        match table.into_iter().find(|(_, queue)| queue.0 >= rx) {
            Some((entry, queue)) => Err(PortError::NoSuchQueue { port, entry, queue, rx_queues: rx }),
            None => Ok(()),
        }
    }

    /// The queues of devices that have exactly as many as they were made with, and where that is said. TAP opens them as they are
    /// set up, but only in pairs.
    fn made_with(&self) -> Option<(u16, u16, &'static str)> {
        let has = &self.capabilities;
        match has.driver.as_str() {
            "net_af_packet" => Some((has.max_rx_queues, has.max_tx_queues, "qpairs= of its --vdev")),
            "net_af_xdp" => Some((has.max_rx_queues, has.max_tx_queues, "queue_count= of its --vdev")),
            "net_tap" | "net_tun" => {
                let pairs = self.config.rx_queues.max(self.config.tx_queues);
                Some((pairs, pairs, "ask for pairs of them"))
            }
            _ => None,
        }
    }

    fn check_room(&self, pool: &Pool<'_>) -> Result<(), PortError> {
        let (port, mtu, room) = (self.port, self.config.mtu, pool.room());
        let need = u32::from(sys::SHIM_MBUF_HEADROOM) + u32::from(mtu) + AROUND_MTU;
        if need > room.into() { Err(PortError::Room { port, mtu, need, room }) } else { Ok(()) }
    }

    fn asks_for_rss(&self) -> bool {
        rss::fields(self.config.rss.as_ref(), &self.capabilities) != 0
    }

    fn rx_offloads(&self) -> u64 {
        // Drivers refuse to deliver a hash that they do not compute.
        let hash = if self.asks_for_rss() { 0 } else { sys::SHIM_RX_OFFLOAD_RSS_HASH };
        RX_OFFLOADS & !hash & self.capabilities.rx_offloads
    }

    fn tx_offloads(&self) -> u64 {
        let fast_free = match self.config.fast_free {
            FastFree::Off => 0,
            FastFree::WherePossible => sys::SHIM_TX_OFFLOAD_FAST_FREE,
        };
        (TX_OFFLOADS | fast_free) & self.capabilities.tx_offloads
    }

    fn configure(&self) -> Result<(), PortError> {
        let mut key = rss::padded_key(self.config.rss.as_ref(), &self.capabilities);
        let default_mtu = self.config.mtu == DEFAULT_MTU;
        let conf = sys::shim_port_conf {
            rx_queues: self.config.rx_queues,
            tx_queues: self.config.tx_queues,
            mtu: if default_mtu { 0 } else { self.config.mtu.into() },
            rx_offloads: self.rx_offloads(),
            tx_offloads: self.tx_offloads(),
            rss_fields: rss::fields(self.config.rss.as_ref(), &self.capabilities),
            rss_key_len: key.as_ref().map_or(0, |key| u8::try_from(key.len()).unwrap_or(0)),
            rss_key: key.as_mut().map_or(std::ptr::null_mut(), |key| key.as_mut_ptr()),
        };
        // SAFETY: the key has the length that is said; the driver copies it.
        check(unsafe { sys::shim_configure(self.port.0, &raw const conf) }).map(|_| ()).map_err(|errno| {
            if default_mtu { self.refused(Step::Configure)(errno) } else { self.mtu_or_configure(errno) }
        })
    }

    /// A port that takes the rest but not the MTU is refused for its MTU.
    fn mtu_or_configure(&self, errno: Errno) -> PortError {
        let (min, max) = self.capabilities.mtu;
        let frame = u32::from(self.config.mtu) + 18;
        if (min..=max).contains(&self.config.mtu) && frame <= self.capabilities.max_rx_pktlen {
            return self.refused(Step::Configure)(errno);
        }
        self.mtu_refused(errno)
    }

    fn mtu_refused(&self, errno: Errno) -> PortError {
        let Capabilities { device, driver, mtu: (min, max), max_rx_pktlen, .. } = self.capabilities.clone();
        let longest = u16::try_from(max_rx_pktlen.saturating_sub(18)).unwrap_or(u16::MAX);
        PortError::Mtu {
            port: self.port,
            device,
            driver,
            mtu: self.config.mtu,
            min,
            max: max.min(longest),
            errno,
        }
    }

    fn descriptors(&self) -> Result<(u16, u16), PortError> {
        let (mut rx, mut tx) = (self.config.rx_desc, self.config.tx_desc);
        // SAFETY: room for both answers.
        check(unsafe { sys::rte_eth_dev_adjust_nb_rx_tx_desc(self.port.0, &raw mut rx, &raw mut tx) })
            .map_err(self.refused(Step::Descriptors))?;
        Ok((rx, tx))
    }

    /// The rings lie where the device is.
    fn queues(&self, pool: &Pool<'_>, rx_desc: u16, tx_desc: u16) -> Result<(), PortError> {
        let (port, node) = (self.port.0, NumaNode::to_raw(self.capabilities.node));
        for queue in 0..self.config.rx_queues {
            // SAFETY: the port is configured for that many; the pool outlives it (`Port<'pool>`).
            check(unsafe { sys::shim_rx_queue_setup(port, queue, rx_desc, node, pool.raw()) })
                .map_err(self.refused(Step::ReceiveQueue(QueueId(queue))))?;
        }
        for queue in 0..self.config.tx_queues {
            // SAFETY: the port is configured for that many.
            check(unsafe { sys::shim_tx_queue_setup(port, queue, tx_desc, node) })
                .map_err(self.refused(Step::TransmitQueue(QueueId(queue))))?;
        }
        Ok(())
    }

    fn set_mtu(&self) -> Result<Option<Note>, PortError> {
        let mtu = self.config.mtu;
        // SAFETY: a configured port.
        match check(unsafe { sys::rte_eth_dev_set_mtu(self.port.0, mtu) }) {
            Ok(_) => Ok(None),
            Err(errno) if errno.is_unsupported() && mtu == DEFAULT_MTU => Ok(Some(Note::MtuNotSettable)),
            Err(errno) => Err(self.mtu_refused(errno)),
        }
    }
}
