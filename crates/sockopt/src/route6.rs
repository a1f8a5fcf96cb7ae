//! IPv6 routes in their own form (ids 33 to 35): docs/spec/ipc.md §6.2. Here the operation stands in the body, not in the id.

use std::net::{IpAddr, Ipv6Addr};

use zerocopy::little_endian::U32;

use crate::body::{self, Body, Record};
use crate::field::{RawAddr, raw_addr};
use crate::route::{Prefix, RawPrefix, RouteFlags};
use crate::{Device, Family, Malformed, Text};

layout! {
    RawRoute6 = "dp_vs_route6_conf", 104 {
        ops: U32,
        dst: RawPrefix,
        src: RawPrefix,
        prefsrc: RawPrefix,
        ifname: [u8; 16],
        gateway: RawAddr,
        mtu: U32,
        flags: U32,
    }
}

wire_enum! {
    /// `RT6_OPS_*`.
    Route6Op: "an operation (0…4)" {
        /// None: rows have none.
        Unset = 0,
        /// Show.
        Get = 1,
        /// Add.
        Add = 2,
        /// Delete.
        Del = 3,
        /// Flush.
        Flush = 4,
    }
}

/// An IPv6 route. All addresses are IPv6 ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route6 {
    /// What to do with it; [`Route6Op::Unset`] in rows.
    pub op: Route6Op,
    /// Where to.
    pub dst: Prefix,
    /// From where.
    pub src: Option<Prefix>,
    /// Preferred source.
    pub prefsrc: Option<Prefix>,
    /// Device.
    pub device: Device,
    /// Next hop.
    pub gateway: Option<Ipv6Addr>,
    /// Bytes.
    pub mtu: u32,
    /// Kind.
    pub flags: RouteFlags,
}

impl Default for Route6 {
    fn default() -> Self {
        Self {
            op: Route6Op::Unset,
            dst: Prefix::any(Ipv6Addr::UNSPECIFIED.into()),
            src: None,
            prefsrc: None,
            device: Device::default(),
            gateway: None,
            mtu: 0,
            flags: RouteFlags::empty(),
        }
    }
}

impl Record for Route6 {
    type Raw = RawRoute6;

    fn from_raw(raw: &RawRoute6) -> Result<Self, Malformed> {
        let family = Family::Inet6;
        Ok(Self {
            op: Route6Op::from_number("ops", raw.ops.get())?,
            dst: Prefix::from_raw("dst.plen", family, &raw.dst)?,
            src: Prefix::some("src.plen", family, &raw.src)?,
            prefsrc: Prefix::some("prefsrc.plen", family, &raw.prefsrc)?,
            device: Text::from_raw("ifname", &raw.ifname)?,
            gateway: Some(Ipv6Addr::from(raw.gateway)).filter(|a| !a.is_unspecified()),
            mtu: raw.mtu.get(),
            flags: RouteFlags::from_bits_retain(raw.flags.get()),
        })
    }

    fn to_raw(&self) -> RawRoute6 {
        RawRoute6 {
            ops: self.op.number().into(),
            dst: Prefix::to_raw(Some(self.dst)),
            src: Prefix::to_raw(self.src),
            prefsrc: Prefix::to_raw(self.prefsrc),
            ifname: self.device.to_raw(),
            gateway: raw_addr(self.gateway.map(IpAddr::V6)),
            mtu: self.mtu.into(),
            flags: self.flags.bits().into(),
        }
    }
}

/// IPv6 routes. An empty body (upstream: unknown device) reads as none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routes6(pub Vec<Route6>);

impl Body for Routes6 {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        Ok(Self(body::counted_rows("nroute", bytes)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        body::encode_counted_rows(&self.0, out);
    }
}
