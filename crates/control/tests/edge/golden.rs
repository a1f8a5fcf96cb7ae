//! The golden messages of docs/spec/ipc-vectors.json that say something here, through the model.

use std::path::Path;

use serde_json::Value;
use sockopt::addr::IfAddrs;
use sockopt::body::to_vec;
use sockopt::dest::{Dests, DestsQuery};
use sockopt::{Body, Code, Id, call};

use crate::{House, tcp};

fn body(name: &str) -> (Id, Vec<u8>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/ipc-vectors.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    let vector = vectors.iter().find(|vector| vector["name"] == name).unwrap();
    let digits = vector["body_hex"].as_str().unwrap();
    let bytes = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap());
    let id = Id::from_number(u32::try_from(vector["id"].as_u64().unwrap()).unwrap()).unwrap();
    (id, bytes.collect())
}

fn send(house: &mut House, name: &str) -> Result<Vec<u8>, Code> {
    let (id, body) = body(name);
    house.bytes(id, body)
}

/// The service of the messages, without the SYN proxy that the first asks for.
fn house(workers: usize) -> House {
    let mut house = House::new(workers);
    assert_eq!(send(&mut house, "svc_add_tcp4"), Err(Code::NotSupported), "SYN proxy");
    let (id, mut service) = body("svc_add_tcp4");
    service[12..16].fill(0);
    assert_eq!(house.bytes(id, service), Ok(Vec::new()));
    house
}

#[test]
fn version_and_info() {
    let mut house = house(4);
    assert_eq!(send(&mut house, "get_version"), Ok(body("reply_get_version").1));
    assert_eq!(send(&mut house, "get_info_libipvs"), Ok(body("reply_get_info").1));
}

#[test]
fn a_dest_row_to_the_byte() {
    let mut house = house(2);
    send(&mut house, "dest_add").unwrap();
    let expected = Dests::decode(&body("reply_get_dests_upstream_quirk").1).unwrap();
    let key = tcp("192.0.2.10", 80);
    // Three connections over two workers, counted before the counts were zeroed.
    let slot = house.dest(&key, 0).index();
    for (table, n) in house.books.dests.iter().zip([2, 1]) {
        table[slot].opened.add(n);
        table[slot].active.add(n);
    }
    house.call::<call::Zero>(&crate::service(key)).unwrap();
    let query = DestsQuery { key, num_dests: 1, ..DestsQuery::default() };
    let found = house.call::<call::Dests>(&query).unwrap();
    assert_eq!((found.key, found.lcore), (key, expected.lcore), "upstream echoes less");
    let as_upstream = Dests { key: expected.key, ..found };
    assert_eq!(to_vec(&as_upstream), body("reply_get_dests_upstream_quirk").1);
}

#[test]
fn a_local_address_its_pool_and_a_route() {
    let mut house = house(1);
    for name in ["ifaddr_add_sapool", "laddr_add", "route4_add_default"] {
        assert_eq!(send(&mut house, name), Ok(Vec::new()), "{name}");
    }
    assert_eq!(send(&mut house, "laddr_add"), Err(Code::Exist));
    assert_eq!(send(&mut house, "ifaddr_add_sapool"), Err(Code::Exist));
    assert_eq!(send(&mut house, "route4_add_default"), Ok(Vec::new()), "a duplicate is no error");

    let slot = house.laddr(&tcp("192.0.2.10", 80), 0).index();
    house.books.laddrs[0][slot].opened.add(5);
    house.books.laddrs[0][slot].closed.add(2);
    let mut found = IfAddrs::decode(&send(&mut house, "ifaddr_show_stats").unwrap()).unwrap();
    let expected = IfAddrs::decode(&body("reply_ifaddr_show").1).unwrap();
    assert_eq!((found.rows[0].pool.used, found.rows[0].pool.free), (3, 64_511 - 3));
    found.rows[0].pool = expected.rows[0].pool;
    assert_eq!(found, expected);
}

#[test]
fn listings_of_services() {
    let mut house = house(1);
    assert_eq!(send(&mut house, "get_services"), Err(Code::MsgFail), "it expects two");
    assert!(send(&mut house, "agent_get_services").is_ok());
    assert!(send(&mut house, "get_service_worker1").is_ok());
    assert_eq!(send(&mut house, "svc_add_match"), Err(Code::NotSupported));
    assert_eq!(send(&mut house, "set_flush"), Ok(Vec::new()));
    assert_eq!(send(&mut house, "get_service_worker1"), Err(Code::MsgFail));
}
