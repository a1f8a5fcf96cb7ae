//! Picking a dest (docs/spec/datapath.md §15). Where a scheduler stands is the worker's, and survives a new snapshot; it starts
//! again when the service's dests change.

mod rr;
mod wrr;

use flow::WorkerId;
use zerocopy::FromZeros;

use crate::service::{Dest, LaddrSlot, Scheduler, Service};
use crate::snapshot::Snapshot;

/// Which of the workers picks: schedulers start at different dests on each.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    /// This one.
    pub worker: WorkerId,
    /// Of so many.
    pub workers: u16,
}

/// Where one worker stands in one service's rounds.
#[derive(Clone, Copy, Debug, Default, FromZeros)]
#[repr(C)]
pub struct Position {
    /// The place in the list that was picked last; wrr may also stand one past the end.
    at: u32,
    /// The weight that counts in this turn of wrr.
    level: u32,
    /// Local addresses picked so far.
    laddrs: u32,
    /// The service's edition that `at` belongs to; 0: none yet.
    edition: u32,
}

impl Position {
    /// Picks a dest for a new connection.
    pub fn pick<'s>(&mut self, service: &Service, snapshot: &'s Snapshot, seat: Seat) -> Option<&'s Dest> {
        if self.edition != service.edition {
            self.edition = service.edition;
            self.at = start(service.dest_count(), seat);
            self.level = self.level.min(service.max_weight.0.into());
        }
        match service.settings.scheduler {
            Scheduler::Rr => rr::pick(self, service, snapshot),
            Scheduler::Wrr => wrr::pick(self, service, snapshot),
        }
    }

    /// Picks a local address: round robin, one further each round, so that every dest meets every local address.
    pub fn next_laddr(&mut self, service: &Service) -> Option<LaddrSlot> {
        let turn = self.laddrs;
        let count = u32::try_from(service.laddrs.len()).ok()?;
        self.laddrs = turn.wrapping_add(1);
        let round = turn.checked_div(count)?;
        service.laddrs.get((turn.wrapping_add(round) % count) as usize).copied()
    }
}

/// Where a worker starts in a list of `dests`; workers count from 1 here, so that one alone starts at the head.
fn start(dests: usize, seat: Seat) -> u32 {
    let stride = (dests / usize::from(seat.workers.max(1))).max(1);
    let place = (stride * (usize::from(seat.worker.0) + 1)).checked_rem(dests).unwrap_or(0);
    u32::try_from(place).unwrap_or(0)
}

/// The dest at a place of the list, if it takes connections.
fn valid<'s>(service: &Service, snapshot: &'s Snapshot, place: usize) -> Option<&'s Dest> {
    snapshot.dest(service.dest(place)?).filter(|dest| dest.settings.weight.0 > 0)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::net::IpAddr;

    use wire::Proto;

    use super::*;
    use crate::service::{ServiceKey, ServiceSettings, Weight};

    /// A service whose list is A, B, C … with these weights.
    pub(crate) fn service(scheduler: Scheduler, weights: &[u16]) -> (Snapshot, crate::service::ServiceSlot) {
        let mut snapshot = Snapshot::empty(1);
        let key = ServiceKey { vip: IpAddr::from([10, 0, 0, 1]), port: 80, proto: Proto::Tcp };
        let slot = snapshot.add_service(key, ServiceSettings::new(scheduler)).expect("room");
        // New ones come to the head.
        for (port, &weight) in weights.iter().enumerate().rev() {
            let port = u16::try_from(port).expect("few");
            snapshot.add_dest(slot, IpAddr::from([10, 1, 0, 1]), port, Weight(weight)).expect("room");
        }
        (snapshot, slot)
    }

    pub(crate) fn picks(scheduler: Scheduler, weights: &[u16], count: usize, seat: Seat) -> String {
        let (snapshot, slot) = service(scheduler, weights);
        let service = snapshot.service(slot).expect("added");
        let mut position = Position::default();
        let name = |dest: &Dest| char::from(b'A' + u8::try_from(dest.port).expect("few"));
        (0..count).map(|_| position.pick(service, &snapshot, seat).map_or('-', name)).collect()
    }

    pub(crate) const ALONE: Seat = Seat { worker: WorkerId(0), workers: 1 };

    #[test]
    fn workers_start_apart() {
        let starts = |workers| (0..workers).map(move |n| start(10, Seat { worker: WorkerId(n), workers }));
        assert!(starts(1).eq([0]));
        assert!(starts(3).eq([3, 6, 9]));
        assert!(starts(12).eq([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]));
        assert_eq!(start(0, ALONE), 0);
    }

    #[test]
    fn no_scheduler_picks_what_takes_nothing() {
        for scheduler in [Scheduler::Rr, Scheduler::Wrr] {
            assert_eq!(picks(scheduler, &[], 2, ALONE), "--");
            assert_eq!(picks(scheduler, &[0, 0], 3, ALONE), "---");
            assert!(!picks(scheduler, &[0, 3, 0, 1], 40, ALONE).contains(['A', 'C', '-']));
        }
    }

    #[test]
    fn a_change_of_dests_starts_again() {
        let (mut snapshot, slot) = service(Scheduler::Rr, &[1, 1, 1]);
        let mut position = Position::default();
        let mut pick = |snapshot: &Snapshot| {
            let service = snapshot.service(slot).expect("there");
            position.pick(service, snapshot, ALONE).expect("some").port
        };
        assert_eq!([pick(&snapshot), pick(&snapshot), pick(&snapshot)], [1, 2, 0]);
        assert_eq!(pick(&snapshot), 1);
        let dest = snapshot.service(slot).expect("there").dest(0).expect("there");
        snapshot.edit_dest(dest, Weight(1)).expect("there");
        assert_eq!(pick(&snapshot), 1, "the second of the list, not the third");
    }

    #[test]
    fn every_dest_meets_every_laddr() {
        let (mut snapshot, slot) = service(Scheduler::Rr, &[1; 4]);
        (0..4).for_each(|n| {
            snapshot.add_laddr(slot, IpAddr::from([10, 9, 0, n])).expect("room");
        });
        let service = snapshot.service(slot).expect("there");
        let mut position = Position::default();
        let met: std::collections::HashSet<_> = (0..64)
            .map(|_| {
                let dest = position.pick(service, &snapshot, ALONE).expect("some").slot;
                (dest, position.next_laddr(service))
            })
            .collect();
        assert_eq!(met.len(), 16);
    }
}
