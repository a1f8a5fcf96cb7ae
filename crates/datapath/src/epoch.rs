//! Short names for routing generations (architecture §6).
//!
//! A connection has 16 bits to say which routing generation its next hops came from; generations have 64. A worker counts
//! the routing generations that it adopts, modulo 2^16, and adopts so few per tick that the count cannot come round between
//! two visits of the timer wheel, which renew the name. (At the limit, some 8 000 changes of routing a second, it works a
//! tick longer with the last one and then takes the newest.)

use flow::Tick;
use flow::publish::Generation;
use flow::wheel::HORIZON;

/// A connection is visited again after `HORIZON` turns of its wheel: so many ticks, the first and the last included.
const PER_TURN: u32 = u16::MAX as u32 / (HORIZON + 1);

/// The count, and what may still be adopted in this turn.
#[derive(Debug)]
pub(crate) struct Epochs {
    generation: Generation,
    epoch: u16,
    left: u32,
    /// Where the wheels stood when this turn began. A turn ends when all have moved on.
    began: [Tick; 2],
}

impl Epochs {
    pub(crate) fn new(generation: Generation, turned: [Tick; 2]) -> Self {
        Self { generation, epoch: 0, left: PER_TURN, began: turned }
    }

    /// The name of the routing generation in force.
    #[inline(always)]
    pub(crate) fn current(&self) -> u16 {
        self.epoch
    }

    /// Whether a snapshot of that routing generation may be adopted now; if so, it is the one in force.
    pub(crate) fn accept(&mut self, generation: Generation, turned: [Tick; 2]) -> bool {
        if self.began.iter().zip(turned).all(|(began, now)| *began != now) {
            (self.began, self.left) = (turned, PER_TURN);
        }
        if generation == self.generation {
            return true;
        }
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        self.generation = generation;
        self.epoch = self.epoch.wrapping_add(1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_comes_round_within_a_horizon() {
        let mut routes = Epochs::new(Generation(1), [Tick(0); 2]);
        let (mut generation, mut accepted) = (1, [[0u32; 1000]; 2]);
        for tick in 0..1000 {
            // The second wheel lags, as one does that has more to do.
            let turned = [tick, tick / 3];
            for _ in 0..2 * PER_TURN {
                generation += 1;
                if routes.accept(Generation(generation), turned.map(Tick)) {
                    accepted.iter_mut().zip(turned).for_each(|(wheel, at)| wheel[at as usize] += 1);
                }
            }
        }
        let within = |window: &[u32]| window.iter().sum::<u32>() <= u16::MAX.into();
        assert!(accepted.iter().all(|wheel| wheel.windows(HORIZON as usize + 1).all(within)));
    }

    #[test]
    fn service_changes_are_never_held_up() {
        let mut routes = Epochs::new(Generation(1), [Tick(0); 2]);
        assert!((0..1_000_000).all(|_| routes.accept(Generation(1), [Tick(0); 2])));
        assert_eq!(routes.current(), 0);
    }
}
