//! A worker's thread: turns, and rests when there is nothing to do.

use std::hint;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use datapath::{Link, Worker};
use pktio::{Buffer, RxQueue, TxQueue};

use crate::clock::Uptime;

/// Idle turns in a row after which the core is offered to others. It costs nothing when nobody wants it; but three spinning
/// threads on two cores would make each command wait for a scheduler's tick.
const RESTLESS: u32 = 64;

/// Turns until `stop`.
pub(crate) fn run<B, R, T>(
    mut worker: Worker<B>,
    mut links: Vec<Link<R, T>>,
    clock: Uptime,
    stop: &AtomicBool,
) where
    B: Buffer,
    R: RxQueue<Buffer = B>,
    T: TxQueue<Buffer = B>,
{
    let mut idle = 0u32;
    while !stop.load(Relaxed) {
        if worker.turn(&mut links, clock.now()) > 0 {
            idle = 0;
            continue;
        }
        idle = idle.saturating_add(1);
        if idle > RESTLESS {
            thread::yield_now();
        } else {
            hint::spin_loop();
        }
    }
}
