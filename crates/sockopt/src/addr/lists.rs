//! The lists that the agent asks for (ids 42 and 43), and a device's multicast groups (id 52): docs/spec/ipc.md §6.1.

use std::net::IpAddr;

use zerocopy::little_endian::U32;

use super::{IfAddr, PoolStats};
use crate::body::{self, Body, Record};
use crate::field::{self, RawAddr, raw_addr};
use crate::{Device, Family, Malformed, Text};

layout! {
    RawPoolRow = "inet_addr_stats_detail", 28 {
        addr: RawAddr,
        sa_used: U32,
        sa_free: U32,
        sa_miss: U32,
    }
}

layout! {
    RawMaddr = "inet_maddr_entry", 44 {
        ifname: [u8; 16],
        maddr: RawAddr,
        af: U32,
        flags: U32,
        refcnt: U32,
    }
}

/// Addresses (id 42).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentIfAddrs(pub Vec<IfAddr>);

impl Body for AgentIfAddrs {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(Self(body::counted_rows("count", bytes)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        body::encode_counted_rows(&self.0, out);
    }
}

/// A port pool. The row has no family, so the address stays bytes; [`raw_addr`] makes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolRow {
    /// The address.
    pub addr: RawAddr,
    /// Its pool.
    pub pool: PoolStats,
}

impl Record for PoolRow {
    type Raw = RawPoolRow;

    fn from_raw(raw: &RawPoolRow) -> Result<Self, Malformed> {
        let pool = PoolStats { used: raw.sa_used.get(), free: raw.sa_free.get(), miss: raw.sa_miss.get() };
        Ok(Self { addr: raw.addr, pool })
    }

    fn to_raw(&self) -> RawPoolRow {
        let PoolStats { used, free, miss } = self.pool;
        RawPoolRow { addr: self.addr, sa_used: used.into(), sa_free: free.into(), sa_miss: miss.into() }
    }
}

/// Port pools (id 43).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolRows(pub Vec<PoolRow>);

impl Body for PoolRows {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(Self(body::counted_rows("count", bytes)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        body::encode_counted_rows(&self.0, out);
    }
}

/// A multicast group of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maddr {
    /// Device.
    pub device: Device,
    /// Group.
    pub addr: IpAddr,
    /// For print only.
    pub flags: u32,
    /// Users.
    pub refs: u32,
}

impl Record for Maddr {
    type Raw = RawMaddr;

    fn from_raw(raw: &RawMaddr) -> Result<Self, Malformed> {
        Ok(Self {
            device: Text::from_raw("maddr.ifname", &raw.ifname)?,
            addr: field::addr("maddr.af", raw.af.get(), &raw.maddr)?,
            flags: raw.flags.get(),
            refs: raw.refcnt.get(),
        })
    }

    fn to_raw(&self) -> RawMaddr {
        RawMaddr {
            ifname: self.device.to_raw(),
            maddr: raw_addr(Some(self.addr)),
            af: Family::of(Some(self.addr)).number().into(),
            flags: self.flags.into(),
            refcnt: self.refs.into(),
        }
    }
}

/// Multicast groups (id 52).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maddrs(pub Vec<Maddr>);

impl Body for Maddrs {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        Ok(Self(body::counted_rows("nmaddr", bytes)?))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        body::encode_counted_rows(&self.0, out);
    }
}
