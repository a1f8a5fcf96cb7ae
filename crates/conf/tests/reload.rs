//! SIGHUP: all or nothing (docs/spec/netstack.md §2.3, §2.4).
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use conf::dpvs::{self, Config, Loaded, LogLevel, Reloaded, UoaMode};
use conf::{Memory, Occasion, Severity};

fn load(text: &str) -> Loaded {
    let workers = "worker_defs {\nworker w {\ntype slave\ncpu_id 1\n}\n}\n";
    dpvs::load(&Memory::default().with("dpvs.conf", format!("{text}\n{workers}")), Path::new("dpvs.conf"))
}

fn running(text: &str) -> Config {
    load(text).config
}

fn reload(running: &Config, text: &str) -> Reloaded {
    dpvs::reload(running, load(text), "dpvs.conf")
}

#[test]
fn a_deleted_line_restores_the_default() {
    let before = running("neigh_defs {\ntimeout 7\n}");
    let after = reload(&before, "").config.unwrap();
    assert_eq!((before.neigh.timeout.0, after.neigh.timeout.0), (7, 60));
}

#[test]
fn four_items_stay_when_their_line_is_deleted() {
    let before = running(
        "global_defs {\nlog_level ERR\nlog_file /l\n}\nipvs_defs {\nconn {\nxmit_ttl\n}\nudp {\nuoa_mode ipo\n}\n}",
    );
    let after = reload(&before, "").config.unwrap();
    assert_eq!(after.globals.log_level, Some(LogLevel::Err));
    assert_eq!(after.globals.log_file.as_deref(), Some("/l"));
    assert_eq!(after.ipvs.udp.uoa_mode, UoaMode::Ipo);
    assert!(after.ipvs.conn.xmit_ttl);
    let after = reload(&before, "ipvs_defs {\nudp {\nuoa_mode opp\n}\n}").config.unwrap();
    assert_eq!(after.ipvs.udp.uoa_mode, UoaMode::Opp);
}

#[test]
fn one_mistake_changes_nothing() {
    let before = running("");
    for mistake in ["neigh_defs {\ntimeout 0\n}", "neihg_defs {\n}", "neigh_defs {", "include missing"] {
        let after = reload(&before, &format!("ipv4_defs {{\nforwarding on\n}}\n{mistake}"));
        assert_eq!(after.config, None, "{mistake}");
        assert!(after.findings.iter().any(|f| f.level(Occasion::Reload) == conf::Level::Error));
    }
}

#[test]
fn fix_d8_what_only_a_restart_changes_is_named_and_left() {
    let before = running("netif_defs {\npktpool_size 1023\ndevice d {\nmtu 9000\n}\n}");
    let text = "netif_defs {\npktpool_size 2047\ndevice d {\nmtu 1500\n}\n}\nneigh_defs {\ntimeout 7\n}";
    let Reloaded { config, findings } = reload(&before, text);
    let config = config.unwrap();
    assert_eq!((config.netif.pktpool_size, config.netif.devices[0].mtu), (1_023, 9_000));
    assert_eq!(config.neigh.timeout.0, 7);
    let notes: Vec<_> =
        findings.iter().map(ToString::to_string).filter(|f| f.contains("next start")).collect();
    assert_eq!(
        notes,
        [
            "dpvs.conf:2:14: netif_defs.pktpool_size 2047: takes effect at the next start; the daemon keeps 1023",
            "dpvs.conf:4:5: netif_defs.device[0].mtu 1500: takes effect at the next start; the daemon keeps 9000",
        ]
    );
    assert!(findings.iter().all(|f| f.severity == Severity::Note));
}

#[test]
fn other_devices_need_a_restart() {
    let before = running("netif_defs {\ndevice a {\n}\n}");
    let after = reload(&before, "netif_defs {\ndevice b {\n}\ndevice a {\n}\n}");
    assert_eq!(after.config.unwrap().netif.devices, before.netif.devices);
    assert!(
        after.findings[0]
            .to_string()
            .contains("netif_defs.device b a: takes effect at the next start; the daemon keeps a")
    );
}

#[test]
fn the_same_file_again_changes_nothing_and_says_nothing_new() {
    let text = "netif_defs {\npktpool_size 1023\ndevice d {\nmtu 9000\n}\n}\nneigh_defs {\ntimeout 7\n}";
    let before = running(text);
    let after = reload(&before, text);
    assert_eq!(after.config.as_ref(), Some(&before));
    assert_eq!(after.findings, load(text).findings);
}
