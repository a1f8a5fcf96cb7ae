//! Dests as the agent speaks of them (ids 24 to 27): docs/spec/ipc.md §5.4. The same list with another front; its rows begin
//! at 148.

use zerocopy::IntoBytes;
use zerocopy::big_endian::U16 as B16;
use zerocopy::little_endian::{U16, U32};

use super::{Dest, Dests, DestsQuery};
use crate::body::{self, Body, Record};
use crate::field::{RawAddr, View, raw_addr};
use crate::service::{Key, Match, RawMatch};
use crate::{Family, LcoreId, Malformed, Protocol};

layout! {
    RawDestFront = "dp_vs_dest_front", 148 {
        af: U32,
        proto: U16,
        port: B16,
        fwmark: U32,
        addr: RawAddr,
        num_dests: U32,
        match_: RawMatch,
        cid: U32,
        index: U32,
    }
}

/// The agent's list of dests: to add, change or delete, and as the answer of id 24. The *question* of id 24 has the front
/// alone, with a count that means nothing: [`AgentDestsQuery`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentDests(pub Dests);

impl Body for AgentDests {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (front, rest) = body::prefix(bytes)?;
        let AgentDestsQuery(DestsQuery { key, num_dests, lcore, view }) = AgentDestsQuery::from_raw(front)?;
        let count = usize::try_from(num_dests).unwrap_or(usize::MAX);
        Ok(Self(Dests { key, lcore, view, rows: body::rows::<Dest>(rest, count)? }))
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let Dests { key, lcore, view, rows } = &self.0;
        let num_dests = body::wire_count(rows.len()).unsigned_abs();
        let query = DestsQuery { key: *key, num_dests, lcore: *lcore, view: *view };
        out.extend_from_slice(AgentDestsQuery(query).to_raw().as_bytes());
        body::encode_rows(rows, out);
    }
}

/// Asks for the dests of a service (id 24).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentDestsQuery(pub DestsQuery);

impl Record for AgentDestsQuery {
    type Raw = RawDestFront;

    fn from_raw(raw: &RawDestFront) -> Result<Self, Malformed> {
        let key = Key {
            addr: Family::from_number("af", raw.af.get())?.addr(&raw.addr),
            proto: Protocol::from_wide("proto", raw.proto.get())?,
            port: raw.port.get(),
            fwmark: raw.fwmark.get(),
            matching: Match::from_raw(&raw.match_)?,
        };
        // Of both words only the low byte means anything.
        let [lcore, ..] = raw.cid.to_bytes();
        let [view, ..] = raw.index.to_bytes();
        Ok(Self(DestsQuery { key, num_dests: raw.num_dests.get(), lcore: LcoreId(lcore), view: View(view) }))
    }

    fn to_raw(&self) -> RawDestFront {
        let DestsQuery { key, num_dests, lcore, view } = self.0;
        RawDestFront {
            af: key.family().number().into(),
            proto: u16::from(key.proto.0).into(),
            port: key.port.into(),
            fwmark: key.fwmark.into(),
            addr: raw_addr(key.addr),
            num_dests: num_dests.into(),
            match_: key.matching.to_raw(),
            cid: u32::from(lcore.0).into(),
            index: u32::from(view.0).into(),
        }
    }
}
