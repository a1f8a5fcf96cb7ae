//! The codes that tools look at, and garbage: docs/spec/ipc.md §5, §7.1; docs/spec/cli.md §5.

use proptest::prelude::*;
use sockopt::dest::{Dest, DestOf, Forward};
use sockopt::laddr::LaddrConf;
use sockopt::route::{Prefix, Route, RouteFlags};
use sockopt::service::{CheckTypes, Netmask, ProxyProtocol, ProxyVersion, Service, ServiceFlags};
use sockopt::{Code, Id, Protocol, Text, call};

use crate::{House, service, tcp, with_service};

#[test]
fn services() {
    let (mut house, key) = with_service(1);
    let other = tcp("192.0.2.99", 80);
    let mut set = |asked: &Service| house.call::<call::ServiceAdd>(asked).err().map_or(0, Code::as_i32);
    let plain = service(other);
    assert_eq!(set(&service(key)), -3);
    for (asked, code) in [
        (Service { scheduler: Text::cut("none"), ..plain }, -4),
        (Service { scheduler: Text::cut("wlc"), ..plain }, -14),
        (Service { flags: ServiceFlags::PERSISTENT, ..plain }, -14),
        (Service { flags: ServiceFlags::QUIC, ..plain }, -14),
        (Service { limit_proportion: 50, ..plain }, -14),
        (Service { proxy: ProxyProtocol { version: ProxyVersion::V2, insecure: false }, ..plain }, -14),
        (Service { conn_timeout: u32::MAX, ..plain }, -1),
        (service(tcp("0.0.0.0", 80)), -1),
        (service(tcp("0:1:0:1::", 80)), -1),
        (Service::default(), -1),
    ] {
        assert_eq!(set(&asked), code, "{asked:?}");
    }
    let mut passive = plain;
    passive.check.types = CheckTypes::PASSIVE;
    assert_eq!(set(&passive), -14);
    for (proto, code) in [(Protocol::SCTP, -14), (Protocol::ICMP, -14), (Protocol(47), -1)] {
        assert_eq!(set(&service(sockopt::service::Key { proto, ..other })), code);
    }
    let v6 = tcp("2001::1", 80);
    house.call::<call::ServiceAdd>(&service(v6)).unwrap();
    let edit = Service { netmask: Netmask::V6(0), ..service(v6) };
    assert_eq!(house.call::<call::ServiceEdit>(&edit), Err(Code::Invalid));
    assert_eq!(house.call::<call::ServiceEdit>(&plain), Err(Code::Invalid));
    assert_eq!(house.call::<call::ServiceDel>(&plain), Err(Code::Invalid), "not -4");
    assert_eq!(house.call::<call::Zero>(&plain), Err(Code::Invalid));
    assert_eq!(house.call::<call::Zero>(&Service::default()), Ok(()), "all");
    assert_eq!(house.call::<call::Service>(&plain), Err(Code::MsgFail));
}

#[test]
fn dests() {
    let (mut house, key) = with_service(1);
    let dest = Dest::new([10, 1, 0, 1].into(), 80, Forward::FullNat);
    let of = |key, dest| DestOf { service: service(key), dest };
    assert_eq!(house.call::<call::DestAdd>(&of(tcp("192.0.2.1", 80), dest)), Err(Code::Invalid));
    let reversed = Dest { min_conn: 2, max_conn: 1, ..dest };
    for (asked, code) in [
        (reversed, Code::NotSupported),
        (Dest { forward: Forward::Direct, ..dest }, Code::NotSupported),
        (Dest { weight: 65_536, ..dest }, Code::Invalid),
        (Dest { addr: "2001::9".parse().unwrap(), ..dest }, Code::NotSupported),
    ] {
        assert_eq!(house.call::<call::DestAdd>(&of(key, asked)), Err(code), "{asked:?}");
    }
    assert_eq!(house.call::<call::DestEdit>(&of(key, dest)), Err(Code::NotExist));
    assert_eq!(house.call::<call::DestDel>(&of(key, dest)), Err(Code::NotExist));
    assert_eq!(house.call::<call::DestAdd>(&of(key, dest)), Ok(()));
    assert_eq!(house.call::<call::DestAdd>(&of(key, dest)), Err(Code::Exist));
    assert_eq!(house.call::<call::DestEdit>(&of(key, reversed)), Err(Code::Invalid));
}

