//! §8.3, what is sent and what the daemon's answers come to.

use std::net::Ipv6Addr;

use cli::fake::FakeDaemon;
use sockopt::dest::Forward;
use sockopt::service::{CheckTypes, Netmask, ServiceFlags};
use sockopt::{Call, Code, Id, Protocol, Reply, call};

use crate::table;
use crate::{ask, failed, printed};

/// A daemon that accepts everything.
fn willing() -> FakeDaemon {
    FakeDaemon::canned([])
}

/// What the one request of a successful `line` says.
fn sent<C: Call>(line: &str) -> C::Request {
    let daemon = willing();
    assert_eq!(ask(&daemon, line), printed(""), "ipvsadm {line}");
    let asked = daemon.asked();
    let [request] = asked.as_slice() else { panic!("{asked:?}") };
    request.read::<C>().unwrap()
}

/// A line that the daemon refuses with `code`.
fn refused(line: &str, id: Id, code: i32) -> cli::fake::Ran {
    ask(&FakeDaemon::canned([(id, Reply::Refused(Code::from_i32(code)))]), line)
}

/// 67, 68, 94
#[test]
fn a_refusal_is_told_and_its_code_is_the_status() {
    assert_eq!(
        refused("-A -t 1.1.1.1:80", Id::ServiceAdd, -3),
        failed(
            253,
            "[sockopt_msg_recv] errcode set in socket msg#10 header: already exist(-3)\nService already exists\n"
        )
    );
    assert_eq!(
        refused("-A -t 1.1.1.1:80 -s nosuch", Id::ServiceAdd, -4),
        failed(
            252,
            "[sockopt_msg_recv] errcode set in socket msg#10 header: not exist(-4)\n\
             Scheduler or persistence engine not found\n"
        )
    );
    assert_eq!(
        refused("-D -t 1.1.1.1:80", Id::ServiceDel, -1),
        failed(
            255,
            "[sockopt_msg_recv] errcode set in socket msg#12 header: invalid parameter(-1)\nNo such service\n"
        )
    );
    for (line, id, code, status, words) in [
        ("-a -t 1.1.1.1:80 -r 2.2.2.2", Id::DestAdd, -3, 253, "Destination already exists"),
        ("-e -t 1.1.1.1:80 -r 2.2.2.2", Id::DestEdit, -4, 252, "No such destination"),
        ("-d -t 1.1.1.1:80 -r 2.2.2.2", Id::DestDel, -1, 255, "Service not defined"),
        ("-a -t 1.1.1.1:80 -r 2.2.2.2 -x 1 -y 2", Id::DestAdd, -14, 242, "not support"),
        ("-P -t 1.1.1.1:80 -z 3.3.3.3 -F dpdk0", Id::LaddrAdd, -17, 239, "Service not defined"),
        ("-Q -t 1.1.1.1:80 -z 3.3.3.3 -F dpdk0", Id::LaddrDel, -4, 252, "No such Local address"),
        ("-V -t 1.1.1.1:80 -k 1.2.3.4", Id::DenyDel, -4, 252, "No such deny address"),
        ("-C", Id::Flush, -13, 243, "resource busy"),
    ] {
        let ran = refused(line, id, code);
        assert_eq!((ran.status, ran.stderr.lines().last()), (status, Some(words)), "ipvsadm {line}");
    }
}

/// 95
#[test]
fn an_edit_of_nothing_is_told_once() {
    let ran = refused("-E -t 1.1.1.1:80 -s rr", Id::Service, -23);
    assert_eq!(
        ran,
        failed(
            255,
            "[sockopt_msg_recv] errcode set in socket msg#20 header: msg callback failed(-23)\nNo such service\n"
        )
    );
}

#[test]
fn a_service_with_everything() {
    let line = "-A -t 192.0.2.10:80 -s wrr -p -M 255.255.255.0 -j enable --expire-quiescent --conn-timeout 90 \
                --dest-check default --dest-check tcp --proxy-protocol V2-Insecure";
    let service = sent::<call::ServiceAdd>(line);
    assert_eq!(service.key, table::service(Protocol::TCP, "192.0.2.10:80", "").service.key);
    assert_eq!((service.scheduler.as_str(), service.timeout, service.conn_timeout), ("wrr", 360, 90));
    let flags = ServiceFlags::PERSISTENT | ServiceFlags::SYN_PROXY | ServiceFlags::EXPIRE_QUIESCENT;
    assert_eq!((service.flags, service.netmask), (flags, Netmask::V4([255, 255, 255, 0].into())));
    assert_eq!(service.check.types, CheckTypes::PASSIVE | CheckTypes::TCP);
    assert!(service.proxy.insecure);
}

