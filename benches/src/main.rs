//! Measures the path and its parts. `make bench` runs it; `-- --quick` is a first look, `-- --row NAME FLOWS` one row,
//! `-- --ceilings FILE` holds instructions against ceilings and nothing else.
//!
//! Wall-clock times and cycles are printed, never judged: the machine is shared.

mod ceilings;
mod clock;
mod floor;
mod handover;
mod instructions;
mod net;
mod parts;
mod path;
mod report;
mod scene;
mod source;

use std::env;
use std::io::{self, stdout};
use std::path::Path;
use std::process::ExitCode;

use crate::clock::hertz;
use crate::report::{Bytes, Part, Rates, Report};

const FLOWS: &[u32] = &[1, 1_000, 100_000, 1_000_000, 10_000_000];
const QUICK: &[u32] = &[1_000, 100_000, 1_000_000];
/// Rows beside those that are promised are measured at few sizes.
const EXTRA: &[u32] = &[1_000, 1_000_000];

fn main() -> ExitCode {
    let missing = flow::cpu::missing_features(&std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default());
    if !missing.is_empty() {
        eprintln!("bench: this CPU lacks {}; build with make MARCH=x86-64-v2", missing.join(", "));
        return ExitCode::FAILURE;
    }
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    clock::pin_to(1);
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> io::Result<ExitCode> {
    let number =
        |text: &str| text.parse::<u32>().map_err(|_| io::Error::other(format!("not a number: {text}")));
    match *args {
        ["--child", row, flows, packets] => {
            clock::assume_hertz();
            path::child(row, number(flows)?, number(packets)?.into());
        }
        ["--row", row, flows] => {
            let mut report = empty();
            report.start(&mut stdout())?;
            report.add(path::measure(row, number(flows)?, 301, None).0, &mut stdout())?;
        }
        ["--ceilings", file] => return ceilings::check(Path::new(file)),
        ["--quick"] => whole(QUICK, 301)?,
        [] => whole(FLOWS, 501)?,
        _ => return Err(io::Error::other("unknown words; see the head of benches/src/main.rs")),
    }
    Ok(ExitCode::SUCCESS)
}

fn empty() -> Report {
    Report {
        rows: Vec::new(),
        bytes_per_connection: Bytes::default(),
        connections_per_second: Rates::default(),
        parts: Vec::new(),
        machine: report::machine(),
        command: env::args().collect::<Vec<_>>().join(" "),
    }
}

fn whole(flows: &[u32], trials: usize) -> io::Result<()> {
    let (mut report, out) = (empty(), &mut stdout());
    report.start(out)?;
    let most = flows.iter().copied().max().unwrap_or(1);
    for name in path::ROWS {
        let instructions = instructions::per_packet(name);
        let promised = name.starts_with("fnat") && name.contains('4');
        for &n in if promised { flows } else { EXTRA } {
            let (row, bytes) = path::measure(name, n, trials, instructions);
            if n == most && *name == "fnat-udp4-in" {
                report.bytes_per_connection.v4 = bytes;
            }
            report.add(row, out)?;
        }
    }
    // Filled to the same size, whatever the rows above were measured at.
    report.bytes_per_connection.v6 = path::measure("fnat-udp6-in", most, 3, None).1;
    let create = parts::create();
    let (churn, live) = parts::churn();
    report.connections_per_second =
        Rates { create: hertz() / create.least, create_expire: hertz() / churn.least };
    report.parts.push(Part::new("TCP connection made, source included", create, "cycles"));
    let name = format!("TCP connection made and expired, {live} alive");
    report.parts.push(Part::new(name, churn, "cycles"));
    report.parts.extend(parts::ports());
    report.parts.extend(parts::publish());
    report.parts.extend(handover::all(&[1_000, 1_000_000]));
    report.finish(out, Path::new("target/bench.json"))
}
