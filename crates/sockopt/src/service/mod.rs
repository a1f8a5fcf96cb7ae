//! Services: docs/spec/ipc.md §5.3.

mod check;
mod key;
mod stats;

use std::net::Ipv4Addr;

use zerocopy::FromZeros;
use zerocopy::big_endian::U16 as B16;
use zerocopy::little_endian::{U16, U32};

pub use check::{CheckTypes, DestCheck, ProxyProtocol, ProxyVersion, RawDestCheck};
pub use key::{Key, Match, Range, RawMatch, RawRange};
pub use stats::{RawStats, Stats};

use crate::body::{self, Body, Record};
use crate::field::{RawAddr, View, raw_addr};
use crate::{Family, LcoreId, Malformed, Protocol, Text};

layout! {
    RawService = "dp_vs_service_compat", 264 {
        af: U32,
        proto: u8,
        proxy_protocol: u8,
        port: B16,
        fwmark: U32,
        flags: U32,
        timeout: U32,
        conn_timeout: U32,
        netmask: [u8; 4],
        bps: U32,
        limit_proportion: U32,
        addr: RawAddr,
        sched_name: [u8; 16],
        match_: RawMatch,
        num_dests: U32,
        num_laddrs: U32,
        cid: u8,
        index: u8,
        pad: [u8; 6],
        stats: RawStats,
        check_conf: RawDestCheck,
    }
}

layout! {
    RawServicesFront = "dp_vs_services_front", 8 {
        cid: u8,
        index: u8,
        count: U16,
        pad: [u8; 4],
    }
}

bitflags::bitflags! {
    /// `IP_VS_SVC_F_*`. `ipvsadm -a` puts the dest's forwarding number here too; ids 13 to 15 must not look.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct ServiceFlags: u32 {
        /// Persistent.
        const PERSISTENT = 1;
        /// Set by the server; a client's is masked.
        const HASHED = 2;
        /// One-packet scheduling.
        const ONE_PACKET = 4;
        /// SYN proxy.
        const SYN_PROXY = 8;
        /// Connections of a dest without weight end.
        const EXPIRE_QUIESCENT = 16;
        /// Scheduler's own flag.
        const SCHED1 = 32;
        /// Scheduler's own flag.
        const SCHED2 = 64;
        /// Scheduler's own flag.
        const SCHED3 = 128;
        /// conhash by source address.
        const SIP_HASH = 256;
        /// conhash by QUIC connection id.
        const QID_HASH = 512;
        /// A SNAT match.
        const MATCH = 1024;
        /// QUIC.
        const QUIC = 2048;
        const _ = !0;
    }
}

/// Which clients share a persistence template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Netmask {
    /// IPv4: as a mask.
    V4(Ipv4Addr),
    /// IPv6: as a prefix length.
    V6(u32),
}

impl Default for Netmask {
    fn default() -> Self {
        Self::V4(Ipv4Addr::UNSPECIFIED)
    }
}

/// A service: as it is asked for, and as a row of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub key: Key,
    /// PROXY protocol.
    pub proxy: ProxyProtocol,
    /// Flags.
    pub flags: ServiceFlags,
    /// Persistence timeout in seconds.
    pub timeout: u32,
    /// Timeout of established connections in seconds, 0 for the default.
    pub conn_timeout: u32,
    /// Granularity of persistence.
    pub netmask: Netmask,
    /// Stored, not used.
    pub bps: u32,
    /// Percentage of connections admitted; 0 and 100 up are all.
    pub limit_proportion: u32,
    /// Scheduler; `ipvsadm` leaves it empty in requests about dests.
    pub scheduler: Text<16>,
    /// Dests (reply).
    pub num_dests: u32,
    /// Local addresses (reply).
    pub num_laddrs: u32,
    /// Who made this row (reply).
    pub lcore: LcoreId,
    /// Whose view.
    pub view: View,
    /// Traffic (reply). Send totals as zero: `ipvsadm` adds those of the dests (§5.3).
    pub stats: Stats,
    /// Health checks.
    pub check: DestCheck,
}

