//! Devices: docs/spec/ipc.md §6.6. The details of a port (id 64) are in [`crate::link_ext`].

use zerocopy::little_endian::{U16, U32, U64};

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

layout! {
    RawPortStats = "netif_nic_stats_get", 720 {
        mbuf_avail: U32,
        mbuf_inuse: U32,
        ipackets: U64,
        opackets: U64,
        ibytes: U64,
        obytes: U64,
        imissed: U64,
        ierrors: U64,
        oerrors: U64,
        rx_nombuf: U64,
        q_ipackets: [U64; 16],
        q_opackets: [U64; 16],
        q_ibytes: [U64; 16],
        q_obytes: [U64; 16],
        q_errors: [U64; 16],
        padding: [u8; 6],
        port_id: U16,
    }
}

layout! {
    RawPortSet = "netif_nic_set", 52 {
        pname: [u8; 32],
        macaddr: [u8; 18],
        bits: U16,
    }
}

/// Names a device (ids 61 to 66): a name of any length up to the first NUL; `dpip link` sends 32 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortQuery(pub Text<32>);

impl Body for PortQuery {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let name = bytes.split(|&b| b == 0).next().unwrap_or_default();
        let mut raw = [0; 32];
        let field = "ifname";
        let long = Malformed::Length { what: "device name", need: raw.len(), have: name.len() };
        raw.get_mut(..name.len()).ok_or(long)?.copy_from_slice(name);
        Ok(Self(Text::from_raw(field, &raw)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_raw());
    }
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

/// What a queue did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueStats {
    /// Packets received.
    pub in_packets: u64,
    /// Packets sent.
    pub out_packets: u64,
    /// Bytes received.
    pub in_bytes: u64,
    /// Bytes sent.
    pub out_bytes: u64,
    /// Packets lost.
    pub errors: u64,
}

/// What a port did (id 62).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortStats {
    /// Port id.
    pub id: u16,
    /// Free buffers in its pool.
    pub mbuf_free: u32,
    /// Used ones.
    pub mbuf_used: u32,
    /// Packets received.
    pub in_packets: u64,
    /// Packets sent.
    pub out_packets: u64,
    /// Bytes received.
    pub in_bytes: u64,
    /// Bytes sent.
    pub out_bytes: u64,
    /// Dropped by the NIC.
    pub in_missed: u64,
    /// Received broken.
    pub in_errors: u64,
    /// Not sent.
    pub out_errors: u64,
    /// No buffer was left.
    pub no_mbuf: u64,
    /// The first sixteen queues.
    pub queues: [QueueStats; 16],
}

impl Record for PortStats {
    type Raw = RawPortStats;

    fn from_raw(raw: &RawPortStats) -> Result<Self, Malformed> {
        Ok(Self {
            id: raw.port_id.get(),
            mbuf_free: raw.mbuf_avail.get(),
            mbuf_used: raw.mbuf_inuse.get(),
            in_packets: raw.ipackets.get(),
            out_packets: raw.opackets.get(),
            in_bytes: raw.ibytes.get(),
            out_bytes: raw.obytes.get(),
            in_missed: raw.imissed.get(),
            in_errors: raw.ierrors.get(),
            out_errors: raw.oerrors.get(),
            no_mbuf: raw.rx_nombuf.get(),
            queues: std::array::from_fn(|i| QueueStats {
                in_packets: raw.q_ipackets[i].get(),
                out_packets: raw.q_opackets[i].get(),
                in_bytes: raw.q_ibytes[i].get(),
                out_bytes: raw.q_obytes[i].get(),
                errors: raw.q_errors[i].get(),
            }),
        })
    }

    fn to_raw(&self) -> RawPortStats {
        RawPortStats {
            mbuf_avail: self.mbuf_free.into(),
            mbuf_inuse: self.mbuf_used.into(),
            ipackets: self.in_packets.into(),
            opackets: self.out_packets.into(),
            ibytes: self.in_bytes.into(),
            obytes: self.out_bytes.into(),
            imissed: self.in_missed.into(),
            ierrors: self.in_errors.into(),
            oerrors: self.out_errors.into(),
            rx_nombuf: self.no_mbuf.into(),
            q_ipackets: self.queues.map(|q| q.in_packets.into()),
            q_opackets: self.queues.map(|q| q.out_packets.into()),
            q_ibytes: self.queues.map(|q| q.in_bytes.into()),
            q_obytes: self.queues.map(|q| q.out_bytes.into()),
            q_errors: self.queues.map(|q| q.errors.into()),
            padding: [0; 6],
            port_id: self.id.into(),
        }
    }
}

bitflags::bitflags! {
    /// Switches of a port. Of an on and an off of one thing, on wins.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct PortSwitches: u16 {
        /// Promiscuous on.
        const PROMISC_ON = 1;
        /// Promiscuous off.
        const PROMISC_OFF = 1 << 1;
        /// All multicast on.
        const ALLMULTICAST_ON = 1 << 2;
        /// All multicast off.
        const ALLMULTICAST_OFF = 1 << 3;
        /// Link up.
        const LINK_UP = 1 << 4;
        /// Link down.
        const LINK_DOWN = 1 << 5;
        /// Forward to the kernel.
        const FORWARD_TO_KNI_ON = 1 << 6;
        /// Do not.
        const FORWARD_TO_KNI_OFF = 1 << 7;
        /// Traffic control on the way out.
        const TC_EGRESS_ON = 1 << 8;
        /// None.
        const TC_EGRESS_OFF = 1 << 9;
        /// Traffic control on the way in.
        const TC_INGRESS_ON = 1 << 10;
        /// None.
        const TC_INGRESS_OFF = 1 << 11;
        /// LLDP on.
        const LLDP_ON = 1 << 12;
        /// LLDP off.
        const LLDP_OFF = 1 << 13;
        const _ = !0;
    }
}

/// Changes a port (id 54).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortSet {
    /// Which.
    pub name: Text<32>,
    /// New MAC as text, or empty.
    pub mac: Text<18>,
    /// What to switch.
    pub switches: PortSwitches,
}

impl Record for PortSet {
    type Raw = RawPortSet;

    fn from_raw(raw: &RawPortSet) -> Result<Self, Malformed> {
        Ok(Self {
            name: Text::from_raw("pname", &raw.pname)?,
            mac: Text::from_raw("macaddr", &raw.macaddr)?,
            switches: PortSwitches::from_bits_retain(raw.bits.get()),
        })
    }

    fn to_raw(&self) -> RawPortSet {
        RawPortSet {
            pname: self.name.to_raw(),
            macaddr: self.mac.to_raw(),
            bits: self.switches.bits().into(),
        }
    }
}
