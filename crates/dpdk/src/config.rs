//! What a port is asked for, and why it may refuse.

use flow::QueueId;
use pktio::PortId;
use pktio::rss::Fields;

use crate::errno::Errno;

/// Entries of the table that the daemon draws; longer ones repeat it.
pub const RSS_TABLE: usize = 128;

/// How the daemon wants packets to be spread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RssConfig {
    /// Key of the hash.
    pub key: [u8; 40],
    /// Queue by the low bits of the hash.
    pub table: [QueueId; RSS_TABLE],
    /// What to hash of TCP.
    pub tcp: Fields,
    /// What to hash of UDP.
    pub udp: Fields,
}

/// Whether the port may give sent buffers back without a look at them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FastFree {
    /// It looks.
    #[default]
    Off,
    /// It need not, if its driver can do that. Buffers of other pools than the port's own are then copied before they are sent.
    WherePossible,
}

/// Whether the port takes all frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accept {
    /// Those for its own addresses.
    #[default]
    Own,
    /// All.
    All,
}

/// What a port is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortConfig {
    /// Receive queues.
    pub rx_queues: u16,
    /// Transmit queues.
    pub tx_queues: u16,
    /// Descriptors of each receive queue; the driver rounds them.
    pub rx_desc: u16,
    /// Descriptors of each transmit queue; the driver rounds them.
    pub tx_desc: u16,
    /// The largest layer-3 packet.
    pub mtu: u16,
    /// Unicast frames for others.
    pub promiscuous: Accept,
    /// Multicast frames for others.
    pub allmulticast: Accept,
    /// Spreading over the receive queues; `None`: whatever the driver does by itself.
    pub rss: Option<RssConfig>,
    /// Giving sent buffers back.
    pub fast_free: FastFree,
}

impl Default for PortConfig {
    fn default() -> Self {
        Self {
            rx_queues: 1,
            tx_queues: 1,
            rx_desc: 1024,
            tx_desc: 1024,
            mtu: DEFAULT_MTU,
            promiscuous: Accept::Own,
            allmulticast: Accept::Own,
            rss: None,
            fast_free: FastFree::Off,
        }
    }
}

/// Ethernet's: what a driver has that cannot be told one.
pub(crate) const DEFAULT_MTU: u16 = 1500;

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// In.
    Receive,
    /// Out.
    Transmit,
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Receive => "receive",
            Self::Transmit => "transmit",
        })
    }
}

/// Why a port could not be started, or does not do what it is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// The driver does not even say what it can.
    #[error("port {}: the driver does not describe it: {errno}", port.0)]
    Unknown {
        /// Which port.
        port: PortId,
        /// Why.
        errno: Errno,
    },
    /// A port without any queue is of no use.
    #[error("port {} ({device}): no {direction} queue is asked for; it needs one at least", port.0)]
    NoQueue {
        /// Which port.
        port: PortId,
        /// Its name in EAL.
        device: String,
        /// Which kind of queue.
        direction: Direction,
    },
    /// More queues than the driver has.
    #[error("port {} ({device}, {driver}): {asked} {direction} queues are asked for; it has {max} at most", port.0)]
    TooManyQueues {
        /// Which port.
        port: PortId,
        /// Its name in EAL.
        device: String,
        /// Its driver.
        driver: String,
        /// Which kind of queue.
        direction: Direction,
        /// How many are asked for.
        asked: u16,
        /// How many there are.
        max: u16,
    },
    /// The number of queues was fixed when the device was made; one that is not read would swallow packets.
    #[error(
        "port {} ({device}, {driver}): {rx} receive and {tx} transmit queues are asked for, but the device has {made_rx} and \
         {made_tx}; both must be equal (change the workers' queue ids, or {cure})", port.0
    )]
    QueuesNotAsMade {
        /// Which port.
        port: PortId,
        /// Its name in EAL.
        device: String,
        /// Its driver.
        driver: String,
        /// Receive queues asked for.
        rx: u16,
        /// Transmit queues asked for.
        tx: u16,
        /// Receive queues that the device has.
        made_rx: u16,
        /// Transmit queues that the device has.
        made_tx: u16,
        /// Where they are set.
        cure: &'static str,
    },
    /// The RSS table names a queue that the port is not asked for.
    #[error("port {}: RSS table entry {entry} names queue {}, but there are {rx_queues} receive queues", port.0, queue.0)]
    NoSuchQueue {
        /// Which port.
        port: PortId,
        /// Where in the table.
        entry: usize,
        /// What it says.
        queue: QueueId,
        /// Queues asked for.
        rx_queues: u16,
    },
    /// Frames would not fit into one buffer.
    #[error("port {}: MTU {mtu} needs buffers of {need} bytes, but those of the pool have {room}", port.0)]
    Room {
        /// Which port.
        port: PortId,
        /// Asked for.
        mtu: u16,
        /// What that needs.
        need: u32,
        /// What the pool has.
        room: u16,
    },
    /// The driver refused the MTU.
    #[error("port {} ({device}, {driver}): MTU {mtu} is refused: {errno}; it takes {min} to {max}", port.0)]
    Mtu {
        /// Which port.
        port: PortId,
        /// Its name in EAL.
        device: String,
        /// Its driver.
        driver: String,
        /// Asked for.
        mtu: u16,
        /// The least it says to take.
        min: u16,
        /// The most it says to take.
        max: u16,
        /// Why.
        errno: Errno,
    },
    /// A MAC address that no single station can have.
    #[error("port {}: {mac:02x?} is no address of one station", port.0)]
    NotUnicast {
        /// Which port.
        port: PortId,
        /// What was given.
        mac: wire::eth::Mac,
    },
    /// The driver refused a step.
    #[error("port {} ({device}, {driver}): cannot {step}: {errno}", port.0)]
    Refused {
        /// Which port.
        port: PortId,
        /// Its name in EAL.
        device: String,
        /// Its driver.
        driver: String,
        /// What was tried.
        step: Step,
        /// Why.
        errno: Errno,
    },
}

/// What is asked of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their texts stand below")]
pub enum Step {
    Configure,
    Descriptors,
    ReceiveQueue(QueueId),
    TransmitQueue(QueueId),
    Start,
    Promiscuous,
    Allmulticast,
    LinkUp,
    LinkDown,
    ReadLink,
    ReadStats,
    ReadXstats,
    ReadMac,
    SetMac,
    SetMulticast,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Configure => f.write_str("configure it"),
            Self::Descriptors => f.write_str("choose a number of descriptors"),
            Self::ReceiveQueue(queue) => write!(f, "set up receive queue {}", queue.0),
            Self::TransmitQueue(queue) => write!(f, "set up transmit queue {}", queue.0),
            Self::Start => f.write_str("start it"),
            Self::Promiscuous => f.write_str("switch promiscuous mode"),
            Self::Allmulticast => f.write_str("switch all-multicast mode"),
            Self::LinkUp => f.write_str("take the link up"),
            Self::LinkDown => f.write_str("take the link down"),
            Self::ReadLink => f.write_str("read the link's state"),
            Self::ReadStats => f.write_str("read its statistics"),
            Self::ReadXstats => f.write_str("read its extended statistics"),
            Self::ReadMac => f.write_str("read its MAC address"),
            Self::SetMac => f.write_str("set its MAC address"),
            Self::SetMulticast => f.write_str("set its multicast addresses"),
        }
    }
}
