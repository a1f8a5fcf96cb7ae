//! The one clock of the daemon: time since its start, told to everyone who needs it.

use std::time::{Duration, Instant};

use datapath::Clock;
use flow::Tick;

/// A clock that was started with the daemon. Reading it makes no system call where the kernel maps its own clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uptime(Instant);

impl Uptime {
    /// Starts it.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// What it shows.
    pub(crate) fn since_start(self) -> Duration {
        self.0.elapsed()
    }

    /// In eighths of a second.
    pub(crate) fn tick(self) -> Tick {
        self.now().tick
    }

    /// As workers want it.
    #[expect(clippy::cast_possible_truncation, reason = "clocks come round")]
    pub(crate) fn now(self) -> Clock {
        let nanoseconds = self.0.elapsed().as_nanos() as u64;
        // From 1 on: to the stack, tick 0 means "never".
        let eighths = nanoseconds / (1_000_000_000 / u64::from(Tick::PER_SECOND)) + 1;
        Clock { tick: Tick(eighths as u32), isn: (nanoseconds >> 6) as u32 }
    }
}
