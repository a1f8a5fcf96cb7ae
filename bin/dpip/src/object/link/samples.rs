//! Counters as they stand, or their growth over an interval (docs/spec/cli.md §3.3): the same rows in both.

use std::io::Write;
use std::time::Duration;

use super::cells::{cell, row};
use crate::Context;
use crate::failure::Failure;

/// A counter: its title, and what is behind the title when it is a rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counter<T> {
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    pub(super) of: fn(&T) -> u64,
}

/// Counters in rows.
pub(super) type Rows<T> = &'static [&'static [Counter<T>]];

/// Prints what `fetch` tells: once as it stands, or sample by sample if an interval was given. Returns what was told last.
pub(super) fn show<T>(
    context: &mut Context<'_>,
    rows: Rows<T>,
    mut fetch: impl FnMut(&mut Context<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let options = context.options;
    let mut old = fetch(context)?;
    if options.interval == 0 {
        for counters in rows {
            let cells: Vec<_> = counters.iter().map(|c| cell(c.title, (c.of)(&old))).collect();
            row(context.session.out(), 20, &cells)?;
        }
        return Ok(old);
    }
    let mut done = 0_u32;
    while options.count == 0 || done < options.count {
        (context.sleep)(Duration::from_secs(options.interval.into()));
        let new = fetch(context)?;
        done = done.wrapping_add(1);
        if options.color {
            write!(context.session.out(), "{}", if done % 2 == 1 { BLUE } else { GREEN })?;
        }
        for counters in rows {
            let rate = |c: &Counter<T>| (c.of)(&new).wrapping_sub((c.of)(&old)) / u64::from(options.interval);
            let cells: Vec<_> =
                counters.iter().map(|c| cell(format!("{}/{}", c.title, c.unit), rate(c))).collect();
            row(context.session.out(), 16, &cells)?;
        }
        // Somebody watches.
        context.session.flush()?;
        old = new;
    }
    if options.color {
        write!(context.session.out(), "{PLAIN}")?;
    }
    Ok(old)
}

const BLUE: &str = "\x1b[34m";
const GREEN: &str = "\x1b[32m";
const PLAIN: &str = "\x1b[0m";
