//! The services that the examples show, and a daemon that has them.

use std::net::{IpAddr, SocketAddr};

use cli::fake::FakeDaemon;
use sockopt::dest::{Dest, DestFlags, Dests, Forward};
use sockopt::info::{Info, Release};
use sockopt::service::{
    CheckTypes, DestCheck, Key, Match, Netmask, ProxyProtocol, ProxyVersion, Range, Service, ServiceFlags,
    Services,
};
use sockopt::{Family, Protocol, Reply, Request, Text, call};

/// A service and its servers, as the daemon tells them: the youngest server first.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) service: Service,
    pub(crate) dests: Vec<Dest>,
}

/// A service with a scheduler and nothing else.
pub(crate) fn service(proto: Protocol, end: &str, scheduler: &str) -> Entry {
    let end: SocketAddr = end.parse().unwrap();
    let netmask = if end.is_ipv4() { Netmask::V4([255; 4].into()) } else { Netmask::V6(128) };
    let key = Key::of(proto, end.ip(), end.port());
    let service = Service { key, netmask, scheduler: Text::new(scheduler).unwrap(), ..Service::default() };
    Entry { service, dests: Vec::new() }
}

impl Entry {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Service)) -> Self {
        change(&mut self.service);
        self
    }

    pub(crate) fn dest(mut self, end: &str, forward: Forward, change: impl FnOnce(&mut Dest)) -> Self {
        let end: SocketAddr = end.parse().unwrap();
        let mut dest = Dest::new(end.ip(), end.port(), forward);
        change(&mut dest);
        self.dests.insert(0, dest);
        self.service.num_dests += 1;
        self
    }
}

/// A SNAT service, by source range and outgoing device.
pub(crate) fn snat() -> Entry {
    let addr = |text: &str| -> IpAddr { text.parse().unwrap() };
    let source = Range { addrs: Some((addr("192.168.100.0"), addr("192.168.100.254"))), ports: (0, 0) };
    let matching =
        Match { family: Family::Inet, source, oif: Text::new("dpdk1").unwrap(), ..Match::default() };
    service(Protocol::TCP, "0.0.0.0:0", "rr").with(|s| s.key.matching = matching).dest(
        "123.1.2.1:0",
        Forward::Snat,
        |d| d.weight = 100,
    )
}

/// The services of §6.2, in an order that is not the sorted one.
pub(crate) fn section_6() -> Vec<Entry> {
    let passive = |down, up, wait, min, max| DestCheck {
        types: CheckTypes::PASSIVE,
        down_notices: down,
        up_notices: up,
        down_wait: wait,
        inhibit_min: min,
        inhibit_max: max,
    };
    let mark = service(Protocol::TCP, "[::]:0", "wlc").with(|s| s.key.fwmark = 8);
    let v6 = service(Protocol::TCP, "[2001::1]:80", "mh")
        .with(|s| {
            (s.flags, s.timeout, s.netmask) = (ServiceFlags::PERSISTENT, 30, Netmask::V6(64));
            s.proxy = ProxyProtocol { version: ProxyVersion::V1, insecure: false };
            s.check = passive(3, 3, 3, 60, 3600);
            s.check.types |= CheckTypes::TCP | CheckTypes::PING;
        })
        .dest("192.168.88.30:80", Forward::FullNat, |_| {});
    let udp = service(Protocol::UDP, "10.0.0.1:443", "conhash")
        .with(|s| {
            s.flags =
                ServiceFlags::QID_HASH | ServiceFlags::ONE_PACKET | ServiceFlags::QUIC | ServiceFlags::HASHED;
            s.check = passive(2, 0, 4, 0, 0);
            s.check.types |= CheckTypes::TCP | CheckTypes::UDP | CheckTypes::SCTP | CheckTypes::PING;
        })
        .dest("192.168.100.20:443", Forward::FullNat, |_| {});
    let tcp = service(Protocol::TCP, "10.0.0.1:8080", "wrr")
        .with(|s| {
            s.flags = ServiceFlags::PERSISTENT | ServiceFlags::SYN_PROXY | ServiceFlags::EXPIRE_QUIESCENT;
            (s.timeout, s.netmask, s.conn_timeout) = (360, Netmask::V4([255, 255, 255, 0].into()), 90);
            s.proxy = ProxyProtocol { version: ProxyVersion::V2, insecure: true };
            s.check = passive(1, 1, 3, 5, 3600);
        })
        .dest("192.168.100.2:80", Forward::Nat, |d| (d.weight, d.flags) = (0, DestFlags::INHIBITED))
        .dest("192.168.100.5:80", Forward::Tunnel, |d| d.flags = DestFlags::INHIBITED | DestFlags::OVERLOAD);
    vec![mark, v6, udp, tcp, snat()]
}

/// One service with two servers that have worked.
pub(crate) fn busy() -> Entry {
    let count = |d: &mut Dest| {
        (d.weight, d.active, d.inactive, d.persistent) = (100, 12, 345, 3);
        (d.max_conn, d.min_conn) = (1000, 10);
        d.stats.conns = 12_345;
        (d.stats.in_packets, d.stats.out_packets) = (123_456_789, 99_999_999);
        (d.stats.in_bytes, d.stats.out_bytes) = (1_234_567_890_123, 999_999_999_999_999);
        (d.stats.cps, d.stats.in_pps, d.stats.out_pps) = (7, 70, 71);
        (d.stats.in_bps, d.stats.out_bps) = (123_456_789, 4_294_967_295);
    };
    service(Protocol::TCP, "192.168.100.254:80", "rr").dest("192.168.100.2:80", Forward::FullNat, count).dest(
        "192.168.100.3:80",
        Forward::FullNat,
        count,
    )
}

/// A daemon that tells `entries`. Nobody changes them.
pub(crate) fn daemon(entries: Vec<Entry>) -> FakeDaemon {
    FakeDaemon::start(move |request| answer(&entries, request))
}

/// Counts must be the true ones, as with a real daemon.
fn answer(entries: &[Entry], request: &Request) -> Reply {
    let find = |key: &Key| entries.iter().find(|entry| entry.service.key == *key);
    let missing = Reply::Refused(sockopt::Code::MsgFail);
    match request.id {
        sockopt::Id::Info => {
            let num_services = u32::try_from(entries.len()).unwrap();
            Reply::to::<call::Info>(&Info {
                version: Release::COMPATIBLE,
                size: 0,
                num_services,
                num_lcores: 2,
            })
        }
        sockopt::Id::Services => {
            let query = request.read::<call::Services>().unwrap();
            let rows: Vec<_> = entries.iter().map(|entry| entry.service).collect();
            if usize::from(query.count) != rows.len() {
                return missing;
            }
            Reply::to::<call::Services>(&Services { rows, ..Services::default() })
        }
        sockopt::Id::Service => match find(&request.read::<call::Service>().unwrap().key) {
            Some(entry) => Reply::to::<call::Service>(&entry.service),
            None => missing,
        },
        sockopt::Id::Dests => {
            let query = request.read::<call::Dests>().unwrap();
            match find(&query.key).filter(|entry| entry.dests.len() == query.num_dests as usize) {
                Some(entry) => {
                    Reply::to::<call::Dests>(&Dests { rows: entry.dests.clone(), ..Dests::default() })
                }
                None => missing,
            }
        }
        id if id.kind() == sockopt::Kind::Set => Reply::done(),
        _ => Reply::Refused(sockopt::Code::NotSupported),
    }
}
