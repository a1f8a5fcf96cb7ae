//! What any [`Buffer`] must do: a test for those who implement one. It panics at the first broken promise.

use crate::{Allocator, Buffer, ChecksumState, PortId, Received, Request, VlanTag};

/// Room that a new buffer has in front at least: tunnel headers of two families, a tag and a TCP option fit.
pub const FRONT: usize = 128;

/// Goes through all promises with packets of `allocator`, which has three at least.
///
/// # Panics
/// When one is broken.
pub fn check(allocator: &impl Allocator) {
    grows_and_trims(allocator);
    copies(allocator);
    tells(allocator);
    refuses(allocator);
    is_given_back(allocator);
}

fn contents(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

fn grows_and_trims(allocator: &impl Allocator) {
    let mut packet = allocator.allocate().expect("a buffer is free");
    assert_eq!((packet.frame_len(), packet.frame()), (0, &[][..]), "a new frame is empty");
    let frame = packet.grow_back(10).expect("tailroom");
    assert_eq!(frame.len(), 10, "growing returns the whole frame");
    frame.copy_from_slice(b"0123456789");
    packet.trim_front(3);
    packet.trim_back(2);
    assert_eq!((packet.frame(), packet.frame_len()), (&b"34567"[..], 5));
    assert_eq!(packet.headers()[..5], *b"34567", "the window starts where the frame does");
    packet.grow_back(2).expect("tailroom")[5..].copy_from_slice(b"89");
    packet.grow_front(3).expect("headroom")[..3].copy_from_slice(b"abc");
    assert_eq!(packet.frame(), b"abc3456789");
    packet.headers_mut()[0] = b'X';
    packet.frame_mut()[9] = b'Y';
    assert_eq!(packet.frame(), b"Xbc345678Y");
    packet.trim_front(7);
    assert_eq!(packet.grow_front(FRONT).map(|frame| frame.len()), Some(FRONT + 3), "headroom");
    packet.trim_front(FRONT);
    assert_eq!(packet.frame(), b"78Y");
    packet.trim_back(usize::MAX);
    assert_eq!(packet.frame_len(), 0, "no more than all comes off the end");
    packet.grow_back(4).expect("tailroom");
    packet.trim_front(usize::MAX);
    assert_eq!(packet.frame_len(), 0, "no more than all comes off the start");
}

fn copies(allocator: &impl Allocator) {
    for len in [0, 1, 60, 1514] {
        let packet = allocator.copy(&contents(len)).expect("a buffer is free");
        assert_eq!(packet.frame(), contents(len), "{len} bytes");
        assert_eq!(packet.received().checksum, ChecksumState::Unknown, "nobody looked at them");
    }
}

fn tells(allocator: &impl Allocator) {
    let mut packet = allocator.copy(&contents(60)).expect("a buffer is free");
    assert_eq!(packet.received(), Received::default(), "a new packet was received by nobody");
    packet.set_checksum_good();
    packet.set_port(PortId(7));
    let told = packet.received();
    assert_eq!((told.checksum, told.port), (ChecksumState::Good, PortId(7)));
    packet.request(Request { vlan: Some(VlanTag(5)), checksum: true });
    assert_eq!(packet.frame(), contents(60), "a request changes nothing before it is sent");
    drop(packet);
    let again = allocator.allocate().expect("a buffer is free");
    assert_eq!(again.received(), Received::default(), "nothing is left of the last use");
}

fn refuses(allocator: &impl Allocator) {
    let mut packet = allocator.copy(&contents(60)).expect("a buffer is free");
    for len in [usize::MAX, 1 << 16, 1 << 20] {
        assert!(packet.grow_back(len).is_none(), "{len} bytes of tailroom");
        assert!(packet.grow_front(len).is_none(), "{len} bytes of headroom");
    }
    assert_eq!(packet.frame(), contents(60), "what was refused changed nothing");
    assert!(allocator.copy(&vec![0; 1 << 20]).is_none(), "longer than any buffer");
}

fn is_given_back<A: Allocator>(allocator: &A) {
    for round in 0..10_000 {
        let mut burst: Vec<A::Buffer> = (0..3).filter_map(|_| allocator.allocate()).collect();
        assert_eq!(burst.len(), 3, "buffers are lost by round {round}");
        if round % 2 == 0 {
            A::Buffer::free_all(&mut burst);
            assert!(burst.is_empty());
        }
    }
}
