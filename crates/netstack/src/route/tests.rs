use proptest::collection::vec;
use proptest::prelude::*;
use wire::{Addr4, Addr6};

use super::*;

const ETH: [DeviceId; 2] = [DeviceId(0), DeviceId(1)];

fn forward(dst: [u8; 4], plen: u8) -> Route<Addr4> {
    Route::new(Addr4(dst), plen, ETH[0], RouteFlags::FORWARD)
}

fn host(dst: [u8; 4]) -> Route<Addr4> {
    Route::new(Addr4(dst), 32, ETH[0], RouteFlags::LOCALIN)
}

fn routes(all: impl IntoIterator<Item = Route<Addr4>>) -> Routes<Addr4> {
    let mut routes = Routes::default();
    all.into_iter().for_each(|route| routes.add(route).expect("a good route"));
    routes
}

#[test]
fn the_longest_prefix_wins_and_then_the_metric_and_then_the_first() {
    let on = |route: Route<Addr4>, device, metric| Route { device, metric, ..route };
    let mut all = routes([
        forward([0; 4], 0).via(Addr4([10, 0, 0, 1])),
        forward([10, 0, 0, 0], 8),
        forward([10, 1, 0, 0], 16),
        on(forward([10, 1, 0, 0], 16), ETH[1], 0),
    ]);
    let device = |all: &Routes<Addr4>, dst| all.lookup(Addr4(dst)).map(|route| (route.plen, route.device));
    assert_eq!(device(&all, [192, 0, 2, 1]), Some((0, ETH[0])));
    assert_eq!(device(&all, [10, 2, 0, 1]), Some((8, ETH[0])));
    assert_eq!(device(&all, [10, 1, 0, 1]), Some((16, ETH[0])), "the first added");
    all.add(on(forward([10, 1, 0, 0], 16), DeviceId(2), -1)).expect("another device");
    assert_eq!(device(&all, [10, 1, 0, 1]), Some((16, DeviceId(2))), "the least metric");
}

#[test]
fn a_route_is_removed_by_exact_match() {
    // [fix D26]: upstream removes 10.0.0.0/24 for 10.0.0.0/8.
    let mut all = routes([forward([10, 0, 0, 0], 24)]);
    assert_eq!(all.remove(&forward([10, 0, 0, 0], 8)), Err(RouteError::NotFound));
    let other = Route { device: ETH[1], ..forward([10, 0, 0, 0], 24) };
    assert_eq!(all.remove(&other), Err(RouteError::NotFound));
    assert_eq!(
        all.remove(&forward([10, 0, 0, 77], 24)).map(|route| route.plen),
        Ok(24),
        "host bits do not count"
    );
    assert!(all.is_empty());
}

#[test]
fn what_cannot_be_a_route_is_refused() {
    let mut all = routes([forward([10, 0, 0, 0], 8), host([10, 0, 0, 5])]);
    let none = Route::new(Addr4([10, 0, 0, 0]), 8, ETH[0], RouteFlags(0x4));
    for (route, error) in [
        (forward([10, 0, 0, 0], 33), RouteError::PrefixTooLong),
        (none, RouteError::NoClass),
        (Route { plen: 24, ..host([10, 0, 0, 5]) }, RouteError::NotAHost),
        (host([0; 4]), RouteError::NotAHost),
        (forward([10, 9, 9, 9], 8), RouteError::Exists),
        (host([10, 0, 0, 5]), RouteError::Exists),
    ] {
        assert_eq!(all.add(route.clone()), Err(error), "{route:?}");
    }
    assert_eq!(all.len(), 2);
}

#[test]
fn local_routes_win_and_are_told_apart() {
    let kni = Route::new(Addr4([10, 0, 0, 6]), 32, ETH[0], RouteFlags::KNI.with(RouteFlags::FORWARD));
    let mut all = routes([forward([10, 0, 0, 5], 32), host([10, 0, 0, 5]), kni]);
    let scope = |all: &Routes<Addr4>, n| all.lookup(Addr4([10, 0, 0, n])).map(Route::scope);
    assert_eq!((scope(&all, 5), scope(&all, 6)), (Some(Scope::Host), Some(Scope::KniHost)));
    assert!(all.is_local(Addr4([10, 0, 0, 5])) && !all.is_local(Addr4([10, 0, 0, 6])));
    all.remove(&host([10, 0, 0, 5])).expect("is there");
    assert_eq!(scope(&all, 5), Some(Scope::Link));
    assert!(!all.is_local(Addr4([10, 0, 0, 5])));
}