/// 76, 83
#[test]
fn what_is_filled_in() {
    let service = sent::<call::ServiceAdd>("-A -t 1.1.1.1:80");
    assert_eq!((service.scheduler.as_str(), service.netmask), ("wlc", Netmask::V4([255; 4].into())));
    assert_eq!(service.flags, ServiceFlags::empty());
    assert_eq!(sent::<call::ServiceAdd>("-A -t 1.1.1.1 -p").timeout, 360);
    let service = sent::<call::ServiceAdd>("-A -t 1.1.1.1 -p -s rr");
    assert_eq!((service.timeout, service.scheduler.as_str()), (360, "rr"));
    let service = sent::<call::ServiceAdd>("-A -u 1.1.1.1:80 -s conhash");
    assert_eq!(service.flags, ServiceFlags::SIP_HASH);
    let service = sent::<call::ServiceAdd>("-A -u 1.1.1.1:80 --hash-target qid --quic -o -s conhash");
    assert_eq!(service.flags, ServiceFlags::QID_HASH | ServiceFlags::QUIC | ServiceFlags::ONE_PACKET);
    let service = sent::<call::ServiceAdd>("-A -H af=ipv4,proto=tcp,iif=dpdk0");
    assert_eq!((service.flags, service.key.matching.iif.as_str()), (ServiceFlags::MATCH, "dpdk0"));
    let service = sent::<call::ServiceAdd>("-A -f 8 -6");
    assert_eq!((service.key.fwmark, service.netmask), (8, Netmask::V6(128)));
    assert_eq!(service.key.addr, Some(Ipv6Addr::UNSPECIFIED.into()));
}

/// 87
#[test]
fn the_port_of_a_server() {
    for (line, port, forward) in [
        ("-a -t 1.1.1.1:80 -r 2.2.2.2:9999 -g", 80, Forward::Direct),
        ("-a -t 1.1.1.1:80 -r 2.2.2.2:9999", 80, Forward::Direct),
        ("-a -t 1.1.1.1:80 -r 2.2.2.2:9999 -i", 80, Forward::Tunnel),
        ("-a -t 1.1.1.1:80 -r 2.2.2.2 -b", 80, Forward::FullNat),
        ("-a -t 1.1.1.1:80 -r 2.2.2.2:9999 -m", 9999, Forward::Nat),
        ("-a -f 1 -r 2.2.2.2:9999 -g", 9999, Forward::Direct),
        ("-a -H proto=tcp,src-range=10.0.0.1 -r 2.2.2.2 -J", 0, Forward::Snat),
    ] {
        let dest = sent::<call::DestAdd>(line).dest;
        assert_eq!((dest.port, dest.forward, dest.weight), (port, forward, 1), "ipvsadm {line}");
    }
    let dest = sent::<call::DestEdit>("-e -t 1.1.1.1:80 -r 2.2.2.2:8080 -b -w 0 -x 1000 -y 900").dest;
    assert_eq!((dest.port, dest.weight, dest.max_conn, dest.min_conn), (8080, 0, 1000, 900));
    assert_eq!(sent::<call::DestDel>("-d -t 1.1.1.1:80 -r 2.2.2.2:8080").dest.port, 8080);
}

#[test]
fn an_edit_changes_what_is_mentioned() {
    let before = table::section_6().remove(3);
    let daemon = table::daemon(vec![before.clone()]);
    assert_eq!(ask(&daemon, "-E -t 10.0.0.1:8080 -s conhash -j disable"), printed(""));
    let asked = daemon.asked();
    let [read, edit] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((read.id, edit.id), (Id::Service, Id::ServiceEdit));
    let mut after = before.with(|s| s.flags ^= ServiceFlags::SYN_PROXY | ServiceFlags::SIP_HASH);
    after.service.scheduler = sockopt::Text::new("conhash").unwrap();
    assert_eq!(edit.read::<call::ServiceEdit>().unwrap(), after.service);
}

#[test]
fn zero_all_is_a_body_of_zeros() {
    let daemon = willing();
    assert_eq!(ask(&daemon, "-Z"), printed(""));
    assert_eq!(daemon.asked()[0].body, [0; 264]);
    assert_eq!(sent::<call::Zero>("-Z -t 1.1.1.1:80").key.port, 80);
}

