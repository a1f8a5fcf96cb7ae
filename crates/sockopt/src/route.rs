//! Routes: docs/spec/ipc.md §6.2. [`Route`] is the form of ids 28 to 32, and of the agent's for both families.

use std::net::{IpAddr, Ipv4Addr};

use zerocopy::little_endian::{I32, U32};

use crate::body::{self, Body, Record};
use crate::field::{self, RawAddr, raw_addr};
use crate::{Device, Family, Malformed, Text};

layout! {
    RawPrefix = "rt_addr", 20 {
        addr: RawAddr,
        plen: I32,
    }
}

layout! {
    RawRoute = "dp_vs_route_detail", 112 {
        af: U32,
        mtu: U32,
        flags: U32,
        metric: U32,
        dst: RawPrefix,
        src: RawPrefix,
        gateway: RawPrefix,
        prefsrc: RawPrefix,
        ifname: [u8; 16],
    }
}

bitflags::bitflags! {
    /// `RTF_*`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct RouteFlags: u32 {
        /// Usable.
        const UP = 1;
        /// By a next hop.
        const GATEWAY = 2;
        /// To one host.
        const HOST = 4;
        /// Has an MTU.
        const MTU = 0x40;
        /// Refuses.
        const REJECT = 0x200;
        /// Sent on.
        const FORWARD = 0x400;
        /// An address of ours.
        const LOCAL_IN = 0x800;
        /// The default route.
        const DEFAULT = 0x1000;
        /// To the kernel.
        const KNI = 0x2000;
        const _ = !0;
    }
}

/// An address and how much of it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix {
    /// Address.
    pub addr: IpAddr,
    /// Leading bits.
    pub len: u8,
}

impl Prefix {
    /// Everything of a family.
    #[must_use]
    pub fn any(like: IpAddr) -> Self {
        let addr = match like {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
        };
        Self { addr, len: 0 }
    }

    /// Reads `field`; its length must be possible in `family`.
    pub(crate) fn from_raw(field: &'static str, family: Family, raw: &RawPrefix) -> Result<Self, Malformed> {
        let (most, expected) = match family {
            Family::Inet6 => (128, "a prefix length (0…128)"),
            Family::Unspec | Family::Inet => (32, "a prefix length (0…32)"),
        };
        let addr = family.addr(&raw.addr).unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        Ok(Self { addr, len: field::byte(field, raw.plen.get(), most, expected)? })
    }

    /// As [`Self::from_raw`], but all zero is none.
    pub(crate) fn some(
        field: &'static str,
        family: Family,
        raw: &RawPrefix,
    ) -> Result<Option<Self>, Malformed> {
        let prefix = Self::from_raw(field, family, raw)?;
        Ok(Some(prefix).filter(|p| p.len != 0 || !p.addr.is_unspecified()))
    }

    pub(crate) fn to_raw(prefix: Option<Self>) -> RawPrefix {
        RawPrefix { addr: raw_addr(prefix.map(|p| p.addr)), plen: prefix.map_or(0, |p| p.len.into()).into() }
    }
}

/// A route. All its addresses are of one family, the destination's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where to; nothing of nothing is the default route.
    pub dst: Prefix,
    /// Source hint. On routes of an interface's addresses, the address.
    pub src: Option<Prefix>,
    /// Next hop.
    pub gateway: Option<IpAddr>,
    /// Not used for IPv4.
    pub prefsrc: Option<Prefix>,
    /// Bytes, 0 for the device's.
    pub mtu: u32,
    /// Kind.
    pub flags: RouteFlags,
    /// Metric; upstream keeps 16 bits of it, signed.
    pub metric: u32,
    /// Device.
    pub device: Device,
    /// The request says no family, which counts as IPv4; so asks `dpip route show` without `-4`.
    pub family_open: bool,
}

impl Default for Route {
    /// Everything over IPv4, by nothing: also the question for all.
    fn default() -> Self {
        Self {
            dst: Prefix::any(Ipv4Addr::UNSPECIFIED.into()),
            src: None,
            gateway: None,
            prefsrc: None,
            mtu: 0,
            flags: RouteFlags::empty(),
            metric: 0,
            device: Device::default(),
            family_open: false,
        }
    }
}

impl Record for Route {
    type Raw = RawRoute;

    fn from_raw(raw: &RawRoute) -> Result<Self, Malformed> {
        let given = Family::from_number("af", raw.af.get())?;
        let family_open = given == Family::Unspec;
        let family = if family_open { Family::Inet } else { given };
        Ok(Self {
            dst: Prefix::from_raw("dst.plen", family, &raw.dst)?,
            src: Prefix::some("src.plen", family, &raw.src)?,
            gateway: family.some_addr(&raw.gateway.addr),
            prefsrc: Prefix::some("prefsrc.plen", family, &raw.prefsrc)?,
            mtu: raw.mtu.get(),
            flags: RouteFlags::from_bits_retain(raw.flags.get()),
            metric: raw.metric.get(),
            device: Text::from_raw("ifname", &raw.ifname)?,
            family_open,
        })
    }

    fn to_raw(&self) -> RawRoute {
        let family = Family::of(Some(self.dst.addr).filter(|_| !self.family_open));
        RawRoute {
            af: family.number().into(),
            mtu: self.mtu.into(),
            flags: self.flags.bits().into(),
            metric: self.metric.into(),
            dst: Prefix::to_raw(Some(self.dst)),
            src: Prefix::to_raw(self.src),
            gateway: RawPrefix { addr: raw_addr(self.gateway), plen: 0.into() },
            prefsrc: Prefix::to_raw(self.prefsrc),
            ifname: self.device.to_raw(),
        }
    }
}

/// Routes (ids 32, 36, 39). The length is exact: `dpip` wants it so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routes(pub Vec<Route>);

impl Body for Routes {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(Self(body::counted_rows("nroute", bytes)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        body::encode_counted_rows(&self.0, out);
    }
}
