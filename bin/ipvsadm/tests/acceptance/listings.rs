//! §8.4 and §6: what is printed.

use std::net::SocketAddr;

use cli::fake::FakeDaemon;
use sockopt::access::{Access, AccessList};
use sockopt::conn::{Conn, ConnPage, ConnQueryFlags};
use sockopt::laddr::{Laddr, Laddrs};
use sockopt::{Code, Id, LcoreId, Protocol, Reply, Text, call};

use crate::table::{self, busy, daemon, section_6};
use crate::{ask, failed, printed};

const TITLES: &str = "IP Virtual Server version 1.10.2 (size=0)\n\
                      Prot LocalAddress:Port Scheduler Flags\n  \
                      -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n";

/// 98
#[test]
fn without_services() {
    let daemon = daemon(Vec::new());
    for line in ["-ln", "", "-L"] {
        assert_eq!(ask(&daemon, line), printed(TITLES), "ipvsadm {line}");
    }
    for (line, stdout) in [
        ("-G", ""),
        ("-B", "PROTO    VIP:VPORT                      BLACKLIST                     \n"),
        ("-W", "PROTO    VIP:VPORT                      WHITELIST                     \n"),
        ("-Sn", ""),
    ] {
        assert_eq!(ask(&daemon, line), printed(stdout), "ipvsadm {line}");
    }
}

#[test]
fn the_table_of_section_6() {
    let expected = "\
MATCH tcp,from=192.168.100.0-192.168.100.254:0-0,oif=dpdk1 rr
  -> 123.1.2.1:0                  SNAT    100    0          0         \n\
TCP  10.0.0.1:8080 wrr persistent 360 mask 255.255.255.0 synproxy conn-timeout 90 ppv2-insecure expire-quiescent dest-check internal:default
  -> 192.168.100.2:80             Masq    0      0          0          inhibited
  -> 192.168.100.5:80             Tunnel  1      0          0          inhibited,overload
UDP  10.0.0.1:443 conhash qid ops quic dest-check internal:2,4s external:tcp,udp,sctp,ping
  -> 192.168.100.20:443           FullNat 1      0          0         \n\
TCP  [2001::1]:80 mh persistent 30 mask 64 ppv1 dest-check internal:3,3,3s,60-3600s external:tcp,ping
  -> 192.168.88.30:80             FullNat 1      0          0         \n\
FWM  8 IPv6 wlc
";
    assert_eq!(ask(&daemon(section_6()), "-ln"), printed(&format!("{TITLES}{expected}")));
}

#[test]
fn unsorted_is_the_daemons_order() {
    let ran = ask(&daemon(section_6()), "-ln --nosort");
    let services: Vec<_> = ran.stdout.lines().skip(3).filter(|line| !line.starts_with(' ')).collect();
    let names: Vec<_> = services.iter().filter_map(|line| line.get(..10)).collect();
    assert_eq!(names, ["FWM  8 IPv", "TCP  [2001", "UDP  10.0.", "TCP  10.0.", "MATCH tcp,"]);
    assert!(ran.stdout.find("100.5:80") < ran.stdout.find("100.2:80"), "the youngest server first");
}

/// §6.2, 99 to 102
#[test]
fn styles() {
    let daemon = daemon(vec![busy()]);
    let stats = "\
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  192.168.100.254:80              24690  246913K  199999K    2469G    1999T
  -> 192.168.100.2:80                12345  123456K 99999999    1234G     999T
  -> 192.168.100.3:80                12345  123456K 99999999    1234G     999T
";
    assert_eq!(ask(&daemon, "-ln --stats -t 192.168.100.254:80"), printed(stats));

    let thresholds = "\
Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn \n  \
-> RemoteAddress:Port
TCP  192.168.100.254:80 rr
  -> 192.168.100.2:80             1000       10         12         345       \n  \
-> 192.168.100.3:80             1000       10         12         345       \n";
    assert_eq!(ask(&daemon, "-ln -t 192.168.100.254:80 --thresholds"), printed(thresholds));

    for (line, row) in [
        (
            "-lnX --stats -t 192.168.100.254:80",
            "  -> 192.168.100.2:80                12345 123456789 99999999 1234567890123 999999999999999",
        ),
        ("-ln --rate", "  -> 192.168.100.2:80                    7       70       71  123456K    4294M"),
        (
            "-ln --persistent-conn",
            "  -> 192.168.100.2:80             100       3           12         345       ",
        ),
    ] {
        let ran = ask(&daemon, line);
        assert_eq!(ran.stdout.lines().find(|line| line.contains("100.2:80")), Some(row), "ipvsadm {line}");
    }
    let rate = ask(&daemon, "-ln --rate").stdout;
    assert_eq!(
        rate.lines().nth(1),
        Some("Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS")
    );
    let persistent = ask(&daemon, "-ln --persistent-conn").stdout;
    assert_eq!(
        persistent.lines().nth(1),
        Some("Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn ")
    );
}

