//! The acceptance examples of docs/spec/cli.md §8 that are about `dpip`, byte for byte, against a daemon with canned answers.
//! `[FIX]` examples are as we must be, not as upstream is.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod addr;
mod dispatch;
mod link;
mod neigh;
mod route;

use cli::fake::{self, FakeDaemon, Ran};
use sockopt::{Call, Client};

/// Runs `dpip` with the words of `line` against `client`; waiting takes no time.
fn run(client: Client, line: &str) -> Ran {
    fake::run(&format!("dpip {line}"), |args, out, err| dpip::run_with(args, out, err, client, &|_| {}))
}

/// Against a daemon.
fn ask(daemon: &FakeDaemon, line: &str) -> Ran {
    run(daemon.client(), line)
}

/// Without any daemon.
fn alone(line: &str) -> Ran {
    run(fake::nobody(), line)
}

/// A failure: all on standard error, status 1.
fn failed(stderr: &str) -> Ran {
    Ran { stdout: String::new(), stderr: stderr.to_owned(), status: 1 }
}

/// What was answered, and nothing else.
fn printed(stdout: &str) -> Ran {
    Ran { stdout: stdout.to_owned(), stderr: String::new(), status: 0 }
}

/// What the one request of a successful `line` says.
fn sent<C: Call>(line: &str) -> C::Request {
    let daemon = FakeDaemon::canned([]);
    assert_eq!(ask(&daemon, line), printed(""), "dpip {line}");
    let asked = daemon.asked();
    let [request] = asked.as_slice() else { panic!("{asked:?}") };
    request.read::<C>().unwrap()
}

/// The bytes of a request in docs/spec/ipc-vectors.json, which upstream's tool sends.
fn vector(name: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/spec/ipc-vectors.json");
    let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let vector = file["vectors"].as_array().unwrap().iter().find(|vector| vector["name"] == name).unwrap();
    let hex = vector["body_hex"].as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The body that `line` sends.
fn body(line: &str) -> Vec<u8> {
    let daemon = FakeDaemon::canned([]);
    ask(&daemon, line);
    daemon.asked().remove(0).body
}

#[test]
fn the_program_finds_the_daemon_by_its_variable() {
    let daemon = FakeDaemon::canned([]);
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_dpip"))
        .args(["addr", "flush", "dev", "dpdk0"])
        .env("DPVS_IPC_FILE", daemon.client().path())
        .output()
        .unwrap();
    assert!(program.status.success() && program.stderr.is_empty(), "{program:?}");
    assert_eq!(daemon.asked()[0].id, sockopt::Id::IfAddrFlush);
}