#[test]
fn local_addresses_and_routes() {
    let (mut house, key) = with_service(1);
    let laddr = LaddrConf {
        key,
        laddr: Some([10, 2, 0, 1].into()),
        device: Text::cut("dpdk0"),
        ..LaddrConf::default()
    };
    let nobody = LaddrConf { key: tcp("192.0.2.1", 80), ..laddr };
    assert_eq!(house.call::<call::LaddrAdd>(&nobody), Err(Code::NoService));
    assert_eq!(house.call::<call::LaddrDel>(&nobody), Err(Code::NoService));
    assert_eq!(house.call::<call::LaddrFlush>(&nobody), Err(Code::NoService));
    assert_eq!(house.call::<call::LaddrGet>(&nobody).unwrap_err(), Code::MsgFail);
    let nowhere = LaddrConf { device: Text::cut("dpdk7"), ..laddr };
    assert_eq!(house.call::<call::LaddrAdd>(&nowhere), Err(Code::NotExist));
    assert_eq!(house.call::<call::LaddrDel>(&laddr), Err(Code::NotExist));
    assert_eq!(house.call::<call::LaddrAdd>(&laddr), Ok(()));
    assert_eq!(house.call::<call::LaddrAdd>(&laddr), Err(Code::Exist));
    assert_eq!(house.call::<call::LaddrFlush>(&laddr), Ok(()));

    let route = |dst: &str, len| Route {
        dst: Prefix { addr: dst.parse().unwrap(), len },
        flags: RouteFlags::FORWARD,
        device: Text::cut("dpdk0"),
        ..Route::default()
    };
    let v4 = route("10.9.0.0", 16);
    assert_eq!(house.call::<call::RouteDel>(&v4), Ok(()), "there is none, which is no error");
    assert_eq!(house.call::<call::RouteAdd>(&v4), Ok(()));
    assert_eq!(house.call::<call::RouteAdd>(&v4), Ok(()), "nor is a second one");
    assert_eq!(house.call::<call::RouteShow>(&Route::default()).unwrap().0.len(), 1);
    assert_eq!(house.call::<call::RouteAdd>(&Route { device: Text::cut("dpdk7"), ..v4 }), Err(Code::Invalid));
    assert_eq!(house.call::<call::RouteAdd>(&route("2001::", 64)), Err(Code::NotSupported));
    let v6 = route("2001::", 64);
    assert_eq!(house.call::<call::AgentRoute6Del>(&v6), Err(Code::NotExist));
    assert_eq!(house.call::<call::AgentRoute6Add>(&v6), Ok(()));
    assert_eq!(house.call::<call::AgentRoute6Add>(&v6), Err(Code::Exist));
    assert_eq!(house.call::<call::AgentRoute6Add>(&v4), Err(Code::Invalid));
}

/// What of the model a client could have changed.
fn seen(house: &House) -> (u64, usize, usize, usize) {
    let model = house.master.model();
    let net = &model.snapshot().net;
    (house.master.generation().0, model.service_count(), net.address_count(), net.routes4().len())
}

proptest! {
    /// Whatever comes is answered; what is refused changes nothing.
    #[test]
    fn garbage(bodies in prop::collection::vec((0..Id::ALL.len(), prop::collection::vec(any::<u8>(), 0..420)), 1..20)) {
        let (mut house, _) = with_service(1);
        for (id, body) in bodies {
            let id = Id::ALL[id];
            if matches!(id, Id::ConnAll | Id::ConnOne) {
                continue;
            }
            let before = seen(&house);
            if let Err(code) = house.bytes(id, body) {
                prop_assert!(code.as_i32() < 0, "{id:?}");
                prop_assert_eq!(before, seen(&house), "{:?}", id);
            }
        }
    }
}