#[test]
fn a_local_address_goes_to_its_device_and_to_the_service() {
    let daemon = willing();
    assert_eq!(ask(&daemon, "-P -z 192.168.10.200 -t 10.0.0.100:80 -F dpdk1"), printed(""));
    assert_eq!(ask(&daemon, "-Q -z 2001::200 -t [2001::1]:80 -F dpdk1"), printed(""));
    let asked = daemon.asked();
    let ids: Vec<_> = asked.iter().map(|request| request.id).collect();
    assert_eq!(ids, [Id::IfAddrAdd, Id::LaddrAdd, Id::IfAddrDel, Id::LaddrDel]);
    let on_device = asked[0].read::<call::IfAddrAdd>().unwrap().entry;
    assert_eq!((on_device.addr, on_device.plen), (Some([192, 168, 10, 200].into()), 32));
    assert_eq!(on_device.flags, sockopt::addr::IfAddrFlags::SAPOOL);
    let laddr = asked[1].read::<call::LaddrAdd>().unwrap();
    assert_eq!((laddr.laddr, laddr.device.as_str(), laddr.key.port), (on_device.addr, "dpdk1", 80));
    assert_eq!(asked[2].read::<call::IfAddrDel>().unwrap().entry.plen, 128);
}

#[test]
fn only_the_binding_decides_and_a_failed_one_is_rolled_back() {
    let line = "-P -t 1.1.1.1:80 -z 3.3.3.3 -F dpdk0";
    let shared = FakeDaemon::canned([(Id::IfAddrAdd, Reply::Refused(Code::Exist))]);
    let ran = ask(&shared, line);
    let told = "[sockopt_msg_recv] errcode set in socket msg#47 header: already exist(-3)\n";
    assert_eq!((ran.stderr.as_str(), ran.status), (told, 0), "another service has it already");

    let ids = |daemon: &FakeDaemon| daemon.asked().iter().map(|request| request.id).collect::<Vec<_>>();
    let no_service = (Id::LaddrAdd, Reply::Refused(Code::NoService));
    let daemon = FakeDaemon::canned([no_service.clone()]);
    assert_eq!(ask(&daemon, line).status, 239);
    assert_eq!(ids(&daemon), [Id::IfAddrAdd, Id::LaddrAdd, Id::IfAddrDel]);
    let daemon = FakeDaemon::canned([no_service, (Id::IfAddrAdd, Reply::Refused(Code::Exist))]);
    assert_eq!(ask(&daemon, line).status, 239);
    assert_eq!(ids(&daemon), [Id::IfAddrAdd, Id::LaddrAdd], "what was there before us stays");
}

/// 89
#[test]
fn a_set_may_be_denied() {
    let entry = sent::<call::DenyAdd>("-U -t 1.1.1.1:80 -k ipset:foo");
    assert_eq!((entry.ipset.as_str(), entry.subject.is_unspecified(), entry.vport), ("foo", true, 80));
    let entry = sent::<call::AllowDel>("-Y -u [2001::1]:53 -2 2001::9");
    assert_eq!((entry.proto, entry.subject), (Protocol::UDP, "2001::9".parse().unwrap()));
}

/// The bytes that upstream's tool sends: docs/spec/ipc-vectors.json.
#[test]
fn requests_are_upstreams_to_the_byte() {
    let service = sent::<call::ServiceAdd>("-A -H proto=icmp,src-range=10.1.0.0-10.1.0.255,oif=dpdk1 -s rr");
    let bytes = sockopt::body::to_vec(&service);
    let nonzero: Vec<(usize, u8)> =
        bytes.iter().copied().enumerate().filter(|(_, byte)| *byte != 0).collect();
    let text = |at: usize, text: &str| {
        text.bytes().enumerate().map(move |(nth, byte)| (at + nth, byte)).collect::<Vec<_>>()
    };
    let mut expected = vec![(0, 2), (4, 1), (13, 4), (24, 255), (25, 255), (26, 255), (27, 255)];
    expected.extend(text(52, "rr"));
    expected.extend([(68, 2), (72, 10), (73, 1), (88, 10), (89, 1), (91, 255)]);
    expected.extend(text(160, "dpdk1"));
    assert_eq!(nonzero, expected);
}
