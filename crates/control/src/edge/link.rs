//! Ports and lcores: ids 57 to 64. What they are, only the daemon knows.

use sockopt::lcore::{LcoreBasic, LcoreMask, LcoreStats};
use sockopt::link::{PortBasic, PortExt, PortList, PortStats, PortXstats};
use sockopt::{LcoreId, Reply, Request, call};

use super::refusal::Refusal;
use super::{Desk, Outcome};

/// What the daemon knows of ports and lcores.
pub trait LinkView {
    /// The lcore of the control thread.
    fn master(&self) -> LcoreId;
    /// The lcore of a worker, from 0.
    fn worker(&self, worker: usize) -> LcoreId;
    /// All ports.
    fn list(&self) -> PortList;
    /// A port at a glance.
    fn basic(&self, name: &str) -> Option<PortBasic>;
    /// What a port did.
    fn stats(&self, name: &str) -> Option<PortStats>;
    /// What a port's driver counts.
    fn xstats(&self, name: &str) -> Option<PortXstats>;
    /// What a port is.
    fn ext(&self, name: &str) -> Option<PortExt>;
    /// Who does what.
    fn lcores(&self) -> LcoreMask;
    /// An lcore's queues.
    fn lcore_basic(&self, lcore: LcoreId) -> Option<LcoreBasic>;
    /// What a worker did.
    fn lcore_stats(&self, lcore: LcoreId) -> Option<LcoreStats>;
}

/// Id 60.
pub(super) fn list(desk: &Desk<'_>) -> Outcome {
    Outcome::Reply(Reply::to::<call::PortList>(&desk.links.list()))
}

/// Id 61.
pub(super) fn basic(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let name = request.read::<call::PortBasic>()?.0;
    let port = desk.links.basic(name.as_str()).ok_or(Refusal::NoPort(name))?;
    Ok(Outcome::Reply(Reply::to::<call::PortBasic>(&port)))
}

/// Id 62.
pub(super) fn stats(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let name = request.read::<call::PortStats>()?.0;
    let port = desk.links.stats(name.as_str()).ok_or(Refusal::NoPort(name))?;
    Ok(Outcome::Reply(Reply::to::<call::PortStats>(&port)))
}

/// Id 63.
pub(super) fn xstats(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let name = request.read::<call::PortXstats>()?.0;
    let port = desk.links.xstats(name.as_str()).ok_or(Refusal::NoPort(name))?;
    Ok(Outcome::Reply(Reply::to::<call::PortXstats>(&port)))
}

/// Id 64.
pub(super) fn ext(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let name = request.read::<call::PortExt>()?.0;
    let port = desk.links.ext(name.as_str()).ok_or(Refusal::NoPort(name))?;
    Ok(Outcome::Reply(Reply::to::<call::PortExt>(&port)))
}

/// Id 57.
pub(super) fn mask(desk: &Desk<'_>) -> Outcome {
    Outcome::Reply(Reply::to::<call::LcoreMask>(&desk.links.lcores()))
}

/// Id 58.
pub(super) fn lcore_basic(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let lcore = request.read::<call::LcoreBasic>()?;
    let found = desk.links.lcore_basic(lcore).ok_or(Refusal::NoLcore(lcore.0))?;
    Ok(Outcome::Reply(Reply::to::<call::LcoreBasic>(&found)))
}

/// Id 59.
pub(super) fn lcore_stats(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let lcore = request.read::<call::LcoreStats>()?;
    let found = desk.links.lcore_stats(lcore).ok_or(Refusal::NoLcore(lcore.0))?;
    Ok(Outcome::Reply(Reply::to::<call::LcoreStats>(&found)))
}
