//! The golden messages of docs/spec/ipc-vectors.json: each that is supported is written from a value spelled out here, to the
//! byte, and reads as that value.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod network;
mod services;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use sockopt::body::to_vec;
use sockopt::call::{Half, SUPPORTED, recode};
use sockopt::{Body, Id};

/// A message of the file.
#[derive(Debug)]
struct Vector {
    id: Id,
    half: Half,
    refused: bool,
    body: Vec<u8>,
    nonzero: usize,
}

static VECTORS: LazyLock<BTreeMap<String, Vector>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/ipc-vectors.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file["vectors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| (v["name"].as_str().unwrap().to_owned(), vector(v)))
        .collect()
});

fn vector(v: &Value) -> Vector {
    let digits = v["body_hex"].as_str().unwrap();
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    Vector {
        id: Id::from_number(u32::try_from(v["id"].as_u64().unwrap()).unwrap()).unwrap(),
        half: if v["kind"] == "request" { Half::Request } else { Half::Reply },
        refused: v["errcode"].as_i64().is_some_and(|code| code != 0),
        body: (0..digits.len()).step_by(2).map(byte).collect(),
        nonzero: v["nonzero_fields"].as_array().unwrap().len(),
    }
}

/// `name` is what `value` is written as, and reads as `value`.
#[track_caller]
fn golden<T: Body + PartialEq + Debug>(name: &str, value: &T) {
    let vector = &VECTORS[name];
    assert_eq!(to_vec(value), vector.body, "{name} is written otherwise");
    assert_eq!(&T::decode(&vector.body).unwrap(), value, "{name} reads otherwise");
}

#[test]
fn every_supported_message_survives_the_round_trip() {
    let mut seen = 0;
    for (name, vector) in VECTORS.iter().filter(|(_, v)| !v.refused && SUPPORTED.contains(&v.id)) {
        assert_eq!(recode(vector.id, vector.half, &vector.body), Some(Ok(vector.body.clone())), "{name}");
        if vector.half == Half::Request {
            assert_eq!(vector.id.check(&vector.body), Ok(()), "{name}");
        }
        seen += 1;
    }
    assert!(seen >= 29, "only {seen} messages are supported");
}

/// Bytes that carry nothing (padding, `inet_addr` behind an IPv4 address) are whatever the peer's stack held.
#[test]
fn what_has_no_meaning_is_ignored() {
    for name in ["svc_add_tcp4", "dest_add", "laddr_add", "conn_specified", "ifaddr_add_sapool"] {
        let vector = &VECTORS[name];
        assert!(vector.nonzero > 0);
        let holes: &[std::ops::Range<usize>] = match name {
            "svc_add_tcp4" => &[40..52, 186..192],
            "dest_add" => &[40..52, 186..192, 264 + 16..264 + 28],
            "laddr_add" => &[5..8, 12..24, 26..28, 142..144, 152..164],
            "conn_specified" => &[20..32, 36..48],
            _ => &[60..72, 75..76],
        };
        let mut dirty = vector.body.clone();
        for hole in holes {
            dirty[hole.clone()].fill(0xa5);
        }
        assert_eq!(recode(vector.id, vector.half, &dirty), Some(Ok(vector.body.clone())), "{name}");
    }
}
