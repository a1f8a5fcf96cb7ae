//! §3.4 and `maddr` of §3.11; 24, 25 of §8.1, 54 and 61 of §8.2.

use cli::fake::FakeDaemon;
use sockopt::addr::{Maddr, Maddrs};
use sockopt::link::{HwAddr, HwAddrs, PortList, PortName};
use sockopt::neigh::{Neighbour, NeighbourFlags, NeighbourState, Neighbours};
use sockopt::{Code, Device, Id, LcoreId, Reply, Text, call};

use crate::{alone, ask, body, failed, printed, sent, vector};

#[test]
fn refused_lines() {
    for (line, stderr) in [
        ("neigh add 10.0.0.1 dev dpdk0", "invalid MAC address\ndpip: invalid parameter\n"),
        ("neigh add 10.0.0.1 lladdr 0:0:0:0:0:0 dev dpdk0", "invalid MAC address\ndpip: invalid parameter\n"),
        ("neigh add 10.0.0.1 lladdr foo dev dpdk0", "invalid link layer addr\ndpip: invalid parameter\n"),
        ("neigh del dev dpdk0", "missing ip address\ndpip: invalid parameter\n"),
        ("neigh set 10.0.0.1 dev dpdk0", "dpip: not support\n"),
        ("maddr show foo", "too many arguments\ndpip: invalid parameter\n"),
    ] {
        assert_eq!(alone(line), failed(stderr), "dpip {line}");
    }
}

/// 25
#[test]
fn what_is_sent() {
    let neighbour = sent::<call::NeighAdd>("neigh add 10.0.0.1 lladdr 1:2:3:4:5:6 dev dpdk0");
    assert_eq!((neighbour.mac, neighbour.device.as_str()), ([1, 2, 3, 4, 5, 6], "dpdk0"));
    assert_eq!(body("neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev dpdk0"), vector("neigh_add"));
    assert!(sent::<call::NeighDel>("neigh del 2001::2 dev dpdk0").addr.unwrap().is_ipv6());
}

/// 54
#[test]
fn neighbours() {
    let device = Device::new("dpdk0").unwrap();
    let known = Neighbour {
        addr: Some([10, 0, 0, 2].into()),
        mac: [0xa0, 0, 0, 0, 0, 0x0f],
        state: NeighbourState::Reachable,
        device,
        flags: NeighbourFlags::STATIC | NeighbourFlags::HASHED,
        ..Neighbour::default()
    };
    let asked = Neighbour {
        addr: Some("2001::2".parse().unwrap()),
        state: NeighbourState::Send,
        device,
        lcore: LcoreId(3),
        ..Neighbour::default()
    };
    let rows = Neighbours(vec![known, asked]);
    let daemon = FakeDaemon::canned([(Id::NeighShow, Reply::to::<call::NeighShow>(&rows))]);
    let expected = "\
ip: 10.0.0.2                                         mac: a0:00:00:00:00:0f   state: REACHABLE     dev: dpdk0  core: 0  static
ip: 2001::2                                          mac:incomplate                       state: SEND           dev: dpdk0  core: 3  \n";
    assert_eq!(ask(&daemon, "neigh show"), printed(expected));
}

fn groups() -> [(Id, Reply); 2] {
    let link = |mac: &str, refs, flags, synced| HwAddr { mac: Text::new(mac).unwrap(), refs, flags, synced };
    let links = HwAddrs(vec![link("33:33:00:00:00:01", 2, 0, 1), link("01:00:5e:00:00:01", 1, 1, 0)]);
    let group = |addr: &str, flags, refs| Maddr {
        device: Device::new("dpdk0").unwrap(),
        addr: addr.parse().unwrap(),
        flags,
        refs,
    };
    let maddrs = Maddrs(vec![group("224.0.0.1", 0, 1), group("ff02::1", 0x80, 2)]);
    [
        (Id::PortMaddr, Reply::to::<call::PortMaddr>(&links)),
        (Id::IfMaddrShow, Reply::to::<call::IfMaddrShow>(&maddrs)),
    ]
}

/// 61
#[test]
fn multicast_groups() {
    let daemon = FakeDaemon::canned(groups());
    let expected = "\
dpdk0:
\tlink  33:33:00:00:00:01\t\trefcnt 2\t\tsync 1
\tlink  01:00:5e:00:00:01 (+kni)\t\trefcnt 1\t\tsync 0
\t inet 224.0.0.1\t\tflags 0x0\t\trefcnt 1
\tinet6 ff02::1\t\tflags 0x80\t\trefcnt 2
";
    assert_eq!(ask(&daemon, "-v maddr show dev dpdk0"), printed(expected));

    let rows = vec![PortName { id: 0, name: Device::new("dpdk0").unwrap() }];
    let list = PortList { physical: (0, 1), bonds: PortList::NO_BOND, rows };
    let list = (Id::PortList, Reply::to::<call::PortList>(&list));
    let daemon = FakeDaemon::canned(groups().into_iter().chain([list]));
    let expected =
        "1:\tdpdk0\n\tlink 33:33:00:00:00:01\n\tlink 01:00:5e:00:00:01\n\t inet 224.0.0.1\n\tinet6 ff02::1\n";
    assert_eq!(ask(&daemon, "maddr show"), printed(expected));
}

#[test]
fn the_title_is_out_before_the_daemon_is_asked() {
    let daemon = FakeDaemon::canned([(Id::PortMaddr, Reply::Refused(Code::NotExist))]);
    let ran = ask(&daemon, "maddr show dev nodev");
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.lines().last(), ran.status),
        ("nodev:\n", Some("dpip: not exist"), 1)
    );
}
