//! The way to an address, by the routing in force: route, then neighbour.

use netstack::adjacency::{Adjacencies, HopId};
use netstack::device::DeviceId;
use netstack::net::Net;
use wire::Addr;

/// Why no next hop is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWay<A> {
    /// No route leads there.
    NoRoute,
    /// The neighbour has to be asked for first.
    Unresolved {
        /// Whom to ask.
        next_hop: A,
        /// Where to ask.
        device: DeviceId,
    },
}

/// The next hop to `dst`, if its address is or was known. Whether it can be used now, [`Adjacencies::hop`] says.
pub fn hop_to<A: Addr>(net: &Net, adjacencies: &Adjacencies, dst: A) -> Result<HopId, NoWay<A>> {
    let way = net.way(dst).ok_or(NoWay::NoRoute)?;
    let known = adjacencies.find(way.device, way.next_hop.ip());
    known.ok_or(NoWay::Unresolved { next_hop: way.next_hop, device: way.device })
}
