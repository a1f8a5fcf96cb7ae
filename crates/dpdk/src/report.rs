//! What a port is, what it got of what was asked for, and what it counts (docs/spec/netstack.md §4.8).

use std::fmt;

use pktio::PortId;
use wire::eth::Mac;

use crate::eal::NumaNode;
use crate::errno::Errno;

/// What the driver says that the device can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Its name in EAL: `0000:01:00.0`, `net_tap0`.
    pub device: String,
    /// The driver: `net_ixgbe`, `net_tap`.
    pub driver: String,
    /// The bus: `pci`, `vdev`.
    pub bus: String,
    /// The kernel interface behind it, where there is one.
    pub if_index: Option<u32>,
    /// Where it is.
    pub node: Option<NumaNode>,
    /// The most receive queues.
    pub max_rx_queues: u16,
    /// The most transmit queues.
    pub max_tx_queues: u16,
    /// Descriptors of a receive queue, least and most.
    pub rx_desc: (u16, u16),
    /// Descriptors of a transmit queue, least and most.
    pub tx_desc: (u16, u16),
    /// MTU, least and most; 0 or 65535 where the driver does not say.
    pub mtu: (u16, u16),
    /// The smallest receive buffer.
    pub min_rx_bufsize: u32,
    /// The longest frame.
    pub max_rx_pktlen: u32,
    /// MAC addresses it can hold.
    pub max_mac_addrs: u32,
    /// Entries of the RSS table; 0 if it has none.
    pub reta_size: u16,
    /// Bytes of the RSS key; 0 if the driver does not say.
    pub hash_key_size: u8,
    pub(crate) rx_offloads: u64,
    pub(crate) tx_offloads: u64,
    pub(crate) rss_fields: u64,
}

/// What became of the wish for RSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RssOutcome {
    /// There was none.
    NotAsked,
    /// Key and table were set, and read back as set.
    Accepted,
    /// The device cannot.
    Unsupported(RssLack),
    /// The driver refused the key or the table, or does not tell what it has.
    Refused(Errno),
    /// It said yes, but has something else when asked.
    NotKept,
}

/// What a device lacks for RSS as it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RssLack {
    /// It does not hash addresses and ports of TCP, for both IP versions.
    Fields,
    /// Its key has this length, too short for ours.
    Key(u8),
    /// Its table has this length, which is not a multiple of ours.
    Table(u16),
}

impl fmt::Display for RssOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => f.write_str("not asked for"),
            Self::Accepted => f.write_str("key and table accepted"),
            Self::Unsupported(RssLack::Fields) => f.write_str("the device does not hash the ports of TCP"),
            Self::Unsupported(RssLack::Key(len)) => {
                write!(f, "the device's key has {len} bytes, 40 are needed")
            }
            Self::Unsupported(RssLack::Table(len)) => {
                write!(f, "the device's table has {len} entries, a multiple of 128 is needed")
            }
            Self::Refused(errno) => write!(f, "refused: {errno}"),
            Self::NotKept => f.write_str("the device did not keep what it accepted"),
        }
    }
}

/// Something that was asked for and is not so, but does not keep the port from working.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The driver cannot be told an MTU; it has the default one.
    MtuNotSettable,
    /// Promiscuous mode cannot be switched on.
    Promiscuous(Errno),
    /// All-multicast mode cannot be switched on.
    Allmulticast(Errno),
    /// RSS is not as asked for: packets are handed over by software.
    Rss(RssOutcome),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MtuNotSettable => f.write_str("its driver cannot be told an MTU and keeps 1500"),
            Self::Promiscuous(errno) => write!(f, "promiscuous mode is refused: {errno}"),
            Self::Allmulticast(errno) => write!(f, "all-multicast mode is refused: {errno}"),
            Self::Rss(outcome) => write!(f, "no RSS ({outcome}); workers hand packets over instead"),
        }
    }
}

/// What the port does for received packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RxOffloads {
    /// Verifies IPv4 header checksums.
    pub ipv4_checksum: bool,
    /// Verifies TCP checksums.
    pub tcp_checksum: bool,
    /// Verifies UDP checksums.
    pub udp_checksum: bool,
    /// Takes VLAN tags off. (Where it does not, the receive queue does.)
    pub vlan_strip: bool,
    /// Delivers the hash.
    pub rss_hash: bool,
}

/// What the port does for packets that it sends. VLAN tags are always put on by software.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TxOffloads {
    /// Computes IPv4 header checksums.
    pub ipv4_checksum: bool,
    /// Computes TCP checksums.
    pub tcp_checksum: bool,
    /// Computes UDP checksums.
    pub udp_checksum: bool,
    /// Gives sent buffers back without a look at them.
    pub fast_free: bool,
}

/// A started port, and what it got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortReport {
    /// Which port.
    pub port: PortId,
    /// What the device can do.
    pub capabilities: Capabilities,
    /// Its MAC address when it was started.
    pub mac: Mac,
    /// The largest layer-3 packet.
    pub mtu: u16,
    /// Receive queues.
    pub rx_queues: u16,
    /// Transmit queues.
    pub tx_queues: u16,
    /// Descriptors of a receive queue.
    pub rx_desc: u16,
    /// Descriptors of a transmit queue.
    pub tx_desc: u16,
    /// What it does on receiving.
    pub rx: RxOffloads,
    /// What it does on sending.
    pub tx: TxOffloads,
    /// What became of RSS.
    pub rss: RssOutcome,
    /// What is not as asked for.
    pub notes: Vec<Note>,
}

/// State of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// There is one.
    pub up: bool,
    /// Mb/s; `None`: unknown.
    pub speed: Option<u32>,
    /// Both directions at once.
    pub full_duplex: bool,
    /// Speed was negotiated, not fixed.
    pub autoneg: bool,
}

/// Queues that are counted one by one.
pub const STAT_QUEUES: usize = dpdk_sys::SHIM_STAT_QUEUES as usize;

/// What the device counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "DPDK's own names, which the listings show")]
pub struct Stats {
    pub ipackets: u64,
    pub opackets: u64,
    pub ibytes: u64,
    pub obytes: u64,
    pub imissed: u64,
    pub ierrors: u64,
    pub oerrors: u64,
    pub rx_nombuf: u64,
    pub q_ipackets: [u64; STAT_QUEUES],
    pub q_opackets: [u64; STAT_QUEUES],
    pub q_ibytes: [u64; STAT_QUEUES],
    pub q_obytes: [u64; STAT_QUEUES],
    pub q_errors: [u64; STAT_QUEUES],
}

/// A counter of the driver's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Xstat {
    /// Its number.
    pub id: u64,
    /// Its name, at most 63 bytes.
    pub name: String,
    /// Its value.
    pub value: u64,
}
