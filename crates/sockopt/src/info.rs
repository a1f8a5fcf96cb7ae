//! Version, info, and the gratuitous ARP: docs/spec/ipc.md §5.3.

use std::net::Ipv4Addr;

use zerocopy::little_endian::U32;

use crate::body::{Body, Record};
use crate::{Malformed, Text};

layout! {
    RawInfo = "dp_vs_getinfo", 16 {
        version: U32,
        size: U32,
        num_services: U32,
        num_lcores: U32,
    }
}

/// A release, as `major * 65536 + minor * 256 + patch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(pub u32);

impl Release {
    /// The one whose bytes these are; a daemon reports it, whatever its own version (§5.3).
    pub const COMPATIBLE: Self = Self(0x0001_0a02);
    /// The oldest with these layouts (§8).
    pub const OLDEST: Self = Self(0x0001_0908);
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0 >> 16 & 0xff, self.0 >> 8 & 0xff, self.0 & 0xff)
    }
}

/// The version's text (id 17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionText(pub Text<64>);

impl Default for VersionText {
    /// What a daemon must answer.
    fn default() -> Self {
        Self(Text::cut("dpvs:v1.10-2"))
    }
}

impl Body for VersionText {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let short = Malformed::Short { what: "version", need: 64, have: bytes.len() };
        Ok(Self(Text::from_raw("version", bytes.first_chunk().ok_or(short)?)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_raw());
    }
}

/// Asks for the info (id 18). The body is ignored; twelve zero bytes are what `libipvs` sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InfoQuery;

impl Body for InfoQuery {
    fn decode(_: &[u8]) -> Result<Self, Malformed> {
        Ok(Self)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[0; 12]);
    }
}

/// The daemon in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Release.
    pub version: Release,
    /// Always 0.
    pub size: u32,
    /// Services.
    pub num_services: u32,
    /// Workers.
    pub num_lcores: u32,
}

impl Record for Info {
    type Raw = RawInfo;

    fn from_raw(raw: &RawInfo) -> Result<Self, Malformed> {
        Ok(Self {
            version: Release(raw.version.get()),
            size: raw.size.get(),
            num_services: raw.num_services.get(),
            num_lcores: raw.num_lcores.get(),
        })
    }

    fn to_raw(&self) -> RawInfo {
        RawInfo {
            version: self.version.0.into(),
            size: self.size.into(),
            num_services: self.num_services.into(),
            num_lcores: self.num_lcores.into(),
        }
    }
}

/// An address of ours to announce (id 16). Eight bytes are sent, as `libipvs` does; four count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GratuitousArp(pub Ipv4Addr);

impl Body for GratuitousArp {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let short = Malformed::Short { what: "in_addr", need: 4, have: bytes.len() };
        let addr: &[u8; 4] = bytes.first_chunk().ok_or(short)?;
        Ok(Self((*addr).into()))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.octets());
        out.extend_from_slice(&[0; 4]);
    }
}
