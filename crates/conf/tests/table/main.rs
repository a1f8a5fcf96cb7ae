//! The table against the spec, against itself, and against docs/config.md.
#![allow(clippy::unwrap_used, reason = "tests")]

mod spec;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use conf::dpvs::{self, Item};
use spec::spec;

use conf::{Disk, Memory, Occasion, Severity, Verdict};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn items() -> BTreeMap<String, Item> {
    let items = dpvs::sections().into_iter().flat_map(|section| section.items);
    items.map(|item| (item.path.clone(), item)).collect()
}

#[test]
fn the_table_and_the_spec_have_the_same_items() {
    let (ours, theirs) = (items(), spec());
    let (ours, theirs): (BTreeSet<_>, BTreeSet<_>) = (ours.keys().collect(), theirs.keys().collect());
    assert_eq!(ours.difference(&theirs).collect::<Vec<_>>(), Vec::<&&String>::new(), "not in the spec");
    assert_eq!(theirs.difference(&ours).collect::<Vec<_>>(), Vec::<&&String>::new(), "not in the table");
}

/// Items whose row says its default in words or needs reading.
const IN_WORDS: [&str; 12] = [
    "global_defs.daemon",
    "global_defs.log_level",
    "netif_defs.bonding.options",
    "netif_defs.bonding.primary",
    "netif_defs.bonding.slave",
    "netif_defs.device.rx.max_burst_size",
    "ipvs_defs.udp.uoa_max_trail",
    "ipvs_defs.tcp.synproxy.conn_reuse_state.close",
    "ipvs_defs.tcp.synproxy.conn_reuse_state.time_wait",
    "ipvs_defs.tcp.synproxy.conn_reuse_state.fin_wait",
    "ipvs_defs.tcp.synproxy.conn_reuse_state.close_wait",
    "ipvs_defs.tcp.synproxy.conn_reuse_state.last_ack",
];

#[test]
fn defaults_are_the_specs() {
    let spec = spec();
    for (path, item) in items() {
        if IN_WORDS.contains(&path.as_str()) {
            continue;
        }
        let theirs = spec[&path].default.replace('`', "").replace("<dev>", "NAME").replace("<bond>", "NAME");
        let first = theirs.split_whitespace().next().unwrap_or_default();
        assert_eq!(item.default, first, "{path}: {theirs}");
    }
}

/// The numbers in a text, but for the 2 of 2^n.
fn numbers(text: &str) -> BTreeSet<u64> {
    let text = text.replace("2^n − 1", "").replace("2^n−1", "").replace("2^n", "");
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect()
}

#[test]
fn bounds_are_the_specs() {
    let spec = spec();
    for (path, item) in items() {
        let theirs = &spec[&path].range.replace("< 64", "0…63").replace(">0", "1");
        let stated = numbers(theirs);
        for number in numbers(&item.range) {
            // Texts that stand elsewhere in the row, and bounds that the row leaves to the host.
            let own = ["kni_name", "primary", "numa_node", "slave", "rss", "isol_rxq_ring_sz", "queue_ids"];
            let own = own.iter().any(|name| path.ends_with(name));
            assert!(stated.contains(&number) || own, "{path}: {number} in {theirs}");
        }
        assert_eq!(item.range.contains("2^n − 1"), theirs.contains("2^n−1"), "{path}");
        assert_eq!(
            item.range.contains("2^n)"),
            theirs.contains("2^n") && !theirs.contains("2^n−1"),
            "{path}"
        );
        assert_eq!(item.range == "flag", theirs.contains("flag") || path == "global_defs.daemon", "{path}");
        assert_eq!(item.range == "on or off", theirs.contains("on/off"), "{path}: {theirs}");
    }
}

#[test]
fn init_only_items_are_the_specs() {
    let spec = spec();
    for (path, item) in items() {
        if !matches!(path.as_str(), "global_defs.daemon" | "netif_defs.device.rx.max_burst_size") {
            assert_eq!(item.when == dpvs::When::Start, spec[&path].init_only, "{path}");
        }
    }
}

/// A file that sets one item to `value`, in all the blocks it needs.
fn file(path: &str, value: &str) -> Memory {
    let mut parts: Vec<_> = path.split('.').collect();
    let item = parts.pop().unwrap();
    let mut text = String::new();
    for block in &parts {
        let name = match *block {
            "bonding" => " bond0",
            "device" | "worker" | "port" => " dpdk0",
            _ => "",
        };
        text += &format!("{block}{name} {{\n");
    }
    text += &format!("{item} {value}\n{}", "}\n".repeat(parts.len()));
    Memory::default().with("f", text)
}

#[test]
fn each_default_passes_its_own_check() {
    for (path, item) in items() {
        let default = item.default.as_str();
        let value = match default {
            "unset" | "none" | "as EAL sets it" | "first slave" | "NAME.kni" => continue,
            _ if item.range == "flag" => "",
            _ => default,
        };
        let loaded = dpvs::load(&file(&path, value), Path::new("f"));
        let about = loaded.findings.iter().filter(|f| f.text.starts_with(path.rsplit('.').next().unwrap()));
        let wrong: Vec<_> = about.filter(|f| f.severity == Severity::Item).map(ToString::to_string).collect();
        let options = path.ends_with("options"); // count in mode 4 only
        assert!(wrong.is_empty() || options, "{wrong:?}");
    }
}

#[test]
fn no_item_survives_garbage_unreported() {
    for (path, item) in items() {
        let any_word = ["log_file", "kni_name", "slave", "primary"].iter().any(|name| path.ends_with(name));
        if item.range == "flag" || any_word {
            continue;
        }
        let loaded = dpvs::load(&file(&path, "?"), Path::new("f"));
        let found = loaded.findings.iter().find(|f| f.text.ends_with(" ?") && f.severity >= Severity::Item);
        let found = found.unwrap_or_else(|| panic!("{path}: {:?}", loaded.findings));
        assert!(found.to_string().contains("; give "), "{found}");
    }
}

#[test]
fn the_reference_is_what_the_table_prints() {
    let (path, printed) = (root().join("docs/config.md"), dpvs::reference());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &printed).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == printed, "docs/config.md is out of date: run this test with UPDATE_GOLDEN=1");
}

#[test]
fn the_sample_loads_with_nothing_above_a_note() {
    let loaded = dpvs::load(&Disk, &root().join("deploy/dpvs.conf.sample"));
    let loud: Vec<_> =
        loaded.findings.iter().filter(|f| f.severity > Severity::Note).map(ToString::to_string).collect();
    assert_eq!(loud, [""; 0]);
    assert_eq!(loaded.verdict(Occasion::Reload), Verdict::Go);
    let config = loaded.config;
    assert_eq!(config.netif.pktpool_size, 262_143);
    assert_eq!(config.netif.devices.len(), 2);
    assert_eq!(config.netif.devices[1].rx.rss, dpvs::Rss::ALL);
    assert_eq!(config.workers.workers.len(), 3);
    assert_eq!(config.ipvs.idle_timeouts(), [2, 90, 3, 30, 7, 7, 3, 7, 7, 120, 30, 2, 60, 300]);
    assert!(config.ipvs.tcp.synproxy.close_client_window);
}
