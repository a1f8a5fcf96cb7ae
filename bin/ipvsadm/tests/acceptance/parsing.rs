//! §8.3, as far as no daemon is needed; and the status when there is none.

use crate::{alone, failed};

const TRY: &str = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n";

/// Each line of arguments, its status, and what is said on standard error.
#[rustfmt::skip] // one example per row
const REFUSED: &[(&str, u8, &str)] = &[
    // 63
    ("-ln", 2, "[dpvs_getsockopt] scoket msg connection error: No such file or directory\nCan't initialize ipvs: No such file or directory\nAre you sure that dpvs is running?\n"),
    // 65
    ("bogus", 255, TRY),
    ("-t 1.1.1.1:80 -A", 255, TRY),
    ("--lis", 255, TRY),
    // 66
    ("-A", 2, "You need to supply the 'service-address' option for the 'add-service' command\n"),
    // 69
    ("-A -t 1.1.1.1", 2, "Zero port specified for no-match and non-persistent service\n"),
    // 70
    ("-A -t 1.1.1.1:99999", 2, "illegal virtual server address[:port] specified\n"),
    ("-A -t foo", 2, "illegal virtual server address[:port] specified\n"),
    ("-A -t 123", 2, "illegal virtual server address[:port] specified\n"),
    ("-A -t [2001::1]", 2, "illegal virtual server address[:port] specified\n"),
    // 71
    ("-A -t 1.1.1.1:80 -w 10", 2, "Illegal 'weight' option with the 'add-service' command\n"),
    // 72
    ("-A -t 1.1.1.1:80 -t 1.1.1.2:80", 2, "multiple 'service-address' options specified\n"),
    // 73
    ("-A -t 1.1.1.1:80 -D", 2, "invalid option `-D'\n"),
    // 74
    ("-A -t 1.1.1.1:80 --bogus", 255, "--bogus: unknown option\n"),
    ("-A -t", 255, "-t: missing argument\n"),
    // 75
    ("-A -t 1.1.1.1:80 extra", 2, "unexpected argument extra\n"),
    // 76
    ("-A -t 1.1.1.1:80 -p 0", 2, "invalid timeout value `0' specified\n"),
    // 77
    ("-A -t 1.1.1.1:80 -o", 2, "One-Packet Scheduling is only for UDP virtual services\n"),
    // 78
    ("-A -t 1.1.1.1:80 --hash-target sip", 2, "hash target can only be set when schedule is conhash\n\n"),
    // 79
    ("-A -t 1.1.1.1:80 -s conhash --hash-target qid", 2, "qid hash can only be set in udp service\n\n"),
    // 80
    ("-A -t 1.1.1.1:80 -j foo", 2, "synproxy switch must be enable or disable\n\n"),
    // 81
    ("-A -t 1.1.1.1:80 --dest-check foo", 2, "invalid dest_check config\n"),
    // 82
    ("-A -f 0", 2, "invalid fwmark value `0' specified\n"),
    ("-A -6 -f 1", 2, "-6 used before -f\n\n"),
    // 83
    ("-A -H proto=tcp,iif=dpdk0", 2, "illegal match specified\n"),
    // 84
    ("-a -t 1.1.1.1:80", 2, "You need to supply the 'real-server' option for the 'add-server' command\n"),
    // 85
    ("-a -t 1.1.1.1:80 -r 2.2.2.2 -w 70000", 2, "illegal weight specified\n"),
    // 86
    ("-a -t 1.1.1.1:80 -r 2.2.2.2 -b -g", 2, "multiple 'forwarding-method' options specified\n"),
    // 88
    ("-P -t 1.1.1.1:80 -z 3.3.3.3", 2, "You need to supply the 'ifname' option for the 'add-laddr' command\n"),
    // 89
    ("-U -t 1.1.1.1:80 -k bad_addr", 2, "illegal blacklist entry format, require [ IP | ipset:NAME ]\n"),
    // 90
    ("-G -n", 2, "Illegal 'numeric' option with the 'get-laddr' command\n"),
    // 91
    ("-l -c -t 1.1.1.1:80", 2, "The option 'service-address' conflicts with the 'connection' option in the 'list' command\n"),
    // 92
    ("-l -c --stats", 2, "options conflicts in the list command\n"),
    // 96
    ("--set 1 2", 2, "--set option requires 3 timeout values\n"),
    ("-C -t 1.1.1.1:80", 2, "Illegal 'service-address' option with the 'flush' command\n"),
    // 97
    ("-lnc --sockpair foo", 2, "illegal sockpair<af:sip:sport:tip:tport> specified\n"),
    // 110
    ("--start-daemon foo", 2, "illegal start-daemon parameter specified\n"),

    // §4.4 and §4.2, texts that no example has
    ("--stop-daemon foo", 2, "illegal start_daemon specified\n"),
    ("-l --syncid 256", 2, "illegal syncid specified\n"),
    ("-A -t 1.1.1.1:80 --conn-timeout abc", 255, "abc: invalid numeric value\n"),
    ("-A -t 1.1.1.1:80 -p -M 300", 2, "illegal virtual server persistent mask specified\n"),
    ("-A -t [2001::1]:80 -p -M 129", 2, "illegal ipv6 netmask specified\n"),
    ("-a -t 1.1.1.1:80 -r nosuch", 2, "illegal real server address[:port] specified\n"),
    ("-a -t 1.1.1.1:80 -r 2.2.2.2 -x 2147483648", 2, "illegal u_threshold specified\n"),
    ("-a -t 1.1.1.1:80 -r 2.2.2.2 -y -1", 2, "illegal l_threshold specified\n"),
    ("-P -t 1.1.1.1:80 -z nosuch -F dpdk0", 2, "illegal local address\n"),
    ("-O -t 1.1.1.1:80 -2 2001::1", 2, "illegal whitelist entry format, require [ IP | ipset:NAME ]\n"),
    ("-A -u 1.1.1.1:80 -s conhash --hash-target fallback", 2, "hash target not support\n\n"),
    ("-O -t 1.1.1.1:80 -2 1.2.3.4 -2 1.2.3.5", 2, "multiple 'whtlst-address' options specified\n"),
    ("-A -t 1.1.1.1:80 --pe sip", 2, "Illegal 'pe' option with the 'add-service' command\n"),
    ("-P -t 1.1.1.1:80 -z 3.3.3.3 -F a-name-of-16-byt", 2, "ifname `a-name-of-16-byt': give a name of 1 to 15 bytes\n"),
    ("-A -t 1.1.1.1:80 --proxy-protocol v3", 2, "invalid proxy-protocol `v3', give disable, v1, v2, v1-insecure or v2-insecure\n"),

    // §5: what is behind none of the ids
    ("--set 1 2 3", 1, "--set: not supported\n"),
    ("--start-daemon master", 1, "--start-daemon: not supported\n"),
    ("-l --timeout", 1, "--timeout: not supported\n"),
];

