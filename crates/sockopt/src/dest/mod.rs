//! Dests: docs/spec/ipc.md §5.4.

mod agent;

use std::net::IpAddr;

use zerocopy::big_endian::U16 as B16;
use zerocopy::little_endian::{U16, U32};

pub use agent::{AgentDests, AgentDestsQuery, RawDestFront};

use crate::body::{self, Body, Record};
use crate::field::{self, RawAddr, View, raw_addr};
use crate::service::{Key, Match, RawMatch, RawStats, Service, Stats};
use crate::{Family, LcoreId, Malformed, Protocol};

layout! {
    RawDest = "dp_vs_dest_compat", 120 {
        af: U32,
        port: B16,
        proto: U16,
        weight: U32,
        addr: RawAddr,
        conn_flags: U16,
        flags: U16,
        fwdmode: U32,
        max_conn: U32,
        min_conn: U32,
        actconns: U32,
        inactconns: U32,
        persistconns: U32,
        stats: RawStats,
    }
}

layout! {
    RawDestTable = "dp_vs_dest_table", 144 {
        af: U32,
        proto: U16,
        port: B16,
        fwmark: U32,
        addr: RawAddr,
        num_dests: U32,
        match_: RawMatch,
        cid: u8,
        index: u8,
        pad: [u8; 2],
    }
}

wire_enum! {
    /// How packets reach a dest.
    Forward: "a forwarding mode (0…6)" {
        /// NAT.
        Nat = 0,
        /// This host itself.
        Local = 1,
        /// IPIP tunnel.
        Tunnel = 2,
        /// Direct routing.
        Direct = 3,
        /// Not balanced.
        Bypass = 4,
        /// FullNAT.
        FullNat = 5,
        /// SNAT.
        Snat = 6,
    }
}

impl Forward {
    /// The low bits of `conn_flags`, which repeat it.
    const MASK: u16 = 7;

    fn bits(self) -> u16 {
        match self {
            Self::Nat => 0,
            Self::Local => 1,
            Self::Tunnel => 2,
            Self::Direct => 3,
            Self::Bypass => 4,
            Self::FullNat => 5,
            Self::Snat => 6,
        }
    }
}

bitflags::bitflags! {
    /// `DPVS_DEST_F_*`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct DestFlags: u16 {
        /// Serves (reply).
        const AVAILABLE = 1;
        /// Above its threshold (reply).
        const OVERLOAD = 2;
        /// Taken out by a health check; the only one that a request can set.
        const INHIBITED = 4;
        const _ = !0;
    }
}

bitflags::bitflags! {
    /// `IP_VS_CONN_F_*`, without the forwarding mode in the low three bits, which the codec adds.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct ConnFlags: u16 {
        /// SYN proxy.
        const SYN_PROXY = 0x10;
        /// Ends when its dest has no weight.
        const EXPIRE_QUIESCENT = 0x20;
        /// Upstream has it set in all replies, and clients expect it.
        const INACTIVE = 0x200;
        const _ = !7;
    }
}

/// A dest: as it is asked for, and as a row of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dest {
    /// Address; its family may differ from the service's.
    pub addr: IpAddr,
    /// Port.
    pub port: u16,
    /// Zero in both directions with upstream's tools.
    pub proto: Protocol,
    /// Weight. Upstream returns one above 32 767 sign-extended.
    pub weight: u32,
    /// Flags of its connections.
    pub conn_flags: ConnFlags,
    /// Flags.
    pub flags: DestFlags,
    /// Forwarding mode.
    pub forward: Forward,
    /// Upper threshold of connections, 0 for none.
    pub max_conn: u32,
    /// Lower threshold.
    pub min_conn: u32,
    /// Active connections (reply).
    pub active: u32,
    /// Inactive connections (reply).
    pub inactive: u32,
    /// Persistence templates (reply).
    pub persistent: u32,
    /// Traffic (reply).
    pub stats: Stats,
}

impl Dest {
    /// A dest with weight 1 and nothing else said.
    #[must_use]
    pub fn new(addr: IpAddr, port: u16, forward: Forward) -> Self {
        Self {
            addr,
            port,
            proto: Protocol::NONE,
            weight: 1,
            conn_flags: ConnFlags::empty(),
            flags: DestFlags::empty(),
            forward,
            max_conn: 0,
            min_conn: 0,
            active: 0,
            inactive: 0,
            persistent: 0,
            stats: Stats::default(),
        }
    }
}

