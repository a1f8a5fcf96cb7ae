use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::addr::{Addr4, Addr6};

/// As a Linux SYN has them: MSS 1460, SACK permitted, timestamps, no-operation, window scale 7.
const SYN: [u8; 20] = *b"\x02\x04\x05\xb4\x04\x02\x08\x0a\x00\x01\x02\x03\x00\x00\x00\x00\x01\x03\x03\x07";

/// `edit` reports exactly the change of the sum.
fn edited(options: &[u8], edit: impl FnOnce(&mut [u8]) -> Sum) -> Vec<u8> {
    let mut after = options.to_vec();
    let change = edit(&mut after);
    let mut checksum = Checksum::new(Sum::ZERO.plus(0x4500).plus_bytes(options));
    checksum.apply(change);
    assert_eq!(checksum, Checksum::new(Sum::ZERO.plus(0x4500).plus_bytes(&after)), "{options:02x?}");
    after
}

#[test]
fn options_are_listed() {
    let list: Vec<_> = options(&SYN).map(|option| (option.kind, option.payload.len())).collect();
    assert_eq!(list, [(2, 2), (4, 0), (8, 8), (3, 1)]);
    for (bytes, kinds) in [
        (&b"\x01\x01\x03\x03\x07\x00\x02\x04\x05\xb4"[..], vec![3]), // ends at the end mark
        (b"\x03\x03\x07\x08\x0a\x00", vec![3]),                      // cut off
        (b"\x03\x03\x07\x08\x01\x00\x03\x03\x07", vec![3]),          // a length that cannot be
        (b"\x03\x03\x07\x08", vec![3]),
        (b"", vec![]),
    ] {
        assert_eq!(options(bytes).map(|option| option.kind).collect::<Vec<_>>(), kinds, "{bytes:02x?}");
    }
}

#[test]
fn the_segment_size_goes_down() {
    let lowered = edited(&SYN, |options| lower_mss(options, 8));
    assert_eq!(lowered[..4], *b"\x02\x04\x05\xac");
    assert_eq!(lowered[4..], SYN[4..]);
    let odd = edited(b"\x01\x02\x04\x00\x05\x01", |options| lower_mss(options, 8));
    assert_eq!(odd, b"\x01\x02\x04\x00\x01\x01", "one byte at least is left");
}

#[test]
fn sack_edges_move_together() {
    let sack = b"\x01\x01\x05\x12\x00\x00\x00\x10\x00\x00\x00\x20\xff\xff\xff\xff\x00\x00\x00\x05";
    let moved = edited(sack, |options| unshift_sack(options, 0x10));
    assert_eq!(moved, b"\x01\x01\x05\x12\x00\x00\x00\x00\x00\x00\x00\x10\xff\xff\xff\xef\xff\xff\xff\xf5");
}

#[test]
fn timestamps_become_no_operations() {
    let erased = edited(&SYN, erase_timestamps);
    assert_eq!(erased[..6], SYN[..6]);
    assert_eq!(erased[6..16], [1; 10]);
    assert_eq!(erased[16..], SYN[16..]);
}

fn header() -> Tcp {
    let (seq, ack) = (U32::new(0xffff_fff0), U32::new(5));
    let (window, checksum, urgent) = (U16::new(1), Checksum::default(), U16::ZERO);
    Tcp { ports: Ports::new(1, 2), seq, ack, data_offset: 0x50, flags: Flags::SYN, window, checksum, urgent }
}

#[test]
fn sequence_numbers_come_round() {
    let mut tcp = header();
    let before = Sum::ZERO.plus_bytes(tcp.as_bytes()).fold();
    let change = tcp.shift_seq(0x20) + tcp.unshift_ack(6);
    assert_eq!((tcp.seq.get(), tcp.ack.get()), (0x10, 0xffff_ffff));
    assert_eq!((Sum::of(before) + change).fold(), Sum::ZERO.plus_bytes(tcp.as_bytes()).fold());
}

/// docs/spec/datapath.md §11.2: kind 254, length, port, address.
#[test]
fn the_client_address_lies_as_specified() {
    fn of<A: Addr>(client: A, expected: &[u8]) {
        let (mut tcp, mut gap) = (header(), vec![0xee; A::TOA_LEN]);
        // The pseudo-header's length grows with the option.
        let before = Sum::ZERO.plus_bytes(tcp.as_bytes()).plus(20u16.to_be()).fold();
        let change = write_toa(&mut tcp, &mut gap, client, U16::new(0x1234));
        assert_eq!((&gap[..], tcp.header_len()), (expected, 20 + A::TOA_LEN));
        let len = u16::try_from(20 + A::TOA_LEN).expect("short").to_be();
        let after = Sum::ZERO.plus_bytes(tcp.as_bytes()).plus_bytes(&gap).plus(len).fold();
        assert_eq!((Sum::of(before) + change).fold(), after);
    }
    of(Addr4([10, 0, 0, 1]), b"\xfe\x08\x12\x34\x0a\x00\x00\x01");
    of(Addr6([7; 16]), &[&b"\xfe\x14\x12\x34"[..], &[7; 16]].concat());
}

proptest! {
    /// Whatever the options are, the sum follows, and what is no such option stays.
    #[test]
    fn arbitrary_options(bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..12], 0..40), by in any::<u32>()) {
        prop_assert_eq!(edited(&bytes, |options| unshift_sack(options, by)).len(), bytes.len());
        edited(&bytes, erase_timestamps);
        let [low, high, ..] = by.to_le_bytes();
        let lowered = edited(&bytes, |options| lower_mss(options, u16::from_le_bytes([low, high])));
        let others = |bytes| options(bytes).filter(|option| option.kind != 2).map(|option| option.kind).collect::<Vec<_>>();
        prop_assert_eq!(others(&bytes), others(&lowered));
    }
}
