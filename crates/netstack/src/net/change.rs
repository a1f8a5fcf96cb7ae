//! Changes of a [`Net`], each made on a clone that becomes the next generation. What is refused changes nothing.

use std::net::IpAddr;
use std::sync::Arc;

use pktio::VlanTag;
use wire::{Addr, Addr4, Addr6};

use super::Net;
use crate::address::{Address, AddressError, AddressFlags};
use crate::device::{Device, DeviceError, DeviceId};
use crate::prefix::{network, width};
use crate::route::{Origin, Route, RouteError, RouteFlags, Scope};

/// Which addresses to flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Families {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
    /// Both.
    All,
}

impl Families {
    fn hold(self, addr: IpAddr) -> bool {
        match self {
            Self::V4 => addr.is_ipv4(),
            Self::V6 => addr.is_ipv6(),
            Self::All => true,
        }
    }
}

impl Net {
    fn moved(&mut self) {
        self.generation.0 += 1;
    }

    /// The same routes as a new generation: whoever adopts it finds all next hops anew.
    pub fn renew(&mut self) {
        self.moved();
    }

    /// Adds a device. A tag is a VLAN's, 1 to 4095.
    pub fn add_device(&mut self, device: Device) -> Result<(), DeviceError> {
        if device.id > DeviceId::MAX {
            return Err(DeviceError::BadId);
        }
        if device.name.as_str().is_empty() {
            return Err(DeviceError::BadName);
        }
        if device.vlan.is_some_and(|tag: VlanTag| tag.id() == 0) {
            return Err(DeviceError::BadVlan);
        }
        let is_taken = self.device(device.id).is_some()
            || self.device_named(device.name.as_str()).is_some()
            || self.entrances.contains_key(&device.entrance());
        if is_taken {
            return Err(DeviceError::Exists);
        }
        self.put_device(device.id, Some(device));
        Arc::make_mut(&mut self.entrances).insert(device.entrance(), device.id);
        self.moved();
        Ok(())
    }

    fn put_device(&mut self, id: DeviceId, device: Option<Device>) {
        let (devices, egress) = (Arc::make_mut(&mut self.devices), Arc::make_mut(&mut self.egress));
        let len = devices.len().max(id.index() + 1);
        devices.resize(len, None);
        devices[id.index()] = device;
        egress[id.index()] = device.map(|device| device.egress());
    }

    /// Removes a device with its addresses and routes.
    pub fn remove_device(&mut self, device: DeviceId) -> Result<Device, DeviceError> {
        let old = *self.device(device).ok_or(DeviceError::NotFound)?;
        let addresses: Vec<Address> = self.addresses_of(device).copied().collect();
        for address in addresses {
            self.addresses.remove(device, address.addr, address.plen);
        }
        self.drop_routes::<Addr4>(device);
        self.drop_routes::<Addr6>(device);
        self.put_device(device, None);
        Arc::make_mut(&mut self.entrances).remove(&old.entrance());
        self.moved();
        Ok(old)
    }

    /// Adds an address, and the routes that follow from it: to itself, and to its network.
    pub fn add_address(&mut self, address: Address) -> Result<(), AddressError> {
        if address.addr.is_unspecified() {
            return Err(AddressError::Unspecified);
        }
        if address.plen > address.width() {
            return Err(AddressError::PrefixTooLong);
        }
        if self.device(address.device).is_none() {
            return Err(AddressError::NoDevice);
        }
        if self.address(address.device, address.addr, address.plen).is_some() {
            return Err(AddressError::Exists);
        }
        self.addresses.insert(settled(address));
        match address.addr {
            IpAddr::V4(addr) => self.add_routes_of(&address, Addr4::from(addr)),
            IpAddr::V6(addr) => self.add_routes_of(&address, Addr6::from(addr)),
        }
        self.moved();
        Ok(())
    }

    fn add_routes_of<A: Addr>(&mut self, address: &Address, addr: A) {
        let made = |route| Route { origin: Origin::Address, ..route };
        let local = made(Route::new(addr, width::<A>(), address.device, RouteFlags::LOCALIN));
        let net = Route::new(network(addr, address.plen), address.plen, address.device, RouteFlags::FORWARD);
        let net = made(Route { src: Some(addr), ..net });
        // What exists already serves as well: another address of the network made it, or a command.
        _ = self.put_route(local);
        if address.plen < width::<A>() {
            _ = self.put_route(net);
        }
    }

