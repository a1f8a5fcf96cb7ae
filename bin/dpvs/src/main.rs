//! `dpvs`: the load balancer.

use std::process::ExitCode;

fn main() -> ExitCode {
    dpvs::run(std::env::args_os().skip(1))
}
