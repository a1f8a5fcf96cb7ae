//! A packet buffer: one pointer wide, so that an array of them is what a burst call fills.
//!
//! Invariants of every [`Mbuf`] that exists, which all `unsafe` here rests on:
//! 1. The pointer is a buffer that nobody else uses (reference count 1), and its pool lives for `'pool`.
//! 2. It is one segment: `data_off + data_len ≤ buf_len`, and `pkt_len == data_len`.
//! 3. The window of [`HEADERS`] bytes lies inside: `data_off + HEADERS ≤ buf_len`.
//!
//! The receive queue checks 2 and 3 (`Mbuf::is_plain`) before a buffer becomes visible; the functions below keep them.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::{fmt, slice};

use dpdk_sys as sys;
use pktio::{Buffer, Burst, ChecksumState, PortId, Received, Request, VlanTag};
use wire::HEADERS;

/// Request bits that a buffer carries from [`Buffer::request`] to the port. TCP's stands for "whatever the transport is".
const REQUESTS: u64 = sys::SHIM_TX_VLAN | sys::SHIM_TX_L4_MASK;
/// Beside a transport's bits, these say that the request was prepared for the NIC.
const PREPARED: u64 = sys::SHIM_TX_IPV4 | sys::SHIM_TX_IPV6;
const TX_FLAGS: u64 = REQUESTS | PREPARED;
const RX_VLAN: u64 = sys::SHIM_RX_VLAN | sys::SHIM_RX_VLAN_STRIPPED;
const RX_CHECKSUM: u64 = sys::SHIM_RX_IP_CKSUM_MASK | sys::SHIM_RX_L4_CKSUM_MASK;

/// A buffer that we own.
#[repr(transparent)]
pub struct Mbuf<'pool>(NonNull<sys::rte_mbuf>, PhantomData<&'pool ()>);

// SAFETY: one owner at a time; pools take buffers back from any thread.
unsafe impl Send for Mbuf<'_> {}

/// One getter and one setter per field, at the offset that C says.
macro_rules! fields {
    ($($get:ident $set:ident: $type:ty = $offset:ident;)+) => {
        impl Mbuf<'_> {
            $(
                #[inline(always)]
                #[allow(dead_code, reason = "not every field is read")]
                fn $get(&self) -> $type {
                    // SAFETY: invariant 1; the field lies there (dpdk-sys tests that).
                    unsafe { self.0.as_ptr().byte_add(sys::$offset).cast::<$type>().read() }
                }

                #[inline(always)]
                #[allow(dead_code, reason = "not every field is changed")]
                fn $set(&mut self, value: $type) {
                    // SAFETY: invariant 1; the field lies there (dpdk-sys tests that).
                    unsafe { self.0.as_ptr().byte_add(sys::$offset).cast::<$type>().write(value) }
                }
            )+
        }
    };
}

fields! {
    buf_addr set_buf_addr: *mut u8 = SHIM_MBUF_BUF_ADDR;
    data_off set_data_off: u16 = SHIM_MBUF_DATA_OFF;
    nb_segs set_nb_segs: u16 = SHIM_MBUF_NB_SEGS;
    port set_raw_port: u16 = SHIM_MBUF_PORT;
    flags set_flags: u64 = SHIM_MBUF_OL_FLAGS;
    pkt_len set_pkt_len: u32 = SHIM_MBUF_PKT_LEN;
    data_len set_data_len: u16 = SHIM_MBUF_DATA_LEN;
    vlan_tci set_vlan_tci: u16 = SHIM_MBUF_VLAN_TCI;
    rss set_rss: u32 = SHIM_MBUF_RSS;
    buf_len set_buf_len: u16 = SHIM_MBUF_BUF_LEN;
    pool set_pool: *mut sys::rte_mempool = SHIM_MBUF_POOL;
    tx_offload set_tx_offload: u64 = SHIM_MBUF_TX_OFFLOAD;
}

