//! §3.3; 35 to 37 and 49 of §8.1, 50 to 53 of §8.2.

use cli::fake::FakeDaemon;
use sockopt::lcore::{LcoreBasic, LcoreMask, LcoreStats};
use sockopt::link::{
    BondAction, BondChange, BondMember, BondStatus, PortBasic, PortExt, PortFlags, PortList, PortName,
    PortStats, PortSwitches, PortXstats, Xstat,
};
use sockopt::{Code, Device, Id, LcoreId, Reply, Text, call};

use crate::{alone, ask, body, failed, printed, sent, vector};

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap()
}

fn basic() -> PortBasic {
    PortBasic {
        name: text("dpdk0"),
        mac: text("A0:36:9F:74:EC:F0"),
        link_status: text("UP"),
        link_duplex: text("full-duplex"),
        link_autoneg: text("auto-nego"),
        link_speed: 10_000,
        rx_queues: 8,
        tx_queues: 8,
        socket: 0,
        id: 0,
        mtu: 1500,
        flags: PortFlags::PROMISC
            | PortFlags::TC_EGRESS
            | PortFlags::RX_IP_CSUM
            | PortFlags::TX_IP_CSUM
            | PortFlags::TX_TCP_CSUM
            | PortFlags::TX_UDP_CSUM
            | PortFlags::TX_FAST_FREE,
    }
}

fn stats(in_packets: u64, out_packets: u64, in_bytes: u64) -> PortStats {
    PortStats {
        mbuf_free: 1_032_176,
        mbuf_used: 16_399,
        in_packets,
        out_packets,
        in_bytes,
        out_bytes: 6_666_666,
        in_errors: 1,
        out_errors: 2,
        in_missed: 3,
        no_mbuf: 4,
        ..PortStats::default()
    }
}

/// A daemon with one port, which tells `more` too.
fn port(more: impl IntoIterator<Item = (Id, Reply)>) -> FakeDaemon {
    let rows = vec![PortName { id: 0, name: text::<16>("dpdk0") }];
    let list = PortList { physical: (0, 1), bonds: PortList::NO_BOND, rows };
    let answers = [
        (Id::PortList, Reply::to::<call::PortList>(&list)),
        (Id::PortBasic, Reply::to::<call::PortBasic>(&basic())),
    ];
    FakeDaemon::canned(answers.into_iter().chain(more))
}

fn told(stats: &PortStats) -> (Id, Reply) {
    (Id::PortStats, Reply::to::<call::PortStats>(stats))
}

const BASIC: &str = "\
1: dpdk0: socket 0 mtu 1500 rx-queue 8 tx-queue 8
    UP 10000 Mbps full-duplex auto-nego promisc tc-egress \n    \
addr A0:36:9F:74:EC:F0 OF_RX_IP_CSUM OF_TX_IP_CSUM OF_TX_TCP_CSUM OF_TX_UDP_CSUM OF_TX_FAST_FREE \n";

/// 50
#[test]
fn a_port_and_its_counters() {
    let daemon = port([told(&stats(101_000, 99_900, 7_841_777))]);
    let expected = "    \
    ipackets            opackets            ibytes              obytes              \n    \
    101000              99900               7841777             6666666             \n    \
    ierrors             oerrors             imissed             rx_nombuf           \n    \
    1                   2                   3                   4                   \n    \
    mbuf-avail          mbuf-inuse          \n    \
    1032176             16399               \n";
    let expected = printed(&format!("{BASIC}{expected}"));
    assert_eq!(ask(&daemon, "-s link show dpdk0"), expected);
    assert_eq!(ask(&daemon, "-s link show"), expected, "all ports are this one");
    assert_eq!(ask(&daemon, "link show"), printed(BASIC));
    assert_eq!(body("link show dpdk0"), vector("netif_get_port_basic"));
}

/// 51
#[test]
fn rates_are_the_growth_over_the_interval() {
    let series = || [told(&stats(100_000, 99_000, 1_000)), told(&stats(101_000, 99_900, 65_000))];
    let rates = "    \
    ipackets/pps    opackets/pps    ibytes/Bps      obytes/Bps      \n    \
    1000            900             64000           0               \n    \
    ierrors/pps     oerrors/pps     imissed/pps     rx_nombuf/pps   \n    \
    0               0               0               0               \n";
    assert_eq!(ask(&port(series()), "-s link show dpdk0 -i 1 -c 1"), printed(&format!("{BASIC}{rates}")));
    let ran = ask(&port(series()), "-s -C link show dpdk0 -i 1 -c 2");
    let expected = format!("{BASIC}\x1b[34m{rates}\x1b[32m{}\x1b[0m", zero(rates));
    assert_eq!(ran, printed(&expected));
}

/// The same titles over zeros.
fn zero(rates: &str) -> String {
    rates.replace("1000 ", "0    ").replace("900", "0  ").replace("64000", "0    ")
}

