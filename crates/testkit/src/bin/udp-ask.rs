//! `udp-ask ADDRESS:PORT COUNT`: sends requests, checks the answers, prints who gave them. Status 1 if one is missing.
#![forbid(unsafe_code)]

use std::env;
use std::net::SocketAddr;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<_> = env::args().skip(1).collect();
    let parsed = match args.as_slice() {
        [target, count] => target.parse::<SocketAddr>().ok().zip(count.parse::<u32>().ok()),
        _ => None,
    };
    let Some((target, count)) = parsed else {
        eprintln!("usage: udp-ask ADDRESS:PORT COUNT");
        return ExitCode::from(2);
    };
    match testkit::udp::ask(target, count) {
        Ok(tally) => {
            print!("{tally}");
            if tally.lost + tally.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("udp-ask: {target}: {error}");
            ExitCode::FAILURE
        }
    }
}
