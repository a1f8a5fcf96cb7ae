//! Routes: ids 28 to 35, and the agent's 36 to 41.

use std::net::IpAddr;

use netstack::device::{DeviceId, DeviceName};
use netstack::route::{Route as OwnRoute, RouteFlags as OwnFlags};
use sockopt::route::{Prefix, Route, RouteFlags, Routes};
use sockopt::route6::{Route6, Route6Op, Routes6};
use sockopt::{Malformed, Reply, Request, Text, call};
use wire::{Addr, Addr4, Addr6};

use super::refusal::{Refusal, Unsupported};
use super::{Desk, Outcome, device};
use crate::command::{AddRoute, AnyRoute, DeleteRoute, FlushRoutes, RouteFamily, RouteSpec};
use crate::error::CommandError;

/// What the classes of routes are called here.
fn flags(given: RouteFlags, dst: &Prefix) -> OwnFlags {
    let classes = RouteFlags::FORWARD | RouteFlags::LOCAL_IN | RouteFlags::KNI | RouteFlags::DEFAULT;
    let to_everywhere = given.contains(RouteFlags::FORWARD) && dst.addr.is_unspecified();
    let flags = if to_everywhere { given | RouteFlags::DEFAULT } else { given };
    OwnFlags((flags & classes).bits())
}

fn addr<A: Addr>(ip: IpAddr) -> Result<A, Refusal> {
    A::of(ip).ok_or(Refusal::MixedFamilies)
}

fn some<A: Addr>(ip: Option<IpAddr>) -> Result<Option<A>, Refusal> {
    ip.map(addr).transpose()
}

#[expect(clippy::cast_possible_truncation, reason = "upstream keeps 16 bits of a metric, signed")]
fn spec<A: Addr>(route: &Route) -> Result<RouteSpec<A>, Refusal> {
    Ok(RouteSpec {
        dst: addr(route.dst.addr)?,
        plen: route.dst.len,
        device: device(route.device)?,
        gateway: some(route.gateway)?,
        src: some(route.src.map(|src| src.addr))?,
        mtu: u16::try_from(route.mtu).map_err(|_| Refusal::BadMtu(route.mtu))?,
        metric: route.metric as u16 as i16,
        flags: flags(route.flags, &route.dst),
    })
}

/// The route that a request of `family` gives.
fn any(route: &Route, family: RouteFamily) -> Result<AnyRoute, Refusal> {
    match (family, route.dst.addr) {
        (RouteFamily::V4, IpAddr::V4(_)) => spec(route).map(AnyRoute::V4),
        (RouteFamily::V4, IpAddr::V6(_)) => {
            Err(Unsupported::Feature("an IPv6 route in a request of IPv4").into())
        }
        (RouteFamily::V6, _) => spec(route).map(AnyRoute::V6),
    }
}

/// Ids 28, 37 and 40.
pub(super) fn add(
    asked: Result<Route, Malformed>,
    family: RouteFamily,
    desk: &mut Desk<'_>,
) -> Result<Outcome, Refusal> {
    desk.change(AddRoute { route: any(&asked?, family)? })
}

/// Ids 29, 38 and 41.
pub(super) fn delete(
    asked: Result<Route, Malformed>,
    family: RouteFamily,
    desk: &mut Desk<'_>,
) -> Result<Outcome, Refusal> {
    desk.change(DeleteRoute { route: any(&asked?, family)? })
}

/// Id 31.
pub(super) fn flush(request: &Request, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::RouteFlush>()?;
    desk.change(FlushRoutes { device: device(asked.device)?, family: RouteFamily::V4 })
}

/// Ids 33 and 34: the operation is in the body.
pub(super) fn change6(asked: Result<Route6, Malformed>, desk: &mut Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = asked?;
    let route = Route {
        dst: asked.dst,
        src: asked.src,
        gateway: asked.gateway.map(IpAddr::V6),
        prefsrc: asked.prefsrc,
        mtu: asked.mtu,
        flags: asked.flags,
        metric: 0,
        device: asked.device,
        family_open: false,
    };
    match asked.op {
        Route6Op::Add => add(Ok(route), RouteFamily::V6, desk),
        Route6Op::Del => delete(Ok(route), RouteFamily::V6, desk),
        Route6Op::Flush => {
            desk.change(FlushRoutes { device: device(asked.device)?, family: RouteFamily::V6 })
        }
        Route6Op::Unset | Route6Op::Get => Err(Refusal::BadOperation("rt6_ops")),
    }
}

