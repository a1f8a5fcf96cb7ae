//! What the agent asks in forms of its own: ids 5 to 7, 24 to 27, 42 and 43 (docs/spec/ipc.md §5.4, §5.5, §6.1).
//!
//! Its SETs are batches, and no transactions: items before one that fails stay done, and the code tells of the last.

use ipvs::service::DestSettings;
use sockopt::addr::{AgentIfAddrs, PoolRow, PoolRows};
use sockopt::dest::{AgentDests, Dests};
use sockopt::field::raw_addr;
use sockopt::laddr::{AgentLaddr, AgentLaddrs, AgentLaddrsQuery};
use sockopt::{Code, Reply, Request, Text, call};

use super::refusal::Refusal;
use super::stats::narrow;
use super::{Desk, Outcome, addr, dest, device, key};
use crate::books::Whose;
use crate::command::{AddDest, AddLaddr, DeleteDest, DeleteLaddr, EditDest};
use crate::error::CommandError;

/// Nothing was in the batch.
const NOTHING: Outcome = Outcome::Reply(Reply::Done(Vec::new()));

/// Does all items, whatever becomes of each.
fn each<T>(items: Vec<T>, mut act: impl FnMut(T) -> Result<Outcome, Refusal>) -> Result<Outcome, Refusal> {
    let mut last = Ok(NOTHING);
    for item in items {
        last = act(item);
    }
    last
}

/// As [`each`], but stops at a refusal that is not of this code.
fn each_but<T>(
    items: Vec<T>,
    harmless: Code,
    mut act: impl FnMut(T) -> Result<Outcome, Refusal>,
) -> Result<Outcome, Refusal> {
    let mut last = Ok(NOTHING);
    for item in items {
        last = act(item);
        if last.as_ref().is_err_and(|refusal| refusal.code() != harmless) {
            break;
        }
    }
    last
}

/// Id 25: one that is there is edited.
pub(super) fn add_dests(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let AgentDests(asked) = request.read::<call::AgentDestsAdd>()?;
    let service = key::of_set(&asked.key)?;
    each(asked.rows, |row| {
        let (dest, settings, health) = dest::read(&row)?;
        match desk.change(AddDest { service, dest, settings, health }) {
            Err(Refusal::Command(CommandError::DestExists { .. })) => {
                desk.change(EditDest { service, dest, settings, health })
            }
            other => other,
        }
    })
}

/// Id 26: the verdict of a health check. Only weight and inhibition change.
pub(super) fn edit_dests(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let AgentDests(asked) = request.read::<call::AgentDestsEdit>()?;
    let service = key::of_set(&asked.key)?;
    each(asked.rows, |row| {
        let (dest, weight, health) = dest::verdict(&row)?;
        let model = desk.master.model();
        let (owner, _) = model.snapshot().lookup(&service).ok_or(CommandError::NoService { service })?;
        let found = model.find_dest(owner, dest).and_then(|slot| model.snapshot().dest(slot));
        let kept = found.ok_or(CommandError::NoDest { service, dest })?.settings;
        let settings = DestSettings { weight, ..kept };
        desk.change(EditDest { service, dest, settings, health })
    })
}

/// Id 27.
pub(super) fn delete_dests(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let AgentDests(asked) = request.read::<call::AgentDestsDel>()?;
    let service = key::of_set(&asked.key)?;
    each(asked.rows, |row| desk.change(DeleteDest { service, dest: dest::at(&row) }))
}

/// Id 24. The count in the question means nothing.
pub(super) fn dests(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let query = request.read::<call::AgentDestsGet>()?.0;
    let whose = key::whose(query.view, desk.books)?;
    let (_, service) = key::of_get(desk.master.model(), &query.key)?;
    let rows = dest::rows(desk, service, whose);
    let reply = Dests { key: query.key, lcore: desk.lcore(whose), view: query.view, rows };
    Ok(Outcome::Reply(Reply::to::<call::AgentDestsGet>(&AgentDests(reply))))
}

/// Id 6.
pub(super) fn add_laddrs(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::AgentLaddrAdd>()?;
    let service = key::of_set(&asked.of.key)?;
    each_but(asked.rows, Code::Exist, |row| {
        desk.change(AddLaddr { service, laddr: row.addr, device: device(row.device)? })
    })
}

/// Id 7.
pub(super) fn delete_laddrs(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::AgentLaddrDel>()?;
    let service = key::of_set(&asked.of.key)?;
    each_but(asked.rows, Code::NotExist, |row| desk.change(DeleteLaddr { service, laddr: row.addr }))
}

/// Id 5: always the sum over all workers.
pub(super) fn laddrs(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let query = request.read::<call::AgentLaddrGet>()?;
    let model = desk.master.model();
    let (_, service) = key::of_get(model, &query.key)?;
    let laddrs = service.laddrs.iter().filter_map(|&slot| model.snapshot().laddr(slot));
    let rows = laddrs.map(|laddr| AgentLaddr {
        addr: laddr.addr,
        conns: narrow(desk.books.laddr_connections(Whose::All, laddr.slot)),
        conflicts: 0,
        device: Text::cut(model.laddr_device(laddr.slot).unwrap_or_default().as_str()),
    });
    let of = AgentLaddrsQuery { key: query.key, lcore: desk.lcore(Whose::All) };
    Ok(Outcome::Reply(Reply::to::<call::AgentLaddrGet>(&AgentLaddrs { rows: rows.collect(), of })))
}

/// Id 42.
pub(super) fn addrs(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::AgentIfAddrBase>()?;
    let rows = addr::summed(desk, asked.device)?.into_iter().map(|row| row.entry).collect();
    Ok(Outcome::Reply(Reply::to::<call::AgentIfAddrBase>(&AgentIfAddrs(rows))))
}

/// Id 43.
pub(super) fn pools(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::AgentIfAddrStats>()?;
    let rows = addr::summed(desk, asked.device)?.into_iter();
    let rows = rows.map(|row| PoolRow { addr: raw_addr(row.entry.addr), pool: row.pool }).collect();
    Ok(Outcome::Reply(Reply::to::<call::AgentIfAddrStats>(&PoolRows(rows))))
}
