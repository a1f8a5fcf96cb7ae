//! Services, and the daemon in figures: ids 8 to 12, 17 to 20, 22.

use ipvs::service::{Scheduler, Service, ServiceSettings, ServiceSlot};
use sockopt::info::{Info, Release, VersionText};
use sockopt::service::{
    self as wire_form, CheckTypes, Key, Netmask, ProxyVersion, ServiceFlags, Services, ServicesQuery,
};
use sockopt::{LcoreId, Reply, Request, Text, call};

use super::refusal::{Refusal, Unsupported};
use super::stats::{narrow, stats};
use super::{Desk, Outcome, key};
use crate::books::{Totals, Whose};
use crate::command::{AddService, DeleteService, EditService, Flush};
use crate::ledger::Rates;

/// Longest idle time of a connection.
const MOST_SECONDS: u32 = 31_535_999;

/// Upstream's schedulers, and one more of its successor, that are not here.
const OTHER_SCHEDULERS: [&str; 5] = ["wlc", "conhash", "fo", "mh", "maglev"];

/// What may not be switched on, by flag.
const UNSUPPORTED: [(ServiceFlags, &str); 6] = [
    (ServiceFlags::PERSISTENT, "persistence (-p)"),
    (ServiceFlags::ONE_PACKET, "one-packet scheduling (--ops)"),
    (ServiceFlags::SYN_PROXY, "the SYN proxy (-j enable)"),
    (ServiceFlags::EXPIRE_QUIESCENT, "expire_quiescent"),
    (ServiceFlags::MATCH, "a match (-H)"),
    (ServiceFlags::QUIC, "QUIC (--quic)"),
];

fn scheduler(name: Text<16>) -> Result<Scheduler, Refusal> {
    match name.as_str() {
        "rr" => Ok(Scheduler::Rr),
        "wrr" => Ok(Scheduler::Wrr),
        other if OTHER_SCHEDULERS.contains(&other) => Err(Unsupported::Scheduler(name).into()),
        _ => Err(Refusal::NoScheduler(name)),
    }
}

fn scheduler_name(scheduler: Scheduler) -> Text<16> {
    Text::cut(match scheduler {
        Scheduler::Rr => "rr",
        Scheduler::Wrr => "wrr",
    })
}

/// What of a service may be edited, if we can do it.
fn settings(asked: &wire_form::Service) -> Result<ServiceSettings, Refusal> {
    let flags = asked.flags - ServiceFlags::HASHED;
    let refused = UNSUPPORTED.iter().find(|(flag, _)| flags.contains(*flag)).map(|(_, name)| *name);
    let proxy = (asked.proxy.version != ProxyVersion::Off).then_some("the PROXY protocol (--proxy-protocol)");
    let limit = (1..100).contains(&asked.limit_proportion).then_some("a limit of the proportion");
    let passive = asked.check.types.contains(CheckTypes::PASSIVE).then_some("a passive check (--dest-check)");
    if let Some(feature) = refused.or(proxy).or(limit).or(passive) {
        return Err(Unsupported::Feature(feature).into());
    }
    if asked.conn_timeout > MOST_SECONDS {
        return Err(Refusal::BadTimeout(asked.conn_timeout));
    }
    Ok(ServiceSettings {
        scheduler: scheduler(asked.scheduler)?,
        conn_timeout: Some(asked.conn_timeout).filter(|seconds| *seconds != 0),
        flags: flags.bits(),
        persistence: asked.timeout,
        netmask: match asked.netmask {
            Netmask::V4(mask) => mask.to_bits(),
            Netmask::V6(prefix) => prefix,
        },
    })
}

/// Id 10.
pub(super) fn add(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::ServiceAdd>()?;
    let key = key::of_set(&asked.key)?;
    desk.change(AddService { key, settings: settings(&asked)?, checks: asked.check })
}

/// Id 11.
pub(super) fn edit(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::ServiceEdit>()?;
    let key = key::of_set(&asked.key)?;
    desk.change(EditService { key, settings: settings(&asked)?, checks: asked.check })
}

/// Id 12.
pub(super) fn delete(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::ServiceDel>()?;
    desk.change(DeleteService { key: key::of_set(&asked.key)? })
}

/// Id 8.
pub(super) fn flush(desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    desk.change(Flush)
}

