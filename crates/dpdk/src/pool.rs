//! A pool of packet buffers, on one NUMA node.
//!
//! The invariant: its memory is given back only when nobody can reach a buffer of it. Types see to that (a buffer and a port
//! borrow their pools); for what was leaked on purpose, the pool looks once more when it is dropped, and if a buffer is missing
//! or a port was not closed, the memory stays.
//!
//! Any thread may take and give back: lcores by a cache of their own, others at the price of a few atomic operations.

use std::ffi::CString;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

use dpdk_sys as sys;
use pktio::Allocator;

use crate::eal::{Eal, NumaNode};
use crate::errno::Errno;
use crate::mbuf::Mbuf;

/// Ethernet header, two VLAN tags and the frame check sequence: what a frame has around its MTU, or more.
pub(crate) const AROUND_MTU: u32 = 14 + 2 * 4 + 4;
/// The smallest room of a buffer, headroom included: drivers expect 2048 bytes behind it.
const MIN_ROOM: u32 = sys::SHIM_MBUF_HEADROOM as u32 + 2048;
const LINE: u32 = 64;
const MAX_ROOM: u32 = 65_536 - LINE;
/// The largest cache per lcore that DPDK allows.
const MAX_CACHE: u32 = 512;

/// What a pool shall be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolConfig {
    /// Buffers; 2ⁿ − 1 wastes no memory.
    pub buffers: u32,
    /// Buffers that an lcore keeps for itself, at most 512; 0 for none.
    pub cache: u32,
    /// The largest MTU that shall fit into one buffer.
    pub mtu: u16,
    /// Where it lies; `None`: anywhere.
    pub node: Option<NumaNode>,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self { buffers: 65_535, cache: 256, mtu: 1500, node: None }
    }
}

/// Why a pool could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// No buffer has that much room.
    #[error("MTU {0}: no buffer is that long; {max} is the most", max = MAX_ROOM - sys::SHIM_MBUF_HEADROOM as u32 - AROUND_MTU)]
    Mtu(u16),
    /// DPDK refused.
    #[error("no pool of {} buffers of {room} bytes, {} kept per lcore, on {}: {errno}{hint}", .config.buffers, .config.cache,
        place(*.config), hint = hint(*.errno, *.config))]
    Refused {
        /// What was asked for.
        config: PoolConfig,
        /// Bytes per buffer.
        room: u16,
        /// Why.
        errno: Errno,
    },
}

fn place(config: PoolConfig) -> String {
    config.node.map_or_else(|| "any NUMA node".to_owned(), |node| format!("NUMA node {}", node.0))
}

fn hint(errno: Errno, config: PoolConfig) -> String {
    match errno {
        Errno::NOMEM => " (give more hugepages or -m, or fewer buffers)".to_owned(),
        Errno::INVAL if config.cache > MAX_CACHE => format!(" (a cache has {MAX_CACHE} at most)"),
        Errno::INVAL => " (a cache has no more than two thirds of all buffers)".to_owned(),
        _ => String::new(),
    }
}

/// A pool of packet buffers.
#[derive(Debug)]
pub struct Pool<'eal> {
    raw: NonNull<sys::rte_mempool>,
    buffers: u32,
    room: u16,
    node: Option<NumaNode>,
    /// Ports that take buffers from it by themselves.
    ports: AtomicU32,
    eal: PhantomData<&'eal ()>,
}

// SAFETY: a mempool may be used by any thread at once: its ring is made for many producers and consumers, caches are per lcore,
// and threads that are no lcores do without.
unsafe impl Send for Pool<'_> {}
// SAFETY: as above.
unsafe impl Sync for Pool<'_> {}

impl<'eal> Pool<'eal> {
    /// Makes a pool.
    pub fn new(_eal: &'eal Eal, config: PoolConfig) -> Result<Self, PoolError> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let room = room(config.mtu).ok_or(PoolError::Mtu(config.mtu))?;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = CString::new(format!("pktpool_{number}")).unwrap_or_default();
        let PoolConfig { buffers, cache, node, .. } = config;
        // SAFETY: EAL is up; a name, and numbers that DPDK checks.
        let raw = unsafe {
            sys::rte_pktmbuf_pool_create(name.as_ptr(), buffers, cache, 0, room, NumaNode::to_raw(node))
        };
        let raw =
            NonNull::new(raw).ok_or_else(|| PoolError::Refused { config, room, errno: Errno::last() })?;
        Ok(Self { raw, buffers, room, node, ports: AtomicU32::new(0), eal: PhantomData })
    }
}

impl Pool<'_> {
    /// All its buffers.
    #[must_use]
    pub fn buffers(&self) -> u32 {
        self.buffers
    }

    /// Buffers that are free, those in the caches of lcores too. Exact only while nobody takes or gives.
    #[must_use]
    pub fn available(&self) -> u32 {
        // SAFETY: the pool lives as long as `self`.
        unsafe { sys::rte_mempool_avail_count(self.raw.as_ptr()) }
    }

    /// Buffers in use: by us, by ports for receiving, or waiting to be sent.
    #[must_use]
    pub fn in_use(&self) -> u32 {
        self.buffers.saturating_sub(self.available())
    }

    /// Bytes of a buffer, headroom included.
    #[must_use]
    pub fn room(&self) -> u16 {
        self.room
    }

    /// Where it lies, if that was asked for.
    #[must_use]
    pub fn node(&self) -> Option<NumaNode> {
        self.node
    }

    pub(crate) fn raw(&self) -> *mut sys::rte_mempool {
        self.raw.as_ptr()
    }

    /// A port starts to take buffers by itself.
    pub(crate) fn port_opened(&self) {
        self.ports.fetch_add(1, Ordering::Relaxed);
    }

    /// It was closed.
    pub(crate) fn port_closed(&self) {
        self.ports.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Room of a buffer for frames of `mtu`.
fn room(mtu: u16) -> Option<u16> {
    let frame = u32::from(sys::SHIM_MBUF_HEADROOM) + u32::from(mtu) + AROUND_MTU;
    let room = frame.next_multiple_of(LINE).max(MIN_ROOM);
    u16::try_from(room).ok().filter(|_| room <= MAX_ROOM)
}

impl<'pool> Allocator for &'pool Pool<'_> {
    type Buffer = Mbuf<'pool>;

    fn allocate(&self) -> Option<Mbuf<'pool>> {
        // SAFETY: the pool lives for `'pool`.
        let raw = NonNull::new(unsafe { sys::shim_pktmbuf_alloc(self.raw.as_ptr()) })?;
        // SAFETY: a buffer that was just taken is ours alone; pools have room for a window behind the headroom.
        let mut buffer = unsafe { Mbuf::from_raw(raw) };
        buffer.set_port_raw(0);
        Some(buffer)
    }
}

impl Drop for Pool<'_> {
    fn drop(&mut self) {
        if *self.ports.get_mut() == 0 && self.in_use() == 0 {
            // SAFETY: no port fills its rings from here, and every buffer is back.
            unsafe { sys::rte_mempool_free(self.raw.as_ptr()) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mtu_has_room_or_an_error() {
        assert_eq!(room(1500), Some(2176));
        assert_eq!(room(68), Some(2176));
        assert_eq!(room(9000), Some(9152 + 64));
        for mtu in 0..=u16::MAX {
            let frame = u32::from(mtu) + AROUND_MTU;
            match room(mtu) {
                Some(room) => assert!(u32::from(room) >= frame + u32::from(sys::SHIM_MBUF_HEADROOM)),
                None => assert!(frame > 65_000),
            }
        }
    }
}
