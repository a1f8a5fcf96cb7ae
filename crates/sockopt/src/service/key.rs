//! What names a service: docs/spec/ipc.md §5.1, §5.3. It stands in five structs; [`Key`] is the value of all.

use std::net::IpAddr;

use zerocopy::big_endian::U16 as B16;
use zerocopy::little_endian::U32;

use crate::body::Record;
use crate::field::{RawAddr, raw_addr};
use crate::{Family, Malformed, Protocol, Text};

layout! {
    RawRange = "inet_addr_range", 36 {
        min_addr: RawAddr,
        max_addr: RawAddr,
        min_port: B16,
        max_port: B16,
    }
}

layout! {
    RawMatch = "dp_vs_match", 108 {
        af: U32,
        srange: RawRange,
        drange: RawRange,
        iifname: [u8; 16],
        oifname: [u8; 16],
    }
}

/// Addresses and ports that a match admits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Range {
    /// First and last address; none is any.
    pub addrs: Option<(IpAddr, IpAddr)>,
    /// First and last port; zeros are any.
    pub ports: (u16, u16),
}

impl Range {
    fn from_raw(family: Family, raw: &RawRange) -> Self {
        let given = family.some_addr(&raw.min_addr).or(family.some_addr(&raw.max_addr));
        let addrs = given.and(family.addr(&raw.min_addr).zip(family.addr(&raw.max_addr)));
        Self { addrs, ports: (raw.min_port.get(), raw.max_port.get()) }
    }

    fn to_raw(self) -> RawRange {
        RawRange {
            min_addr: raw_addr(self.addrs.map(|a| a.0)),
            max_addr: raw_addr(self.addrs.map(|a| a.1)),
            min_port: self.ports.0.into(),
            max_port: self.ports.1.into(),
        }
    }
}

/// What a SNAT service takes (`-H`). The default constrains nothing and is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Match {
    /// Family of both ranges.
    pub family: Family,
    /// Where packets come from.
    pub source: Range,
    /// Where they go.
    pub dest: Range,
    /// Device they come in by, or empty.
    pub iif: Text<16>,
    /// Device they leave by, or empty.
    pub oif: Text<16>,
}

impl Default for Match {
    fn default() -> Self {
        Self {
            family: Family::Unspec,
            source: Range::default(),
            dest: Range::default(),
            iif: Text::default(),
            oif: Text::default(),
        }
    }
}

impl Match {
    /// Constrains nothing. The family alone does not.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Self { family: Family::Unspec, ..*self } == Self::default()
    }
}

impl Record for Match {
    type Raw = RawMatch;

    fn from_raw(raw: &RawMatch) -> Result<Self, Malformed> {
        let family = Family::from_number("match.af", raw.af.get())?;
        Ok(Self {
            family,
            source: Range::from_raw(family, &raw.srange),
            dest: Range::from_raw(family, &raw.drange),
            iif: Text::from_raw("match.iifname", &raw.iifname)?,
            oif: Text::from_raw("match.oifname", &raw.oifname)?,
        })
    }

    fn to_raw(&self) -> RawMatch {
        RawMatch {
            af: self.family.number().into(),
            srange: self.source.to_raw(),
            drange: self.dest.to_raw(),
            iifname: self.iif.to_raw(),
            oifname: self.oif.to_raw(),
        }
    }
}

/// What names a service. Which part counts when several are given, §5.3 says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Key {
    /// Virtual address. None is family 0, as in the body of "zero all" and in upstream keepalived's match services; a family
    /// without an address (fwmark, match) is that family's unspecified address.
    pub addr: Option<IpAddr>,
    /// Protocol.
    pub proto: Protocol,
    /// Port.
    pub port: u16,
    /// Firewall mark, 0 for none.
    pub fwmark: u32,
    /// SNAT match.
    pub matching: Match,
}

impl Key {
    /// A service by address and port.
    #[must_use]
    pub fn of(proto: Protocol, addr: IpAddr, port: u16) -> Self {
        Self { addr: Some(addr), proto, port, ..Self::default() }
    }

    /// The family that the key names.
    #[must_use]
    pub fn family(&self) -> Family {
        Family::of(self.addr)
    }
}
