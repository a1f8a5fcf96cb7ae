//! Local addresses: ids 0 to 3.

use std::net::IpAddr;

use ipvs::service::ServiceKey;
use sockopt::laddr::{Laddr, LaddrConf, Laddrs};
use sockopt::{Reply, Request, call};

use super::refusal::Refusal;
use super::stats::narrow;
use super::{Desk, Outcome, device, key};
use crate::command::{AddLaddr, DeleteLaddr, FlushLaddrs};

fn read(asked: &LaddrConf) -> Result<(ServiceKey, IpAddr), Refusal> {
    Ok((key::of_set(&asked.key)?, asked.laddr.ok_or(Refusal::NoAddress)?))
}

/// Id 0.
pub(super) fn add(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::LaddrAdd>()?;
    let (service, laddr) = read(&asked)?;
    desk.change(AddLaddr { service, laddr, device: device(asked.device)? })
}

/// Id 1. The device does not count.
pub(super) fn delete(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let (service, laddr) = read(&request.read::<call::LaddrDel>()?)?;
    desk.change(DeleteLaddr { service, laddr })
}

/// Id 2.
pub(super) fn flush(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::LaddrFlush>()?;
    desk.change(FlushLaddrs { service: key::of_set(&asked.key)? })
}

/// Id 3.
pub(super) fn list(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let query = request.read::<call::LaddrGet>()?;
    let whose = key::whose(query.view, desk.books)?;
    let model = desk.master.model();
    let (_, service) = key::of_get(model, &query.key)?;
    let laddrs = service.laddrs.iter().filter_map(|&slot| model.snapshot().laddr(slot));
    let rows = laddrs.map(|laddr| Laddr {
        addr: laddr.addr,
        conflicts: 0,
        conns: narrow(desk.books.laddr_connections(whose, laddr.slot)),
    });
    let reply = Laddrs { rows: rows.collect(), conf: LaddrConf { lcore: desk.lcore(whose), ..query } };
    Ok(Outcome::Reply(Reply::to::<call::LaddrGet>(&reply)))
}
