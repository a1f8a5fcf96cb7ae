//! IPv4 routes: what is sent and printed.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};

use sockopt::call;
use sockopt::route::{Prefix, Route, RouteFlags};

use super::Typed;
use crate::Context;
use crate::command::Command;
use crate::failure::{Failure, Misuse};

pub(super) fn run(context: &mut Context<'_>, command: Command, typed: &Typed) -> Result<(), Failure> {
    let session = &mut context.session;
    if command == Command::Show {
        let family_open = context.options.family.is_none();
        let query = Route { device: typed.device, family_open, ..Route::default() };
        let routes = session.call::<call::RouteShow>(&query)?.0;
        return Ok(routes.iter().try_for_each(|route| show(session.out(), route))?);
    }
    let route = route(typed);
    if context.options.verbose && command != Command::Flush {
        show(session.out(), &route)?;
    }
    match command {
        Command::Add => Ok(session.call::<call::RouteAdd>(&route)?),
        Command::Del => Ok(session.call::<call::RouteDel>(&route)?),
        // The daemon answers that it is not supported; so it would be the one to change.
        Command::Set => Ok(session.call::<call::RouteSet>(&route)?),
        Command::Flush => Ok(session.call::<call::RouteFlush>(&route)?),
        _ => Err(Misuse::NotSupported.into()),
    }
}

fn route(typed: &Typed) -> Route {
    Route {
        dst: typed.dst,
        src: typed.src.map(|addr| Prefix { addr, len: 32 }),
        gateway: typed.via,
        mtu: typed.mtu,
        flags: typed.flags | RouteFlags::FORWARD,
        metric: typed.metric,
        device: typed.device,
        ..Route::default()
    }
}

/// All fields, always; the line ends in a blank.
fn show(out: &mut impl Write, route: &Route) -> io::Result<()> {
    let Route { dst, mtu, metric, device, .. } = route;
    let none = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let (via, src) = (route.gateway.unwrap_or(none), route.src.map_or(none, |src| src.addr));
    let scope = match route.flags {
        flags if flags.contains(RouteFlags::LOCAL_IN) => "host",
        flags if flags.contains(RouteFlags::KNI) => "kni_host",
        _ if route.gateway.is_none() => "link",
        _ => "global",
    };
    let (dst, len) = (dst.addr, dst.len);
    writeln!(
        out,
        "inet {dst}/{len} via {via} src {src} dev {device} mtu {mtu} tos 0 scope {scope} metric {metric} proto auto "
    )
}
