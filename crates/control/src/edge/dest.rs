//! Dests: ids 13 to 15, 21.

use std::net::SocketAddr;

use ipvs::service::{Dest, DestSettings, ServiceKey, Weight};
use sockopt::dest::{self as wire_form, ConnFlags, DestFlags, DestOf, Dests, Forward};
use sockopt::{Reply, Request, call};

use super::refusal::{Refusal, Unsupported};
use super::stats::{narrow, stats};
use super::{Desk, Outcome, key};
use crate::books::Whose;
use crate::command::{AddDest, DeleteDest, EditDest};
use crate::model::Health;

fn at(dest: &wire_form::Dest) -> SocketAddr {
    SocketAddr::new(dest.addr, dest.port)
}

/// Service, dest, and what may be edited, if we can do it. Of the service only the key counts.
fn read(asked: &DestOf) -> Result<(ServiceKey, SocketAddr, DestSettings, Health), Refusal> {
    let (service, dest) = (key::of_set(&asked.service.key)?, at(&asked.dest));
    let wire_form::Dest { forward, weight, max_conn, min_conn, flags, .. } = asked.dest;
    if forward != Forward::FullNat {
        return Err(Unsupported::Forward { dest, forward }.into());
    }
    let weight = u16::try_from(weight).map_err(|_| Refusal::BadWeight { dest, weight })?;
    let settings = DestSettings { weight: Weight(weight), max_conn, min_conn };
    let health = if flags.contains(DestFlags::INHIBITED) { Health::Inhibited } else { Health::Serving };
    Ok((service, dest, settings, health))
}

/// Id 13.
pub(super) fn add(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let (service, dest, settings, health) = read(&request.read::<call::DestAdd>()?)?;
    desk.change(AddDest { service, dest, settings, health })
}

/// Id 14.
pub(super) fn edit(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let (service, dest, settings, health) = read(&request.read::<call::DestEdit>()?)?;
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
    let dests = service.dests().filter_map(|slot| model.snapshot().dest(slot));
    let rows = dests.map(|dest| row(desk, dest, whose)).collect();
    let reply = Dests { key: query.key, lcore: desk.lcore(whose), view: query.view, rows };
    Ok(Outcome::Reply(Reply::to::<call::Dests>(&reply)))
}