impl Record for Service {
    type Raw = RawService;

    fn from_raw(raw: &RawService) -> Result<Self, Malformed> {
        let family = Family::from_number("af", raw.af.get())?;
        Ok(Self {
            key: Key {
                addr: family.addr(&raw.addr),
                proto: Protocol(raw.proto),
                port: raw.port.get(),
                fwmark: raw.fwmark.get(),
                matching: Match::from_raw(&raw.match_)?,
            },
            proxy: ProxyProtocol::from_raw(raw.proxy_protocol)?,
            flags: ServiceFlags::from_bits_retain(raw.flags.get()),
            timeout: raw.timeout.get(),
            conn_timeout: raw.conn_timeout.get(),
            netmask: match family {
                Family::Inet6 => Netmask::V6(u32::from_le_bytes(raw.netmask)),
                Family::Unspec | Family::Inet => Netmask::V4(raw.netmask.into()),
            },
            bps: raw.bps.get(),
            limit_proportion: raw.limit_proportion.get(),
            scheduler: Text::from_raw("sched_name", &raw.sched_name)?,
            num_dests: raw.num_dests.get(),
            num_laddrs: raw.num_laddrs.get(),
            lcore: LcoreId(raw.cid),
            view: View(raw.index),
            stats: Stats::from_raw(&raw.stats),
            check: DestCheck::from_raw(&raw.check_conf),
        })
    }

    fn to_raw(&self) -> RawService {
        RawService {
            af: self.key.family().number().into(),
            proto: self.key.proto.0,
            proxy_protocol: self.proxy.to_raw(),
            port: self.key.port.into(),
            fwmark: self.key.fwmark.into(),
            flags: self.flags.bits().into(),
            timeout: self.timeout.into(),
            conn_timeout: self.conn_timeout.into(),
            netmask: match self.netmask {
                Netmask::V4(mask) => mask.octets(),
                Netmask::V6(prefix) => prefix.to_le_bytes(),
            },
            bps: self.bps.into(),
            limit_proportion: self.limit_proportion.into(),
            addr: raw_addr(self.key.addr),
            sched_name: self.scheduler.to_raw(),
            match_: self.key.matching.to_raw(),
            num_dests: self.num_dests.into(),
            num_laddrs: self.num_laddrs.into(),
            cid: self.lcore.0,
            index: self.view.0,
            pad: [0; 6],
            stats: self.stats.to_raw(),
            check_conf: self.check.to_raw(),
        }
    }
}

/// Asks for all services (ids 19 and 22).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServicesQuery {
    /// Who answers (reply).
    pub lcore: LcoreId,
    /// Whose view.
    pub view: View,
    /// How many there are, as INFO said; id 22 ignores it.
    pub count: u16,
}

impl Record for ServicesQuery {
    type Raw = RawServicesFront;

    fn from_raw(raw: &RawServicesFront) -> Result<Self, Malformed> {
        Ok(Self { lcore: LcoreId(raw.cid), view: View(raw.index), count: raw.count.get() })
    }

    fn to_raw(&self) -> RawServicesFront {
        let mut raw = RawServicesFront::new_zeroed();
        (raw.cid, raw.index, raw.count) = (self.lcore.0, self.view.0, self.count.into());
        raw
    }
}

/// All services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Services {
    /// Who answers.
    pub lcore: LcoreId,
    /// Whose view.
    pub view: View,
    /// One row each. No more than 65 535 can be listed; [`Body::encode`] leaves the rest out.
    pub rows: Vec<Service>,
}

impl Body for Services {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (front, rest) = body::prefix::<RawServicesFront>(bytes)?;
        let ServicesQuery { lcore, view, count } = ServicesQuery::from_raw(front)?;
        Ok(Self { lcore, view, rows: body::rows(rest, count.into())? })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let count = u16::try_from(self.rows.len()).unwrap_or(u16::MAX);
        ServicesQuery { lcore: self.lcore, view: self.view, count }.encode(out);
        body::encode_rows(&self.rows[..count.into()], out);
    }
}
