//! §3.2; 20 to 23 of §8.1.

use cli::fake::FakeDaemon;
use sockopt::route::{Prefix, Route, RouteFlags, Routes};
use sockopt::route6::{Route6, Route6Op, Routes6};
use sockopt::{Device, Id, Reply, call};

use crate::{alone, ask, body, failed, printed, sent, vector};

/// 20, 21, and what upstream lets through
#[test]
fn refused_lines() {
    for (line, stderr) in [
        ("route add", "missing prefix\ndpip: invalid parameter\n"),
        ("route del dev dpdk0", "missing prefix\ndpip: invalid parameter\n"),
        ("route flush", "no device specified\ndpip: invalid parameter\n"),
        ("-6 route set 2001::/64 dev dpdk0", "dpip: not support\n"),
        ("route replace 10.0.0.0/8 dev dpdk0", "dpip: not support\n"),
        ("-6 route add 10.0.0.0/8 dev dpdk0", "invalid ipaddress: inet6 10.0.0.0\ndpip: invalid parameter\n"),
        (
            "route add 10.0.0.0/8 via 2001::1 dev dpdk0",
            "invalid ipaddress: inet 2001::1\ndpip: invalid parameter\n",
        ),
        (
            "route add 10.0.0.0/40 dev dpdk0",
            "invalid prefix length: 10.0.0.0/40, give 0 to 32\ndpip: invalid parameter\n",
        ),
        (
            "route add 10.0.0.0/8 dev dpdk0 metric 40000",
            "invalid number for `metric': 40000, give 0 to 32767\ndpip: invalid parameter\n",
        ),
        ("route add foo dev dpdk0", "invalid ipaddress: inet foo\ndpip: invalid parameter\n"),
    ] {
        assert_eq!(alone(line), failed(stderr), "dpip {line}");
    }
}

/// 22, 23
#[test]
fn verbose_says_what_is_sent() {
    let daemon = FakeDaemon::canned([]);
    assert_eq!(
        ask(&daemon, "-v route add 10.0.0.0/8 via 10.0.0.1 dev dpdk0 metric 3"),
        printed(
            "inet 10.0.0.0/8 via 10.0.0.1 src 0.0.0.0 dev dpdk0 mtu 0 tos 0 scope global metric 3 proto auto \n"
        )
    );
    assert_eq!(
        ask(&daemon, "-v -6 route add default via 2001::1 dev dpdk0"),
        printed("inet6 default via 2001::1 dev dpdk0 scope global\n")
    );
    let ids: Vec<_> = daemon.asked().iter().map(|request| request.id).collect();
    assert_eq!(ids, [Id::RouteAdd, Id::Route6Change]);
}

#[test]
fn what_is_sent() {
    assert_eq!(body("route add default via 10.0.0.1 dev dpdk0"), vector("route4_add_default"));
    let route = sent::<call::RouteAdd>("route add 10.0.0.9 scope host dev dpdk0 local src 10.0.0.8 mtu 1400");
    assert_eq!(route.flags, RouteFlags::FORWARD | RouteFlags::LOCAL_IN | RouteFlags::HOST);
    assert_eq!((route.dst.len, route.mtu, route.family_open), (32, 1400, false));
    assert_eq!(route.src.unwrap().addr, std::net::IpAddr::from([10, 0, 0, 8]));
    let route = sent::<call::RouteDel>("route del 10.0.0.9 scope kni_host dev dpdk0");
    assert_eq!(route.flags, RouteFlags::FORWARD | RouteFlags::KNI);
    assert_eq!(sent::<call::RouteFlush>("route flush dev dpdk0").device, "dpdk0");

    let route = sent::<call::Route6Change>("-6 route del 2001::/64 dev dpdk0 src 2001::12 mtu 1400");
    assert_eq!((route.op, route.flags, route.mtu), (Route6Op::Del, RouteFlags::FORWARD, 1400));
    assert_eq!(route.src, Some(Prefix { addr: "2001::12".parse().unwrap(), len: 128 }));
    let route = sent::<call::Route6Change>("-6 route add 2001::1/128 dev dpdk0 local");
    assert_eq!(route.flags, RouteFlags::LOCAL_IN);
    assert_eq!(sent::<call::Route6Flush>("-6 route flush dev dpdk0").op, Route6Op::Flush);
}

