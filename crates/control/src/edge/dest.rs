//! Dests: ids 13 to 15, 21. Of the service in a SET only the key counts.

use std::net::SocketAddr;

use ipvs::service::{Dest, DestSettings, Service, Weight};
use sockopt::dest::{self as wire_form, ConnFlags, DestFlags, DestOf, Dests, Forward};
use sockopt::{Reply, Request, call};

use super::refusal::{Refusal, Unsupported};
use super::stats::{narrow, stats};
use super::{Desk, Outcome, key};
use crate::books::Whose;
use crate::command::{AddDest, DeleteDest, EditDest};
use crate::model::Health;

pub(super) fn at(dest: &wire_form::Dest) -> SocketAddr {
    SocketAddr::new(dest.addr, dest.port)
}

/// Where a dest is, and what a health check may say of it.
pub(super) fn verdict(asked: &wire_form::Dest) -> Result<(SocketAddr, Weight, Health), Refusal> {
    let (dest, weight) = (at(asked), asked.weight);
    let weight = u16::try_from(weight).map_err(|_| Refusal::BadWeight { dest, weight })?;
    let is_out = asked.flags.contains(DestFlags::INHIBITED);
    Ok((dest, Weight(weight), if is_out { Health::Inhibited } else { Health::Serving }))
}

/// Where a dest is, and all that may be edited, if we can do it.
pub(super) fn read(asked: &wire_form::Dest) -> Result<(SocketAddr, DestSettings, Health), Refusal> {
    let (dest, weight, health) = verdict(asked)?;
    let wire_form::Dest { forward, max_conn, min_conn, .. } = *asked;
    if forward != Forward::FullNat {
        return Err(Unsupported::Forward { dest, forward }.into());
    }
    Ok((dest, DestSettings { weight, max_conn, min_conn }, health))
}

/// Id 13.
pub(super) fn add(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let DestOf { service, dest } = request.read::<call::DestAdd>()?;
    let service = key::of_set(&service.key)?;
    let (dest, settings, health) = read(&dest)?;
    desk.change(AddDest { service, dest, settings, health })
}

/// Id 14.
pub(super) fn edit(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let DestOf { service, dest } = request.read::<call::DestEdit>()?;
    let service = key::of_set(&service.key)?;
    let (dest, settings, health) = read(&dest)?;
    desk.change(EditDest { service, dest, settings, health })
}

/// Id 15.
pub(super) fn delete(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::DestDel>()?;
    desk.change(DeleteDest { service: key::of_set(&asked.service.key)?, dest: at(&asked.dest) })
}

fn row(desk: &Desk<'_>, dest: &Dest, whose: Whose) -> wire_form::Dest {
    let (books, ledger) = (desk.books, desk.master.ledger());
    let (weight, health) = desk.master.model().dest_weight(dest);
    let flags = match health {
        Health::Serving => DestFlags::AVAILABLE,
        Health::Inhibited => DestFlags::AVAILABLE | DestFlags::INHIBITED,
    };
    let alive = books.alive(whose, dest.slot);
    wire_form::Dest {
        weight: weight.0.into(),
        conn_flags: ConnFlags::INACTIVE,
        flags,
        max_conn: dest.settings.max_conn,
        min_conn: dest.settings.min_conn,
        active: narrow(alive.active),
        inactive: narrow(alive.inactive),
        stats: stats(ledger.dest(books, whose, dest.slot), ledger.dest_rates(books, whose, dest.slot)),
        ..wire_form::Dest::new(dest.addr, dest.port, Forward::FullNat)
    }
}

/// All dests of a service, the youngest first.
pub(super) fn rows(desk: &Desk<'_>, service: &Service, whose: Whose) -> Vec<wire_form::Dest> {
    let dests = service.dests().filter_map(|slot| desk.master.model().snapshot().dest(slot));
    dests.map(|dest| row(desk, dest, whose)).collect()
}

/// Id 21.
pub(super) fn list(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let query = request.read::<call::Dests>()?;
    let whose = key::whose(query.view, desk.books)?;
    let model = desk.master.model();
    let (_, service) = key::of_get(model, &query.key)?;
    let (given, real) = (usize::try_from(query.num_dests).unwrap_or(usize::MAX), service.dest_count());
    if given != real {
        return Err(Refusal::Recount { what: "dests", given, real });
    }
    let rows = rows(desk, service, whose);
    let reply = Dests { key: query.key, lcore: desk.lcore(whose), view: query.view, rows };
    Ok(Outcome::Reply(Reply::to::<call::Dests>(&reply)))
}
