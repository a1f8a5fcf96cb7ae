//! The routing part of a snapshot: devices, addresses and routes of one generation. docs/spec/netstack.md §5.7, §5.8.
//!
//! Immutable once published; a change is made on a clone, which shares all that stays. [`Net::generation`] moves if and only if
//! some way may have changed: connections hold on to their next hops until then.

mod change;

pub use change::Families;

use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use flow::publish::Generation;
use foldhash::fast::FixedState;
use pktio::{PortId, VlanTag};
use wire::{Addr, Addr4};

use crate::address::{Address, AddressScope, Addresses};
use crate::adjacency::Hop;
use crate::device::{Device, DeviceId, Egress, entrance};
use crate::route::{Route, RouteFlags, Routes, Scope};

/// Where a packet that is sent on goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way<A> {
    /// It leaves by this device,
    pub device: DeviceId,
    /// to this neighbour: the gateway, or the destination itself,
    pub next_hop: A,
    /// and must not be longer than this.
    pub mtu: u16,
    /// The source that suits it, if the route says.
    pub src: Option<A>,
}

impl<A: Addr> Way<A> {
    fn of(route: &Route<A>, dst: A) -> Self {
        let next_hop = route.gateway.unwrap_or(dst);
        Self { device: route.device, next_hop, mtu: route.mtu, src: route.src }
    }
}

/// What to do with a packet that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inbound<A> {
    /// It is for us.
    Local,
    /// It is for the kernel.
    Kernel,
    /// It is to be sent on.
    Forward(Way<A>),
    /// No route leads to its destination.
    Unroutable,
}

/// Device ids.
const DEVICES: usize = DeviceId::MAX.0 as usize + 1;

/// Devices, addresses and routes.
#[derive(Clone, Debug)]
pub struct Net {
    devices: Arc<Vec<Option<Device>>>,
    /// By device; as large as it gets, so that workers find a hop's device without a check.
    egress: Arc<[Option<Egress>; DEVICES]>,
    /// Devices by port and VLAN id, 0 for none.
    entrances: Arc<HashMap<(PortId, u16), DeviceId, FixedState>>,
    addresses: Addresses,
    routes4: Routes<Addr4>,
    routes6: Routes<wire::Addr6>,
    generation: Generation,
}

impl Net {
    /// Nothing at all. `seed` keys its tables.
    #[must_use]
    pub fn empty(seed: u64) -> Self {
        Self {
            devices: Arc::default(),
            egress: Arc::new([None; DEVICES]),
            entrances: Arc::new(HashMap::with_hasher(FixedState::with_seed(seed))),
            addresses: Addresses::default(),
            routes4: Routes::default(),
            routes6: Routes::default(),
            generation: Generation(1),
        }
    }

    /// Counts changes of addresses, routes and devices, and of nothing else.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// How packets leave by a device.
    #[inline]
    #[must_use]
    pub fn egress(&self, device: DeviceId) -> Option<&Egress> {
        self.egress.get(device.index())?.as_ref()
    }

    /// How packets leave by the device of a next hop.
    #[inline(always)]
    #[must_use]
    pub fn egress_of(&self, hop: Hop) -> Option<&Egress> {
        self.egress[hop.device().index()].as_ref()
    }

    /// A device.
    #[must_use]
    pub fn device(&self, device: DeviceId) -> Option<&Device> {
        self.devices.get(device.index())?.as_ref()
    }

    /// The device that frames of a port belong to by their tag. A tag with id 0 counts as none [fix D32].
    #[must_use]
    pub fn device_at(&self, port: PortId, vlan: Option<VlanTag>) -> Option<&Device> {
        self.device(*self.entrances.get(&entrance(port, vlan))?)
    }

    /// The device of a name.
    #[must_use]
    pub fn device_named(&self, name: &str) -> Option<&Device> {
        self.devices().find(|device| device.name.as_str() == name)
    }

    /// All devices, by id.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter().flatten()
    }

    /// Whether packets to `addr` are for us, whatever device they come by. Nearly all other addresses are told by one load.
    #[inline]
    #[must_use]
    pub fn is_local<A: Addr>(&self, addr: A) -> bool {
        self.routes::<A>().is_some_and(|routes| routes.is_local(addr))
    }

    /// The way of a packet of ours, or of a connection's. `None`: there is none, or it leads to ourselves.
    #[inline]
    #[must_use]
    pub fn way<A: Addr>(&self, dst: A) -> Option<Way<A>> {
        let route = self.routes::<A>()?.lookup(dst)?;
        let forwards = RouteFlags::FORWARD.0 | RouteFlags::DEFAULT.0;
        (route.flags.0 & forwards != 0).then(|| Way::of(route, dst))
    }

    /// What to do with a packet to `dst` that came in and belongs to no service.
    #[must_use]
    pub fn inbound<A: Addr>(&self, dst: A) -> Inbound<A> {
        match self.routes::<A>().and_then(|routes| routes.lookup(dst)) {
            None => Inbound::Unroutable,
            Some(route) => match route.scope() {
                Scope::Host => Inbound::Local,
                Scope::KniHost => Inbound::Kernel,
                Scope::Link | Scope::Global => Inbound::Forward(Way::of(route, dst)),
            },
        }
    }

    /// The routes of a family.
    #[inline(always)]
    #[must_use]
    pub fn routes<A: Addr>(&self) -> Option<&Routes<A>> {
        let families: [&dyn Any; 2] = [&self.routes4, &self.routes6];
        families.into_iter().find_map(|routes| routes.downcast_ref())
    }

    fn routes_mut<A: Addr>(&mut self) -> Option<&mut Routes<A>> {
        let families: [&mut dyn Any; 2] = [&mut self.routes4, &mut self.routes6];
        families.into_iter().find_map(|routes| routes.downcast_mut())
    }

    /// IPv4 routes.
    #[must_use]
    pub fn routes4(&self) -> &Routes<Addr4> {
        &self.routes4
    }

    /// IPv6 routes.
    #[must_use]
    pub fn routes6(&self) -> &Routes<wire::Addr6> {
        &self.routes6
    }

    /// An address of a device, by its prefix length too.
    #[must_use]
    pub fn address(&self, device: DeviceId, addr: IpAddr, plen: u8) -> Option<Address> {
        self.addresses.get(device, addr, plen)
    }

    /// Whether `device` has `addr`.
    #[must_use]
    pub fn has_address(&self, device: DeviceId, addr: IpAddr) -> bool {
        self.addresses.has(device, addr)
    }

    /// All addresses in the order of listings: by bucket, then newest first.
    pub fn addresses(&self) -> impl Iterator<Item = Address> + use<> {
        self.addresses.listing()
    }

    /// The addresses of a device, newest first.
    pub fn addresses_of(&self, device: DeviceId) -> impl Iterator<Item = &Address> {
        self.addresses.of_device(device)
    }

    /// How many addresses there are.
    #[must_use]
    pub fn address_count(&self) -> usize {
        self.addresses.len()
    }

    /// The source of a packet of ours to `dst` by `device`; `None`: there is none. Of IPv4 addresses only those count that are
    /// known at least within `scope`; IPv6 ones say themselves how far they reach.
    #[must_use]
    pub fn source_for<A: Addr>(&self, device: DeviceId, dst: A, scope: AddressScope) -> Option<A> {
        match dst.ip() {
            IpAddr::V4(dst) => A::of(self.addresses.source4(device, dst.into(), scope)?.ip()),
            IpAddr::V6(dst) => A::of(self.addresses.source6(device, dst.into())?.ip()),
        }
    }
}

#[cfg(test)]
mod tests;
