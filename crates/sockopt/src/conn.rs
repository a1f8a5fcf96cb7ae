//! Connections: docs/spec/ipc.md §5.7. Rows begin at offset 9, so each of their fields is misaligned.

use std::net::SocketAddr;

use zerocopy::big_endian::U16 as B16;
use zerocopy::little_endian::{U16, U32};

use crate::body::{self, Body, Record};
use crate::field::{self, RawAddr, raw_addr};
use crate::{Family, LcoreId, Malformed, Protocol, Text};

/// Most rows of a page.
pub const PAGE: usize = 1024;

layout! {
    RawSockPair = "ip_vs_sockpair", 40 {
        af: U16,
        proto: U16,
        sport: B16,
        tport: B16,
        sip: RawAddr,
        tip: RawAddr,
    }
}

layout! {
    RawConnQuery = "ip_vs_conn_req", 48 {
        flag: U32,
        whence: U32,
        sockpair: RawSockPair,
    }
}

layout! {
    RawConnPage = "ip_vs_conn_array", 9 {
        nconns: U32,
        resl: U32,
        curcid: u8,
    }
}

layout! {
    RawConn = "ip_vs_conn_entry", 104 {
        in_af: U16,
        out_af: U16,
        proto: U16,
        pad0: [u8; 2],
        caddr: RawAddr,
        vaddr: RawAddr,
        laddr: RawAddr,
        daddr: RawAddr,
        cport: B16,
        vport: B16,
        lport: B16,
        dport: B16,
        timeout: U32,
        lcoreid: u8,
        state: [u8; 16],
        pad1: [u8; 3],
    }
}

bitflags::bitflags! {
    /// `GET_IPVS_CONN_FLAG_*`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct ConnQueryFlags: u32 {
        /// All connections; a new listing.
        const ALL = 1;
        /// The next page of the listing that `whence` names.
        const MORE = 2;
        /// One connection, by its pair.
        const SPECIFIED = 4;
        /// Persistence templates.
        const TEMPLATE = 8;
        const _ = !0;
    }
}

bitflags::bitflags! {
    /// `GET_IPVS_CONN_RESL_*`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct ConnResult: u32 {
        /// Here they are.
        const OK = 1;
        /// Ask again with `curcid`.
        const MORE = 2;
        /// Failed.
        const FAIL = 4;
        /// No such connection.
        const NOT_EXIST = 8;
        const _ = !0;
    }
}

/// A connection by two of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SockPair {
    /// Protocol.
    pub proto: Protocol,
    /// One end.
    pub source: SocketAddr,
    /// The other, of the same family.
    pub target: SocketAddr,
}

/// Asks for connections (ids 90 and 91).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnQuery {
    /// What is asked.
    pub flags: ConnQueryFlags,
    /// 0 first, then the last page's `cursor`.
    pub whence: u32,
    /// The connection that is asked for, if it is one.
    pub pair: Option<SockPair>,
}

impl ConnQuery {
    /// The request for the page that follows one with this cursor.
    #[must_use]
    pub fn next(self, cursor: u8) -> Self {
        Self { flags: self.flags | ConnQueryFlags::MORE, whence: cursor.into(), ..self }
    }
}

impl Record for ConnQuery {
    type Raw = RawConnQuery;

    fn from_raw(raw: &RawConnQuery) -> Result<Self, Malformed> {
        let flags = ConnQueryFlags::from_bits_retain(raw.flag.get());
        let pair = &raw.sockpair;
        // Only that request has a pair; in others the bytes are whatever the client's stack held.
        let pair = if flags.contains(ConnQueryFlags::SPECIFIED) {
            let af = pair.af.get().into();
            Some(SockPair {
                proto: Protocol::from_wide("sockpair.proto", pair.proto.get())?,
                source: field::socket("sockpair.af", af, &pair.sip, pair.sport.get())?,
                target: field::socket("sockpair.af", af, &pair.tip, pair.tport.get())?,
            })
        } else {
            None
        };
        Ok(Self { flags, whence: raw.whence.get(), pair })
    }

    fn to_raw(&self) -> RawConnQuery {
        let pair = self.pair;
        RawConnQuery {
            flag: self.flags.bits().into(),
            whence: self.whence.into(),
            sockpair: RawSockPair {
                af: family16(pair.map(|p| p.source)),
                proto: pair.map_or(0, |p| p.proto.0).into_u16(),
                sport: pair.map_or(0, |p| p.source.port()).into(),
                tport: pair.map_or(0, |p| p.target.port()).into(),
                sip: raw_addr(pair.map(|p| p.source.ip())),
                tip: raw_addr(pair.map(|p| p.target.ip())),
            },
        }
    }
}

