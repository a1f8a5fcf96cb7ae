//! Local addresses as the agent speaks of them (ids 5 to 7): docs/spec/ipc.md §5.5.

use std::net::IpAddr;

use zerocopy::IntoBytes;
use zerocopy::little_endian::{U32, U64};

use crate::body::{self, Body, Record};
use crate::field::{self, RawAddr, raw_addr};
use crate::service::{Key, Match, RawMatch};
use crate::{Device, Family, LcoreId, Malformed, Protocol, Text};

layout! {
    RawLaddrFront = "dp_vs_laddr_front", 152 {
        af: U32,
        port: [u8; 4],
        proto: U32,
        fwmark: U32,
        cid: U32,
        count: U32,
        addr: RawAddr,
        match_: RawMatch,
        pad: [u8; 4],
    }
}

layout! {
    RawLaddrDetail = "dp_vs_laddr_detail", 48 {
        af: U32,
        conns: U32,
        nport_conflict: U64,
        addr: RawAddr,
        ifname: [u8; 16],
    }
}

/// Asks for the local addresses of a service (id 5), always as the sum over all workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentLaddrsQuery {
    /// The service.
    pub key: Key,
    /// Who answers (reply).
    pub lcore: LcoreId,
}

impl AgentLaddrsQuery {
    fn raw_with_count(&self, count: u32) -> RawLaddrFront {
        let [high, low] = self.key.port.to_be_bytes();
        RawLaddrFront {
            af: self.key.family().number().into(),
            // Network order in the low half of a word in host order.
            port: [high, low, 0, 0],
            proto: u32::from(self.key.proto.0).into(),
            fwmark: self.key.fwmark.into(),
            cid: u32::from(self.lcore.0).into(),
            count: count.into(),
            addr: raw_addr(self.key.addr),
            match_: self.key.matching.to_raw(),
            pad: [0; 4],
        }
    }
}

impl Record for AgentLaddrsQuery {
    type Raw = RawLaddrFront;

    fn from_raw(raw: &RawLaddrFront) -> Result<Self, Malformed> {
        let proto = u16::try_from(raw.proto.get()).unwrap_or(u16::MAX);
        let [high, low, ..] = raw.port;
        let key = Key {
            addr: Family::from_number("af", raw.af.get())?.addr(&raw.addr),
            proto: Protocol::from_wide("proto", proto)?,
            port: u16::from_be_bytes([high, low]),
            fwmark: raw.fwmark.get(),
            matching: Match::from_raw(&raw.match_)?,
        };
        let [lcore, ..] = raw.cid.to_bytes();
        Ok(Self { key, lcore: LcoreId(lcore) })
    }

    fn to_raw(&self) -> RawLaddrFront {
        self.raw_with_count(0)
    }
}

/// A local address with its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentLaddr {
    /// The address.
    pub addr: IpAddr,
    /// Connections that use it (reply).
    pub conns: u32,
    /// Zero with upstream (reply).
    pub conflicts: u64,
    /// The device that owns it.
    pub device: Device,
}

impl Record for AgentLaddr {
    type Raw = RawLaddrDetail;

    fn from_raw(raw: &RawLaddrDetail) -> Result<Self, Malformed> {
        Ok(Self {
            addr: field::addr("laddr.af", raw.af.get(), &raw.addr)?,
            conns: raw.conns.get(),
            conflicts: raw.nport_conflict.get(),
            device: Text::from_raw("laddr.ifname", &raw.ifname)?,
        })
    }

    fn to_raw(&self) -> RawLaddrDetail {
        RawLaddrDetail {
            af: Family::of(Some(self.addr)).number().into(),
            conns: self.conns.into(),
            nport_conflict: self.conflicts.into(),
            addr: raw_addr(Some(self.addr)),
            ifname: self.device.to_raw(),
        }
    }
}

/// Local addresses: to add, to delete, and as the answer of id 5.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentLaddrs {
    /// The service.
    pub of: AgentLaddrsQuery,
    /// One row each.
    pub rows: Vec<AgentLaddr>,
}

impl Body for AgentLaddrs {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (front, rest) = body::prefix::<RawLaddrFront>(bytes)?;
        let count = usize::try_from(front.count.get()).unwrap_or(usize::MAX);
        Ok(Self { of: AgentLaddrsQuery::from_raw(front)?, rows: body::rows(rest, count)? })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let front = self.of.raw_with_count(body::wire_count(self.rows.len()).unsigned_abs());
        out.extend_from_slice(front.as_bytes());
        body::encode_rows(&self.rows, out);
    }
}
