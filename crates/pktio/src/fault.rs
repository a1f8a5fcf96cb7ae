//! A queue on a bad day: loses, repeats, reorders and damages packets, by a rule and a seed, so that a failure can be had
//! again.
//!
//! It may stand on either side. What it holds back (for disorder) comes out behind the next packet, or when nothing follows.

use std::collections::VecDeque;

use crate::{Allocator, BURST, Buffer, Burst, RxQueue, TxQueue};

/// How often what happens, in packets of a thousand. They exclude each other: the sum is at most 1 000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Lost.
    pub drop: u16,
    /// Passed on twice.
    pub duplicate: u16,
    /// Passed on behind the next.
    pub reorder: u16,
    /// One bit changed.
    pub corrupt: u16,
}

/// What was done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Packets lost.
    pub dropped: u64,
    /// Packets passed on twice.
    pub duplicated: u64,
    /// Packets held back.
    pub reordered: u64,
    /// Packets damaged.
    pub corrupted: u64,
}

/// A queue and what happens to its packets.
pub struct Faulty<Q, A: Allocator> {
    queue: Q,
    allocator: A,
    rule: Rule,
    random: Random,
    held: Option<A::Buffer>,
    /// What goes on next.
    ready: VecDeque<A::Buffer>,
    burst: Burst<A::Buffer>,
    done: Done,
}

impl<Q, A: Allocator> Faulty<Q, A> {
    /// `queue` under `rule`; duplicates lie in memory from `allocator`.
    ///
    /// # Panics
    /// When the shares of `rule` add up to more than 1 000.
    pub fn new(queue: Q, allocator: A, rule: Rule, seed: u64) -> Self {
        let Rule { drop, duplicate, reorder, corrupt } = rule;
        let sum: u32 = [drop, duplicate, reorder, corrupt].map(u32::from).iter().sum();
        assert!(sum <= 1000, "shares of {rule:?} add up to more than 1000");
        let (ready, burst) = (VecDeque::new(), crate::burst());
        Self { queue, allocator, rule, random: Random(seed), held: None, ready, burst, done: Done::default() }
    }

    /// What was done so far.
    #[must_use]
    pub fn done(&self) -> Done {
        self.done
    }

    /// The queue inside.
    pub fn inner(&mut self) -> &mut Q {
        &mut self.queue
    }

    /// All packets of `self.burst`, each to its fate.
    fn judge(&mut self) {
        let Rule { drop, duplicate, reorder, corrupt } = self.rule;
        for mut packet in std::mem::take(&mut self.burst) {
            let mut lot = u32::try_from(self.random.below(1000)).unwrap_or(u32::MAX);
            let mut falls = |share: u16| {
                let hit = lot < u32::from(share);
                lot = lot.wrapping_sub(share.into());
                hit
            };
            if falls(drop) {
                self.done.dropped += 1;
                continue;
            }
            if falls(duplicate) {
                if let Some(mut twin) = self.allocator.copy(packet.frame()) {
                    twin.set_port(packet.received().port);
                    self.ready.push_back(twin);
                    self.done.duplicated += 1;
                }
            } else if falls(reorder) && self.held.is_none() {
                self.held = Some(packet);
                self.done.reordered += 1;
                continue;
            } else if falls(corrupt) && packet.frame_len() > 0 {
                let at = self.random.below(packet.frame_len() as u64);
                let bit = self.random.below(8);
                packet.frame_mut()[usize::try_from(at).unwrap_or(0)] ^= 1 << bit;
                self.done.corrupted += 1;
            }
            self.ready.push_back(packet);
            self.ready.extend(self.held.take());
        }
        self.burst = crate::burst();
    }
}

impl<Q: RxQueue<Buffer = A::Buffer>, A: Allocator> RxQueue for Faulty<Q, A> {
    type Buffer = A::Buffer;

    fn receive(&mut self, burst: &mut Burst<A::Buffer>) {
        if self.ready.is_empty() {
            self.queue.receive(&mut self.burst);
            let quiet = self.burst.is_empty();
            self.judge();
            if quiet {
                self.ready.extend(self.held.take());
            }
        }
        let room = (BURST - burst.len()).min(self.ready.len());
        burst.extend(self.ready.drain(..room));
    }
}

impl<Q: TxQueue<Buffer = A::Buffer>, A: Allocator> TxQueue for Faulty<Q, A> {
    type Buffer = A::Buffer;

    /// Takes all, unless the queue behind is stuck. An empty burst brings out what is held back.
    fn send(&mut self, burst: &mut Burst<A::Buffer>) -> usize {
        let mut lost = 0;
        if self.ready.len() < BURST {
            let quiet = burst.is_empty();
            self.burst.append(burst);
            self.judge();
            if quiet {
                self.ready.extend(self.held.take());
            }
        }
        while !self.ready.is_empty() {
            let mut going: Burst<_> = self.ready.drain(..self.ready.len().min(BURST)).collect();
            let offered = going.len();
            lost += self.queue.send(&mut going);
            let stuck = going.len() == offered;
            going.drain(..).rev().for_each(|packet| self.ready.push_front(packet));
            if stuck {
                break;
            }
        }
        lost
    }
}