#[test]
fn refused_lines() {
    for &(line, status, stderr) in REFUSED {
        assert_eq!(alone(line), failed(status, stderr), "ipvsadm {line}");
    }
}

#[test]
fn a_daemon_that_is_away_is_a_2_for_changes_too() {
    let ran = alone("-A -t 1.1.1.1:80");
    let text = "[dpvs_setsockopt] scoket msg connection error: No such file or directory\n";
    assert_eq!((ran.status, ran.stderr.lines().next()), (2, Some(text.trim_end())));
    assert_eq!(ran.stderr.lines().last(), Some("Are you sure that dpvs is running?"));
}

/// 64
#[test]
fn help_and_version_need_no_daemon() {
    let version = alone("--version");
    let words: Vec<_> = version.stdout.split_whitespace().collect();
    let [name, ours, date, rest @ ..] = words.as_slice() else { panic!("{version:?}") };
    assert_eq!((*name, *ours), ("ipvsadm", concat!("v", env!("CARGO_PKG_VERSION"))));
    assert_eq!(date.split('/').filter_map(|part| part.parse::<u32>().ok()).count(), 3);
    assert_eq!(rest.join(" "), "(compiled with popt and IPVS v1.10.2)");
    assert_eq!((version.stderr.as_str(), version.status), ("", 0));

    let help = alone("-h");
    assert!(help.stdout.starts_with(&version.stdout));
    for word in ["-A, --add-service", "-p, --persistent [SECONDS]", "--dest-check CHECK"] {
        assert!(help.stdout.contains(word), "{word}");
    }
    assert_eq!((help.stderr.as_str(), help.status), ("", 0));
}
