//! Requests to commands, the model to replies: one file per family of docs/spec/ipc.md. Bytes and types are
//! [`sockopt`]'s, rules are the commands'; here stands only how one is said in terms of the other.

mod addr;
mod agent;
mod dest;
mod key;
mod laddr;
mod link;
pub mod refusal;
mod route;
mod service;
mod stats;

use flow::publish::Generation;
use netstack::device::DeviceName;
use sockopt::conn::ConnQuery;
use sockopt::{Device, Id, LcoreId, Reply, Request, call};

pub use link::LinkView;
pub use refusal::{Refusal, Unsupported};

use crate::books::{Books, Whose};
use crate::command::{Command, RouteFamily};
use crate::master::Master;

/// What handling a request takes.
pub struct Desk<'a> {
    /// The model.
    pub master: &'a mut Master,
    /// What workers count.
    pub books: &'a Books,
    /// What the daemon knows of ports and lcores.
    pub links: &'a dyn LinkView,
    /// `pool_hash_size` of the configuration: how often upstream would count each free port (docs/spec/datapath.md §16.3).
    pub pool_hash_size: u32,
}

/// What a request comes to.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// Answer this.
    Reply(Reply),
    /// Answer this when all workers have adopted the generation ([`Master::adopted`]).
    AfterAdoption(Generation, Reply),
    /// Connections are asked for: a matter of [`crate::conn_dump`].
    Connections(ConnQuery),
    /// Log this, and answer [`Refusal::reply`].
    Refused(Refusal),
}

impl Desk<'_> {
    /// Carries out a command.
    fn change(&mut self, command: impl Into<Command>) -> Result<Outcome, Refusal> {
        let generation = self.master.transact(&[command.into()])?;
        Ok(Outcome::AfterAdoption(generation, Reply::done()))
    }

    /// Who speaks, as listings name it.
    fn lcore(&self, whose: Whose) -> LcoreId {
        match whose {
            Whose::All => self.links.master(),
            Whose::Worker(worker) => self.links.worker(worker),
        }
    }
}

/// A device's name, if it can be one.
fn device(name: Device) -> Result<DeviceName, Refusal> {
    name.as_str().parse().map_err(|_| Refusal::BadDevice(name))
}

/// Handles one request.
#[must_use]
pub fn handle(request: &Request, desk: &mut Desk<'_>) -> Outcome {
    let change = |desk| change(request, desk);
    let outcome = change(desk).or_else(|| show(request, desk));
    let outcome = outcome.unwrap_or_else(|| Err(Unsupported::Request(request.id).into()));
    outcome.unwrap_or_else(Outcome::Refused)
}

/// The SETs.
fn change(request: &Request, desk: &mut Desk<'_>) -> Option<Result<Outcome, Refusal>> {
    Some(match request.id {
        Id::ServiceAdd => service::add(request, desk),
        Id::ServiceEdit => service::edit(request, desk),
        Id::ServiceDel => service::delete(request, desk),
        Id::Flush => service::flush(desk),
        Id::Zero => service::zero(request, desk),
        Id::DestAdd => dest::add(request, desk),
        Id::DestEdit => dest::edit(request, desk),
        Id::DestDel => dest::delete(request, desk),
        Id::LaddrAdd => laddr::add(request, desk),
        Id::LaddrDel => laddr::delete(request, desk),
        Id::LaddrFlush => laddr::flush(request, desk),
        Id::IfAddrAdd => addr::add(request.read::<call::IfAddrAdd>().map(|asked| asked.entry), desk),
        Id::IfAddrDel => addr::delete(request.read::<call::IfAddrDel>().map(|asked| asked.entry), desk),
        Id::AgentIfAddrAdd => addr::add(request.read::<call::AgentIfAddrAdd>(), desk),
        Id::AgentIfAddrDel => addr::delete(request.read::<call::AgentIfAddrDel>(), desk),
        Id::AgentDestsAdd => agent::add_dests(request, desk),
        Id::AgentDestsEdit => agent::edit_dests(request, desk),
        Id::AgentDestsDel => agent::delete_dests(request, desk),
        Id::AgentLaddrAdd => agent::add_laddrs(request, desk),
        Id::AgentLaddrDel => agent::delete_laddrs(request, desk),
        Id::IfAddrSet => addr::set(request, desk),
        Id::IfAddrFlush => addr::flush(request, desk),
        Id::RouteAdd => route::add(request.read::<call::RouteAdd>(), RouteFamily::V4, desk),
        Id::RouteDel => route::delete(request.read::<call::RouteDel>(), RouteFamily::V4, desk),
        Id::AgentRouteAdd => route::add(request.read::<call::AgentRouteAdd>(), RouteFamily::V4, desk),
        Id::AgentRouteDel => route::delete(request.read::<call::AgentRouteDel>(), RouteFamily::V4, desk),
        Id::AgentRoute6Add => route::add(request.read::<call::AgentRoute6Add>(), RouteFamily::V6, desk),
        Id::AgentRoute6Del => route::delete(request.read::<call::AgentRoute6Del>(), RouteFamily::V6, desk),
        Id::RouteFlush => route::flush(request, desk),
        Id::Route6Change => route::change6(request.read::<call::Route6Change>(), desk),
        Id::Route6Flush => route::change6(request.read::<call::Route6Flush>(), desk),
        _ => return None,
    })
}

/// The GETs.
fn show(request: &Request, desk: &Desk<'_>) -> Option<Result<Outcome, Refusal>> {
    Some(match request.id {
        Id::Version => Ok(service::version()),
        Id::Info => Ok(service::info(desk)),
        Id::Services => service::list(request, desk),
        Id::AgentServices => service::list_for_agent(request, desk),
        Id::Service => service::show(request, desk),
        Id::Dests => dest::list(request, desk),
        Id::LaddrGet => laddr::list(request, desk),
        Id::AgentDestsGet => agent::dests(request, desk),
        Id::AgentLaddrGet => agent::laddrs(request, desk),
        Id::AgentIfAddrBase => agent::addrs(request, desk),
        Id::AgentIfAddrStats => agent::pools(request, desk),
        Id::IfAddrShow => addr::list(request, desk),
        Id::RouteShow => route::list(request, desk),
        Id::Route6Show => route::list6(request, desk),
        Id::AgentRouteGet => route::list_for_agent(request, desk),
        Id::AgentRoute6Get => route::list6_for_agent(request, desk),
        Id::PortList => Ok(link::list(desk)),
        Id::PortBasic => link::basic(request, desk),
        Id::PortStats => link::stats(request, desk),
        Id::PortXstats => link::xstats(request, desk),
        Id::PortExt => link::ext(request, desk),
        Id::LcoreMask => Ok(link::mask(desk)),
        Id::LcoreBasic => link::lcore_basic(request, desk),
        Id::LcoreStats => link::lcore_stats(request, desk),
        Id::ConnAll => request.read::<call::ConnAll>().map(Outcome::Connections).map_err(Into::into),
        Id::ConnOne => request.read::<call::ConnOne>().map(Outcome::Connections).map_err(Into::into),
        _ => return None,
    })
}