    /// Changes broadcast address, scope and lifetime of an address; its flags stay. No way changes by that.
    pub fn set_address(&mut self, address: Address) -> Result<(), AddressError> {
        if address.plen > address.width() {
            return Err(AddressError::PrefixTooLong);
        }
        if self.device(address.device).is_none() {
            return Err(AddressError::NoDevice);
        }
        let Address { device, addr, plen, .. } = address;
        let flags = self.address(device, addr, plen).ok_or(AddressError::NotFound)?.flags;
        self.addresses.replace(settled(Address { flags, ..address })).ok_or(AddressError::NotFound)
    }

    /// Removes an address, and those of its routes that no other address needs [fix D23].
    pub fn remove_address(
        &mut self,
        device: DeviceId,
        addr: IpAddr,
        plen: u8,
    ) -> Result<Address, AddressError> {
        if self.device(device).is_none() {
            return Err(AddressError::NoDevice);
        }
        let old = self.addresses.remove(device, addr, plen).ok_or(AddressError::NotFound)?;
        match addr {
            IpAddr::V4(addr) => self.drop_routes_of(&old, Addr4::from(addr)),
            IpAddr::V6(addr) => self.drop_routes_of(&old, Addr6::from(addr)),
        }
        self.moved();
        Ok(old)
    }

    fn drop_routes_of<A: Addr>(&mut self, old: &Address, addr: A) {
        let Address { device, plen, .. } = *old;
        let is_kept = self.has_address(device, old.addr);
        let heir = self.addresses.in_network(device, old.addr, plen).and_then(|heir| A::of(heir.addr));
        let Some(routes) = self.routes_mut::<A>() else { return };
        let is_made = |route: &&Route<A>| route.origin == Origin::Address;
        let local = routes.get(addr, width::<A>(), device, Scope::Host).filter(is_made).cloned();
        if let Some(local) = local.filter(|_| !is_kept) {
            _ = routes.remove(&local);
        }
        let Some(net) = routes.get(addr, plen, device, Scope::Link).filter(is_made).cloned() else { return };
        match heir {
            None => _ = routes.remove(&net),
            Some(_) if net.src == Some(addr) => routes.set_src(addr, plen, device, heir),
            Some(_) => {}
        }
    }

    /// Removes the addresses of a device, but for the link-local ones that it has by itself [fix D25]. Returns them.
    pub fn flush_addresses(
        &mut self,
        device: DeviceId,
        families: Families,
    ) -> Result<Vec<Address>, AddressError> {
        if self.device(device).is_none() {
            return Err(AddressError::NoDevice);
        }
        let goes = |a: &&Address| families.hold(a.addr) && !a.flags.has(AddressFlags::LINKLOCAL);
        let going: Vec<Address> = self.addresses_of(device).filter(goes).copied().collect();
        for address in &going {
            self.remove_address(device, address.addr, address.plen)?;
        }
        Ok(going)
    }

    /// Adds a route. An MTU of 0 becomes the device's.
    pub fn add_route<A: Addr>(&mut self, route: Route<A>) -> Result<(), RouteError> {
        self.put_route(route)?;
        self.moved();
        Ok(())
    }

    fn put_route<A: Addr>(&mut self, route: Route<A>) -> Result<(), RouteError> {
        let device = self.device(route.device).ok_or(RouteError::NoDevice)?;
        let mtu = if route.mtu == 0 { device.mtu } else { route.mtu };
        self.routes_mut().ok_or(RouteError::NoClass)?.add(Route { mtu, ..route })
    }

    /// Removes the route of its device to exactly its prefix; only device, prefix and class of `route` count.
    pub fn remove_route<A: Addr>(&mut self, route: &Route<A>) -> Result<Route<A>, RouteError> {
        self.device(route.device).ok_or(RouteError::NoDevice)?;
        let old = self.routes_mut().ok_or(RouteError::NotFound)?.remove(route)?;
        self.moved();
        Ok((*old).clone())
    }

    /// Removes all routes of a family by a device, those of its addresses included.
    pub fn flush_routes<A: Addr>(&mut self, device: DeviceId) -> Result<(), RouteError> {
        self.device(device).ok_or(RouteError::NoDevice)?;
        if self.drop_routes::<A>(device) > 0 {
            self.moved();
        }
        Ok(())
    }

    fn drop_routes<A: Addr>(&mut self, device: DeviceId) -> usize {
        let Some(routes) = self.routes_mut::<A>() else { return 0 };
        let going: Vec<_> = routes.all().filter(|route| route.device == device).cloned().collect();
        going.iter().filter(|route| routes.remove(route).is_ok()).count()
    }
}

/// Whether an address is permanent follows from its lifetime.
fn settled(address: Address) -> Address {
    let flags = match address.valid_lft {
        0 => address.flags.with(AddressFlags::PERMANENT),
        _ => address.flags.without(AddressFlags::PERMANENT),
    };
    Address { flags, ..address }
}
