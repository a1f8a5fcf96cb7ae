//! Local addresses of a service: docs/spec/ipc.md §5.5.

mod agent;

use std::net::IpAddr;

use zerocopy::big_endian::U16 as B16;
use zerocopy::little_endian::{I32, U32, U64};

pub use agent::{AgentLaddr, AgentLaddrs, AgentLaddrsQuery, RawLaddrDetail, RawLaddrFront};

use crate::body::{self, Body, Record};
use crate::field::{self, RawAddr, View, raw_addr};
use crate::service::{Key, Match, RawMatch};
use crate::{Device, Family, LcoreId, Malformed, Protocol, Text};

layout! {
    RawLaddrConf = "dp_vs_laddr_conf", 184 {
        af_s: U32,
        proto: u8,
        pad0: [u8; 3],
        vaddr: RawAddr,
        vport: B16,
        pad1: [u8; 2],
        fwmark: U32,
        match_: RawMatch,
        cid: u8,
        index: u8,
        pad2: [u8; 2],
        af_l: U32,
        laddr: RawAddr,
        ifname: [u8; 16],
        nladdrs: I32,
    }
}

layout! {
    RawLaddr = "dp_vs_laddr_entry", 40 {
        af: U32,
        addr: RawAddr,
        pad0: [u8; 4],
        nport_conflict: U64,
        nconns: U32,
        pad1: [u8; 4],
    }
}

/// A local address to add or delete, or the question for all (ids 0 to 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaddrConf {
    /// The service.
    pub key: Key,
    /// Who answers (reply).
    pub lcore: LcoreId,
    /// Whose view (id 3).
    pub view: View,
    /// The address (ids 0 and 1).
    pub laddr: Option<IpAddr>,
    /// The device that owns it (ids 0 and 1).
    pub device: Device,
}

impl LaddrConf {
    fn raw_with_count(&self, nladdrs: i32) -> RawLaddrConf {
        RawLaddrConf {
            af_s: self.key.family().number().into(),
            proto: self.key.proto.0,
            pad0: [0; 3],
            vaddr: raw_addr(self.key.addr),
            vport: self.key.port.into(),
            pad1: [0; 2],
            fwmark: self.key.fwmark.into(),
            match_: self.key.matching.to_raw(),
            cid: self.lcore.0,
            index: self.view.0,
            pad2: [0; 2],
            af_l: Family::of(self.laddr).number().into(),
            laddr: raw_addr(self.laddr),
            ifname: self.device.to_raw(),
            nladdrs: nladdrs.into(),
        }
    }
}

impl Record for LaddrConf {
    type Raw = RawLaddrConf;

    fn from_raw(raw: &RawLaddrConf) -> Result<Self, Malformed> {
        Ok(Self {
            key: Key {
                addr: Family::from_number("af_s", raw.af_s.get())?.addr(&raw.vaddr),
                proto: Protocol(raw.proto),
                port: raw.vport.get(),
                fwmark: raw.fwmark.get(),
                matching: Match::from_raw(&raw.match_)?,
            },
            lcore: LcoreId(raw.cid),
            view: View(raw.index),
            laddr: Family::from_number("af_l", raw.af_l.get())?.addr(&raw.laddr),
            device: Text::from_raw("ifname", &raw.ifname)?,
        })
    }

    fn to_raw(&self) -> RawLaddrConf {
        self.raw_with_count(0)
    }
}

/// A local address in a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Laddr {
    /// The address.
    pub addr: IpAddr,
    /// Zero with upstream.
    pub conflicts: u64,
    /// Connections that use it.
    pub conns: u32,
}

impl Record for Laddr {
    type Raw = RawLaddr;

    fn from_raw(raw: &RawLaddr) -> Result<Self, Malformed> {
        Ok(Self {
            addr: field::addr("laddr.af", raw.af.get(), &raw.addr)?,
            conflicts: raw.nport_conflict.get(),
            conns: raw.nconns.get(),
        })
    }

    fn to_raw(&self) -> RawLaddr {
        RawLaddr {
            af: Family::of(Some(self.addr)).number().into(),
            addr: raw_addr(Some(self.addr)),
            pad0: [0; 4],
            nport_conflict: self.conflicts.into(),
            nconns: self.conns.into(),
            pad1: [0; 4],
        }
    }
}

/// The local addresses of a service, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Laddrs {
    /// The question.
    pub conf: LaddrConf,
    /// One row each.
    pub rows: Vec<Laddr>,
}

impl Body for Laddrs {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (front, rest) = body::prefix::<RawLaddrConf>(bytes)?;
        let count = body::count("nladdrs", front.nladdrs.get())?;
        Ok(Self { conf: LaddrConf::from_raw(front)?, rows: body::rows(rest, count)? })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let front = self.conf.raw_with_count(body::wire_count(self.rows.len()));
        out.extend_from_slice(zerocopy::IntoBytes::as_bytes(&front));
        body::encode_rows(&self.rows, out);
    }
}
