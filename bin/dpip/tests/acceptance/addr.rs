//! §3.1; 10 to 18 of §8.1.

use cli::fake::FakeDaemon;
use sockopt::addr::{IfAddr, IfAddrFlags, IfAddrRow, IfAddrShow, IfAddrs, PoolStats, Scope};
use sockopt::{Code, Device, Id, LcoreId, Reply, call};

use crate::{alone, ask, body, failed, printed, sent, vector};

/// 11 to 17, and what upstream lets through
#[test]
fn refused_lines() {
    for (line, stderr) in [
        ("addr add", "missing IFADDR\ndpip: invalid parameter\n"),
        ("addr add 10.0.0.1/24", "no device specified.\ndpip: invalid parameter\n"),
        ("addr add 10.0.0.1/24 dev", "missing argument for `dev'\ndpip: invalid parameter\n"),
        ("addr add 10.0.0.300 dev dpdk0", "invalid ipaddress: unspec 10.0.0.300\ndpip: invalid parameter\n"),
        ("-6 addr add 10.0.0.1 dev dpdk0", "invalid ipaddress: inet6 10.0.0.1\ndpip: invalid parameter\n"),
        ("addr replace 1.1.1.1 dev dpdk0", "dpip: not support\n"),
        ("addr flush", "no device specified.\ndpip: invalid parameter\n"),
        (
            "addr add 10.0.0.1/24 dev dpdk0 broadcast 2001::1",
            "invalid ipaddress: inet 2001::1\ndpip: invalid parameter\n",
        ),
        (
            "addr add 10.0.0.1/33 dev dpdk0",
            "invalid prefix length: 10.0.0.1/33, give 0 to 32\ndpip: invalid parameter\n",
        ),
        ("addr add 10.0.0.1 dev dpdk0 scope foo", "invalid scope: foo\ndpip: invalid parameter\n"),
        (
            "addr add 10.0.0.1 dev a-name-of-16-byt",
            "invalid device name: a-name-of-16-byt, give 1 to 15 bytes\ndpip: invalid parameter\n",
        ),
        (
            "addr add 10.0.0.1 dev dpdk0 valid_lft 5s",
            "invalid number for `valid_lft': 5s, give 0 to 4294967295\ndpip: invalid parameter\n",
        ),
    ] {
        assert_eq!(alone(line), failed(stderr), "dpip {line}");
    }
}

/// 16, and the rest of the keywords
#[test]
fn what_is_sent() {
    let entry = sent::<call::IfAddrAdd>("addr add 10.0.0.1/24 dev dpdk0 preferred_lft 5").entry;
    assert_eq!((entry.preferred, entry.plen, entry.flags), (5, 24, IfAddrFlags::empty()));
    let line =
        "addr set 2001::1 dev dpdk1 scope site valid_lft 300 prefered_lft forever broadcast 2001::ff sapool";
    let entry = sent::<call::IfAddrSet>(line).entry;
    assert_eq!((entry.plen, entry.scope, entry.valid, entry.preferred), (128, Scope::Site, 300, 0));
    assert_eq!((entry.bcast, entry.flags), (Some("2001::ff".parse().unwrap()), IfAddrFlags::SAPOOL));
    assert_eq!(sent::<call::IfAddrDel>("addr del 10.0.0.1 dev dpdk0").entry.plen, 32);
    assert_eq!(sent::<call::IfAddrFlush>("addr flush dev dpdk0").entry.device, "dpdk0");
    assert_eq!(body("addr add 10.0.0.100 dev dpdk0 sapool"), vector("ifaddr_add_sapool"));
    assert_eq!(body("-s addr show dev dpdk0"), vector("ifaddr_show_stats"));
}

/// 18
#[test]
fn a_refusal_is_told_twice() {
    let daemon = FakeDaemon::canned([(Id::IfAddrDel, Reply::Refused(Code::NotExist))]);
    let told = "[sockopt_msg_recv] errcode set in socket msg#48 header: not exist(-4)\ndpip: not exist\n";
    assert_eq!(ask(&daemon, "addr del 1.1.1.1 dev dpdk0"), failed(told));
}

fn row(addr: &str, plen: u8, scope: Scope, device: &str) -> IfAddrRow {
    let device = Device::new(device).unwrap();
    let entry = IfAddr { addr: Some(addr.parse().unwrap()), plen, scope, device, ..IfAddr::default() };
    IfAddrRow { entry, ..IfAddrRow::default() }
}

fn listing() -> FakeDaemon {
    let mut link = row("10.0.0.1", 24, Scope::Link, "dpdk1");
    (link.entry.valid, link.entry.preferred) = (300, 120);
    link.entry.bcast = Some([10, 0, 0, 255].into());
    let mut laddr = row("192.168.100.200", 32, Scope::Global, "dpdk0");
    laddr.entry.flags = IfAddrFlags::SAPOOL;
    laddr.pool = PoolStats { used: 0, free: 1_032_176, miss: 0 };
    let rows = vec![row("10.0.0.100", 32, Scope::Global, "dpdk1"), link, laddr];
    let addrs = IfAddrs { show: IfAddrShow::STATS, rows };
    FakeDaemon::canned([(Id::IfAddrShow, Reply::to::<call::IfAddrShow>(&addrs))])
}

const PLAIN: &str = "\
inet 10.0.0.100/32 scope global dpdk1
     valid_lft forever preferred_lft forever
inet 10.0.0.1/24 scope link dpdk1
    broadcast 10.0.0.255 valid_lft 300 preferred_lft 120
inet 192.168.100.200/32 scope global dpdk0
     valid_lft forever preferred_lft forever";

/// The first listing of §3.1
#[test]
fn addresses_with_and_without_their_pools() {
    let daemon = listing();
    let stats = format!("{PLAIN} sa_used 0 sa_free 1032176 sa_miss 0\n");
    assert_eq!(ask(&daemon, "-s addr show"), printed(&stats));
    assert_eq!(ask(&daemon, "addr list"), printed(&format!("{PLAIN}\n")));
}

/// 10
#[test]
fn a_count_without_an_interval_is_a_warning() {
    let ran = ask(&listing(), "-c 3 addr show");
    assert_eq!(
        (ran.stdout, ran.stderr.as_str(), ran.status),
        (format!("{PLAIN}\n"), "missing option '-i'\n", 0)
    );
}

/// The second listing of §3.1
#[test]
fn each_lcore_has_its_view() {
    let mut here = row("2001::1", 128, Scope::Host, "dpdk0");
    let mut there = here;
    (here.entry.lcore, there.entry.lcore, there.entry.scope) = (LcoreId(0), LcoreId(12), Scope::None);
    let addrs = IfAddrs { show: IfAddrShow::VERBOSE, rows: vec![here, there] };
    let daemon = FakeDaemon::canned([(Id::IfAddrShow, Reply::to::<call::IfAddrShow>(&addrs))]);
    let expected = "\
[00] inet6 2001::1/128 scope host dpdk0
     valid_lft forever preferred_lft forever
[12] inet6 2001::1/128 scope 255 dpdk0
     valid_lft forever preferred_lft forever
";
    assert_eq!(ask(&daemon, "-v addr show dev dpdk0"), printed(expected));
}

#[test]
fn no_addresses_are_no_output() {
    let daemon = FakeDaemon::canned([(Id::IfAddrShow, Reply::to::<call::IfAddrShow>(&IfAddrs::default()))]);
    assert_eq!(ask(&daemon, "addr show"), printed(""));
}
