//! The acceptance examples of docs/spec/cli.md §8 that are about `ipvsadm`, byte for byte, against a daemon with canned answers.
//! `[FIX]` examples are as we must be, not as upstream is.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod changes;
mod listings;
mod parsing;
mod restore;
mod table;

use cli::fake::{self, FakeDaemon, Ran};
use sockopt::Client;

/// Runs `ipvsadm` with the words of `line` against `client`.
fn run(client: Client, line: &str, input: &str) -> Ran {
    let line = format!("ipvsadm {line}");
    fake::run(&line, |args, out, err| ipvsadm::run(args, &mut input.as_bytes(), out, err, client))
}

/// Against a daemon.
fn ask(daemon: &FakeDaemon, line: &str) -> Ran {
    run(daemon.client(), line, "")
}

/// Without any daemon.
fn alone(line: &str) -> Ran {
    run(fake::nobody(), line, "")
}

/// What went wrong, all on standard error.
fn failed(status: u8, stderr: &str) -> Ran {
    Ran { stdout: String::new(), stderr: stderr.to_owned(), status }
}

/// What was answered, and nothing else.
fn printed(stdout: &str) -> Ran {
    Ran { stdout: stdout.to_owned(), stderr: String::new(), status: 0 }
}

#[test]
fn the_program_finds_the_daemon_by_its_variable() {
    let daemon = FakeDaemon::canned([]);
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_ipvsadm"))
        .arg("-C")
        .env("DPVS_IPC_FILE", daemon.client().path())
        .output()
        .unwrap();
    assert!(program.status.success() && program.stderr.is_empty(), "{program:?}");
    assert_eq!(daemon.asked()[0].id, sockopt::Id::Flush);
}
