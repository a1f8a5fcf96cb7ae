//! Addresses of devices: ids 47 to 51.

use std::collections::HashMap;
use std::net::IpAddr;

use netstack::address::{Address, AddressFlags, AddressScope};
use netstack::device::DeviceId;
use netstack::net::Families;
use sockopt::addr::{
    IfAddr, IfAddrFlags, IfAddrOp, IfAddrParam, IfAddrRow, IfAddrShow, IfAddrs, PoolStats, Scope,
};
use sockopt::{Device, Malformed, Reply, Request, Text, call};

use super::refusal::Refusal;
use super::stats::narrow;
use super::{Desk, Outcome, device};
use crate::books::Whose;
use crate::command::{AddAddr, AddrSettings, DeleteAddr, FlushAddrs, SetAddr};
use crate::error::CommandError;
use crate::names::AddrName;
use crate::pool;

/// Flags that a request may give; the others are the daemon's to know.
const GIVEN: u32 = AddressFlags::SAPOOL.0 | AddressFlags::NODAD.0 | AddressFlags::SECONDARY.0;

fn name(entry: &IfAddr) -> Result<AddrName, Refusal> {
    let addr = entry.addr.ok_or(Refusal::NoAddress)?;
    Ok(AddrName { device: device(entry.device)?, addr, plen: entry.plen })
}

fn settings(entry: &IfAddr) -> AddrSettings {
    let scope = match entry.scope {
        Scope::Global => AddressScope::GLOBAL,
        Scope::Site => AddressScope::SITE,
        Scope::Link => AddressScope::LINK,
        Scope::Host => AddressScope::HOST,
        Scope::None => AddressScope::NONE,
    };
    AddrSettings { broadcast: entry.bcast, scope, valid: entry.valid }
}

fn scope(scope: AddressScope) -> Scope {
    match scope {
        AddressScope::GLOBAL => Scope::Global,
        AddressScope::SITE => Scope::Site,
        AddressScope::LINK => Scope::Link,
        AddressScope::HOST => Scope::Host,
        _ => Scope::None,
    }
}

/// Ids 47 and 45.
pub(super) fn add(entry: Result<IfAddr, Malformed>, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let entry = entry?;
    let flags = AddressFlags(entry.flags.bits() & GIVEN);
    desk.change(AddAddr { name: name(&entry)?, settings: settings(&entry), flags })
}

/// Ids 48 and 46.
pub(super) fn delete(entry: Result<IfAddr, Malformed>, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let entry = entry?;
    desk.change(DeleteAddr { name: name(&entry)? })
}

/// Id 49.
pub(super) fn set(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let IfAddrParam { entry, .. } = request.read::<call::IfAddrSet>()?;
    desk.change(SetAddr { name: name(&entry)?, settings: settings(&entry) })
}

/// Id 50. The family that is asked for counts [fix D25].
pub(super) fn flush(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let IfAddrParam { entry, .. } = request.read::<call::IfAddrFlush>()?;
    let families = match entry.addr {
        None => Families::All,
        Some(IpAddr::V4(_)) => Families::V4,
        Some(IpAddr::V6(_)) => Families::V6,
    };
    desk.change(FlushAddrs { device: device(entry.device)?, families })
}

/// The device whose addresses are asked for, or none for all.
fn only(desk: &Desk<'_>, name: Device) -> Result<Option<DeviceId>, Refusal> {
    if name.is_empty() {
        return Ok(None);
    }
    let device = device(name)?;
    let found = desk.master.model().device(&device);
    found.map(Some).ok_or(Refusal::Command(CommandError::NoDevice { device }))
}

/// The addresses of a device, or all, in the order of listings.
fn addresses(desk: &Desk<'_>, name: Device) -> Result<Vec<Address>, Refusal> {
    let net = &desk.master.model().snapshot().net;
    Ok(match only(desk, name)? {
        None => net.addresses().collect(),
        Some(device) => net.addresses_of(device).copied().collect(),
    })
}

/// All rows of a device, or all, as the sum over all workers: what the agent asks for.
pub(super) fn summed(desk: &Desk<'_>, name: Device) -> Result<Vec<IfAddrRow>, Refusal> {
    Ok(rows(desk, &addresses(desk, name)?, Whose::All, IfAddrShow::STATS))
}

/// Use of the port pools of addresses, by address: connections, and times that no port was left.
fn pools(desk: &Desk<'_>, whose: Whose) -> HashMap<IpAddr, (u64, u64)> {
    let (books, ledger) = (desk.books, desk.master.ledger());
    let mut pools: HashMap<IpAddr, (u64, u64)> = HashMap::new();
    for laddr in desk.master.model().snapshot().laddrs() {
        let (used, missed) = pools.entry(laddr.addr).or_default();
        *used += books.laddr_connections(whose, laddr.slot);
        *missed += ledger.laddr_missed(books, whose, laddr.slot);
    }
    pools
}

fn pool(desk: &Desk<'_>, whose: Whose, (used, missed): (u64, u64)) -> PoolStats {
    let ports = pool::ports(whose, desk.books.workers()) * u64::from(desk.pool_hash_size);
    PoolStats { used: narrow(used), free: narrow(ports.saturating_sub(used)), miss: narrow(missed) }
}

fn entry(desk: &Desk<'_>, address: &Address, whose: Whose) -> IfAddr {
    let name = desk.master.model().device_name(address.device);
    IfAddr {
        addr: Some(address.addr),
        plen: address.plen,
        bcast: address.broadcast,
        valid: address.valid_lft,
        preferred: address.valid_lft,
        flags: IfAddrFlags::from_bits_retain(address.flags.0),
        device: Text::cut(name.as_str()),
        scope: scope(address.scope),
        lcore: desk.lcore(whose),
    }
}

fn rows(desk: &Desk<'_>, addresses: &[Address], whose: Whose, show: IfAddrShow) -> Vec<IfAddrRow> {
    let with_pools = show.intersects(IfAddrShow::STATS | IfAddrShow::VERBOSE);
    let pools = if with_pools { pools(desk, whose) } else { HashMap::new() };
    let row = |address: &Address| {
        let has_pool = with_pools && address.flags.has(AddressFlags::SAPOOL);
        let used = pools.get(&address.addr).copied().unwrap_or_default();
        let pool = if has_pool { pool(desk, whose, used) } else { PoolStats::default() };
        IfAddrRow { entry: entry(desk, address, whose), pool }
    };
    addresses.iter().map(row).collect()
}

/// Id 51.
pub(super) fn list(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let IfAddrParam { op, show, entry } = request.read::<call::IfAddrShow>()?;
    if op != IfAddrOp::Get {
        return Err(Refusal::BadOperation("ifa_ops"));
    }
    let addresses = addresses(desk, entry.device)?;
    let mut found = rows(desk, &addresses, Whose::All, show);
    if show.contains(IfAddrShow::VERBOSE) {
        let each = (0..desk.books.workers()).map(Whose::Worker);
        found.extend(each.flat_map(|whose| rows(desk, &addresses, whose, show)));
    }
    Ok(Outcome::Reply(Reply::to::<call::IfAddrShow>(&IfAddrs { show, rows: found })))
}
