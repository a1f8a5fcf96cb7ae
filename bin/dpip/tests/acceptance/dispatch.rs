//! §8.1: options, words, help, and who is told what.

use cli::fake::FakeDaemon;
use sockopt::{Code, Id, Reply};

use crate::{alone, ask, failed, printed};

/// 1, 2, 4, 5
#[test]
fn help_goes_where_upstream_sends_it() {
    let usage = alone("");
    assert!(usage.stderr.starts_with("Usage: dpip [OPTIONS] OBJECT COMMAND"));
    assert_eq!((usage.stdout.as_str(), usage.status), ("", 0));
    for line in ["-h", "foo", "foo show -h", "-v"] {
        assert_eq!(alone(line), failed(&usage.stderr), "dpip {line}");
    }
    let addr = alone("addr");
    assert!(addr.stderr.starts_with("Usage: dpip [-4|-6] addr add|set IFADDR"), "{}", addr.stderr);
    assert_eq!((addr.stdout.as_str(), addr.status), ("", 1));
    assert_eq!(alone("addr show -h"), addr);
    let help = alone("addr help more words");
    assert_eq!((help.stderr, help.status), (addr.stderr.clone(), 0));
    assert_eq!(alone("addr --help"), printed(&addr.stderr), "who asks for it by its name, gets an answer");
}

/// 3
#[test]
fn the_version_is_what_follows_the_first_dash() {
    let version = concat!("dpip-", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(alone("-V"), printed(version));
    assert_eq!(alone("addr show --version"), printed(version));
}

/// 6 to 9, and what this version cannot do
#[test]
fn refused_lines() {
    for (line, stderr) in [
        ("foo show", "dpip: invalid object, use `-h' for help.\n"),
        ("foo bar", "invalid command bar\n"),
        ("-x addr show", "dpip: invalid option -- 'x'\nInvalid option: addr\n"),
        ("-f foo addr show", "invalid family\n"),
        ("vlan show", "vlan is not supported by this version\ndpip: not support\n"),
        ("link flush", "dpip: not support\n"),
        ("maddr add", "dpip: not support\n"),
    ] {
        assert_eq!(alone(line), failed(stderr), "dpip {line}");
    }
}

/// 19
#[test]
fn a_daemon_that_is_away() {
    let told = "[dpvs_getsockopt] scoket msg connection error: No such file or directory\ndpip: <unknow>\n";
    assert_eq!(alone("addr show"), failed(told));
}

#[test]
fn the_program_is_called_by_its_last_name() {
    let daemon = FakeDaemon::canned([(Id::IfAddrShow, Reply::Refused(Code::NotExist))]);
    let ran = cli::fake::run("/usr/bin/dpip addr show", |args, out, err| {
        dpip::run(args, out, err, daemon.client())
    });
    assert_eq!(ran.stderr.lines().last(), Some("dpip: not exist"));
}

#[test]
fn a_reader_that_went_away_is_a_success() {
    struct Gone;
    impl std::io::Write for Gone {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let daemon = FakeDaemon::canned([]);
    let mut err = Vec::new();
    let args = ["dpip", "-v", "route", "add", "10.0.0.0/8", "dev", "dpdk0"].map(Into::into);
    let status = dpip::run(args, &mut Gone, &mut err, daemon.client());
    assert_eq!((status, err), (cli::Status::OK, Vec::new()));
    assert_eq!(ask(&daemon, "route flush dev dpdk0"), printed(""));
}
