//! What is said about a file, and what follows from it (docs/spec/netstack.md §2.1 to §2.3).
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use conf::dpvs::{self, Loaded};
use conf::{Level, Memory, Occasion, Severity, Verdict};
use proptest::prelude::*;

/// Workers that pass every check, so that a test sees only what it is about.
const WORKERS: &str = "worker_defs {\nworker cpu1 {\ntype slave\ncpu_id 1\n}\n}\n";

fn load(text: impl AsRef<[u8]>) -> Loaded {
    load_files(Memory::default().with("dpvs.conf", text))
}

fn load_files(files: Memory) -> Loaded {
    dpvs::load(&files, Path::new("dpvs.conf"))
}

/// Loads `text` behind workers that are well, whose lines come last: places are those of `text`.
fn with_workers(text: &str) -> Loaded {
    load(format!("{text}\n{WORKERS}"))
}

fn said(loaded: &Loaded) -> Vec<String> {
    loaded.findings.iter().map(ToString::to_string).collect()
}

/// Findings that are more than a note.
fn loud(loaded: &Loaded) -> Vec<String> {
    loaded.findings.iter().filter(|f| f.severity > Severity::Note).map(ToString::to_string).collect()
}

fn verdicts(loaded: &Loaded) -> (Verdict, Verdict) {
    (loaded.verdict(Occasion::Start), loaded.verdict(Occasion::Reload))
}