impl Mbuf<'_> {
    /// Takes over a buffer.
    ///
    /// # Safety
    /// It must keep the invariants of the module.
    pub(crate) unsafe fn from_raw(raw: NonNull<sys::rte_mbuf>) -> Self {
        Self(raw, PhantomData)
    }

    /// Whether what a driver delivered can be used as it is: one segment, with room for a window, and nothing asked of a port
    /// (rings deliver what was sent, with its flags).
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        (self.nb_segs() == 1) & self.has_window() & (self.flags() & TX_FLAGS == 0)
    }

    /// Makes it usable if that can be; `false`: it is a chain, or too short for a window.
    pub(crate) fn make_plain(&mut self) -> bool {
        self.set_flags(self.flags() & !TX_FLAGS);
        self.is_plain()
    }

    #[inline(always)]
    fn has_window(&self) -> bool {
        usize::from(self.data_off()) + HEADERS <= usize::from(self.buf_len())
    }

    #[inline(always)]
    pub(crate) fn set_port_raw(&mut self, port: u16) {
        self.set_raw_port(port);
    }

    /// Whether it is from `pool`.
    #[inline(always)]
    pub(crate) fn is_from(&self, pool: *mut sys::rte_mempool) -> bool {
        self.pool() == pool
    }

    /// Whether anything was asked of the sending port that is not prepared yet.
    #[inline(always)]
    pub(crate) fn has_request(&self) -> bool {
        let flags = self.flags();
        (flags & REQUESTS != 0) & (flags & PREPARED == 0)
    }

    /// What was asked of the sending port.
    pub(crate) fn requested(&self) -> Request {
        let vlan = (self.flags() & sys::SHIM_TX_VLAN != 0).then(|| VlanTag(self.vlan_tci()));
        Request { vlan, checksum: self.flags() & sys::SHIM_TX_L4_MASK != 0 }
    }

    /// Leaves the transport checksum to the NIC: `flags` say which (one of [`PREPARED`] too), the header lengths where.
    pub(crate) fn leave_checksum(&mut self, flags: u64, l2_len: u64, l3_len: u64) {
        self.set_flags(self.flags() & !TX_FLAGS | flags);
        self.set_tx_offload(l2_len << sys::SHIM_MBUF_L2_LEN_SHIFT | l3_len << sys::SHIM_MBUF_L3_LEN_SHIFT);
    }

    /// What [`Self::leave_checksum`] left: flags, and lengths of both headers.
    #[cfg(test)]
    pub(crate) fn left_to_nic(&self) -> (u64, u64, u64) {
        let lengths = self.tx_offload();
        let l2_len = lengths & ((1 << sys::SHIM_MBUF_L3_LEN_SHIFT) - 1);
        (self.flags() & TX_FLAGS, l2_len, lengths >> sys::SHIM_MBUF_L3_LEN_SHIFT)
    }

    /// A tag was taken off in place of the port.
    pub(crate) fn set_untagged(&mut self, tag: VlanTag) {
        self.set_vlan_tci(tag.0);
        self.set_flags(self.flags() | RX_VLAN);
    }

    #[inline(always)]
    fn start(&self) -> *mut u8 {
        // SAFETY: invariant 3.
        unsafe { self.buf_addr().add(self.data_off().into()) }
    }

    /// Where in the buffer the frame ends.
    fn end(&self) -> usize {
        usize::from(self.data_off()) + usize::from(self.data_len())
    }

    fn set_len(&mut self, len: u16) {
        self.set_data_len(len);
        self.set_pkt_len(len.into());
    }
}

impl Buffer for Mbuf<'_> {
    #[inline(always)]
    fn frame_len(&self) -> usize {
        self.data_len().into()
    }

    #[inline(always)]
    fn headers(&self) -> &[u8; HEADERS] {
        // SAFETY: invariants 1 and 3; any bytes are bytes.
        unsafe { &*self.start().cast() }
    }

    #[inline(always)]
    fn headers_mut(&mut self) -> &mut [u8; HEADERS] {
        // SAFETY: as above, and `self` is borrowed alone.
        unsafe { &mut *self.start().cast() }
    }

    #[inline]
    fn frame(&self) -> &[u8] {
        // SAFETY: invariants 1 and 2.
        unsafe { slice::from_raw_parts(self.start(), self.frame_len()) }
    }

    #[inline]
    fn frame_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `self` is borrowed alone.
        unsafe { slice::from_raw_parts_mut(self.start(), self.frame_len()) }
    }

    fn grow_front(&mut self, len: usize) -> Option<&mut [u8]> {
        let start = usize::from(self.data_off()).checked_sub(len)?;
        let frame_len = u16::try_from(self.end() - start).ok()?;
        self.set_data_off(u16::try_from(start).ok()?);
        self.set_len(frame_len);
        Some(self.frame_mut())
    }

    fn grow_back(&mut self, len: usize) -> Option<&mut [u8]> {
        let end = self.end().checked_add(len).filter(|&end| end <= self.buf_len().into())?;
        self.set_len(u16::try_from(end - usize::from(self.data_off())).ok()?);
        Some(self.frame_mut())
    }

    fn trim_front(&mut self, len: usize) {
        let frame_len = self.frame_len();
        let cut = len.min(frame_len);
        // A window must fit behind any start: what lies too far behind it moves (invariant 3).
        let start = usize::from(self.data_off()) + cut;
        match u16::try_from(start).ok().filter(|_| start + HEADERS <= self.buf_len().into()) {
            Some(start) => self.set_data_off(start),
            None => self.frame_mut().copy_within(cut.., 0),
        }
        self.set_len(u16::try_from(frame_len - cut).unwrap_or(0));
    }

    fn trim_back(&mut self, len: usize) {
        let len = u16::try_from(len).unwrap_or(u16::MAX);
        self.set_len(self.data_len().saturating_sub(len));
    }

    #[inline(always)]
    fn received(&self) -> Received {
        let flags = self.flags();
        Received {
            checksum: checksum_state(flags),
            vlan: (flags & sys::SHIM_RX_VLAN_STRIPPED != 0).then(|| VlanTag(self.vlan_tci())),
            hash: (flags & sys::SHIM_RX_RSS_HASH != 0).then(|| self.rss()),
            port: PortId(self.port()),
        }
    }

    fn set_checksum_good(&mut self) {
        self.set_flags(self.flags() & !RX_CHECKSUM | sys::SHIM_RX_L4_CKSUM_GOOD);
    }

    fn set_port(&mut self, port: PortId) {
        self.set_raw_port(port.0);
    }

    /// A tag asked for takes the place of the one received: there is one field for both.
    fn request(&mut self, request: Request) {
        let mut flags = self.flags() & !TX_FLAGS;
        if let Some(tag) = request.vlan {
            flags = flags & !RX_VLAN | sys::SHIM_TX_VLAN;
            self.set_vlan_tci(tag.0);
        }
        if request.checksum {
            flags |= sys::SHIM_TX_TCP_CKSUM;
        }
        self.set_flags(flags);
    }

    fn free_all(burst: &mut Burst<Self>) {
        let (buffers, count) = (burst.as_mut_ptr().cast(), u32::try_from(burst.len()).unwrap_or(u32::MAX));
        // SAFETY: the list is empty before its buffers are gone; there are `count` of them, and they are ours.
        unsafe {
            burst.set_len(0);
            sys::rte_pktmbuf_free_bulk(buffers, count);
        }
    }
}

