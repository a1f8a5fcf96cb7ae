//! A test that a host cannot do says so by name.

use std::env;
use std::io::{self, Write};

use crate::error::LabError;
use crate::run;

/// Runs `body` as the test `name`. What the host lacks gives a line `skipped: <test>: <reason>` on standard error,
/// past the harness's capture, and not a failure, unless `DPVS_LAB_STRICT` is set.
///
/// # Panics
/// If the body fails, with what its programs said.
pub fn case(name: &str, body: impl FnOnce() -> Result<(), LabError>) {
    run::last_words(); // of the test before, on a harness with one thread
    match body() {
        Ok(()) => {}
        Err(error @ LabError::CannotHere { .. }) if env::var_os("DPVS_LAB_STRICT").is_none() => {
            // Not `eprintln`: the harness keeps that of a passing test to itself.
            let _ = writeln!(io::stderr(), "skipped: {name}: {error}");
        }
        Err(error) => panic!("{name}: {error}\n{}", run::last_words().join("\n")),
    }
}
