//! The daemon: arguments, wiring, life cycle (docs/spec/netstack.md §1).
//!
//! | module | what |
//! |---|---|
//! | [`cli`], [`pidfile`] | the command line; one daemon at a time |
//! | `start`, `layout`, `ports`, `house` | from `dpvs.conf` to workers on lcores with queues of ports |
//! | `worker`, `punt`, `master` | what each kind of thread does: workers, slow path, control |
//! | `view` | what listings want to know of ports and lcores |
#![forbid(unsafe_code)]

pub mod cli;
mod clock;
mod counts;
mod dumps;
mod house;
mod layout;
mod logging;
mod master;
mod pages;
pub mod pidfile;
mod ports;
mod punt;
mod recycling;
mod secrets;
mod start;
mod view;
mod worker;

use std::ffi::OsString;
use std::process::ExitCode;

use cli::Wish;

/// The program's own version (docs/spec/netstack.md §1.1).
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The upstream release whose control protocol it speaks.
pub const COMPATIBLE: &str = "1.10.2";

/// Does what the arguments (less the program's name) ask for.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let missing = flow::cpu::missing_features(&std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default());
    if !missing.is_empty() {
        eprintln!(
            "dpvs: built for {}, but this CPU lacks {}; build it with: make MARCH=x86-64-v2",
            flow::cpu::built_for(),
            missing.join(", ")
        );
        return ExitCode::FAILURE;
    }
    match cli::parse(args) {
        Ok(Wish::Version) => {
            eprintln!("{}", version_line());
            ExitCode::SUCCESS
        }
        Ok(Wish::Help) => {
            print!("{}", cli::usage());
            ExitCode::SUCCESS
        }
        Ok(Wish::Check(files)) => start::check(&files),
        Ok(Wish::Run(files, eal)) => start::run(&files, &eal),
        Err(misuse) => {
            eprintln!("dpvs: {misuse}");
            print!("{}", cli::usage());
            ExitCode::FAILURE
        }
    }
}

/// What `-v` prints.
fn version_line() -> String {
    format!("dpvs version: {VERSION}, build on {} (compatible with {COMPATIBLE})", env!("DPVS_BUILD_DATE"))
}
