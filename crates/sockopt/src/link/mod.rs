//! Devices: docs/spec/ipc.md §6.6. Here: how they are named, listed, and seen at a glance.

mod bond;
mod ext;
mod set;
mod stats;

use zerocopy::little_endian::{U16, U32};

pub use bond::{
    BondAction, BondChange, BondMember, BondSet, BondStatus, RawBondMember, RawBondSet, RawBondStatus,
};
pub use ext::{DescLimits, PortDev, PortExt, RawPortDev, RawPortExt, RawPortGroups, RawPortText};
pub use set::{PortSet, PortSwitches, RawPortSet};
pub use stats::{
    HwAddr, HwAddrs, PortStats, PortXstats, QueueStats, RawHwAddr, RawPortStats, RawXstat, RawXstats, Xstat,
};

use crate::body::{self, Body, Record};
use crate::{Device, Malformed, Text};

layout! {
    RawPortName = "port_id_name", 18 {
        id: U16,
        name: [u8; 16],
    }
}

layout! {
    RawPortList = "netif_nic_list_get", 10 {
        nic_num: U16,
        phy_pid_base: U16,
        phy_pid_end: U16,
        bond_pid_base: U16,
        bond_pid_end: U16,
    }
}

layout! {
    RawPortBasic = "netif_nic_basic_get", 128 {
        name: [u8; 32],
        addr: [u8; 32],
        link_status: [u8; 16],
        link_duplex: [u8; 16],
        link_autoneg: [u8; 16],
        link_speed: U32,
        nrxq: u8,
        ntxq: u8,
        padding: [u8; 3],
        socket_id: u8,
        port_id: U16,
        mtu: U16,
        bits: U16,
    }
}

/// Names a device (ids 61 to 65): a name of any length up to the first NUL, written as 32 bytes like `dpip link` does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortQuery(pub Text<32>);

impl Body for PortQuery {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(Self(name(bytes)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_raw());
    }
}

/// Names a device whose groups are asked for (ids 52 and 66): the same, written as 16 bytes like `dpip maddr` does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupQuery(pub Device);

impl Body for GroupQuery {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(Self(name(bytes)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_raw());
    }
}

/// The name that a body begins with.
fn name<const N: usize>(bytes: &[u8]) -> Result<Text<N>, Malformed> {
    let name = bytes.split(|&b| b == 0).next().unwrap_or_default();
    let mut raw = [0; N];
    let long = Malformed::Long { what: "device name", most: N, have: name.len() };
    raw.get_mut(..name.len()).ok_or(long)?.copy_from_slice(name);
    Text::from_raw("ifname", &raw)
}

/// A device in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortName {
    /// Port id.
    pub id: u16,
    /// Name.
    pub name: Device,
}

impl Record for PortName {
    type Raw = RawPortName;

    fn from_raw(raw: &RawPortName) -> Result<Self, Malformed> {
        Ok(Self { id: raw.id.get(), name: Text::from_raw("port.name", &raw.name)? })
    }

    fn to_raw(&self) -> RawPortName {
        RawPortName { id: self.id.into(), name: self.name.to_raw() }
    }
}

/// All devices (id 60): ports, bonds, VLANs, tunnels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortList {
    /// First physical port, and one past the last.
    pub physical: (u16, u16),
    /// First bond, and one past the last; without any, [`PortList::NO_BOND`].
    pub bonds: (u16, u16),
    /// One row each.
    pub rows: Vec<PortName>,
}

impl PortList {
    /// There is no bond.
    pub const NO_BOND: (u16, u16) = (u16::MAX, u16::MAX);
}

