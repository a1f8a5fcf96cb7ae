//! Addresses of devices, and which one a packet of ours bears. docs/spec/netstack.md §5.7.

mod source;

use std::net::IpAddr;
use std::sync::Arc;

use crate::device::DeviceId;
use crate::trie::{Prefix, Trie};

/// How far an address is known. The lesser, the farther.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressScope(pub u8);

impl AddressScope {
    /// Everywhere.
    pub const GLOBAL: Self = Self(0);
    /// Within the site.
    pub const SITE: Self = Self(1);
    /// On its link.
    pub const LINK: Self = Self(2);
    /// Here.
    pub const HOST: Self = Self(3);
    /// Nowhere.
    pub const NONE: Self = Self(255);
}

/// What is to be known of an address (`IFA_F_*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddressFlags(pub u32);

impl AddressFlags {
    /// Not a source by itself.
    pub const SECONDARY: Self = Self(0x01);
    /// Not to be checked for duplicates.
    pub const NODAD: Self = Self(0x02);
    /// In use before the check is done.
    pub const OPTIMISTIC: Self = Self(0x04);
    /// Another host has it.
    pub const DADFAILED: Self = Self(0x08);
    /// Being checked for duplicates.
    pub const TENTATIVE: Self = Self(0x40);
    /// Without end; the lifetime says it, so it cannot be given.
    pub const PERMANENT: Self = Self(0x80);
    /// Its ports are for connections to dests.
    pub const SAPOOL: Self = Self(0x1_0000);
    /// Made from the device's MAC address.
    pub const LINKLOCAL: Self = Self(0x2_0000);

    /// Whether it has all flags of `other`.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// With the flags of `other`.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without the flags of `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// An address of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The device.
    pub device: DeviceId,
    /// The address.
    pub addr: IpAddr,
    /// Length of its network's prefix.
    pub plen: u8,
    /// Shown, of no effect.
    pub broadcast: Option<IpAddr>,
    /// How far it is known.
    pub scope: AddressScope,
    /// Seconds it lasts from its last setting on; 0: for ever. Who keeps the time removes it.
    pub valid_lft: u32,
    /// What else is to be known of it.
    pub flags: AddressFlags,
}

impl Address {
    /// An address for ever, known everywhere.
    #[must_use]
    pub fn new(device: DeviceId, addr: impl Into<IpAddr>, plen: u8) -> Self {
        let (broadcast, scope, valid_lft, flags) = (None, AddressScope::GLOBAL, 0, AddressFlags::PERMANENT);
        Self { device, addr: addr.into(), plen, broadcast, scope, valid_lft, flags }
    }

    /// With these flags too.
    #[must_use]
    pub fn with(self, flags: AddressFlags) -> Self {
        Self { flags: self.flags.with(flags), ..self }
    }

    /// Bits in an address of its family.
    #[must_use]
    pub fn width(&self) -> u8 {
        if self.addr.is_ipv4() { 32 } else { 128 }
    }

    fn bits(&self) -> u128 {
        bits_of(self.addr)
    }
}

/// Why an address cannot be added, changed or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// All zero.
    #[error("the address is the unspecified one")]
    Unspecified,
    /// Longer than an address.
    #[error("the prefix is longer than an address")]
    PrefixTooLong,
    /// There is no such device.
    #[error("no such device")]
    NoDevice,
    /// The device has it already, with this prefix length.
    #[error("the device has this address already")]
    Exists,
    /// The device does not have it with this prefix length.
    #[error("the device does not have this address")]
    NotFound,
}

/// An address, and its place in the order of adding.
#[derive(Clone, Copy, Debug)]
struct Row {
    place: u64,
    address: Address,
}

/// All addresses. A clone shares everything with the original; a change copies a few nodes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    /// By address; the same one may exist on several devices, or with several prefix lengths.
    by_addr: [Trie<Arc<[Row]>>; 2],
    /// By device, then newest first.
    by_device: Trie<Row>,
    added: u64,
}

