//! Packet memory for ports in memory: taken and given back, last in first out, by any thread.
//!
//! One lock guards the free list. Whoever moves a burst takes it once, so that it costs a packet nearly nothing; only a
//! packet dropped by itself pays for it alone.

use std::sync::{Mutex, MutexGuard, PoisonError};

use wire::HEADERS;

use crate::meta::{ChecksumState, PortId, Received, Request};
use crate::{Allocator, Buffer, Burst};

/// Room in front of a new frame, as DPDK's mbufs have it.
pub const HEADROOM: usize = 128;
const SIZE: usize = 2048;

/// A pool of packet memory.
#[expect(clippy::vec_box, reason = "memory does not move while it is in use")]
pub struct Pool(Mutex<Vec<Box<Memory>>>);

pub(crate) struct Memory {
    bytes: [u8; SIZE],
    /// Where the frame starts. (One byte, so that a window fits behind any start and no check is needed.)
    start: u8,
    len: u16,
    received: Received,
    request: Request,
}

impl Memory {
    fn new() -> Self {
        let (received, request) = (Received::default(), Request::default());
        Self { bytes: [0; SIZE], start: 0, len: 0, received, request }
    }

    /// Where a frame may be written before [`Self::settle`].
    #[inline(always)]
    pub(crate) fn room(&mut self) -> &mut [u8] {
        &mut self.bytes[HEADROOM..]
    }

    /// A frame of `len` bytes was written behind the headroom.
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the headroom is 128, and a frame is shorter than SIZE"
    )]
    pub(crate) fn settle(&mut self, len: usize, checksum: ChecksumState) {
        (self.start, self.len) = (HEADROOM as u8, len as u16);
        self.received = Received { checksum, ..Received::default() };
        self.request = Request::default();
    }

    #[inline]
    fn end(&self) -> usize {
        usize::from(self.start) + usize::from(self.len)
    }

    #[inline]
    fn frame_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start.into()..][..self.len.into()]
    }
}

impl Pool {
    /// A pool of `buffers`.
    #[must_use]
    pub fn new(buffers: usize) -> Self {
        let fresh = || Box::new(Memory::new());
        Self(Mutex::new(std::iter::repeat_with(fresh).take(buffers).collect()))
    }

    /// The free list. Whoever panicked with it in hand left it whole.
    #[expect(clippy::vec_box, reason = "as in `Pool`")]
    pub(crate) fn free_list(&self) -> MutexGuard<'_, Vec<Box<Memory>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Buffers not in use.
    #[must_use]
    pub fn free(&self) -> usize {
        self.free_list().len()
    }
}

impl<'p> Allocator for &'p Pool {
    type Buffer = SimBuffer<'p>;

    fn allocate(&self) -> Option<SimBuffer<'p>> {
        let mut memory = self.free_list().pop()?;
        memory.settle(0, ChecksumState::Unknown);
        Some(SimBuffer::new(memory, self))
    }
}

/// A buffer of a [`Pool`].
pub struct SimBuffer<'p> {
    /// `None` only while it is dropped.
    memory: Option<Box<Memory>>,
    home: &'p Pool,
}

impl<'p> SimBuffer<'p> {
    #[inline(always)]
    pub(crate) fn new(memory: Box<Memory>, home: &'p Pool) -> Self {
        Self { memory: Some(memory), home }
    }

    #[inline(always)]
    fn memory(&self) -> &Memory {
        self.memory.as_ref().expect("present until dropped")
    }

    #[inline(always)]
    fn memory_mut(&mut self) -> &mut Memory {
        self.memory.as_mut().expect("present until dropped")
    }

    /// The memory, to be given home by the caller.
    #[inline(always)]
    pub(crate) fn take(&mut self) -> Option<Box<Memory>> {
        self.memory.take()
    }

    pub(crate) fn arrived(&mut self, received: Received) {
        self.memory_mut().received = received;
    }

    /// What the sending port is asked to do.
    #[must_use]
    pub fn requested(&self) -> Request {
        self.memory().request
    }
}