impl Record for Dest {
    type Raw = RawDest;

    fn from_raw(raw: &RawDest) -> Result<Self, Malformed> {
        Ok(Self {
            addr: field::addr("dest.af", raw.af.get(), &raw.addr)?,
            port: raw.port.get(),
            proto: Protocol::from_wide("dest.proto", raw.proto.get())?,
            weight: raw.weight.get(),
            conn_flags: ConnFlags::from_bits_retain(raw.conn_flags.get() & !Forward::MASK),
            flags: DestFlags::from_bits_retain(raw.flags.get()),
            forward: Forward::from_number("dest.fwdmode", raw.fwdmode.get())?,
            max_conn: raw.max_conn.get(),
            min_conn: raw.min_conn.get(),
            active: raw.actconns.get(),
            inactive: raw.inactconns.get(),
            persistent: raw.persistconns.get(),
            stats: Stats::from_raw(&raw.stats),
        })
    }

    fn to_raw(&self) -> RawDest {
        RawDest {
            af: Family::of(Some(self.addr)).number().into(),
            port: self.port.into(),
            proto: u16::from(self.proto.0).into(),
            weight: self.weight.into(),
            addr: raw_addr(Some(self.addr)),
            conn_flags: (self.conn_flags.bits() & !Forward::MASK | self.forward.bits()).into(),
            flags: self.flags.bits().into(),
            fwdmode: self.forward.number().into(),
            max_conn: self.max_conn.into(),
            min_conn: self.min_conn.into(),
            actconns: self.active.into(),
            inactconns: self.inactive.into(),
            persistconns: self.persistent.into(),
            stats: self.stats.to_raw(),
        }
    }
}

/// A dest and its service (ids 13 to 15). Of the service only the key counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DestOf {
    /// The service.
    pub service: Service,
    /// The dest.
    pub dest: Dest,
}

impl Body for DestOf {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (service, rest) = body::prefix(bytes)?;
        Ok(Self { service: Service::from_raw(service)?, dest: Dest::decode(rest)? })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        self.service.encode(out);
        self.dest.encode(out);
    }
}

/// Asks for the dests of a service (id 21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DestsQuery {
    /// The service.
    pub key: Key,
    /// How many it has, as its row said.
    pub num_dests: u32,
    /// Who answers (reply).
    pub lcore: LcoreId,
    /// Whose view.
    pub view: View,
}

impl Record for DestsQuery {
    type Raw = RawDestTable;

    fn from_raw(raw: &RawDestTable) -> Result<Self, Malformed> {
        let key = Key {
            addr: Family::from_number("af", raw.af.get())?.addr(&raw.addr),
            proto: Protocol::from_wide("proto", raw.proto.get())?,
            port: raw.port.get(),
            fwmark: raw.fwmark.get(),
            matching: Match::from_raw(&raw.match_)?,
        };
        Ok(Self { key, num_dests: raw.num_dests.get(), lcore: LcoreId(raw.cid), view: View(raw.index) })
    }

    fn to_raw(&self) -> RawDestTable {
        RawDestTable {
            af: self.key.family().number().into(),
            proto: u16::from(self.key.proto.0).into(),
            port: self.key.port.into(),
            fwmark: self.key.fwmark.into(),
            addr: raw_addr(self.key.addr),
            num_dests: self.num_dests.into(),
            match_: self.key.matching.to_raw(),
            cid: self.lcore.0,
            index: self.view.0,
            pad: [0; 2],
        }
    }
}

/// The dests of a service, the youngest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dests {
    /// The service. Upstream echoes family, protocol and port only, so the address reads as unspecified.
    pub key: Key,
    /// Who answers.
    pub lcore: LcoreId,
    /// Whose view.
    pub view: View,
    /// One row each.
    pub rows: Vec<Dest>,
}

impl Body for Dests {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (front, rest) = body::prefix(bytes)?;
        let DestsQuery { key, num_dests, lcore, view } = DestsQuery::from_raw(front)?;
        let count = usize::try_from(num_dests).unwrap_or(usize::MAX);
        Ok(Self { key, lcore, view, rows: body::rows(rest, count)? })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let num_dests = body::wire_count(self.rows.len()).unsigned_abs();
        DestsQuery { key: self.key, num_dests, lcore: self.lcore, view: self.view }.encode(out);
        body::encode_rows(&self.rows, out);
    }
}