fn bits_of(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn family(addr: IpAddr) -> usize {
    usize::from(addr.is_ipv6())
}

/// The key of a device's newest address, were its place the largest.
fn device_key(device: DeviceId) -> u128 {
    u128::from(device.0) << 112
}

fn place_key(device: DeviceId, place: u64) -> Prefix {
    Prefix::new(device_key(device) | u128::from(!place) << 48, 80)
}

impl Addresses {
    fn row(&self, device: DeviceId, addr: IpAddr, plen: u8) -> Option<Row> {
        let is_it = |row: &&Row| row.address.device == device && row.address.plen == plen;
        self.same(addr).iter().find(is_it).copied()
    }

    /// All with this address.
    fn same(&self, addr: IpAddr) -> &[Row] {
        let width = if addr.is_ipv4() { 32 } else { 128 };
        self.by_addr[family(addr)].get(Prefix::new(bits_of(addr), width)).map_or(&[], |same| same)
    }

    pub(crate) fn get(&self, device: DeviceId, addr: IpAddr, plen: u8) -> Option<Address> {
        self.row(device, addr, plen).map(|row| row.address)
    }

    /// Whether `device` has `addr`, with any prefix length.
    pub(crate) fn has(&self, device: DeviceId, addr: IpAddr) -> bool {
        self.same(addr).iter().any(|row| row.address.device == device)
    }

    /// Adds an address that is not there yet.
    pub(crate) fn insert(&mut self, address: Address) {
        self.added += 1;
        self.put(Row { place: self.added, address });
    }

    /// Puts a row in place of the one with its key.
    fn put(&mut self, row: Row) {
        let Row { place, address } = row;
        let others = self.same(address.addr).iter().filter(|other| other.place != place);
        let same: Arc<[Row]> = others.copied().chain([row]).collect();
        self.by_addr[family(address.addr)].insert(Prefix::new(address.bits(), address.width()), same);
        self.by_device.insert(place_key(address.device, place), row);
    }

    /// Replaces one that is there, in its place.
    pub(crate) fn replace(&mut self, address: Address) -> Option<()> {
        let row = self.row(address.device, address.addr, address.plen)?;
        self.put(Row { address, ..row });
        Some(())
    }

    pub(crate) fn remove(&mut self, device: DeviceId, addr: IpAddr, plen: u8) -> Option<Address> {
        let row = self.row(device, addr, plen)?;
        let left: Arc<[Row]> =
            self.same(addr).iter().filter(|other| other.place != row.place).copied().collect();
        let key = Prefix::new(row.address.bits(), row.address.width());
        let by_addr = &mut self.by_addr[family(addr)];
        if left.is_empty() {
            by_addr.remove(key)
        } else {
            by_addr.insert(key, left)
        };
        self.by_device.remove(place_key(device, row.place));
        Some(row.address)
    }

    /// The first added of `device` that lies in the network of `addr` and has the same prefix length.
    pub(crate) fn in_network(&self, device: DeviceId, addr: IpAddr, plen: u8) -> Option<Address> {
        let rows =
            self.by_addr[family(addr)].under(Prefix::new(bits_of(addr), plen)).flat_map(|same| same.iter());
        let ours = rows.filter(|row| row.address.device == device && row.address.plen == plen);
        ours.min_by_key(|row| row.place).map(|row| row.address)
    }

    /// Those of a device, newest first.
    pub(crate) fn of_device(&self, device: DeviceId) -> impl Iterator<Item = &Address> {
        self.by_device.under(Prefix::new(device_key(device), 16)).map(|row| &row.address)
    }

    /// All, as listings show them: by bucket, then newest first.
    pub(crate) fn listing(&self) -> impl Iterator<Item = Address> + use<> {
        let mut rows: Vec<Row> = self.by_device.iter().copied().collect();
        rows.sort_by_key(|row| (bucket(row.address.addr), u64::MAX - row.place));
        rows.into_iter().map(|row| row.address)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_device.len()
    }
}

/// Where an address stands in a listing of all devices.
fn bucket(addr: IpAddr) -> u32 {
    let word = |w: &[u8]| u32::from_le_bytes([w[0], w[1], w[2], w[3]]);
    let fold = |octets: &[u8]| octets.chunks_exact(4).map(word).fold(0, |all, word| all ^ word);
    let fold = match addr {
        IpAddr::V4(v4) => fold(&v4.octets()),
        IpAddr::V6(v6) => fold(&v6.octets()),
    };
    fold.wrapping_mul(0x61c8_8647) >> 24
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_the_tutorials() {
        for (addr, expected) in [
            ("2001::28", 25),
            ("192.168.88.242", 52),
            ("2001::1", 72),
            ("192.168.88.1", 93),
            ("2001::2", 143),
            ("192.168.88.240", 166),
            ("192.168.88.28", 218),
            ("192.168.88.241", 237),
            ("fe80::266e:96ff:fe75:7cfa", 12),
        ] {
            assert_eq!(bucket(addr.parse().expect("an address")), expected, "{addr}");
        }
    }
}