/// A byte in a field of two.
trait IntoU16 {
    fn into_u16(self) -> U16;
}

impl IntoU16 for u8 {
    fn into_u16(self) -> U16 {
        u16::from(self).into()
    }
}

/// The family as these structs have it, in 16 bits.
fn family16(addr: Option<SocketAddr>) -> U16 {
    match addr {
        None => 0,
        Some(SocketAddr::V4(_)) => 2,
        Some(SocketAddr::V6(_)) => 10_u16,
    }
    .into()
}

/// A connection in a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conn {
    /// Protocol.
    pub proto: Protocol,
    /// Client.
    pub client: SocketAddr,
    /// Service, of the client's family.
    pub service: SocketAddr,
    /// Local address.
    pub local: SocketAddr,
    /// Dest, of the local address' family.
    pub dest: SocketAddr,
    /// Configured timeout in seconds; not the time left.
    pub timeout: u32,
    /// Owner.
    pub lcore: LcoreId,
    /// State's name, cut to 15 characters.
    pub state: Text<16>,
}

impl Record for Conn {
    type Raw = RawConn;

    fn from_raw(raw: &RawConn) -> Result<Self, Malformed> {
        let (inside, outside) = (raw.in_af.get().into(), raw.out_af.get().into());
        Ok(Self {
            proto: Protocol::from_wide("conn.proto", raw.proto.get())?,
            client: field::socket("conn.in_af", inside, &raw.caddr, raw.cport.get())?,
            service: field::socket("conn.in_af", inside, &raw.vaddr, raw.vport.get())?,
            local: field::socket("conn.out_af", outside, &raw.laddr, raw.lport.get())?,
            dest: field::socket("conn.out_af", outside, &raw.daddr, raw.dport.get())?,
            timeout: raw.timeout.get(),
            lcore: LcoreId(raw.lcoreid),
            state: Text::from_raw("conn.state", &raw.state)?,
        })
    }

    fn to_raw(&self) -> RawConn {
        RawConn {
            in_af: family16(Some(self.client)),
            out_af: family16(Some(self.dest)),
            proto: self.proto.0.into_u16(),
            pad0: [0; 2],
            caddr: raw_addr(Some(self.client.ip())),
            vaddr: raw_addr(Some(self.service.ip())),
            laddr: raw_addr(Some(self.local.ip())),
            daddr: raw_addr(Some(self.dest.ip())),
            cport: self.client.port().into(),
            vport: self.service.port().into(),
            lport: self.local.port().into(),
            dport: self.dest.port().into(),
            timeout: self.timeout.into(),
            lcoreid: self.lcore.0,
            state: self.state.to_raw(),
            pad1: [0; 3],
        }
    }
}

impl Conn {
    /// The family of client and service.
    #[must_use]
    pub fn family(&self) -> Family {
        Family::of(Some(self.client.ip()))
    }
}

/// A page of connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnPage {
    /// Whether there are more.
    pub result: ConnResult,
    /// What the next request gives as `whence`; 0 on the last page.
    pub cursor: u8,
    /// At most [`PAGE`] rows.
    pub rows: Vec<Conn>,
}

impl ConnPage {
    /// A page that is the last.
    #[must_use]
    pub fn last(rows: Vec<Conn>) -> Self {
        Self { result: ConnResult::OK, cursor: 0, rows }
    }

    /// A page that another follows.
    #[must_use]
    pub fn more(rows: Vec<Conn>, cursor: u8) -> Self {
        Self { result: ConnResult::OK | ConnResult::MORE, cursor, rows }
    }

    /// Another page follows.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.result.contains(ConnResult::MORE)
    }
}

impl Body for ConnPage {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (front, rest) = body::prefix::<RawConnPage>(bytes)?;
        let count = usize::try_from(front.nconns.get()).unwrap_or(usize::MAX);
        let result = ConnResult::from_bits_retain(front.resl.get());
        Ok(Self { result, cursor: front.curcid, rows: body::rows(rest, count)? })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let front = RawConnPage {
            nconns: body::wire_count(self.rows.len()).unsigned_abs().into(),
            resl: self.result.bits().into(),
            curcid: self.cursor,
        };
        out.extend_from_slice(zerocopy::IntoBytes::as_bytes(&front));
        body::encode_rows(&self.rows, out);
    }
}