/// Numbers that follow from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % n
    }
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use super::*;
    use crate::pool::{Pool, SimBuffer};
    use crate::sim::{SimRx, SimTx};
    use crate::{ChecksumState, PortId};

    const ALL: u32 = 10_000;

    /// Numbered frames.
    fn source(pool: &Pool) -> SimRx<'_, impl FnMut(&mut [u8]) -> Option<usize>> {
        let mut numbers = 0..ALL;
        SimRx::new(pool, move |room: &mut [u8]| {
            room[..60].fill(0);
            room[..4].copy_from_slice(&numbers.next()?.to_be_bytes());
            Some(60)
        })
    }

    /// What comes out, and what the wrapper says that it did.
    fn received(rule: Rule, seed: u64) -> (Vec<Vec<u8>>, Done) {
        let pool = &Pool::new(256);
        let mut queue = Faulty::new(source(pool), pool, rule, seed);
        let (mut frames, mut burst) = (Vec::new(), crate::burst());
        loop {
            queue.receive(&mut burst);
            assert!(burst.len() <= BURST);
            if burst.is_empty() {
                break;
            }
            frames.extend(burst.drain(..).map(|packet: SimBuffer<'_>| packet.frame().to_vec()));
        }
        assert_eq!(pool.free(), 256, "nothing is kept");
        (frames, queue.done())
    }

    fn number(frame: &[u8]) -> u32 {
        u32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]])
    }

    #[test]
    fn without_faults_it_is_not_there() {
        let (frames, done) = received(Rule::default(), 1);
        assert!(frames.iter().map(|frame| number(frame)).eq(0..ALL));
        assert_eq!(done, Done::default());
    }

    #[test]
    fn the_books_balance_and_the_seed_decides() {
        let rule = Rule { drop: 100, duplicate: 50, reorder: 30, corrupt: 20 };
        let (frames, done) = received(rule, 7);
        assert_eq!(frames.len() as u64, u64::from(ALL) - done.dropped + done.duplicated);
        for (count, share) in
            [(done.dropped, 100), (done.duplicated, 50), (done.reordered, 30), (done.corrupted, 20)]
        {
            let expected = u64::from(ALL) * share / 1000;
            assert!((expected / 2..expected * 2).contains(&count), "{done:?}");
        }
        assert_eq!(received(rule, 7).0, frames);
        assert_ne!(received(rule, 8).0, frames);
    }

    #[test]
    fn disorder_loses_nothing_and_moves_by_one() {
        let (frames, done) = received(Rule { reorder: 300, ..Rule::default() }, 3);
        let mut numbers: Vec<_> = frames.iter().map(|frame| number(frame)).collect();
        let late = numbers.windows(2).filter(|pair| pair[0] > pair[1]).count();
        // One that is held back at the very end comes out last anyway.
        assert!((done.reordered - 1..=done.reordered).contains(&(late as u64)));
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..ALL));
    }

    #[test]
    fn damage_is_one_bit() {
        let (frames, _) = received(Rule { corrupt: 1000, ..Rule::default() }, 3);
        for (n, frame) in (0..ALL).zip(&frames) {
            let ones: u32 = frame[4..].iter().map(|byte| byte.count_ones()).sum();
            assert_eq!(ones + (number(frame) ^ n).count_ones(), 1);
        }
    }

    #[test]
    fn what_is_held_back_comes_out_when_nothing_follows() {
        let pool = &Pool::new(4);
        let mut frames = [b"a"].into_iter();
        let source = SimRx::new(pool, |room: &mut [u8]| {
            room[0] = frames.next()?[0];
            Some(1)
        });
        let mut queue = Faulty::new(source, pool, Rule { reorder: 1000, ..Rule::default() }, 1);
        let mut burst = crate::burst();
        queue.receive(&mut burst);
        assert!(burst.is_empty());
        queue.receive(&mut burst);
        assert_eq!(burst[0].frame(), b"a");
    }

    /// Takes three packets at most each time, and none every third time.
    struct Slow<'p> {
        seen: Vec<u8>,
        turn: usize,
        memory: PhantomData<&'p Pool>,
    }

    impl<'p> TxQueue for Slow<'p> {
        type Buffer = SimBuffer<'p>;
        fn send(&mut self, burst: &mut Burst<SimBuffer<'p>>) -> usize {
            self.turn += 1;
            let room = if self.turn % 3 == 0 { 0 } else { burst.len().min(3) };
            self.seen.extend(burst.drain(..room).map(|packet| packet.frame()[0]));
            0
        }
    }

    #[test]
    fn a_slow_queue_behind_gets_all_in_order() {
        let pool = &Pool::new(64);
        let slow = Slow { seen: Vec::new(), turn: 0, memory: PhantomData };
        let mut queue = Faulty::new(slow, pool, Rule::default(), 1);
        queue.send(&mut (0..20).filter_map(|n| pool.copy(&[n])).collect());
        for _ in 0..20 {
            queue.send(&mut crate::burst());
        }
        assert_eq!(queue.inner().seen, (0..20).collect::<Vec<_>>());
        assert_eq!(pool.free(), 64);
    }

    #[test]
    fn it_stands_before_a_sending_queue_too() {
        let (pool, mut seen) = (&Pool::new(64), Vec::new());
        let tx = SimTx::new(pool, |packet: &SimBuffer<'_>| {
            assert_eq!(packet.received().checksum, ChecksumState::Unknown);
            seen.push((packet.frame()[0], packet.received().port));
        });
        let mut queue = Faulty::new(tx, pool, Rule { duplicate: 1000, ..Rule::default() }, 1);
        let mut packet = pool.copy(b"a").expect("room");
        packet.set_port(PortId(4));
        queue.send(&mut vec![packet]);
        drop(queue);
        assert_eq!(seen, [(b'a', PortId(4)); 2]);
        assert_eq!(pool.free(), 64);
    }
}
