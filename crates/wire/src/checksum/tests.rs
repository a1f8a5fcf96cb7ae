//! Against a sum computed the plain way, word by word with an end-around carry.

use std::vec::Vec;

use proptest::prelude::*;

use super::*;

/// The checksum by the book: RFC 1071 §1, big-endian words.
fn naive(bytes: &[u8]) -> u16 {
    let mut sum = 0u32;
    for pair in bytes.chunks(2) {
        sum += u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |&low| low.into());
        sum = (sum & 0xffff) + (sum >> 16);
    }
    u16::try_from(!sum & 0xffff).expect("16 bits")
}

fn field(value: u16) -> Checksum {
    Checksum(value.to_be_bytes())
}

fn value(checksum: Checksum) -> u16 {
    u16::from_be_bytes(checksum.0)
}

#[test]
fn published_examples() {
    // RFC 1071 §3: the words sum up to ddf2.
    assert_eq!(Sum::ZERO.plus_bytes(b"\x00\x01\xf2\x03\xf4\xf5\xf6\xf7").fold().to_ne_bytes(), [0xdd, 0xf2]);
    let header = b"\x45\x00\x00\x3c\x1c\x46\x40\x00\x40\x06\x00\x00\xac\x10\x0a\x63\xac\x10\x0a\x0c";
    assert_eq!(value(Checksum::new(Sum::ZERO.plus_bytes(header))), 0xb1e6);
}

/// RFC 1624 §4: with equation 3 the field 0xdd2f for 0x5555 becomes 0x0000 for 0x3285, where equation 2 has 0xffff.
#[test]
fn the_corner_of_rfc_1624() {
    let mut checksum = field(0xdd2f);
    checksum.apply(Sum::ZERO.minus(0x5555u16.to_be()).plus(0x3285u16.to_be()));
    assert_eq!(value(checksum), 0x0000);
    let mut of_udp = field(0xdd2f);
    of_udp.apply_udp(Sum::ZERO.minus(0x5555u16.to_be()).plus(0x3285u16.to_be()));
    assert_eq!(value(of_udp), 0xffff);
}

#[test]
fn udp_without_a_checksum_stays_without() {
    let mut none = Checksum::default();
    none.apply_udp(Sum::ZERO.plus(0x1234));
    assert!(none.is_absent());
    assert_eq!(none.or_ones().word(), 0xffff);
}

/// Words that other words meet: corners, powers of two and their neighbours, and some in between.
fn corners() -> Vec<u16> {
    let powers = (0..16).flat_map(|bit| [1u16 << bit, (1 << bit) - 1, !(1u16 << bit)]);
    powers.chain([0xffff, 0x1234, 0xa5a5, 0x5a5a, 0xfffe, 0x8000]).collect()
}

/// Every old value of a word, to each of the corners and back, in two surroundings: one ordinary, one of zeroes, where the sum
/// itself comes to zero. Full and incremental agree in every bit, but where the data is all zero, which has two sums.
#[test]
fn every_word_incremental_agrees_with_full() {
    for rest in [[0x45, 0x00, 0x1c, 0x46], [0x00; 4]] {
        for new in corners() {
            for old in 0..=u16::MAX {
                agree(rest, old, new);
                agree(rest, new, old);
            }
        }
    }
}

fn agree(rest: [u8; 4], old: u16, new: u16) {
    let data = |word: u16| [rest[0], rest[1], rest[2], rest[3], word.to_be_bytes()[0], word.to_be_bytes()[1]];
    let mut checksum = Checksum::new(Sum::ZERO.plus_bytes(&data(old)));
    assert_eq!(value(checksum), naive(&data(old)), "full, {old:04x}");
    checksum.apply(Sum::ZERO.minus(old.to_be()).plus(new.to_be()));
    let expected = naive(&data(new));
    let same = value(checksum) == expected;
    // The sum of all zeroes is +0, and by difference it may come out as −0: RFC 1624 §3, and both verify.
    let zeroes = data(new) == [0; 6] && value(checksum) == 0x0000 && expected == 0xffff;
    assert!(same || zeroes, "{old:04x} to {new:04x}: {:04x}, should be {expected:04x}", value(checksum));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn random_pairs(old in any::<[u8; 4]>(), new in any::<[u8; 4]>(), rest in any::<[u8; 12]>()) {
        let data = |word: [u8; 4]| [&rest[..], &[0x40][..], &[6], &word].concat();
        let mut checksum = Checksum::new(Sum::ZERO.plus_bytes(&data(old)));
        prop_assert_eq!(value(checksum), naive(&data(old)));
        checksum.apply(Sum::ZERO.replacing(old, new));
        prop_assert_eq!(value(checksum), naive(&data(new)));
    }

    /// A whole rewrite as one sum: addresses, ports, and back by the complement.
    #[test]
    fn one_sum_serves_both_directions(
        old in any::<[[u8; 4]; 3]>(),
        new in any::<[[u8; 4]; 3]>(),
        payload in prop::collection::vec(any::<u8>(), 1..50),
    ) {
        let data = |words: [[u8; 4]; 3]| [words.as_flattened(), &[1], &payload].concat();
        let there = Sum::of((0..3).fold(Sum::ZERO, |sum, at| sum.replacing(old[at], new[at])).fold());
        let mut checksum = Checksum::new(Sum::ZERO.plus_bytes(&data(old)));
        checksum.apply(there);
        prop_assert_eq!(value(checksum), naive(&data(new)));
        checksum.apply(Sum::ZERO.minus(there.fold()));
        prop_assert_eq!(value(checksum), naive(&data(old)));
    }

    #[test]
    fn full_sums_of_any_length(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(value(Checksum::new(Sum::ZERO.plus_bytes(&bytes))), naive(&bytes));
    }
}