/// 93
#[test]
fn a_service_that_is_not_there() {
    assert_eq!(
        ask(&daemon(Vec::new()), "-ln -t 1.1.1.1:80"),
        failed(
            1,
            "[sockopt_msg_recv] errcode set in socket msg#20 header: msg callback failed(-23)\nNo such service\n"
        )
    );
}

#[test]
fn a_worker_that_is_not_there_leaves_the_version_line() {
    let info = sockopt::info::Info {
        version: sockopt::info::Release::COMPATIBLE,
        size: 0,
        num_services: 3,
        num_lcores: 1,
    };
    let daemon = FakeDaemon::canned([
        (Id::Info, Reply::to::<call::Info>(&info)),
        (Id::Services, Reply::Refused(Code::Invalid)),
    ]);
    let ran = ask(&daemon, "-ln --cpu 99");
    assert_eq!((ran.stdout.as_str(), ran.status), ("IP Virtual Server version 1.10.2 (size=0)\n", 1));
    let query = daemon.asked()[1].read::<call::Services>().unwrap();
    assert_eq!((query.view.0, query.count), (99, 3));
}

/// 103
#[test]
fn local_addresses() {
    let row = |addr: [u8; 4], conflicts, conns| Laddr { addr: addr.into(), conflicts, conns };
    let rows = vec![row([192, 168, 100, 200], 5, 77), row([192, 168, 100, 201], 0, 0)];
    let laddrs = Laddrs { rows, ..Laddrs::default() };
    let info = sockopt::info::Info {
        num_services: 1,
        num_lcores: 2,
        size: 0,
        version: sockopt::info::Release::OLDEST,
    };
    let services = sockopt::service::Services { rows: vec![busy().service], ..Default::default() };
    let daemon = FakeDaemon::canned([
        (Id::Info, Reply::to::<call::Info>(&info)),
        (Id::Services, Reply::to::<call::Services>(&services)),
        (Id::LaddrGet, Reply::to::<call::LaddrGet>(&laddrs)),
    ]);
    let expected = "\
VIP:VPORT            TOTAL    SNAT_IP              CONFLICTS  CONNS     \n\
192.168.100.254:80   2        \n                              \
192.168.100.200      5          77        \n                              \
192.168.100.201      0          0         \n";
    assert_eq!(ask(&daemon, "-G"), printed(expected));
    assert_eq!(ask(&daemon, "-G -t 192.168.100.254:80"), printed(expected));
    let missing = FakeDaemon::canned([(Id::LaddrGet, Reply::Refused(Code::MsgFail))]);
    let ran = ask(&missing, "-G -t 192.168.100.254:80");
    assert_eq!(
        (ran.status, ran.stderr.lines().last(), ran.stdout.as_str()),
        (1, Some("Service not defined"), "")
    );
}

/// 104
#[test]
fn deny_and_allow_lists() {
    let entry = |proto, end: &str, subject: [u8; 4], set: &str| {
        let end: SocketAddr = end.parse().unwrap();
        let ipset = Text::new(set).unwrap();
        Access { vaddr: end.ip(), vport: end.port(), proto, subject: subject.into(), ipset }
    };
    let list = AccessList(vec![
        entry(Protocol::TCP, "192.168.100.254:80", [1, 2, 3, 4], ""),
        entry(Protocol::UDP, "192.168.100.254:80", [9, 9, 9, 9], ""),
        entry(Protocol::TCP, "192.168.100.254:80", [0, 0, 0, 0], "denyset"),
    ]);
    let (deny, allow) = (Reply::to::<call::DenyGet>(&list), Reply::to::<call::AllowGet>(&list));
    let daemon = FakeDaemon::canned([(Id::DenyGet, deny), (Id::AllowGet, allow)]);
    let rows = "TCP      192.168.100.254:80             1.2.3.4                       \n\
                TCP      192.168.100.254:80             ipset:denyset                 \n";
    let title = "PROTO    VIP:VPORT                      BLACKLIST                     \n";
    assert_eq!(ask(&daemon, "-B -t 192.168.100.254:80"), printed(&format!("{title}{rows}")));
    let title = "PROTO    VIP:VPORT                      WHITELIST                     \n";
    assert_eq!(ask(&daemon, "-W -t 192.168.100.254:80"), printed(&format!("{title}{rows}")));
    let away = FakeDaemon::canned([(Id::DenyGet, Reply::Refused(Code::NoMemory))]);
    assert_eq!(ask(&away, "-B -t 192.168.100.254:80").status, 255);
}

fn conn(lcore: u8, proto: Protocol, timeout: u32, state: &str) -> Conn {
    let end = |text: &str| text.parse().unwrap();
    Conn {
        proto,
        client: end("10.0.0.48:37177"),
        service: end("192.168.100.254:80"),
        local: end("192.168.100.200:1025"),
        dest: end("192.168.100.2:80"),
        timeout,
        lcore: LcoreId(lcore),
        state: Text::new(state).unwrap(),
    }
}

