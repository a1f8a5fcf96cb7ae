//! Routes of one family. docs/spec/netstack.md §5.8.
//!
//! Two tables as upstream has them: *local* (what is delivered here or to the kernel) and *net* (what is sent on). A lookup finds
//! the longest prefix of each; the local one wins unless the other is longer, which for IPv4, where local routes are exact, means
//! that it always wins. Within a prefix the least metric is taken, then the first added [fix D26].

use std::sync::Arc;

use wire::Addr;

use crate::device::DeviceId;
use crate::prefix::{bits, network, width};
use crate::trie::{Prefix, Trie};

mod filter;

use filter::{Extent, Filter};

/// What a route is for, as carried by the control protocol (`RTF_*`). Bits that mean nothing here are kept and shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RouteFlags(pub u32);

impl RouteFlags {
    /// What matches is sent on.
    pub const FORWARD: Self = Self(0x400);
    /// What matches is for us.
    pub const LOCALIN: Self = Self(0x800);
    /// A [`Self::FORWARD`] route to everywhere.
    pub const DEFAULT: Self = Self(0x1000);
    /// What matches is for the kernel.
    pub const KNI: Self = Self(0x2000);

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
}

/// Who is reached by a route, as printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The kernel of this host.
    KniHost,
    /// This daemon.
    Host,
    /// A neighbour.
    Link,
    /// Anyone, by a gateway.
    Global,
}

/// Who made a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// A command.
    #[default]
    Command,
    /// An address; it goes with the last one that needs it [fix D23].
    Address,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route<A> {
    /// The network it leads to; for IPv4 as given, host bits included.
    pub dst: A,
    /// Bits of `dst` that count.
    pub plen: u8,
    /// The neighbour that takes the packets; `None`: the destination is one itself.
    pub gateway: Option<A>,
    /// The source that suits it.
    pub src: Option<A>,
    /// The device they leave by.
    pub device: DeviceId,
    /// The longest packet that it can take; 0 on adding: as the device.
    pub mtu: u16,
    /// The least wins among equals.
    pub metric: i16,
    /// What it is for.
    pub flags: RouteFlags,
    /// Who made it.
    pub origin: Origin,
}

impl<A: Addr> Route<A> {
    /// A route with nothing but its class, which `flags` say.
    #[must_use]
    pub fn new(dst: A, plen: u8, device: DeviceId, flags: RouteFlags) -> Self {
        let (gateway, src, origin) = (None, None, Origin::Command);
        Self { dst, plen, gateway, src, device, mtu: 0, metric: 0, flags, origin }
    }

    /// With a gateway.
    #[must_use]
    pub fn via(self, gateway: A) -> Self {
        Self { gateway: Some(gateway), ..self }
    }

    /// As printed.
    #[must_use]
    pub fn scope(&self) -> Scope {
        if self.flags.has(RouteFlags::KNI) {
            Scope::KniHost
        } else if self.flags.has(RouteFlags::LOCALIN) {
            Scope::Host
        } else if self.gateway.is_none() {
            Scope::Link
        } else {
            Scope::Global
        }
    }

    fn is_local(&self) -> bool {
        matches!(self.scope(), Scope::Host | Scope::KniHost)
    }

    fn prefix(&self) -> Prefix {
        Prefix::new(bits(self.dst), self.plen)
    }

    fn extent(&self) -> Extent {
        if self.plen == width::<A>() { Extent::Host(bits(self.dst)) } else { Extent::Network }
    }
}

/// Why a route cannot be added or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// Longer than an address.
    #[error("the prefix is longer than an address")]
    PrefixTooLong,
    /// A local IPv4 route to a network.
    #[error("a route of scope host or kni_host leads to one address: give it with prefix length 32")]
    NotAHost,
    /// It does not say what it is for.
    #[error("the route is neither of scope host, nor kni_host, nor one to forward by")]
    NoClass,
    /// There is no such device.
    #[error("no such device")]
    NoDevice,
    /// The device has a route to this prefix already.
    #[error("the device has a route to this prefix already")]
    Exists,
    /// The device has no route to this prefix.
    #[error("the device has no route to this prefix")]
    NotFound,
}

/// Routes with the same prefix, best first, each with its place in the order of adding.
type Same<A> = Arc<[(u64, Arc<Route<A>>)]>;

/// All routes of a family. A clone shares everything with the original; a change copies a few nodes.
#[derive(Clone, Debug)]
pub struct Routes<A> {
    local: Trie<Same<A>>,
    net: Trie<Same<A>>,
    filter: Filter,
    added: u64,
}

impl<A> Default for Routes<A> {
    fn default() -> Self {
        Self { local: Trie::default(), net: Trie::default(), filter: Filter::default(), added: 0 }
    }
}

impl<A: Addr> Routes<A> {
    /// The route for packets to `dst`, local ones included.
    #[inline]
    #[must_use]
    pub fn lookup(&self, dst: A) -> Option<&Route<A>> {
        let bits = bits(dst);
        let (net, local) = (self.net.lookup(bits), self.local_lookup(bits));
        let (_, same) = match (net, local) {
            (Some(net), Some(local)) if net.0 > local.0 => Some(net),
            (net, local) => local.or(net),
        }?;
        same.first().map(|(_, route)| &**route)
    }

