//! Weighted round robin, interleaved by largest weight and greatest common divisor (docs/spec/datapath.md §15).

use super::{Position, valid};
use crate::service::{Dest, Service};
use crate::snapshot::Snapshot;

/// One place past the end stands for the head of the circular list.
pub(super) fn pick<'s>(
    position: &mut Position,
    service: &Service,
    snapshot: &'s Snapshot,
) -> Option<&'s Dest> {
    let end = u32::try_from(service.dest_count()).ok()?;
    let gcd = u32::from(service.weight_gcd);
    let start = position.at.min(end);
    position.at = start;
    loop {
        if position.at == end {
            if end == 0 || service.max_weight.0 == 0 {
                return None;
            }
            position.at = 0;
            position.level = match position.level.checked_sub(gcd) {
                None | Some(0) => service.max_weight.0.into(),
                Some(level) => level,
            };
        } else {
            position.at += 1;
        }
        let dest = valid(service, snapshot, position.at as usize);
        if let Some(dest) = dest.filter(|dest| u32::from(dest.settings.weight.0) >= position.level) {
            return Some(dest);
        }
        if position.at == start && position.level == gcd {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sched::tests::{ALONE, picks};
    use crate::service::Scheduler;

    #[test]
    fn interleaves_as_the_specs_example() {
        // The first sweep, from the start position on, takes every valid dest once.
        assert_eq!(picks(Scheduler::Wrr, &[4, 3, 2], 20, ALONE), "BCAABABCABCAABABCABC");
    }

    #[test]
    fn equal_weights_alternate() {
        assert_eq!(picks(Scheduler::Wrr, &[1, 1], 5, ALONE), "BABAB");
        assert_eq!(picks(Scheduler::Wrr, &[3, 3], 4, ALONE), "BABA");
    }
}
