//! Timers under load.

use flow::Tick;
use pktio::pool::Pool;
use pktio::{BURST, ChecksumState};

use crate::frames::{client4, udp};
use crate::rig::{Build, IDLE};
use crate::topology::WAN;

/// A worker that opens full bursts, turn by turn, also ends what idled out: what lives is what was heard of lately.
#[test]
fn a_busy_worker_keeps_up_with_its_timers() {
    let (burst, pool) = (u16::try_from(BURST).expect("small"), Pool::new(256));
    let mut cluster = Build::alone(30_000).up(&pool);
    let mut flow = 0;
    let turns_until = |seconds: u32| seconds * Tick::PER_SECOND;
    for turn in 0..turns_until(4 * IDLE) {
        for _ in 0..burst {
            flow += 1;
            cluster.deliver(WAN, &udp(WAN, &client4(flow), b"x"), ChecksumState::Good);
        }
        assert_eq!(cluster.step(0), usize::from(burst), "turn {turn}");
        cluster.now = cluster.now.after(1);
        assert_eq!(cluster.sent(), burst.into());
    }
    // A timer may come up late by one turn of what the wheel keeps together.
    let most = usize::from(burst) * (turns_until(IDLE) + flow::wheel::HORIZON) as usize;
    assert!(cluster.live() <= most, "{} live, {most} may be", cluster.live());
}