impl Body for PortList {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (front, rest) = body::prefix::<RawPortList>(bytes)?;
        Ok(Self {
            physical: (front.phy_pid_base.get(), front.phy_pid_end.get()),
            bonds: (front.bond_pid_base.get(), front.bond_pid_end.get()),
            rows: body::rows(rest, front.nic_num.get().into())?,
        })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let count = u16::try_from(self.rows.len()).unwrap_or(u16::MAX);
        let front = RawPortList {
            nic_num: count.into(),
            phy_pid_base: self.physical.0.into(),
            phy_pid_end: self.physical.1.into(),
            bond_pid_base: self.bonds.0.into(),
            bond_pid_end: self.bonds.1.into(),
        };
        out.extend_from_slice(zerocopy::IntoBytes::as_bytes(&front));
        body::encode_rows(&self.rows[..count.into()], out);
    }
}

bitflags::bitflags! {
    /// What is switched on at a port.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct PortFlags: u16 {
        /// Promiscuous.
        const PROMISC = 1;
        /// Takes all multicast.
        const ALLMULTICAST = 1 << 1;
        /// Forwards to the kernel.
        const FORWARD_TO_KNI = 1 << 2;
        /// Traffic control on the way out.
        const TC_EGRESS = 1 << 3;
        /// Traffic control on the way in.
        const TC_INGRESS = 1 << 4;
        /// The NIC checks IP checksums.
        const RX_IP_CSUM = 1 << 5;
        /// The NIC makes IP checksums.
        const TX_IP_CSUM = 1 << 6;
        /// The NIC makes TCP checksums.
        const TX_TCP_CSUM = 1 << 7;
        /// The NIC makes UDP checksums.
        const TX_UDP_CSUM = 1 << 8;
        /// LLDP.
        const LLDP = 1 << 9;
        /// The NIC frees packets in bulk.
        const TX_FAST_FREE = 1 << 10;
        const _ = !0;
    }
}

/// A port at a glance (id 61). Texts are upstream's: `UP`, `full-duplex`, `auto-nego`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortBasic {
    /// Name.
    pub name: Text<32>,
    /// MAC, upper case.
    pub mac: Text<32>,
    /// `UP` or `DOWN`.
    pub link_status: Text<16>,
    /// `half-duplex` or `full-duplex`.
    pub link_duplex: Text<16>,
    /// `fixed-nego` or `auto-nego`.
    pub link_autoneg: Text<16>,
    /// Mbit/s.
    pub link_speed: u32,
    /// Receive queues.
    pub rx_queues: u8,
    /// Transmit queues.
    pub tx_queues: u8,
    /// NUMA node.
    pub socket: u8,
    /// Port id.
    pub id: u16,
    /// Bytes.
    pub mtu: u16,
    /// What is on.
    pub flags: PortFlags,
}

impl Record for PortBasic {
    type Raw = RawPortBasic;

    fn from_raw(raw: &RawPortBasic) -> Result<Self, Malformed> {
        Ok(Self {
            name: Text::from_raw("name", &raw.name)?,
            mac: Text::from_raw("addr", &raw.addr)?,
            link_status: Text::from_raw("link_status", &raw.link_status)?,
            link_duplex: Text::from_raw("link_duplex", &raw.link_duplex)?,
            link_autoneg: Text::from_raw("link_autoneg", &raw.link_autoneg)?,
            link_speed: raw.link_speed.get(),
            rx_queues: raw.nrxq,
            tx_queues: raw.ntxq,
            socket: raw.socket_id,
            id: raw.port_id.get(),
            mtu: raw.mtu.get(),
            flags: PortFlags::from_bits_retain(raw.bits.get()),
        })
    }

    fn to_raw(&self) -> RawPortBasic {
        RawPortBasic {
            name: self.name.to_raw(),
            addr: self.mac.to_raw(),
            link_status: self.link_status.to_raw(),
            link_duplex: self.link_duplex.to_raw(),
            link_autoneg: self.link_autoneg.to_raw(),
            link_speed: self.link_speed.into(),
            nrxq: self.rx_queues,
            ntxq: self.tx_queues,
            padding: [0; 3],
            socket_id: self.socket,
            port_id: self.id.into(),
            mtu: self.mtu.into(),
            bits: self.flags.bits().into(),
        }
    }
}
