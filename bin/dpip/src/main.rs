//! `dpip`. Everything is in the library, so that tests run the whole tool.
#![forbid(unsafe_code)]

use std::env::args_os;
use std::io::{stderr, stdout};

fn main() -> cli::Status {
    dpip::run(args_os(), &mut stdout(), &mut stderr(), sockopt::Client::from_env())
}
