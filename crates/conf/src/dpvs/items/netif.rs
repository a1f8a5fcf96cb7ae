//! `netif_defs`: packet buffers, devices, bonds.

use thiserror::Error;

use crate::Problem;
use crate::dpvs::block::block;
use crate::dpvs::check::{Choice, Flag, Strict, Switch, Text, maybe};
use crate::dpvs::lists::{DedicatedQueues, RssWords, Slaves};
use crate::dpvs::number::{int, power, power_minus_one};
use crate::dpvs::values::{FdirMode, Rss};

block! {
    /// `netif_defs`.
    Netif;
    items {
        /// Packet buffers per NUMA node.
        pktpool_size: u32 = 65_535, power_minus_one(1_023..=134_217_727), Start, Now;
        /// Packet buffers that each core keeps at hand.
        pktpool_cache: u32 = 256, power(32..=8_192), Start, Now;
        /// How the NIC's flow rules match.
        fdir_mode: FdirMode = FdirMode::Perfect, Choice(FDIR_MODES), Start, Later;
    }
    blocks {}
    lists {
        /// A physical port. The first block in the file is port 0, the second port 1, and so on.
        devices as "device": Device;
        /// Several devices as one; bonds follow the physical ports, in file order.
        bonds as "bonding": Bond;
    }
}

impl Netif {
    /// The names of all ports by port id: devices, then bonds, both in file order.
    pub fn port_names(&self) -> impl Iterator<Item = &str> {
        self.devices.iter().map(|d| d.name.as_str()).chain(self.bonds.iter().map(|b| b.name.as_str()))
    }
}

const FDIR_MODES: &[(&str, FdirMode)] = &[("perfect", FdirMode::Perfect), ("signature", FdirMode::Signature)];

/// A name of the kernel's interfaces is as long at most, and so is a device's.
const LONGEST_NAME: usize = 15;

fn kni_name() -> Text {
    Text(LONGEST_NAME, "a name of at most 15 characters")
}

block! {
    /// `netif_defs.device NAME`: a physical port.
    Device named name by device_name;
    items {
        /// Packets to any Ethernet address are received.
        promisc_mode: bool = false, Flag, Start, Now;
        /// Packets to any multicast address are received.
        allmulticast: bool = false, Flag, Start, Now;
        /// Largest packet, without the Ethernet header.
        mtu: u16 = 1_500, int(1..=9_000), Start, Now;
        /// Name of the interface in the kernel.
        kni_name: Option<String> = None, maybe(kni_name(), "NAME.kni"), Start, Later;
    }
    blocks {
        /// Receive.
        rx: DeviceRx;
        /// Transmit.
        tx: DeviceTx;
    }
    lists {}
}

impl Device {
    /// The name of its interface in the kernel.
    #[must_use]
    pub fn kni_name(&self) -> String {
        self.kni_name.clone().unwrap_or_else(|| format!("{}.kni", self.name))
    }
}

block! {
    /// `netif_defs.device.rx`.
    DeviceRx;
    items {
        /// Queues expected; only a warning follows when workers use more.
        queue_number: Option<u16> = None, maybe(int(0..=16).bad_is(16), "unset"), Start, Later;
        /// Size of the NIC's ring.
        descriptor_number: u16 = 256, power(16..=8_192), Start, Now;
        /// What the NIC looks at to choose a queue.
        rss: Rss = Rss::TCP, RssWords, Start, Later;
        /// Bursts have 32 packets, upstream too.
        max_burst_size: Option<u32> = None, maybe(int(0..=crate::dpvs::number::NO_BOUND), "32"), Start, Never;
    }
    blocks {}
    lists {}
}

block! {
    /// `netif_defs.device.tx`.
    DeviceTx;
    items {
        /// Queues expected; only a warning follows when workers use more.
        queue_number: Option<u16> = None, maybe(int(0..=16).bad_is(16), "unset"), Start, Later;
        /// Size of the NIC's ring.
        descriptor_number: u16 = 512, power(16..=8_192), Start, Now;
        /// Sent buffers go back in one go; off when one port sends buffers of two NUMA nodes.
        mbuf_fast_free: bool = true, Switch, Start, Now;
    }
    blocks {}
    lists {}
}

block! {
    /// `netif_defs.bonding NAME`: several devices as one.
    Bond named name by bond_name;
    items {
        /// 0 round-robin, 1 active-backup, 2 balance, 3 broadcast, 4 802.3ad, 5 TLB, 6 ALB.
        mode: u8 = 0, int(0..=6), Start, Later;
        /// A device of the bond; one line for each.
        slaves as "slave": Vec<String> = Vec::new(), Strict(Slaves), Start, Later;
        /// The slave whose MAC address and settings the bond takes.
        primary: Option<String> = None, Strict(maybe(Text(LONGEST_NAME, "one of the slaves"), "first slave")), Start, Later;
        /// NUMA node of the bond's memory.
        numa_node: u16 = 0, int(0..=1_023), Start, Later;
        /// Name of the interface in the kernel.
        kni_name: Option<String> = None, maybe(kni_name(), "NAME.kni"), Start, Later;
        /// Queues of their own for LACP; only in mode 4, and behind the line that says so.
        dedicated_queues as "options": bool = true, DedicatedQueues, Start, Later;
    }
    blocks {}
    lists {}
}

impl Bond {
    /// The number at the end of its name.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        bond_number(&self.name)
    }

    /// The slave whose MAC address and settings it takes.
    #[must_use]
    pub fn primary(&self) -> Option<&str> {
        self.primary.as_deref().or(self.slaves.first().map(String::as_str))
    }

    /// The name of its interface in the kernel.
    #[must_use]
    pub fn kni_name(&self) -> String {
        self.kni_name.clone().unwrap_or_else(|| format!("{}.kni", self.name))
    }
}

/// What is wrong with devices and bonds (docs/spec/netstack.md §2.5).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the texts are the documentation")]
pub enum BondError {
    #[error("the name {name} is given twice")]
    NameTwice { name: String },
    #[error("a bond of number {number} exists already")]
    NumberTwice { number: u32 },
    #[error("no device of this name stands before this line")]
    UnknownSlave { name: String },
    #[error("{name} is a slave already, of {bond}")]
    SlaveTwice { name: String, bond: String },
    #[error("the bond has no slave")]
    NoSlave,
    #[error("the bond has {count} slaves")]
    TooManySlaves { count: usize },
    #[error("{name} is no slave of this bond")]
    PrimaryIsNoSlave { name: String },
}

/// A name that tools and the kernel can handle: printable, short.
fn device_name(name: &str) -> Result<(), Problem> {
    match name.len() {
        _ if !name.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'/') => Err(Problem::BadName),
        length if length > LONGEST_NAME => Err(Problem::TooLong),
        _ => Ok(()),
    }
}

fn bond_number(name: &str) -> Option<u32> {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let shaped = !letters.is_empty() && letters.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    if shaped { name[letters.len()..].parse().ok() } else { None }
}

fn bond_name(name: &str) -> Result<(), Problem> {
    device_name(name)?;
    bond_number(name).map(|_| ()).ok_or(Problem::BadName)
}