fn row<A: Addr>(route: &OwnRoute<A>, name: DeviceName) -> Route {
    let width = if route.dst.ip().is_ipv4() { 32 } else { 128 };
    Route {
        dst: Prefix { addr: route.dst.ip(), len: route.plen },
        src: route.src.map(|src| Prefix { addr: src.ip(), len: width }),
        gateway: route.gateway.map(A::ip),
        prefsrc: None,
        mtu: route.mtu.into(),
        flags: RouteFlags::from_bits_retain(route.flags.0),
        metric: i32::from(route.metric).cast_unsigned_16(),
        device: Text::cut(name.as_str()),
        family_open: false,
    }
}

/// A metric as the message has it: sign-extended.
trait CastUnsigned16 {
    fn cast_unsigned_16(self) -> u32;
}

impl CastUnsigned16 for i32 {
    fn cast_unsigned_16(self) -> u32 {
        u32::from_ne_bytes(self.to_ne_bytes())
    }
}

/// The device whose routes are asked for, or none for all.
fn only(desk: &Desk<'_>, name: sockopt::Device) -> Result<Option<DeviceId>, Refusal> {
    if name.is_empty() {
        return Ok(None);
    }
    let device = device(name)?;
    let found = desk.master.model().device(&device);
    found.map(Some).ok_or(Refusal::Command(CommandError::NoDevice { device }))
}

fn rows4(desk: &Desk<'_>, only: Option<DeviceId>) -> Vec<Route> {
    let model = desk.master.model();
    let routes = model.snapshot().net.routes4().iter();
    let wanted = routes.filter(|route| only.is_none_or(|device| route.device == device));
    wanted.map(|route: &OwnRoute<Addr4>| row(route, model.device_name(route.device))).collect()
}

fn rows6(desk: &Desk<'_>, only: Option<DeviceId>) -> Vec<Route> {
    let model = desk.master.model();
    let routes = model.snapshot().net.routes6().iter();
    let wanted = routes.filter(|route| only.is_none_or(|device| route.device == device));
    wanted.map(|route: &OwnRoute<Addr6>| row(route, model.device_name(route.device))).collect()
}

/// Id 32.
pub(super) fn list(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::RouteShow>()?;
    let only = only(desk, asked.device)?;
    Ok(Outcome::Reply(Reply::to::<call::RouteShow>(&Routes(rows4(desk, only)))))
}

/// Id 36.
pub(super) fn list_for_agent(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::AgentRouteGet>()?;
    let only = only(desk, asked.device)?;
    Ok(Outcome::Reply(Reply::to::<call::AgentRouteGet>(&Routes(rows4(desk, only)))))
}

/// Id 39.
pub(super) fn list6_for_agent(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::AgentRoute6Get>()?;
    let only = only(desk, asked.device)?;
    Ok(Outcome::Reply(Reply::to::<call::AgentRoute6Get>(&Routes(rows6(desk, only)))))
}

/// Id 35. An unknown device has no routes.
pub(super) fn list6(request: &Request, desk: &Desk<'_>) -> Result<Outcome, Refusal> {
    let asked = request.read::<call::Route6Show>()?;
    let rows = match only(desk, asked.device) {
        Ok(only) => rows6(desk, only),
        Err(Refusal::Command(CommandError::NoDevice { .. })) => Vec::new(),
        Err(other) => return Err(other),
    };
    let rows = rows.into_iter().map(|route| Route6 {
        op: Route6Op::Unset,
        dst: route.dst,
        src: route.src,
        prefsrc: route.prefsrc,
        device: route.device,
        gateway: route.gateway.and_then(|ip| if let IpAddr::V6(v6) = ip { Some(v6) } else { None }),
        mtu: route.mtu,
        flags: route.flags,
    });
    Ok(Outcome::Reply(Reply::to::<call::Route6Show>(&Routes6(rows.collect()))))
}
