//! Round robin: the next dest of the list that takes connections (docs/spec/datapath.md §15).

use super::{Position, valid};
use crate::service::{Dest, Service};
use crate::snapshot::Snapshot;

/// Looks at the dests behind the one picked last, that one itself at the end.
pub(super) fn pick<'s>(
    position: &mut Position,
    service: &Service,
    snapshot: &'s Snapshot,
) -> Option<&'s Dest> {
    if service.max_weight.0 == 0 {
        // None takes any, and there may be thousands to look at.
        return None;
    }
    let count = u32::try_from(service.dest_count()).ok()?;
    (1..=count).find_map(|step| {
        let place = (position.at + step) % count;
        let dest = valid(service, snapshot, place as usize)?;
        position.at = place;
        Some(dest)
    })
}

#[cfg(test)]
mod tests {
    use crate::sched::tests::{ALONE, picks};
    use crate::service::Scheduler;

    #[test]
    fn each_in_turn_whatever_its_weight() {
        assert_eq!(picks(Scheduler::Rr, &[1, 9, 5], 7, ALONE), "BCABCAB");
        assert_eq!(picks(Scheduler::Rr, &[1, 0, 5], 5, ALONE), "CACAC");
        assert_eq!(picks(Scheduler::Rr, &[7], 3, ALONE), "AAA");
    }
}
