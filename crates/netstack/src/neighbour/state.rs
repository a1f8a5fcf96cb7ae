//! What is known of a neighbour, and how that changes. docs/spec/netstack.md §5.2.

use flow::Tick;

/// How much is known. (The order is that of the specification's columns.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing.
    None,
    /// Nothing; it was asked for.
    Send,
    /// Its MAC address, and that it is there.
    Reachable,
    /// Its MAC address; whether it is still there is to be asked when it is needed.
    Probe,
    /// Its MAC address; whether it is still there was asked.
    Delay,
}

/// What happens to a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Requested,
    Replied,
    Confirmed,
    Expired,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing; its timer runs on.
    Keep,
    To(State),
    Delete,
}

use State::{Delay as D, None as N, Probe as P, Reachable as R, Send as S};
use Step::{Delete, Keep, To};

/// The specification's table: a row per event, a column per state.
static TABLE: [[Step; 5]; 4] = [
    //NONE   SEND   REACHABLE PROBE DELAY
    [To(S), To(S), Keep, To(D), To(D)],   // request sent
    [To(R), To(R), To(R), To(R), To(R)],  // reply or advertisement received
    [Keep, Keep, To(R), To(R), To(R)],    // confirmed by traffic
    [Delete, To(N), To(P), To(N), To(N)], // timer
];

impl State {
    pub(super) fn on(self, event: Event) -> Step {
        TABLE[event as usize][self as usize]
    }

    /// Whether packets can be sent to it.
    #[must_use]
    pub fn is_usable(self) -> bool {
        self >= R
    }

    /// Ticks that it lasts, before chance adds to them; `timeout` is that of [`State::Reachable`], in seconds.
    pub(super) fn lasts(self, timeout: u32) -> u32 {
        let seconds = match self {
            N => 2,
            S | D => 3,
            R => timeout,
            P => 30,
        };
        seconds * Tick::PER_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_specifications() {
        let spec = include_str!("../../../../docs/spec/netstack.md");
        let mut lines = spec.lines().skip_while(|line| !line.starts_with("| event \\ state |"));
        let heads: Vec<_> = lines.next().expect("the table").split('|').map(str::trim).collect();
        for (state, head) in [N, S, R, P, D].into_iter().zip(&heads[2..]) {
            let lasts = if state == R {
                "60 s".into()
            } else {
                format!("({} s)", state.lasts(60) / Tick::PER_SECOND)
            };
            assert!(
                head.starts_with(&format!("{state:?}").to_uppercase()) && head.contains(&lasts),
                "{head}"
            );
        }
        let shown = |step| match step {
            Keep => "–".to_owned(),
            Delete => "deleted".to_owned(),
            To(state) => format!("{state:?}").to_uppercase(),
        };
        for (event, line) in [Event::Requested, Event::Replied, Event::Confirmed, Event::Expired]
            .into_iter()
            .zip(lines.skip(1))
        {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            for (state, cell) in [N, S, R, P, D].into_iter().zip(&cells[2..]) {
                assert_eq!(shown(state.on(event)), *cell, "{state:?} on {event:?}");
            }
        }
    }
}