    #[inline(always)]
    fn local_lookup(&self, bits: u128) -> Option<(u8, &Same<A>)> {
        if self.filter.may_hold(bits) { self.local.lookup(bits) } else { None }
    }

    /// Whether packets to `addr` are for us, whatever device they come by. Nearly all other addresses are told by one load.
    #[inline(always)]
    #[must_use]
    pub fn is_local(&self, addr: A) -> bool {
        self.filter.may_hold(bits(addr)) && self.is_local_for_sure(addr)
    }

    fn is_local_for_sure(&self, addr: A) -> bool {
        self.lookup(addr).is_some_and(|route| route.scope() == Scope::Host)
    }

    /// The route of `device` to exactly this prefix; a local and a net one may both exist.
    #[must_use]
    pub fn get(&self, dst: A, plen: u8, device: DeviceId, scope: Scope) -> Option<&Route<A>> {
        let table = if matches!(scope, Scope::Host | Scope::KniHost) { &self.local } else { &self.net };
        let same = table.get(Prefix::new(bits(dst), plen))?;
        same.iter().find(|(_, route)| route.device == device).map(|(_, route)| &**route)
    }

    /// Adds a route. The device is the caller's to check, and the MTU to fill in.
    pub fn add(&mut self, route: Route<A>) -> Result<(), RouteError> {
        let route = check(route)?;
        if self.get(route.dst, route.plen, route.device, route.scope()).is_some() {
            return Err(RouteError::Exists);
        }
        if route.is_local() {
            self.filter.add(route.extent());
        }
        self.added += 1;
        let prefix = route.prefix();
        let table = if route.is_local() { &mut self.local } else { &mut self.net };
        let mut same = table.get(prefix).map(|same| same.to_vec()).unwrap_or_default();
        same.push((self.added, Arc::new(route)));
        same.sort_by_key(|(place, route)| (route.metric, *place));
        table.insert(prefix, same.into());
        Ok(())
    }

    /// Removes the route of its device to exactly its prefix [fix D26]; only device, prefix and class of `route` count.
    pub fn remove(&mut self, route: &Route<A>) -> Result<Arc<Route<A>>, RouteError> {
        let prefix = route.prefix();
        let table = if route.is_local() { &mut self.local } else { &mut self.net };
        let mut same = table.get(prefix).map(|same| same.to_vec()).unwrap_or_default();
        let at =
            same.iter().position(|(_, other)| other.device == route.device).ok_or(RouteError::NotFound)?;
        let (_, old) = same.remove(at);
        if same.is_empty() {
            table.remove(prefix)
        } else {
            table.insert(prefix, same.into())
        };
        if route.is_local() {
            self.filter.remove(route.extent());
        }
        Ok(old)
    }

    /// Changes the source that suits a net route; it keeps its place.
    pub(crate) fn set_src(&mut self, dst: A, plen: u8, device: DeviceId, src: Option<A>) {
        let prefix = Prefix::new(bits(dst), plen);
        let Some(same) = self.net.get(prefix) else { return };
        let change = |(place, route): &(u64, Arc<Route<A>>)| match route.device == device {
            true => (*place, Arc::new(Route { src, ..(**route).clone() })),
            false => (*place, Arc::clone(route)),
        };
        let same: Same<A> = same.iter().map(change).collect();
        self.net.insert(prefix, same);
    }

    /// Number of routes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.local.iter().chain(self.net.iter()).map(|same| same.len()).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.local.is_empty() && self.net.is_empty()
    }

    /// All routes in no order.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Route<A>>> {
        self.local.iter().chain(self.net.iter()).flat_map(|same| same.iter().map(|(_, route)| route))
    }

    /// All routes as listings show them: the local table by the lowest byte of the address (IPv4), then the net table by falling
    /// prefix length; first added, first shown.
    pub fn iter(&self) -> impl Iterator<Item = &Route<A>> + use<'_, A> {
        let mut rows: Vec<_> =
            self.local.iter().chain(self.net.iter()).flat_map(|same| same.iter()).collect();
        rows.sort_by_key(|(place, route)| (row_key(route), *place));
        rows.into_iter().map(|(_, route)| &**route)
    }
}

/// Where a route stands in a listing.
fn row_key<A: Addr>(route: &Route<A>) -> (u8, u8) {
    let is_exact_table = route.is_local() && width::<A>() == 32;
    let low_byte = route.dst.octets().last().copied().unwrap_or_default();
    if is_exact_table { (0, low_byte) } else { (1, u8::MAX - route.plen) }
}

/// What can be told of a route by itself.
fn check<A: Addr>(mut route: Route<A>) -> Result<Route<A>, RouteError> {
    let (is_v4, is_zero) = (width::<A>() == 32, bits(route.dst) == 0);
    if route.plen > width::<A>() {
        return Err(RouteError::PrefixTooLong);
    }
    if route.is_local() && is_v4 && (route.plen != width::<A>() || is_zero) {
        return Err(RouteError::NotAHost);
    }
    let forwards = route.flags.has(RouteFlags::FORWARD);
    if !route.is_local() && !forwards && !route.flags.has(RouteFlags::DEFAULT) {
        return Err(RouteError::NoClass);
    }
    if forwards && is_zero {
        route.flags = route.flags.with(RouteFlags::DEFAULT);
    }
    if !is_v4 {
        route.dst = network(route.dst, route.plen);
    }
    Ok(route)
}

#[cfg(test)]
mod tests;
