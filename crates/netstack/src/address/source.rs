//! Which address a packet of ours bears. docs/spec/netstack.md §5.7.

use std::cmp::Reverse;
use std::net::{IpAddr, Ipv6Addr};

use wire::{Addr4, Addr6};

use super::{Address, AddressFlags, AddressScope, Addresses};
use crate::device::DeviceId;
use crate::prefix::{bits, contains};

impl Addresses {
    /// For an IPv4 packet to `dst` by `device`: newest first, the first whose network holds `dst`, else the oldest of all.
    pub(crate) fn source4(&self, device: DeviceId, dst: Addr4, scope: AddressScope) -> Option<Addr4> {
        let unfit = [AddressFlags::SECONDARY, AddressFlags::TENTATIVE];
        let is_fit = |a: &&Address| a.scope <= scope && !unfit.iter().any(|flag| a.flags.has(*flag));
        let mut last = None;
        for address in self.of_device(device).filter(is_fit) {
            let IpAddr::V4(addr) = address.addr else { continue };
            last = Some(addr.into());
            if contains(addr.into(), address.plen, dst) {
                break;
            }
        }
        last
    }

    /// For an IPv6 packet to `dst` by `device`: the best of any device by the rules of RFC 6724 §5, of which those for home
    /// addresses and temporary ones are left out. One that is not known to be ours alone is none.
    pub(crate) fn source6(&self, device: DeviceId, dst: Addr6) -> Option<Addr6> {
        let unfit = [AddressFlags::TENTATIVE, AddressFlags::DADFAILED];
        let is_fit = |a: &&Address| {
            let stays = is_on_link(dst.0.into()) && a.device != device;
            !stays && !unfit.iter().any(|flag| a.flags.has(*flag))
        };
        let candidates = self.by_device.iter().map(|row| &row.address).filter(is_fit);
        let v6 = candidates.filter_map(|address| match address.addr {
            IpAddr::V6(addr) => Some((address, addr)),
            IpAddr::V4(_) => None,
        });
        v6.max_by_key(|(address, addr)| rank(address, *addr, device, dst)).map(|(_, addr)| addr.into())
    }
}

/// The rules in their order, each the more the better.
fn rank(address: &Address, addr: Ipv6Addr, device: DeviceId, dst: Addr6) -> impl Ord + use<> {
    let (reach, needed) = (reach(addr), reach(dst.0.into()));
    // The least that reaches so far, else the one that reaches farthest.
    let suits = if reach >= needed { (1, Reverse(reach), 0) } else { (0, Reverse(0), reach) };
    let is_settled = !address.flags.has(AddressFlags::OPTIMISTIC);
    let alike = (bits(Addr6::from(addr)) ^ bits(dst)).leading_zeros().min(address.plen.into());
    let is_same_kind = is_orchid(addr) == is_orchid(dst.0.into());
    (addr == Ipv6Addr::from(dst.0), suits, is_settled, address.device == device, is_same_kind, alike)
}

/// How far an address is valid, as the scope field of multicast addresses counts it (RFC 4291 §2.7).
fn reach(addr: Ipv6Addr) -> u8 {
    let [first, second, ..] = addr.octets();
    match (first, second) {
        (0xff, second) => second & 0xf,
        _ if addr.is_loopback() || is_on_link(addr) => 2,
        (0xfe, 0xc0..) => 5,
        _ => 14,
    }
}

/// Valid on one link only.
fn is_on_link(addr: Ipv6Addr) -> bool {
    matches!(addr.segments()[0], 0xfe80..=0xfebf) || matches!(addr.segments()[0] & 0xff0f, 0xff01 | 0xff02)
}

/// 2001:10::/28 (RFC 4843): names for hosts, not places.
fn is_orchid(addr: Ipv6Addr) -> bool {
    matches!(addr.segments(), [0x2001, 0x10..=0x1f, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_sources_follow_the_rules_in_their_order() {
        let mut all = Addresses::default();
        let on = |n: u16, text: &str| {
            let (addr, plen) = text.split_once('/').expect("a prefix length");
            let addr: IpAddr = addr.parse().expect("an address");
            Address::new(DeviceId(n), addr, plen.parse().expect("a number"))
        };
        for (device, text) in [
            (0, "fe80::1/64"),
            (0, "2001:db8:1::1/64"),
            (0, "2001:db8:2::1/64"),
            (1, "fe80::2/64"),
            (1, "2001:db8:2::9/64"),
            (0, "2001:10::1/64"),
        ] {
            all.insert(on(device, text));
        }
        all.insert(on(0, "2001:db8:3::1/64").with(AddressFlags::TENTATIVE));
        all.insert(on(0, "2001:db8:4::1/64").with(AddressFlags::OPTIMISTIC));
        for (dst, expected, why) in [
            ("2001:db8:2::9", "2001:db8:2::9", "equal to the destination"),
            ("fe80::77", "fe80::1", "the least scope that suffices"),
            ("ff02::1", "fe80::1", "a group of the link"),
            ("2001:db8:2::77", "2001:db8:2::1", "of the outgoing device"),
            ("2001:db8:1::77", "2001:db8:1::1", "the longest common prefix"),
            ("2001:10::77", "2001:10::1", "of its kind"),
            ("2001:db8:3::77", "2001:db8:2::1", "not a tentative one"),
            ("2001:db8:4::77", "2001:db8:1::1", "not an optimistic one"),
        ] {
            let dst: Ipv6Addr = dst.parse().expect("an address");
            let source = all.source6(DeviceId(0), dst.into()).map(|addr| Ipv6Addr::from(addr.0).to_string());
            assert_eq!(source.as_deref(), Some(expected), "{dst}: {why}");
        }
        assert!(all.source6(DeviceId(7), Ipv6Addr::LOCALHOST.into()).is_some());
        assert_eq!(all.source6(DeviceId(7), "fe80::5".parse::<Ipv6Addr>().expect("an address").into()), None);
    }
}
