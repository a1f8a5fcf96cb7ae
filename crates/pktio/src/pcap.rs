//! What passes a queue, written down as a capture file (classic pcap: little-endian, microseconds, Ethernet).
//!
//! The time of each packet is the caller's. A frame is written as its buffer holds it: a tag that the port took off or shall
//! insert is not in it.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::{Buffer, Burst, RxQueue, TxQueue};

const MAGIC: u32 = 0xa1b2_c3d4;
const ETHERNET: u32 = 1;
/// No frame is cut.
const SNAPLEN: u32 = 262_144;

/// A capture file under way.
///
/// The first error ends it: a capture must not stop the traffic.
#[derive(Debug)]
pub struct Pcap<W> {
    out: W,
    failed: Option<io::Error>,
}

impl<W: Write> Pcap<W> {
    /// Starts a file: writes its header.
    pub fn new(mut out: W) -> io::Result<Self> {
        let mut header = Vec::with_capacity(24);
        header.extend(MAGIC.to_le_bytes());
        header.extend([2u16, 4].map(u16::to_le_bytes).as_flattened()); // version 2.4
        header.extend([0, 0, SNAPLEN, ETHERNET].map(u32::to_le_bytes).as_flattened());
        out.write_all(&header)?;
        Ok(Self { out, failed: None })
    }

    /// Adds a frame that passed at `time`, counted from 1970.
    pub fn add(&mut self, time: Duration, frame: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.out.write_all(&record(time, frame)).err();
        }
    }

    /// Ends the file: flushes it, and gives the writer back, or the first error.
    pub fn finish(mut self) -> io::Result<W> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.out.flush().map(|()| self.out),
        }
    }
}

/// A packet record. The format counts seconds in 32 bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the format's seconds come round in 2106; frames are short"
)]
fn record(time: Duration, frame: &[u8]) -> Vec<u8> {
    let len = frame.len() as u32;
    let head = [time.as_secs() as u32, time.subsec_micros(), len, len].map(u32::to_le_bytes);
    [head.as_flattened(), frame].concat()
}

/// A queue that is listened to. Several may write to one file.
pub struct Tap<'w, Q, W> {
    queue: Q,
    file: &'w Mutex<Pcap<W>>,
    /// The time that packets are written down with; the caller moves it on.
    pub now: Duration,
}

impl<'w, Q, W: Write> Tap<'w, Q, W> {
    /// Writes down what passes `queue`.
    pub fn new(queue: Q, file: &'w Mutex<Pcap<W>>) -> Self {
        Self { queue, file, now: Duration::ZERO }
    }

    /// The queue inside.
    pub fn inner(&mut self) -> &mut Q {
        &mut self.queue
    }

    fn add<'f>(&self, frames: impl Iterator<Item = &'f [u8]>) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        frames.for_each(|frame| file.add(self.now, frame));
    }
}

impl<Q: RxQueue, W: Write> RxQueue for Tap<'_, Q, W> {
    type Buffer = Q::Buffer;

    fn receive(&mut self, burst: &mut Burst<Self::Buffer>) {
        let before = burst.len();
        self.queue.receive(burst);
        self.add(burst[before..].iter().map(Buffer::frame));
    }
}

impl<Q: TxQueue, W: Write> TxQueue for Tap<'_, Q, W> {
    type Buffer = Q::Buffer;

    fn send(&mut self, burst: &mut Burst<Self::Buffer>) -> usize {
        // Which packets the queue takes is known only when they are gone.
        let copies: Vec<_> = burst.iter().map(|packet| packet.frame().to_vec()).collect();
        let lost = self.queue.send(burst);
        let sent = copies.len() - burst.len();
        self.add(copies[..sent].iter().map(Vec::as_slice));
        lost
    }
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use super::*;
    use crate::pool::{Pool, SimBuffer};
    use crate::sim::SimRx;
    use crate::{Allocator, BURST};

    /// As `tcpdump` writes it on a little-endian machine (https://www.tcpdump.org/manpages/pcap-savefile.5.html).
    const EMPTY: &[u8] = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0";

    /// Takes one packet at a time.
    struct Slow<'p>(PhantomData<&'p Pool>);
    impl<'p> TxQueue for Slow<'p> {
        type Buffer = SimBuffer<'p>;
        fn send(&mut self, burst: &mut Burst<Self::Buffer>) -> usize {
            burst.drain(..1);
            0
        }
    }

    #[test]
    fn received_packets_stand_in_the_file() {
        let (pool, file) = (Pool::new(64), Mutex::new(Pcap::new(Vec::new()).expect("memory")));
        let mut frames = [&b"abc"[..], b"", b"defg"].into_iter();
        let source = SimRx::new(&pool, |room: &mut [u8]| {
            let frame = frames.next()?;
            room[..frame.len()].copy_from_slice(frame);
            Some(frame.len())
        });
        let mut tap = Tap::new(source, &file);
        tap.now = Duration::new(0x0102, 3_000_999);
        let other = Pool::new(1);
        let mut burst = crate::burst();
        burst.extend((&other).copy(b"was there before"));
        tap.receive(&mut burst);
        assert_eq!(burst.len(), 4);
        let time = b"\x02\x01\0\0\xb8\x0b\0\0"; // 258 s, 3000 µs
        let expected = [
            EMPTY,
            time,
            b"\x03\0\0\0\x03\0\0\0abc",
            time,
            b"\0\0\0\0\0\0\0\0",
            time,
            b"\x04\0\0\0\x04\0\0\0defg",
        ];
        let file = file.into_inner().expect("not poisoned");
        assert_eq!(file.finish().expect("memory"), expected.concat());
    }

    #[test]
    fn only_what_was_sent_stands_in_the_file() {
        let pool = &Pool::new(BURST);
        let file = Mutex::new(Pcap::new(Vec::new()).expect("memory"));
        let mut burst: Vec<_> = [b"a", b"b"].iter().filter_map(|frame| pool.copy(*frame)).collect();
        Tap::new(Slow(PhantomData), &file).send(&mut burst);
        assert_eq!(burst.len(), 1);
        let bytes = file.into_inner().expect("not poisoned").finish().expect("memory");
        assert_eq!(bytes.len(), EMPTY.len() + 16 + 1);
        assert_eq!(bytes.last(), Some(&b'a'));
    }

    #[test]
    fn a_full_disk_stops_the_file_and_not_the_traffic() {
        let mut room = [0; 30];
        let mut file = Pcap::new(&mut room[..]).expect("the header fits");
        file.add(Duration::ZERO, b"abc");
        file.add(Duration::ZERO, b"abc");
        assert_eq!(file.finish().expect_err("full").kind(), io::ErrorKind::WriteZero);
    }
}