/// 52
#[test]
fn a_bond() {
    let member =
        |name, mac, active, primary| BondMember { name: text(name), mac: text(mac), active, primary };
    let bond = BondStatus {
        mode: 4,
        active: 1,
        members: vec![
            member("dpdk0", "A0:36:9F:74:EC:F0", true, true),
            member("dpdk1", "A0:36:9F:74:EC:F2", false, false),
        ],
        mac: text("A0:36:9F:74:EC:F0"),
        policy: text("LAYER23"),
        monitor_interval: 10,
        down_delay: 0,
        up_delay: 0,
    };
    let daemon = port([(Id::BondStatus, Reply::to::<call::BondStatus>(&bond))]);
    let expected = "    \
    --- bonding status ---
    mode 4 mac_addr A0:36:9F:74:EC:F0 xmit_policy LAYER23 link_monitor 10ms
    ative/slaves 1/2 link_down_prop_delay 0ms link_up_prop_delay 0ms
    slaves: dpdk0(A0:36:9F:74:EC:F0, active, primary) dpdk1(A0:36:9F:74:EC:F2, inactive) \n";
    assert_eq!(ask(&daemon, "link show bond0 status"), printed(&format!("{BASIC}{expected}")));
}

/// 53
#[test]
fn lcores_and_their_queues() {
    let mask = LcoreMask { master: LcoreId(0), kni: LcoreId(0), workers: 0b10, isolated: 0 };
    let queues = format!("{:<16}{:<16}", "dpdk0:rx0", "dpdk0:tx0");
    let count =
        LcoreStats { lcore: LcoreId(1), loops: 9, dropped: 8, in_packets: 7, ..LcoreStats::default() };
    let daemon = FakeDaemon::start(move |request| match request.id {
        Id::LcoreMask => Reply::to::<call::LcoreMask>(&mask),
        Id::LcoreBasic => match request.read::<call::LcoreBasic>().unwrap() {
            LcoreId(0) => Reply::to::<call::LcoreBasic>(&LcoreBasic::default()),
            lcore => Reply::to::<call::LcoreBasic>(&LcoreBasic { lcore, socket: 0, queues: queues.clone() }),
        },
        _ => Reply::to::<call::LcoreStats>(&count),
    });
    let worker = "2: cpu1: socket 0\n    queues dpdk0:rx0       dpdk0:tx0       \n";
    let expected =
        format!("<< Controll Plane >>\n1: cpu0: socket 0\n    queues none\n<< Data Plane >>\n{worker}");
    assert_eq!(ask(&daemon, "link show cpu"), printed(&expected));
    let expected = "    \
    lcore_loop          pktburst            zpktburst           fpktburst           \n    \
    9                   0                   0                   0                   \n    \
    z2hpktburst         h2fpktburst         dropped             \n    \
    0                   0                   8                   \n    \
    ipackets            ibytes              opackets            obytes              \n    \
    7                   0                   0                   0                   \n";
    assert_eq!(ask(&daemon, "-s link show cpu1"), printed(&format!("{worker}{expected}")));
    let rates = ask(&daemon, "-s -i 2 -c 1 link show cpu1").stdout;
    assert_eq!(rates.lines().nth(4), Some("    z2hpktburst/nps h2fpktburst/nps dropped/nps     "));
}

#[test]
fn isolated_lcores_have_a_title_of_their_own() {
    let mask = LcoreMask { master: LcoreId(0), kni: LcoreId(3), workers: 0, isolated: 1 << 5 };
    let daemon = FakeDaemon::start(move |request| match request.id {
        Id::LcoreMask => Reply::to::<call::LcoreMask>(&mask),
        _ if request.body == [3] => Reply::Refused(Code::NotExist),
        _ => Reply::to::<call::LcoreBasic>(&LcoreBasic {
            lcore: LcoreId(request.body[0]),
            ..LcoreBasic::default()
        }),
    });
    let ran = ask(&daemon, "link show cpu");
    let titles: Vec<_> = ran.stdout.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(
        titles,
        [
            "<< Controll Plane >>",
            "1: cpu0: socket 0",
            "<< Data Plane >>",
            "<< Isolate RX Lcores >>",
            "6: cpu5: socket 0"
        ]
    );
    assert_eq!((ran.stderr.lines().last(), ran.status), (Some("Fail to get information for cpu3"), 1));
}

/// 49
#[test]
fn a_port_that_is_not_there() {
    let missing = || [(Id::PortBasic, Reply::Refused(Code::NotExist))];
    let told = "[sockopt_msg_recv] errcode set in socket msg#61 header: not exist(-4)\n";
    let daemon = FakeDaemon::canned(missing());
    assert_eq!(ask(&daemon, "link show nodev"), failed(&format!("{told}dpip: not exist\n")));
    let rows = vec![PortName { id: 0, name: Device::new("dpdk0").unwrap() }];
    let list = PortList { physical: (0, 1), bonds: PortList::NO_BOND, rows };
    let list = (Id::PortList, Reply::to::<call::PortList>(&list));
    let daemon = FakeDaemon::canned(missing().into_iter().chain([list]));
    assert_eq!(ask(&daemon, "link show"), failed(&format!("{told}Fail to get information for dpdk0\n")));
}