#[test]
fn the_family_is_that_of_the_first_address() {
    assert_eq!(sent::<call::Route6Change>("route add 2001::/64 dev dpdk0").dst.len, 64);
    assert!(sent::<call::Route6Change>("route add default via 2001::1 dev dpdk0").gateway.is_some());
    assert!(sent::<call::RouteAdd>("route add default dev dpdk0").dst.addr.is_ipv4());
}

#[test]
fn what_is_printed_can_be_given() {
    let printed_before =
        "inet 10.1.0.0/16 via 10.0.0.1 src 0.0.0.0 dev dpdk0 mtu 1500 tos 0 scope global metric 3 proto auto";
    let given = sent::<call::RouteAdd>("route add 10.1.0.0/16 via 10.0.0.1 dev dpdk0 mtu 1500 metric 3");
    assert_eq!(sent::<call::RouteAdd>(&format!("route add {printed_before}")), given);
    let default =
        "inet 0.0.0.0/0 via 10.0.0.1 src 0.0.0.0 dev dpdk0 mtu 0 tos 0 scope global metric 0 proto auto";
    let given = sent::<call::RouteAdd>("route add default via 10.0.0.1 dev dpdk0");
    assert_eq!(sent::<call::RouteAdd>(&format!("route add {default}")), given);
}

/// The listings of §3.2
#[test]
fn routes_of_both_families() {
    let device = Device::new("dpdk0").unwrap();
    let host = Prefix { addr: [10, 0, 0, 100].into(), len: 32 };
    let v4 = |dst, flags| Route { dst, flags, mtu: 1500, device, ..Route::default() };
    let default = v4(Route::default().dst, RouteFlags::FORWARD | RouteFlags::DEFAULT);
    let routes = Routes(vec![
        v4(host, RouteFlags::LOCAL_IN),
        Route { gateway: Some([10, 0, 0, 1].into()), ..default },
        Route { metric: 7, ..v4(host, RouteFlags::KNI) },
        v4(host, RouteFlags::FORWARD),
    ]);
    let v6 = |flags| Route6 { mtu: 1500, device, flags, ..Route6::default() };
    let net = Prefix { addr: "2001::".parse().unwrap(), len: 64 };
    let src = Some(Prefix { addr: "2001::12".parse().unwrap(), len: 128 });
    let routes6 = Routes6(vec![
        Route6 { dst: net, src, ..v6(RouteFlags::FORWARD) },
        Route6 { gateway: Some("2001::ffff".parse().unwrap()), ..v6(RouteFlags::FORWARD) },
        Route6 { dst: net, mtu: 0, ..v6(RouteFlags::KNI | RouteFlags::LOCAL_IN) },
        Route6 { dst: net, mtu: 0, ..v6(RouteFlags::LOCAL_IN | RouteFlags::FORWARD) },
        Route6 { dst: net, mtu: 0, ..v6(RouteFlags::UP) },
    ]);
    let daemon = FakeDaemon::canned([
        (Id::RouteShow, Reply::to::<call::RouteShow>(&routes)),
        (Id::Route6Show, Reply::to::<call::Route6Show>(&routes6)),
    ]);
    let expected = "\
inet 10.0.0.100/32 via 0.0.0.0 src 0.0.0.0 dev dpdk0 mtu 1500 tos 0 scope host metric 0 proto auto \n\
inet 0.0.0.0/0 via 10.0.0.1 src 0.0.0.0 dev dpdk0 mtu 1500 tos 0 scope global metric 0 proto auto \n\
inet 10.0.0.100/32 via 0.0.0.0 src 0.0.0.0 dev dpdk0 mtu 1500 tos 0 scope kni_host metric 7 proto auto \n\
inet 10.0.0.100/32 via 0.0.0.0 src 0.0.0.0 dev dpdk0 mtu 1500 tos 0 scope link metric 0 proto auto \n";
    assert_eq!(ask(&daemon, "route show"), printed(expected));
    let expected = "\
inet6 2001::/64 src 2001::12 dev dpdk0 mtu 1500 scope link
inet6 default via 2001::ffff dev dpdk0 mtu 1500 scope global
inet6 2001::/64 dev dpdk0 scope kni_host
inet6 2001::/64 dev dpdk0 scope host
inet6 2001::/64 dev dpdk0 scope ::
";
    assert_eq!(ask(&daemon, "route list -6"), printed(expected));
    let asked = daemon.asked();
    assert!(asked[0].read::<call::RouteShow>().unwrap().family_open);
    assert_eq!(asked[1].read::<call::Route6Show>().unwrap().op, Route6Op::Get);
}