#[test]
fn connections_page_by_page() {
    let mut pages = vec![
        ConnPage::last(Vec::new()),
        ConnPage::more(vec![conn(12, Protocol::UDP, 300, "UDP_NORM")], 8),
        ConnPage::more(vec![conn(1, Protocol::TCP, 90, "TCP_EST")], 7),
    ];
    let daemon = FakeDaemon::start(move |_| Reply::to::<call::ConnAll>(&pages.pop().unwrap()));
    let expected = "\
[1]tcp 90s    TCP_EST     10.0.0.48:37177    192.168.100.254:80 192.168.100.200:1025 192.168.100.2:80
[12]udp 300s   UDP_NORM    10.0.0.48:37177    192.168.100.254:80 192.168.100.200:1025 192.168.100.2:80
";
    assert_eq!(ask(&daemon, "-lnc"), printed(expected));
    let asked = daemon.asked();
    let whence: Vec<_> = asked
        .iter()
        .map(|request| request.read::<call::ConnAll>().unwrap())
        .map(|query| (query.whence, query.flags.contains(ConnQueryFlags::MORE)))
        .collect();
    assert_eq!(whence, [(0, false), (7, true), (8, true)]);
}

#[test]
fn a_list_of_connections_that_breaks_off_is_a_1() {
    let first = ConnPage::more(vec![conn(1, Protocol::TCP, 90, "TCP_EST")], 7);
    let daemon = FakeDaemon::canned([
        (Id::ConnAll, Reply::to::<call::ConnAll>(&first)),
        (Id::ConnAll, Reply::Refused(Code::NoMemory)),
    ]);
    let ran = ask(&daemon, "-lnc");
    assert_eq!((ran.stdout.lines().count(), ran.status), (1, 1));
    assert_eq!(
        ran.stderr,
        "[sockopt_msg_recv] errcode set in socket msg#90 header: no memory(-2)\n\
         dp_vs_get_conns: got errcode -2 from dpvs_getsockopt\n\
         Fail to fetch all connection entries!\n"
    );
}

#[test]
fn one_connection() {
    let page = ConnPage::last(vec![conn(1, Protocol::SCTP, 1_234_567, "SCTP_ESTABLISHE")]);
    let daemon = FakeDaemon::canned([(Id::ConnOne, Reply::to::<call::ConnOne>(&page))]);
    let line = "-lnc --sockpair sctp:10.0.0.48:37177:192.168.100.254:80";
    let ran = ask(&daemon, line);
    assert!(ran.stdout.starts_with("[1]sctp 1234567 SCTP_ESTABLISHE 10.0.0.48:37177"), "{}", ran.stdout);
    let pair = daemon.asked()[0].read::<call::ConnOne>().unwrap().pair.unwrap();
    assert_eq!((pair.source.port(), pair.target.port()), (37177, 80));
    let ran = ask(&FakeDaemon::canned([(Id::ConnOne, Reply::Refused(Code::NotExist))]), line);
    assert_eq!((ran.status, ran.stderr.lines().last()), (1, Some("connection specified not found")));
}

#[test]
fn templates_are_asked_for_by_a_flag() {
    let daemon = FakeDaemon::canned([(Id::ConnAll, Reply::to::<call::ConnAll>(&ConnPage::last(Vec::new())))]);
    assert_eq!(ask(&daemon, "-lnc --persistent-conn"), printed(""));
    let flags = daemon.asked()[0].read::<call::ConnAll>().unwrap().flags;
    assert_eq!(flags, ConnQueryFlags::ALL | ConnQueryFlags::TEMPLATE);
}

#[test]
fn long_names_are_cut_for_ipv4_only() {
    let wide = table::service(Protocol::ICMPV6, "[2001:db8:1111:2222:3333:4444:5555:6666]:65535", "rr").dest(
        "[2001:db8:1111:2222:3333:4444:5555:6666]:65535",
        sockopt::dest::Forward::Nat,
        |_| {},
    );
    let mixed = table::service(Protocol::TCP, "1.1.1.1:80", "rr").dest(
        "[2001:db8:1111:2222:3333:4444:5555:6666]:65535",
        sockopt::dest::Forward::FullNat,
        |_| {},
    );
    let ran = ask(&daemon(vec![wide, mixed]), "-ln");
    let lines: Vec<_> = ran.stdout.lines().skip(3).collect();
    assert_eq!(
        lines,
        [
            "TCP  1.1.1.1:80 rr",
            "  -> [2001:db8:1111:2222:3333:444 FullNat 1      0          0         ",
            "ICMPv6  [2001:db8:1111:2222:3333:4444:5555:6666]:65535 rr",
            "  -> [2001:db8:1111:2222:3333:4444:5555:6666]:65535 Masq    1      0          0         ",
        ]
    );
}
