//! `ipvsadm`. Everything is in the library, so that tests run the whole tool.
#![forbid(unsafe_code)]

use std::env::args_os;
use std::io::{stderr, stdin, stdout};

fn main() -> cli::Status {
    ipvsadm::run(args_os(), &mut stdin().lock(), &mut stdout(), &mut stderr(), sockopt::Client::from_env())
}