#[test]
fn a_local_ipv6_network_yields_to_longer_prefixes() {
    let addr = |last| Addr6([0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    let mut all = Routes::default();
    let local = Route::new(addr(0), 32, ETH[0], RouteFlags::LOCALIN);
    all.add(local.clone()).expect("IPv6 may");
    all.add(Route::new(addr(9), 128, ETH[0], RouteFlags::FORWARD)).expect("a good route");
    assert!(all.is_local(addr(1)) && !all.is_local(addr(9)));
    all.remove(&local).expect("is there");
    assert!(!all.is_local(addr(1)));
}

#[test]
fn rows_stand_as_the_specification_orders_them() {
    let on1 = |route: Route<Addr4>| Route { device: ETH[1], ..route };
    let all = routes([
        forward([0; 4], 0),
        forward([10, 0, 0, 0], 8),
        host([10, 0, 0, 200]),
        forward([10, 2, 0, 0], 16),
        forward([10, 1, 0, 0], 16),
        host([11, 0, 0, 3]),
        on1(host([10, 0, 0, 3])),
        on1(forward([10, 2, 0, 0], 16)),
    ]);
    let rows: Vec<_> = all.iter().map(|r| (r.dst.0, r.plen, r.device.0)).collect();
    assert_eq!(
        rows,
        [
            ([11, 0, 0, 3], 32, 0),
            ([10, 0, 0, 3], 32, 1),
            ([10, 0, 0, 200], 32, 0),
            ([10, 2, 0, 0], 16, 0),
            ([10, 1, 0, 0], 16, 0),
            ([10, 2, 0, 0], 16, 1),
            ([10, 0, 0, 0], 8, 0),
            ([0; 4], 0, 0),
        ]
    );
    let default = all.iter().last().expect("rows");
    assert!(default.flags.has(RouteFlags::DEFAULT), "added by the daemon");
}

#[test]
fn a_hundred_thousand_routes_are_added_found_and_removed() {
    let nth =
        |n: u32| Route::new(Addr4(((n << 8) + 0x0100_0000).to_be_bytes()), 24, ETH[0], RouteFlags::FORWARD);
    let mut all = Routes::default();
    (0..100_000u32).for_each(|n| all.add(nth(n)).expect("a good route"));
    let before = all.clone();
    for n in 0..100_000u32 {
        let inside = Addr4(((n << 8) + 0x0100_0000 + n % 256).to_be_bytes());
        assert_eq!(all.lookup(inside).map(|route| route.dst), Some(nth(n).dst));
        all.remove(&nth(n)).expect("is there");
        assert!(all.lookup(inside).is_none());
    }
    assert_eq!((all.len(), before.len()), (0, 100_000));
}

#[derive(Clone, Debug)]
enum Op {
    Add(Route<Addr4>),
    Remove(Route<Addr4>),
}

fn any_route() -> impl Strategy<Value = Route<Addr4>> {
    let dst = (0u8..3, 0u8..3, 0u8..8).prop_map(|(a, b, c)| [10 + a, b << 6, 0, c]);
    let net = prop_oneof![Just(0u8), 6u8..=11, Just(24), 29u8..=33];
    let net = (net, Just(RouteFlags::FORWARD));
    let local = prop_oneof![Just(RouteFlags::LOCALIN), Just(RouteFlags::KNI)].prop_map(|class| (32u8, class));
    (dst, prop_oneof![3 => net, 1 => local], 0u16..2, -1i16..2).prop_map(
        |(dst, (plen, class), device, metric)| Route {
            metric,
            ..Route::new(Addr4(dst), plen, DeviceId(device), class)
        },
    )
}

proptest! {
    /// Against a list that is searched from its start.
    #[test]
    fn routes_are_a_list(ops in vec(prop_oneof![2 => any_route().prop_map(Op::Add), 1 => any_route().prop_map(Op::Remove)], 0..80)) {
        let (mut routes, mut model) = (Routes::default(), Vec::<Route<Addr4>>::new());
        let is_same = |a: &Route<Addr4>, b: &Route<Addr4>| {
            a.device == b.device && a.plen == b.plen && a.is_local() == b.is_local() && a.prefix() == b.prefix()
        };
        for op in ops {
            match op {
                Op::Add(route) => {
                    let refused = route.plen > 32 || model.iter().any(|other| is_same(other, &route));
                    prop_assert_eq!(routes.add(route.clone()).is_err(), refused);
                    if !refused {
                        model.push(route);
                    }
                }
                Op::Remove(route) => {
                    let at = model.iter().position(|other| is_same(other, &route));
                    let removed = routes.remove(&route).map(|route| (*route).clone());
                    let expected = at.map(|at| model.remove(at));
                    let known = |r: Route<Addr4>| (r.dst, r.plen, r.device, r.metric, r.scope());
                    prop_assert_eq!(removed.ok().map(known), expected.map(known));
                }
            }
        }
        for dst in (0..3u8).flat_map(|a| (0..4u8).map(move |b| Addr4([10 + a, b << 6, 0, b * 2]))) {
            let mut matching: Vec<_> =
                model.iter().filter(|r| crate::prefix::contains(r.dst, r.plen, dst)).cloned().collect();
            matching.sort_by_key(|r| (!r.is_local(), u8::MAX - r.plen, r.metric));
            let key = |r: &Route<Addr4>| (r.device, r.plen, r.scope(), r.metric);
            prop_assert_eq!(routes.lookup(dst).map(key), matching.first().map(key));
            let is_ours = matching.first().is_some_and(|r| r.scope() == Scope::Host);
            prop_assert_eq!(routes.is_local(dst), is_ours);
        }
    }
}