/// Whether ZERO means all: some address (or none at all, as in an all-zero body), and nothing else.
fn means_all(key: &Key) -> bool {
    let some = key.addr.is_none_or(|vip| !vip.is_unspecified());
    some && key.fwmark == 0 && key.port == 0 && key.matching.is_empty()
}

/// Id 9.
pub(super) fn zero(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::Zero>()?;
    let service = if means_all(&asked.key) { None } else { Some(key::of_set(&asked.key)?) };
    desk.master.zero(desk.books, service)?;
    Ok(Outcome::Reply(Reply::done()))
}

/// Id 17.
pub(super) fn version() -> Outcome {
    Outcome::Reply(Reply::to::<call::Version>(&VersionText::default()))
}

/// Id 18.
pub(super) fn info(desk: &Desk<'_>) -> Outcome {
    Outcome::Reply(Reply::to::<call::Info>(&Info {
        version: Release::COMPATIBLE,
        size: 0,
        num_services: narrow(desk.master.model().service_count()),
        num_lcores: narrow(desk.books.workers()),
    }))
}

/// Whether a row says how fast its service is: the agent adds that up from the dests itself.
#[derive(Clone, Copy)]
enum Speed {
    Shown,
    Hidden,
}

fn row(
    desk: &Desk<'_>,
    (slot, service): (ServiceSlot, &Service),
    query: &ServicesQuery,
    whose: Whose,
    speed: Speed,
) -> wire_form::Service {
    let settings = &service.settings;
    let rates = match speed {
        Speed::Shown => desk.master.ledger().service_rates(desk.books, whose, slot),
        Speed::Hidden => Rates::default(),
    };
    wire_form::Service {
        key: key::name(&service.key),
        flags: ServiceFlags::from_bits_retain(settings.flags) | ServiceFlags::HASHED,
        timeout: settings.persistence,
        conn_timeout: settings.conn_timeout.unwrap_or(0),
        netmask: match service.key.vip {
            std::net::IpAddr::V4(_) => Netmask::V4(settings.netmask.into()),
            std::net::IpAddr::V6(_) => Netmask::V6(settings.netmask),
        },
        scheduler: scheduler_name(settings.scheduler),
        num_dests: narrow(service.dest_count()),
        num_laddrs: narrow(service.laddrs.len()),
        lcore: desk.lcore(whose),
        view: query.view,
        // Totals are left out: ipvsadm adds those of the dests (docs/spec/ipc.md §5.3).
        stats: stats(Totals::default(), rates),
        check: desk.master.model().checks(slot),
        ..wire_form::Service::default()
    }
}

/// Id 20.
pub(super) fn show(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::Service>()?;
    let whose = key::whose(asked.view, desk.books)?;
    let found = key::of_get(desk.master.model(), &asked.key)?;
    let query = ServicesQuery { view: asked.view, ..ServicesQuery::default() };
    Ok(Outcome::Reply(Reply::to::<call::Service>(&row(desk, found, &query, whose, Speed::Shown))))
}

fn rows(desk: &Desk<'_>, query: &ServicesQuery, whose: Whose, speed: Speed) -> Vec<wire_form::Service> {
    desk.master.model().services().map(|found| row(desk, found, query, whose, speed)).collect()
}

/// Id 19.
pub(super) fn list(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let query = request.read::<call::Services>()?;
    let whose = key::whose(query.view, desk.books)?;
    let (given, real) = (usize::from(query.count), desk.master.model().service_count());
    if given != real {
        return Err(Refusal::Recount { what: "services", given, real });
    }
    let rows = rows(desk, &query, whose, Speed::Shown);
    let reply = Services { lcore: desk.lcore(whose), view: query.view, rows };
    Ok(Outcome::Reply(Reply::to::<call::Services>(&reply)))
}

/// Id 22.
pub(super) fn list_for_agent(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let query = request.read::<call::AgentServices>()?;
    let whose = key::whose(query.view, desk.books)?;
    let lcore = match whose {
        Whose::All => desk.lcore(whose),
        Whose::Worker(_) => LcoreId(query.lcore.0),
    };
    let rows = rows(desk, &query, whose, Speed::Hidden);
    Ok(Outcome::Reply(Reply::to::<call::AgentServices>(&Services { lcore, view: query.view, rows })))
}
