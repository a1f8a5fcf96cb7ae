//! Services, dests, local addresses, connections, version and info.

use std::net::Ipv4Addr;

use sockopt::access::Access;
use sockopt::body::to_vec;
use sockopt::conn::{ConnQuery, ConnQueryFlags, SockPair};
use sockopt::dest::{AgentDests, ConnFlags, Dest, DestFlags, DestOf, Dests, Forward};
use sockopt::field::{Family, LcoreId, View};
use sockopt::info::{GratuitousArp, Info, InfoQuery, Release, VersionText};
use sockopt::laddr::{AgentLaddr, AgentLaddrs, AgentLaddrsQuery, LaddrConf};
use sockopt::service::{Key, Match, Netmask, Range, Service, ServiceFlags, Services, ServicesQuery};
use sockopt::{Body, Id, Protocol};

use crate::golden;

fn web() -> Key {
    Key::of(Protocol::TCP, "192.0.2.10".parse().unwrap(), 80)
}

fn any4() -> std::net::IpAddr {
    Ipv4Addr::UNSPECIFIED.into()
}

/// With the mask that `ipvsadm` always sends.
fn service(key: Key) -> Service {
    Service { key, netmask: Netmask::V4(Ipv4Addr::BROADCAST), ..Service::default() }
}

fn dest() -> Dest {
    let dest = Dest::new("10.0.0.2".parse().unwrap(), 8080, Forward::FullNat);
    Dest { weight: 100, max_conn: 1000, min_conn: 900, ..dest }
}

#[test]
fn a_service_is_added() {
    let flags = ServiceFlags::SYN_PROXY | ServiceFlags::EXPIRE_QUIESCENT;
    let scheduler = "wrr".parse().unwrap();
    golden("svc_add_tcp4", &Service { flags, conn_timeout: 90, scheduler, ..service(web()) });
}

#[test]
fn a_snat_match_is_added() {
    let addrs = Some(("10.1.0.0".parse().unwrap(), "10.1.0.255".parse().unwrap()));
    let matching = Match {
        family: Family::Inet,
        source: Range { addrs, ports: (0, 0) },
        oif: "dpdk1".parse().unwrap(),
        ..Match::default()
    };
    assert!(!matching.is_empty() && Match { family: Family::Inet, ..Match::default() }.is_empty());
    let key = Key { addr: Some(any4()), proto: Protocol::ICMP, matching, ..Key::default() };
    let scheduler = "rr".parse().unwrap();
    golden("svc_add_match", &Service { flags: ServiceFlags::MATCH, scheduler, ..service(key) });
}

#[test]
fn a_dest_is_added() {
    let service = Service { flags: ServiceFlags::from_bits_retain(5), ..service(web()) };
    golden("dest_add", &DestOf { service, dest: dest() });
}

#[test]
fn services_are_asked_for() {
    golden("get_services", &ServicesQuery { count: 2, ..ServicesQuery::default() });
    golden("agent_get_services", &ServicesQuery::default());
    golden("get_service_worker1", &Service { view: View(1), ..service(web()) });
}

#[test]
fn dests_are_listed() {
    let flags = (ConnFlags::INACTIVE, DestFlags::AVAILABLE);
    let row = Dest { conn_flags: flags.0, flags: flags.1, active: 3, ..dest() };
    let dests = Dests { key: Key { addr: Some(any4()), ..web() }, rows: vec![row], ..Dests::default() };
    golden("reply_get_dests_upstream_quirk", &dests);
}

#[test]
fn a_local_address_is_added() {
    let laddr = Some("10.0.0.100".parse().unwrap());
    golden(
        "laddr_add",
        &LaddrConf { key: web(), laddr, device: "dpdk0".parse().unwrap(), ..LaddrConf::default() },
    );
}

#[test]
fn connections_are_asked_for() {
    let first = ConnQuery { flags: ConnQueryFlags::ALL, ..ConnQuery::default() };
    golden("conn_all_first", &first);
    golden("conn_all_more", &first.next(2));
    let (source, target) = ("198.51.100.9:40000".parse().unwrap(), "192.0.2.10:80".parse().unwrap());
    let pair = Some(SockPair { proto: Protocol::TCP, source, target });
    golden("conn_specified", &ConnQuery { flags: ConnQueryFlags::SPECIFIED, whence: 0, pair });
}

#[test]
fn the_daemon_tells_of_itself() {
    golden("get_version", &());
    golden("set_flush", &());
    golden("get_info_libipvs", &InfoQuery);
    golden("reply_get_version", &VersionText::default());
    golden("reply_get_info", &Info { version: Release::COMPATIBLE, size: 0, num_services: 1, num_lcores: 4 });
    assert_eq!(Release::COMPATIBLE.to_string(), "1.10.2");
    golden("gratarp", &GratuitousArp(Ipv4Addr::new(192, 0, 2, 10)));
}

/// No golden message: what a row says is its own.
#[test]
fn a_list_of_services_has_its_rows_at_8() {
    let mark = Key { fwmark: 7, addr: Some("::".parse().unwrap()), ..Key::default() };
    let rows = vec![service(web()), Service { netmask: Netmask::V6(128), ..service(mark) }];
    let list = Services { lcore: LcoreId(3), view: View(1), rows };
    let bytes = to_vec(&list);
    assert_eq!((bytes.len(), &bytes[..4]), (8 + 2 * 264, &[3, 1, 2, 0][..]));
    assert_eq!(Services::decode(&bytes), Ok(list));
}

#[test]
fn a_client_is_denied() {
    let entry = Access {
        vaddr: "192.0.2.10".parse().unwrap(),
        vport: 80,
        proto: Protocol::TCP,
        subject: "203.0.113.7".parse().unwrap(),
        ipset: "".parse().unwrap(),
    };
    golden("blklst_add", &entry);
}

/// No golden message: the places are those of docs/spec/ipc.md §5.4 and §5.5.
#[test]
fn the_agents_lists_have_the_length_that_their_ids_want() {
    let dests = AgentDests(Dests { key: web(), view: View(2), rows: vec![dest(); 2], ..Dests::default() });
    let bytes = to_vec(&dests);
    assert_eq!((bytes.len(), bytes[28], bytes[144]), (148 + 2 * 120, 2, 2));
    assert_eq!(Id::AgentDestsAdd.check(&bytes), Ok(()));
    assert_eq!(AgentDests::decode(&bytes), Ok(dests));

    let row = AgentLaddr {
        addr: "10.0.0.100".parse().unwrap(),
        conns: 5,
        conflicts: 0,
        device: "dpdk0".parse().unwrap(),
    };
    let laddrs = AgentLaddrs { of: AgentLaddrsQuery { key: web(), lcore: LcoreId(0) }, rows: vec![row] };
    let bytes = to_vec(&laddrs);
    assert_eq!((bytes.len(), &bytes[4..8], bytes[20]), (152 + 48, &[0, 80, 0, 0][..], 1));
    assert_eq!(Id::AgentLaddrAdd.check(&bytes), Ok(()));
    assert_eq!(AgentLaddrs::decode(&bytes), Ok(laddrs));
}