/// Both layers in one word (docs/spec/netstack.md §4.9): either one bad is bad; the transport's decides the rest.
#[inline(always)]
fn checksum_state(flags: u64) -> ChecksumState {
    let (ip, l4) = (flags & sys::SHIM_RX_IP_CKSUM_MASK, flags & sys::SHIM_RX_L4_CKSUM_MASK);
    match l4 {
        _ if ip == sys::SHIM_RX_IP_CKSUM_BAD => ChecksumState::Bad,
        sys::SHIM_RX_L4_CKSUM_BAD => ChecksumState::Bad,
        sys::SHIM_RX_L4_CKSUM_GOOD => ChecksumState::Good,
        sys::SHIM_RX_L4_CKSUM_NONE => ChecksumState::Partial,
        _ => ChecksumState::Unknown,
    }
}

impl Drop for Mbuf<'_> {
    fn drop(&mut self) {
        // SAFETY: invariant 1, and nobody uses `self` after this.
        unsafe { sys::shim_pktmbuf_free(self.0.as_ptr()) }
    }
}

impl fmt::Debug for Mbuf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mbuf").field("len", &self.frame_len()).field("received", &self.received()).finish()
    }
}

/// Takes the first `count` out of a burst without dropping them: somebody else owns them now.
pub(crate) fn forget_front(burst: &mut Burst<Mbuf<'_>>, count: usize) {
    let rest = burst.len().saturating_sub(count);
    let first = burst.as_mut_ptr().cast::<ManuallyDrop<Mbuf<'_>>>();
    // SAFETY: the last `rest` of the initialised ones move to the front; what was there is forgotten, not dropped.
    unsafe {
        burst.set_len(0);
        first.copy_from(first.add(count), rest);
        burst.set_len(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_two_checksums_is_the_worse() {
        const IP_GOOD: u64 = 1 << 7;
        use ChecksumState::{Bad, Good, Partial, Unknown};
        for (flags, state) in [
            (0, Unknown),
            (IP_GOOD, Unknown),
            (IP_GOOD | sys::SHIM_RX_L4_CKSUM_GOOD, Good),
            (sys::SHIM_RX_L4_CKSUM_GOOD, Good),
            (sys::SHIM_RX_IP_CKSUM_BAD | sys::SHIM_RX_L4_CKSUM_GOOD, Bad),
            (sys::SHIM_RX_IP_CKSUM_BAD, Bad),
            (IP_GOOD | sys::SHIM_RX_L4_CKSUM_BAD, Bad),
            (IP_GOOD | sys::SHIM_RX_L4_CKSUM_NONE, Partial),
            (sys::SHIM_RX_IP_CKSUM_BAD | sys::SHIM_RX_L4_CKSUM_NONE, Bad),
        ] {
            assert_eq!(checksum_state(flags), state, "{flags:#x}");
        }
    }
}
