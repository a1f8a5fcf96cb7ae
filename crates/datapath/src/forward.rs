//! The packet of a known connection: state, next hop, rewrite.

use flow::Slot;
use flow::Tick;
use ipvs::connections::Connections;
use ipvs::open::Context;
use ipvs::state::State;
use ipvs::way::{NoWay, hop_to};
use ipvs::{Conn, Direction, Leg};
use ipvs::{Snapshot, fullnat};
use netstack::adjacency::Hop;
use netstack::device::Egress;
use pktio::{Buffer, Request};
use wire::eth::MacWord;
use wire::{Addr, Flow};

use crate::drops::Drop;
use crate::outcome::Outcome;

/// Rewrites the packet at a place of the burst for the other side, and settles its fate.
#[inline(always)]
pub(crate) fn send_on<A: Addr, B: Buffer>(
    connections: &mut Connections<A>,
    leg: Leg,
    flow: &Flow<A>,
    (index, packet): (usize, &mut B),
    outcome: &mut Outcome,
    context: &Context<'_>,
) {
    let (slot, direction) = (leg.slot(), leg.direction());
    let conn = connections.get_mut(slot);
    if conn.route_epoch != context.route_epoch {
        refresh(conn, context);
    }
    let step = context.snapshot.ttl_step;
    if !A::outlives(packet.headers(), step) {
        return outcome.refuse(index, Drop::TtlExpired.into());
    }
    let hop = context.adjacencies.hop(conn.hops[direction as usize]);
    let macs = if let Some(egress) = egress(hop, context.snapshot) {
        leaves(index, packet, egress, outcome);
        (hop.mac_word(), egress.mac)
    } else {
        match without_hop(conn, direction, (index, packet), outcome, context) {
            Ok(macs) => macs,
            Err(reason) => return outcome.refuse(index, reason.into()),
        }
    };
    context.book.dests()[conn.dest.index()].count(direction, flow.len);
    // A record that did not change stays clean in the cache.
    if conn.last_seen != context.now {
        conn.last_seen = context.now;
        attend(conn, direction, hop, flow, context);
    }
    fullnat::rewrite(conn, direction, flow, packet, macs, step);
    let state = conn.next_state(direction, flow.flags);
    if conn.state != state {
        change_state(connections, slot, state, context);
    }
}

/// Where a hop is reached, if it can be used.
#[inline(always)]
fn egress(hop: Hop, snapshot: &Snapshot) -> Option<&Egress> {
    if hop.is_usable() { snapshot.net.egress_of(hop) } else { None }
}

/// The packet goes out there.
#[inline(always)]
fn leaves(index: usize, packet: &mut impl Buffer, egress: &Egress, outcome: &mut Outcome) {
    if egress.vlan.is_some() {
        packet.request(Request { vlan: egress.vlan, checksum: false });
    }
    outcome.sends(index, egress.port);
}

/// The next hop is not known, or not usable now: looks for it again, and says between which MAC addresses it is. A packet whose
/// neighbour has to be asked for is made complete but for those, and waits.
#[cold]
#[inline(never)]
fn without_hop<A: Addr, B: Buffer>(
    conn: &mut Conn<A>,
    direction: Direction,
    (index, packet): (usize, &mut B),
    outcome: &mut Outcome,
    context: &Context<'_>,
) -> Result<(MacWord, MacWord), Drop> {
    let net = &context.snapshot.net;
    let dst = conn.leaving(direction).dst;
    let way = net.way(dst).ok_or(Drop::NoRoute)?;
    if let Ok(id) = hop_to(net, context.adjacencies, dst) {
        conn.hops[direction as usize] = id;
        let hop = context.adjacencies.hop(id);
        if let Some(egress) = egress(hop, context.snapshot) {
            leaves(index, packet, egress, outcome);
            return Ok((hop.mac_word(), egress.mac));
        }
    }
    outcome.wait_for(index, way.device, way.next_hop.ip());
    Ok((MacWord::ZERO, MacWord::ZERO))
}

/// What neighbours are told, once per tick and connection: what comes from one side shows that the other side's packets have
/// arrived there (docs/spec/datapath.md §1.2 step 5); and a hop of which nothing was heard for a while is in use.
#[inline(never)]
fn attend<A: Addr>(conn: &Conn<A>, direction: Direction, hop: Hop, flow: &Flow<A>, context: &Context<'_>) {
    let answers = match flow.proto {
        wire::Proto::Tcp => flow.flags.any(wire::tcp::Flags::ACK),
        _ => direction == Direction::Out,
    };
    if answers {
        // The hop towards the side that this packet came from.
        context.adjacencies.confirm(conn.hops[direction as usize ^ 1], context.now);
    }
    if hop.is_stale() {
        context.adjacencies.used(conn.hops[direction as usize]);
    }
}

#[cold]
#[inline(never)]
fn change_state<A: Addr>(connections: &mut Connections<A>, slot: Slot, state: State, context: &Context<'_>) {
    let conn = connections.get_mut(slot);
    let before = std::mem::replace(&mut conn.state, state);
    context.book.moved(conn.dest, before, state);
    let timeout = idle_ticks(conn, context.snapshot);
    connections.change_state(slot, state, timeout, context.now);
}

/// Some way changed since the connection last asked for its own: asks again.
#[cold]
#[inline(never)]
pub(crate) fn refresh<A: Addr>(conn: &mut Conn<A>, context: &Context<'_>) {
    let hop = |dst| match hop_to(&context.snapshot.net, context.adjacencies, dst) {
        Ok(hop) => hop,
        Err(NoWay::NoRoute | NoWay::Unresolved { .. }) => netstack::adjacency::HopId::NONE,
    };
    conn.hops = [Direction::In, Direction::Out].map(|direction| hop(conn.leaving(direction).dst));
    conn.route_epoch = context.route_epoch;
}

/// How long a connection may be idle.
pub(crate) fn idle_ticks<A: Addr>(conn: &Conn<A>, snapshot: &Snapshot) -> u32 {
    let own = || {
        let service = snapshot.dest(conn.dest)?.service;
        snapshot.service(service)?.settings.conn_timeout
    };
    let seconds = match conn.state {
        State::Established | State::UdpOneway | State::UdpNormal => own(),
        _ => None,
    };
    seconds.unwrap_or(snapshot.timeouts[conn.state as usize]).saturating_mul(Tick::PER_SECOND)
}
