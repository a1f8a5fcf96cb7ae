//! Services: docs/spec/ipc.md §5.1, §5.3. A service's key stands in four other structs too; [`Key`] is the value of all.

use std::net::{IpAddr, Ipv4Addr};

use zerocopy::FromZeros;
use zerocopy::big_endian::U16 as B16;
use zerocopy::little_endian::{U16, U32, U64};

use crate::body::{self, Body, Record};
use crate::field::{RawAddr, View, raw_addr};
use crate::{Family, LcoreId, Malformed, Protocol, Text};

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

layout! {
    RawStats = "dp_vs_stats", 64 {
        conns: U64,
        inpkts: U64,
        inbytes: U64,
        outpkts: U64,
        outbytes: U64,
        cps: U32,
        inpps: U32,
        inbps: U32,
        outpps: U32,
        outbps: U32,
        pad: U32,
    }
}

layout! {
    RawDestCheck = "dest_check_configs", 8 {
        types: u8,
        dest_down_notice_num: u8,
        dest_up_notice_num: u8,
        dest_down_wait: u8,
        dest_inhibit_min: U16,
        dest_inhibit_max: U16,
    }
}

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

/// Traffic of a service or a dest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Connections scheduled.
    pub conns: u64,
    /// Packets, client to server.
    pub in_packets: u64,
    /// Bytes, client to server.
    pub in_bytes: u64,
    /// Packets, server to client.
    pub out_packets: u64,
    /// Bytes, server to client.
    pub out_bytes: u64,
    /// Connections per second.
    pub cps: u32,
    /// Packets in per second.
    pub in_pps: u32,
    /// Bytes in per second.
    pub in_bps: u32,
    /// Packets out per second.
    pub out_pps: u32,
    /// Bytes out per second.
    pub out_bps: u32,
}

impl Stats {
    pub(crate) fn from_raw(raw: &RawStats) -> Self {
        Self {
            conns: raw.conns.get(),
            in_packets: raw.inpkts.get(),
            in_bytes: raw.inbytes.get(),
            out_packets: raw.outpkts.get(),
            out_bytes: raw.outbytes.get(),
            cps: raw.cps.get(),
            in_pps: raw.inpps.get(),
            in_bps: raw.inbps.get(),
            out_pps: raw.outpps.get(),
            out_bps: raw.outbps.get(),
        }
    }

    pub(crate) fn to_raw(self) -> RawStats {
        RawStats {
            conns: self.conns.into(),
            inpkts: self.in_packets.into(),
            inbytes: self.in_bytes.into(),
            outpkts: self.out_packets.into(),
            outbytes: self.out_bytes.into(),
            cps: self.cps.into(),
            inpps: self.in_pps.into(),
            inbps: self.in_bps.into(),
            outpps: self.out_pps.into(),
            outbps: self.out_bps.into(),
            pad: 0.into(),
        }
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

bitflags::bitflags! {
    /// `DEST_HC_*`: how dests are checked.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct CheckTypes: u8 {
        /// By the traffic itself.
        const PASSIVE = 1;
        /// TCP.
        const TCP = 2;
        /// UDP.
        const UDP = 4;
        /// SCTP.
        const SCTP = 8;
        /// Ping.
        const PING = 16;
        const _ = !0;
    }
}

/// Health checks of a service's dests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DestCheck {
    /// Methods.
    pub types: CheckTypes,
    /// Downs before a dest is inhibited.
    pub down_notices: u8,
    /// Ups sent after that.
    pub up_notices: u8,
    /// Seconds within which downs count.
    pub down_wait: u8,
    /// Shortest inhibition in seconds.
    pub inhibit_min: u16,
    /// Longest inhibition in seconds.
    pub inhibit_max: u16,
}

wire_enum! {
    /// PROXY protocol towards dests.
    ProxyVersion: "a PROXY protocol version (0, 1 or 2)" {
        /// None.
        Off = 0,
        /// The text form.
        V1 = 1,
        /// The binary form.
        V2 = 2,
    }
}

/// PROXY protocol of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProxyProtocol {
    /// Version.
    pub version: ProxyVersion,
    /// Headers of clients are taken over.
    pub insecure: bool,
}

impl Default for ProxyProtocol {
    fn default() -> Self {
        Self { version: ProxyVersion::Off, insecure: false }
    }
}

impl ProxyProtocol {
    const INSECURE: u8 = 0x10;

    fn from_raw(raw: u8) -> Result<Self, Malformed> {
        let version = ProxyVersion::from_number("proxy_protocol", u32::from(raw & 0xf))?;
        Ok(Self { version, insecure: raw & Self::INSECURE != 0 })
    }

    fn to_raw(self) -> u8 {
        let version = match self.version {
            ProxyVersion::Off => 0,
            ProxyVersion::V1 => 1,
            ProxyVersion::V2 => 2,
        };
        version | if self.insecure { Self::INSECURE } else { 0 }
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
        let check = &raw.check_conf;
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
            check: DestCheck {
                types: CheckTypes::from_bits_retain(check.types),
                down_notices: check.dest_down_notice_num,
                up_notices: check.dest_up_notice_num,
                down_wait: check.dest_down_wait,
                inhibit_min: check.dest_inhibit_min.get(),
                inhibit_max: check.dest_inhibit_max.get(),
            },
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
            check_conf: RawDestCheck {
                types: self.check.types.bits(),
                dest_down_notice_num: self.check.down_notices,
                dest_up_notice_num: self.check.up_notices,
                dest_down_wait: self.check.down_wait,
                dest_inhibit_min: self.check.inhibit_min.into(),
                dest_inhibit_max: self.check.inhibit_max.into(),
            },
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
