//! Addresses of both families as numbers: 128 bits, the first bit of the address on top.

use wire::Addr;

/// Bits in an address of family `A`.
#[must_use]
pub const fn width<A>() -> u8 {
    if size_of::<A>() == 4 { 32 } else { 128 }
}

/// `addr` as a number; the bits behind an IPv4 address are 0.
#[inline(always)]
#[must_use]
pub fn bits<A: Addr>(addr: A) -> u128 {
    match *addr.octets() {
        [a, b, c, d] => u128::from(u32::from_be_bytes([a, b, c, d])) << 96,
        ref octets => octets.first_chunk().map_or(0, |octets| u128::from_be_bytes(*octets)),
    }
}

/// The first `plen` bits.
#[inline(always)]
#[must_use]
pub const fn mask(plen: u8) -> u128 {
    match plen {
        0 => 0,
        1..128 => !(u128::MAX >> plen),
        _ => u128::MAX,
    }
}

/// The address that is `bits`.
#[must_use]
pub fn addr<A: Addr>(bits: u128) -> A {
    A::read_from_prefix(&bits.to_be_bytes()).map_or_else(|_| A::default(), |(addr, _)| addr)
}

/// `addr` with all bits behind the first `plen` cleared.
#[must_use]
pub fn network<A: Addr>(host: A, plen: u8) -> A {
    addr(bits(host) & mask(plen))
}

/// Whether `addr` lies in the network of `net`.
#[must_use]
pub fn contains<A: Addr>(net: A, plen: u8, addr: A) -> bool {
    (bits(net) ^ bits(addr)) & mask(plen) == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wire::{Addr4, Addr6};

    use super::*;

    #[test]
    fn networks() {
        let net = |a, plen| network(Addr4(a), plen).0;
        assert_eq!(net([10, 1, 2, 255], 24), [10, 1, 2, 0]);
        assert_eq!(net([10, 1, 2, 255], 31), [10, 1, 2, 254]);
        assert_eq!((net([10, 1, 2, 3], 0), net([10, 1, 2, 3], 32)), ([0; 4], [10, 1, 2, 3]));
        assert!(contains(Addr4([10, 0, 0, 9]), 8, Addr4([10, 255, 0, 0])));
        assert!(!contains(Addr4([10, 0, 0, 9]), 8, Addr4([11, 0, 0, 9])));
        assert_eq!(network(Addr6([0xff; 16]), 4).0[..2], [0xf0, 0]);
    }

    proptest! {
        #[test]
        fn numbers_and_addresses_correspond(v4: [u8; 4], v6: [u8; 16]) {
            prop_assert_eq!(addr::<Addr4>(bits(Addr4(v4))), Addr4(v4));
            prop_assert_eq!(addr::<Addr6>(bits(Addr6(v6))), Addr6(v6));
        }
    }
}