impl Buffer for SimBuffer<'_> {
    #[inline(always)]
    fn frame_len(&self) -> usize {
        self.memory().len.into()
    }

    #[inline(always)]
    fn headers(&self) -> &[u8; HEADERS] {
        let m = self.memory();
        m.bytes[m.start.into()..].first_chunk().expect("a window fits behind any start")
    }

    #[inline(always)]
    fn headers_mut(&mut self) -> &mut [u8; HEADERS] {
        let m = self.memory_mut();
        m.bytes[m.start.into()..].first_chunk_mut().expect("a window fits behind any start")
    }

    #[inline]
    fn frame(&self) -> &[u8] {
        let m = self.memory();
        &m.bytes[m.start.into()..][..m.len.into()]
    }

    #[inline]
    fn frame_mut(&mut self) -> &mut [u8] {
        self.memory_mut().frame_mut()
    }

    fn grow_front(&mut self, len: usize) -> Option<&mut [u8]> {
        let m = self.memory_mut();
        let (start, end) = (usize::from(m.start).checked_sub(len)?, m.end());
        (m.start, m.len) = (u8::try_from(start).ok()?, u16::try_from(end - start).ok()?);
        Some(m.frame_mut())
    }

    fn grow_back(&mut self, len: usize) -> Option<&mut [u8]> {
        let m = self.memory_mut();
        let end = m.end().checked_add(len).filter(|&end| end <= SIZE)?;
        m.len = u16::try_from(end - usize::from(m.start)).ok()?;
        Some(m.frame_mut())
    }

    fn trim_front(&mut self, len: usize) {
        let m = self.memory_mut();
        let (from, end) = (usize::from(m.start) + len.min(m.len.into()), m.end());
        // A window must fit behind any start: what lies too far behind it moves.
        match u8::try_from(from) {
            Ok(start) => m.start = start,
            Err(_) => m.bytes.copy_within(from..end, m.start.into()),
        }
        m.len = u16::try_from(end - from).expect("a frame became no longer");
    }

    fn trim_back(&mut self, len: usize) {
        let m = self.memory_mut();
        m.len = m.len.saturating_sub(u16::try_from(len).unwrap_or(u16::MAX));
    }

    #[inline(always)]
    fn received(&self) -> Received {
        self.memory().received
    }

    fn set_checksum_good(&mut self) {
        self.memory_mut().received.checksum = ChecksumState::Good;
    }

    fn set_port(&mut self, port: PortId) {
        self.memory_mut().received.port = port;
    }

    fn request(&mut self, request: Request) {
        self.memory_mut().request = request;
    }

    /// One lock for each pool that neighbours in the burst come from.
    fn free_all(burst: &mut Burst<Self>) {
        while let Some(home) = burst.last().map(|packet| packet.home) {
            let mut free = home.free_list();
            while burst.last().is_some_and(|packet| std::ptr::eq(packet.home, home)) {
                free.extend(burst.pop().and_then(|mut packet| packet.take()));
            }
        }
    }
}

impl Drop for SimBuffer<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(memory) = self.take() {
            self.home.free_list().push(memory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_contract() {
        let pool = Pool::new(3);
        crate::contract::check(&&pool);
        assert_eq!(pool.free(), 3);
    }

    #[test]
    fn a_long_header_can_come_off() {
        let pool = &Pool::new(1);
        let frame: Vec<u8> = (0..1500u16).map(|n| n.to_le_bytes()[0]).collect();
        let mut packet = pool.copy(&frame).expect("room");
        for _ in 0..14 {
            packet.trim_front(100);
        }
        assert_eq!(packet.frame(), &frame[1400..]);
        assert_eq!(packet.headers()[..100], frame[1400..]);
    }

    #[test]
    fn a_burst_of_two_pools_goes_home() {
        let (a, b) = (&Pool::new(4), &Pool::new(4));
        let mut burst: Vec<_> = [a, b, b, a, a].iter().filter_map(|pool| pool.copy(b"x")).collect();
        assert_eq!((a.free(), b.free()), (1, 2));
        SimBuffer::free_all(&mut burst);
        assert_eq!((a.free(), b.free(), burst.len()), (4, 4, 0));
    }

    #[test]
    fn buffers_come_home_from_other_threads() {
        let pool = &Pool::new(64);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                let burst: Vec<_> = (0..16).filter_map(|_| pool.allocate()).collect();
                scope.spawn(move || drop(burst));
            }
        });
        assert_eq!(pool.free(), 64);
    }
}
