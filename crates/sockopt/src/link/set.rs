//! Switches of a port (id 54): docs/spec/ipc.md §6.6.

use zerocopy::little_endian::U16;

use crate::body::Record;
use crate::{Malformed, Text};

layout! {
    RawPortSet = "netif_nic_set", 52 {
        pname: [u8; 32],
        macaddr: [u8; 18],
        bits: U16,
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