#[test]
fn details_of_a_port() {
    let mut ext =
        PortExt { queues: "    rx0-tx0     cpu1-cpu1                \n".to_owned(), ..PortExt::default() };
    ext.dev.pci_addr = text("0000:01:00.0");
    ext.dev.driver = text("net_ixgbe");
    (ext.dev.rx_offload_capa, ext.dev.speed_capa) = (0xa2cf, 288);
    ext.groups = "        link 33:33:00:00:00:01 refcnt 1, syn".to_owned();
    let xstats = PortXstats { id: 0, rows: vec![Xstat { id: 8, value: 17, name: text("rx_q0_packets") }] };
    let daemon = port([
        told(&stats(1, 2, 3)),
        (Id::PortExt, Reply::to::<call::PortExt>(&ext)),
        (Id::PortXstats, Reply::to::<call::PortXstats>(&xstats)),
    ]);
    let ran = ask(&daemon, "-s -v link show dpdk0");
    let lines: Vec<_> = ran.stdout.lines().skip(9).collect();
    assert_eq!(lines[0], "    xstats list:");
    assert_eq!(lines[1], "        8     rx_q0_packets: 17");
    assert_eq!(lines[2], format!("    {:<32}{:<32}", "pci_addr", "driver_name"));
    assert_eq!(lines[3], format!("    {:<32}{:<32}", "0000:01:00.0", "net_ixgbe"));
    assert_eq!(lines[4], "    if_index        min_rx_bufsize  max_rx_pktlen   max_mac_addrs   ");
    assert_eq!(lines[8], "    max_vmdq_pools  rx_ol_capa      tx_ol_capa      reta_size       ");
    assert_eq!(lines[9], "    0               0xA2CF          0x0             0               ");
    assert_eq!(lines[15], "    0               0               0               288             ");
    assert_eq!(lines[16], "    Queue Configuration:");
    assert_eq!(lines[17], "    rx0-tx0     cpu1-cpu1                ");
    assert_eq!(lines[18], "    HW mcast list:");
    assert_eq!(lines[20], "     ... (truncated)");
    assert_eq!((lines.len(), ran.stderr.as_str(), ran.status), (21, "", 0));

    let none = port([
        told(&stats(1, 2, 3)),
        (Id::PortExt, Reply::to::<call::PortExt>(&PortExt::default())),
        (Id::PortXstats, Reply::done()),
    ]);
    let ran = ask(&none, "-sv link show dpdk0");
    assert_eq!(ran.stdout.lines().nth(10), Some("        not supported"));
}

/// 35 to 37
#[test]
fn refused_lines() {
    for (line, stderr) in [
        ("link set dpdk0 promisc foo", "invalid arguement value for 'promisc'\n"),
        ("link set dpdk0 link on", "invalid argument value for 'link'\n"),
        ("link set dpdk0 foo bar", "invalid parameter name 'foo'\ndpip: invalid parameter\n"),
        ("link set dpdk0", "invalid parameter name ''\ndpip: invalid parameter\n"),
        ("link set bond0 bond-mode 7", "invalid bonding mode: 7\n"),
        ("link set bond0 bond-xmit-policy Layer2", "invalid xmit-poliy: Layer2\n"),
        ("link set bond0 bond-monitor-interval 0", "invalid link_monitor_interval: 0\n"),
        ("link set bond0 bond-slave dpdk0", "invalid parameter name 'bond-slave'\ndpip: invalid parameter\n"),
        ("link add bond0 promisc on", "invalid parameter name 'promisc'\ndpip: invalid parameter\n"),
    ] {
        assert_eq!(alone(line), failed(stderr), "dpip {line}");
    }
    let help = alone("link").stderr;
    assert_eq!(
        alone("-c 3 link show"),
        failed(&format!(
            "missing option '-i'\nmiss statistics display interval{help}dpip: invalid parameter\n"
        ))
    );
    assert_eq!(alone("link show cpuX"), failed(&format!("{help}dpip: invalid parameter\n")));
}

#[test]
fn what_is_sent() {
    assert_eq!(body("link set dpdk0 link up"), vector("netif_set_port"));
    assert_eq!(body("link add bond0 bond-slave dpdk2"), vector("netif_set_bond_slave"));
    assert_eq!(sent::<call::PortSet>("link set dpdk0 promisc off").switches, PortSwitches::PROMISC_OFF);
    assert_eq!(sent::<call::PortSet>("link set dpdk0 addr 02:00:00:00:00:01").mac, "02:00:00:00:00:01");
    let bond = sent::<call::BondSet>("link del bond0 bond-slave dpdk2");
    assert_eq!((bond.action, bond.change), (BondAction::Del, BondChange::Member(text("dpdk2"))));
    let bond = sent::<call::BondSet>("link change bond0 bond-xmit-policy layer34");
    assert_eq!((bond.action, bond.change), (BondAction::Set, BondChange::Policy(text("LAYER34"))));
    assert_eq!(sent::<call::BondSet>("link set bond0 bond-mode 4").change, BondChange::Mode(4));
}