#[test]
fn a_bad_number_names_place_text_and_what_would_be_right() {
    let loaded = with_workers("netif_defs {\n    pktpool_size many\n}");
    assert_eq!(
        loud(&loaded),
        [
            "dpvs.conf:2:18: pktpool_size many: not a number; give 1023 … 134217727 (2^n − 1); using default 65535"
        ]
    );
    assert_eq!(loaded.config.netif.pktpool_size, 65_535);
    assert_eq!(verdicts(&loaded), (Verdict::Go, Verdict::Refuse));
    assert_eq!(loaded.findings[0].level(Occasion::Start), Level::Warning);
    assert_eq!(loaded.findings[0].level(Occasion::Reload), Level::Error);
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_lines() {
    let loaded = with_workers(
        "netif_defs {\npktpool_cache 1\nfdir_mode fast\ndevice dpdk0 {\nmtu 99999\nrx {\nrss quic\n}\n}\n}\nipv4_defs {\nforwarding maybe\n}",
    );
    let lines: Vec<_> =
        loaded.findings.iter().filter(|f| f.severity == Severity::Item).map(|f| f.place.line).collect();
    assert_eq!(lines, [2, 3, 5, 7, 12]);
}

#[test]
fn digits_with_junk_are_used_and_told() {
    let loaded = with_workers("neigh_defs {\ntimeout 30s\n}");
    assert_eq!(loaded.config.neigh.timeout.0, 30);
    assert_eq!(
        loud(&loaded),
        ["dpvs.conf:2:9: timeout 30s: a number with something behind it; give 1 … 3600; using 30"]
    );
}

#[test]
fn numbers_are_rounded_down() {
    let loaded = with_workers(
        "netif_defs {\npktpool_size 2097152\npktpool_cache 300\n}\nglobal_defs {\nlog_async_pool_size 2046\n}\n\
         ipvs_defs {\nconn {\nconn_pool_size 65536\nconn_pool_cache 1\n}\n}",
    );
    assert_eq!(loaded.config.netif.pktpool_size, 2_097_151);
    assert_eq!(loaded.config.netif.pktpool_cache, 256);
    assert_eq!(loaded.config.globals.log_async_pool_size, 1_023);
    assert_eq!(loaded.config.ipvs.conn.conn_pool_size, 65_535);
    assert_eq!(loaded.config.ipvs.conn.conn_pool_cache, 1);
    assert_eq!(loud(&loaded), [""; 0]);
}

#[test]
fn fix_d5_a_missing_value_is_a_warning() {
    let loaded = with_workers("netif_defs {\n<init>\npktpool_size\n}");
    assert_eq!(
        loud(&loaded),
        ["dpvs.conf:3:1: pktpool_size: no value; give 1023 … 134217727 (2^n − 1); using default 65535"]
    );
}

#[test]
fn fix_d4_the_last_line_needs_no_end_and_long_lines_are_read_whole() {
    let pad = " ".repeat(2_000);
    let loaded = with_workers(&format!("neigh_defs {{\ntimeout{pad}7\n}}"));
    assert_eq!(loaded.config.neigh.timeout.0, 7);
    assert!(said(&loaded)[0].contains("2008 bytes"), "{:?}", said(&loaded));
    assert_eq!(loaded.verdict(Occasion::Reload), Verdict::Go);
    let loaded = load("neigh_defs {\ntimeout 7\n}");
    assert_eq!(loaded.config.neigh.timeout.0, 7);
}

#[test]
fn fix_d6_what_cannot_be_read_is_told() {
    let loaded = load_files(Memory::default());
    assert!(
        said(&loaded)[0].starts_with("dpvs.conf: dpvs.conf: cannot read dpvs.conf: "),
        "{:?}",
        said(&loaded)
    );
    assert_eq!(verdicts(&loaded), (Verdict::Exit, Verdict::Refuse));
    let loaded = with_workers("include missing.conf");
    assert!(loud(&loaded)[0].starts_with("dpvs.conf:1:9: include missing.conf: cannot read missing.conf"));
    assert_eq!(verdicts(&loaded), (Verdict::Exit, Verdict::Refuse));
    let loaded = with_workers("include d/*.conf");
    assert_eq!(said(&loaded), ["dpvs.conf:1:9: include d/*.conf: no file matches"]);
    assert_eq!(verdicts(&loaded), (Verdict::Go, Verdict::Go));
}

#[test]
fn includes_are_read_in_order_from_their_own_directory() {
    let files = Memory::default()
        .with("dpvs.conf", format!("neigh_defs {{\ninclude conf.d/*.conf\n}}\n{WORKERS}"))
        .with("conf.d/b.conf", "timeout 8\ninclude more/c\ntimeout x")
        .with("conf.d/a.conf", "timeout 7\nunres_queue_length 99")
        .with("conf.d/more/c", "timeout 9");
    let loaded = load_files(files);
    assert_eq!(loaded.config.neigh.unres_queue_length, 99);
    assert!(
        loud(&loaded)[0].starts_with("conf.d/b.conf:3:9: timeout x: not a number"),
        "{:?}",
        said(&loaded)
    );
    assert_eq!(loaded.set.get("neigh_defs.timeout").unwrap().place.to_string(), "conf.d/b.conf:3:9");
}

#[test]
fn an_include_of_itself_ends() {
    let files =
        Memory::default().with("dpvs.conf", "include a").with("a", "include ../x/a\ninclude a\ninclude ./a");
    let loaded = load_files(files);
    assert!(loaded.findings.iter().any(|f| f.problem == conf::Problem::IncludeLoop));
}

#[test]
fn fix_d7_an_unknown_block_is_skipped_whole() {
    let loaded = with_workers("netif_defs {\nflow {\nmtu 7\ninner {\n}\n}\npktpool_cache 64\n}\nextra\n{\n}");
    let mistakes = loud(&loaded);
    assert_eq!(
        mistakes[0],
        "dpvs.conf:2:1: flow {: not supported keyword; known in netif_defs: pktpool_size, pktpool_cache, fdir_mode, device, bonding"
    );
    assert_eq!(loaded.config.netif.pktpool_cache, 64);
    let loaded = with_workers("netif_defs {\nflow {\nmtu 7\n}\npktpool_cache 64\n}");
    assert_eq!(verdicts(&loaded), (Verdict::Go, Verdict::Refuse));
}

#[test]
fn an_unknown_keyword_is_met_with_what_it_may_have_been() {
    let loaded = with_workers("netif_defs {\npktpool_sise 7\nmtu 1500\ninclude \"a\"\n}");
    let mistakes = loud(&loaded);
    assert!(mistakes[0].ends_with("not supported keyword; did you mean pktpool_size"), "{mistakes:?}");
    assert!(mistakes[1].ends_with("it belongs into netif_defs.device"), "{mistakes:?}");
    assert!(mistakes[2].ends_with("write include and exactly one word, without quotes"), "{mistakes:?}");
}

#[test]
fn braces_must_balance() {
    for text in [
        "netif_defs {",
        "}",
        "netif_defs {\n}\n}",
        "netif_defs {\ndevice {\n}\n}",
        "netif_defs {\ndevice\n}",
        "netif_defs {\ndevice d {\nrx 5\n}\n}",
        "netif_defs { pktpool_cache 64 }",
        "netif_defs {\nmtu {\n",
        "netif_defs {\npktpool_size {\n}\n}",
        "unknown {",
        "{\n}",
    ] {
        let loaded = with_workers(text);
        assert!(
            loaded.findings.iter().any(|f| f.severity == Severity::Structure),
            "{text}: {:?}",
            said(&loaded)
        );
        assert_eq!(verdicts(&loaded), (Verdict::Exit, Verdict::Refuse), "{text}");
    }
    let files = Memory::default().with("dpvs.conf", "include a\n}").with("a", "netif_defs {");
    assert!(loud(&load_files(files))[0].contains("opened in a:1:1"));
}

#[test]
fn rule_5_a_brace_may_stand_on_the_next_line_or_be_missing() {
    let loaded = with_workers("neigh_defs\n{\ntimeout 7\n}\nipv4_defs\nforwarding on\n}");
    assert_eq!(loud(&loaded), [""; 0]);
    assert_eq!((loaded.config.neigh.timeout.0, loaded.config.ipv4.forwarding), (7, true));
}

#[test]
fn rule_8_blocks_accumulate_and_the_last_scalar_wins() {
    let loaded =
        with_workers("netif_defs {\ndevice a {\nmtu 100\nmtu 200\n}\n}\nnetif_defs {\ndevice b {\n}\n}");
    let devices: Vec<_> = loaded.config.netif.devices.iter().map(|d| (d.name.as_str(), d.mtu)).collect();
    assert_eq!(devices, [("a", 200), ("b", 1_500)]);
}

#[test]
fn flags_are_on_when_they_stand_there() {
    let loaded = with_workers("netif_defs {\ndevice a {\npromisc_mode off\n}\n}");
    assert!(loaded.config.netif.devices[0].promisc_mode);
    assert!(said(&loaded)[0].contains("a flag takes no value"));
    assert_eq!(verdicts(&loaded), (Verdict::Go, Verdict::Go));
}

#[test]
fn bad_values_that_stand_for_another_than_the_default() {
    let loaded = with_workers("netif_defs {\ndevice a {\nrx {\nqueue_number 17\n}\n}\n}");
    assert_eq!(loaded.config.netif.devices[0].rx.queue_number, Some(16));
    let loaded =
        with_workers("ipv4_defs {\nfragment {\nbucket_number 32\nbucket_entries 4\nmax_entries 129\n}\n}");
    assert_eq!(loaded.config.ipv4.fragment.max_entries, 64);
    assert!(loud(&loaded)[0].ends_with("give 1 … 128; using default 64"), "{:?}", said(&loaded));
}

#[test]
fn rss_words() {
    let rss = |value: &str| {
        let loaded = with_workers(&format!("netif_defs {{\ndevice a {{\nrx {{\nrss {value}\n}}\n}}\n}}"));
        (loaded.config.netif.devices[0].rx.rss.to_string(), loud(&loaded).len())
    };
    assert_eq!(rss("all"), ("ip|tcp|udp".to_owned(), 0));
    assert_eq!(rss("ip|sctp"), ("ip|sctp".to_owned(), 0));
    assert_eq!(rss("\"ip | udp\""), ("ip|udp".to_owned(), 0));
    assert_eq!(rss("ip|quic"), ("ip".to_owned(), 1));
    assert_eq!(rss("quic"), ("tcp".to_owned(), 1));
    assert_eq!(rss("tcp | udp"), ("tcp".to_owned(), 1));
    assert_eq!(rss("ip|tcp|udp|sctp|ether|port|tunnel"), ("tcp".to_owned(), 1));
}

#[test]
fn log_levels_are_prefixes_in_capitals() {
    let level =
        |word: &str| with_workers(&format!("global_defs {{\nlog_level {word}\n}}")).config.globals.log_level;
    assert_eq!(level("ERROR"), Some(dpvs::LogLevel::Err));
    assert_eq!(level("INFORMATION"), Some(dpvs::LogLevel::Info));
    assert_eq!((level("WARN"), level("debug")), (None, None));
}

#[test]
fn what_has_no_effect_is_named_once() {
    let loaded = with_workers(
        "netif_defs {\ndevice a {\nkni_name ka\n}\ndevice b {\nkni_name kb\n}\n}\nsa_pool {\npool_hash_size 16\n}",
    );
    assert_eq!(
        said(&loaded),
        [
            "dpvs.conf:3:10: kni_name ka: not in effect yet",
            "dpvs.conf:10:16: pool_hash_size 16: accepted, without effect here"
        ]
    );
}

#[test]
fn a_secret_is_its_first_32_digits() {
    let secret = |text: &str| {
        with_workers(&format!("ipv6_defs {{\nstable_secret {text}\n}}")).config.ipv6.stable_secret
    };
    assert_eq!(
        secret("000102030405060708090a0b0c0d0e0fFF").unwrap().0,
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    );
    assert_eq!(secret("0001"), None);
}

fn anything() -> impl Strategy<Value = String> {
    let words: Vec<String> = dpvs::sections()
        .iter()
        .flat_map(|s| s.items.iter().map(|i| i.path.clone()).chain([s.path.clone()]))
        .map(|path| path.rsplit('.').next().unwrap_or_default().to_owned())
        .chain(
            ["{", "}", "\n", "\n", "\n", "0", "7", "99999999999999999999", "-1", "\"", "<init>", "a", "!"]
                .map(str::to_owned),
        )
        .collect();
    prop::collection::vec(prop::sample::select(words), 0..120).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        load(bytes);
    }

    #[test]
    fn any_words_are_read_and_a_reload_is_all_or_nothing(text in anything()) {
        let loaded = load(&text);
        let running = dpvs::Config::default();
        let refused = loaded.verdict(Occasion::Reload) == Verdict::Refuse;
        let reloaded = dpvs::reload(&running, loaded, "dpvs.conf");
        prop_assert_eq!(reloaded.config.is_none(), refused);
        if let Some(config) = reloaded.config {
            prop_assert!(dpvs::needs_restart(&running, &config).is_empty());
        }
    }
}

#[test]
fn an_open_quote_loses_a_word_and_that_is_told() {
    let loaded = with_workers("global_defs {\nlog_file \"/a b\nlog_level \"ERR\"\n}");
    assert_eq!(loaded.config.globals.log_file.as_deref(), Some("/a"));
    assert_eq!(loud(&loaded).len(), 1);
    assert!(loud(&loaded)[0].ends_with("; using /a"), "{:?}", loud(&loaded));
    assert_eq!(loaded.config.globals.log_level, Some(dpvs::LogLevel::Err));
}

#[test]
fn text_that_is_not_utf_8_is_told_but_not_in_comments() {
    let text = [b"! \xff\nglobal_defs {\nlog_file /\xff\n}\n".as_slice(), WORKERS.as_bytes()].concat();
    let loaded = load(text);
    assert_eq!(loaded.config.globals.log_file, None);
    assert_eq!(loud(&loaded).len(), 1);
    assert!(loud(&loaded)[0].contains("not UTF-8"));
}
