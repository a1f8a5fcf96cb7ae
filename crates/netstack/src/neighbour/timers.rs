//! The times of neighbours: what happens to one, and when by itself.

use flow::Tick;

use super::state::{Event, State, Step};
use super::{Kind, Neighbours};
use crate::adjacency::HopId;
use crate::chance;

/// Ticks since the start; unlike [`Tick`] it never comes round.
pub(crate) type Moment = u64;

/// The time, and chance: spreads what was armed together.
#[derive(Debug)]
pub(super) struct Clock {
    now: Moment,
    chance: u64,
}

impl Clock {
    pub(super) fn new(now: Tick, seed: u64) -> Self {
        // A moment below 1 would stand before the first.
        Self { now: (1 << 32) + u64::from(now.0), chance: seed }
    }

    pub(super) fn now(&self) -> Moment {
        self.now
    }

    #[expect(clippy::cast_possible_truncation, reason = "a tick counts modulo 2^32")]
    fn tick(&self) -> Tick {
        Tick(self.now as u32)
    }

    /// It is `now`. A time that lies back counts as no time.
    pub(super) fn advance(&mut self, now: Tick) -> Moment {
        let passed = now.since(self.tick());
        if passed < 1 << 31 {
            self.now += u64::from(passed);
        }
        self.now
    }

    /// When `tick` was; one to come, by a worker's clock that is ahead, is now.
    fn moment(&self, tick: Tick) -> Moment {
        let ago = self.tick().since(tick);
        if ago < 1 << 31 { self.now - u64::from(ago) } else { self.now }
    }

    /// 0 or 1: up to 200 ms, in ticks.
    fn jitter(&mut self) -> Moment {
        chance::next(&mut self.chance) >> 63
    }
}

impl<B> Neighbours<B> {
    /// Arms the timer of `id` as of `from`.
    pub(super) fn arm(&mut self, id: HopId, from: Moment) {
        let jitter = self.clock.jitter();
        let Some(neighbour) = self.all.get_mut(&id) else { return };
        self.timers.remove(&(neighbour.due, id));
        neighbour.armed = from;
        neighbour.due = from + u64::from(neighbour.state.lasts(self.settings.timeout)) + jitter;
        self.timers.insert((neighbour.due, id));
    }

    /// Something happens to `id`, or happened `at` that time.
    pub(super) fn happen(&mut self, id: HopId, event: Event, at: Moment) {
        let Some(neighbour) = self.all.get_mut(&id).filter(|n| n.kind == Kind::Dynamic) else { return };
        let old = neighbour.state;
        match old.on(event) {
            Step::Keep => {}
            Step::Delete => self.delete(id),
            Step::To(new) => {
                neighbour.state = new;
                let (armed, due, mac) = (neighbour.armed, neighbour.due, neighbour.mac);
                // Within a state the timer is left alone for half of its time.
                if old != new || 2 * at.saturating_sub(armed) >= due - armed {
                    self.arm(id, at);
                }
                self.probing.remove(&id);
                match new {
                    State::None | State::Send => self.writer.clear(id),
                    State::Reachable | State::Delay => self.writer.set(id, mac),
                    State::Probe => {
                        self.probing.insert(id);
                        self.writer.set_stale(id, mac);
                    }
                }
            }
        }
    }

    /// Lets happen what is due, and what workers have seen.
    pub(crate) fn tick(&mut self) {
        let used: Vec<HopId> = self.probing.iter().copied().filter(|id| self.writer.was_used(*id)).collect();
        used.into_iter().for_each(|id| self.ask(id));
        let now = self.clock.now();
        while let Some((due, id)) = self.timers.first().copied().filter(|(due, _)| *due <= now) {
            match self.confirmed(id) {
                Some(at) => self.happen(id, Event::Confirmed, at),
                None => self.happen(id, Event::Expired, now),
            }
            debug_assert!(!self.timers.contains(&(due, id)), "armed anew, or removed");
        }
    }

    /// When a worker has last heard of `id`, if that matters: after its timer was armed, and within [`State::Reachable`] in the
    /// second half of it.
    fn confirmed(&self, id: HopId) -> Option<Moment> {
        let neighbour = self.all.get(&id).filter(|n| n.state.is_usable())?;
        let at = self.clock.moment(Some(self.writer.confirmed(id)).filter(|tick| *tick != Tick(0))?);
        let rearms = 2 * at.saturating_sub(neighbour.armed) >= neighbour.due - neighbour.armed;
        (at > neighbour.armed && (rearms || neighbour.state != State::Reachable)).then_some(at)
    }
}
