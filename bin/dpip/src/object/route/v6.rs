//! IPv6 routes: what is sent and printed.

use std::io::{self, Write};
use std::net::IpAddr;

use sockopt::call;
use sockopt::route::{Prefix, RouteFlags};
use sockopt::route6::{Route6, Route6Op};

use super::Typed;
use crate::Context;
use crate::command::Command;
use crate::failure::{Failure, Misuse};

pub(super) fn run(context: &mut Context<'_>, command: Command, typed: &Typed) -> Result<(), Failure> {
    let session = &mut context.session;
    let op = match command {
        Command::Show => Route6Op::Get,
        Command::Add => Route6Op::Add,
        Command::Del => Route6Op::Del,
        Command::Flush => Route6Op::Flush,
        _ => return Err(Misuse::NotSupported.into()),
    };
    let route = match op {
        Route6Op::Get | Route6Op::Flush => Route6 { op, device: typed.device, ..Route6::default() },
        _ => route(op, typed),
    };
    match op {
        Route6Op::Get => {
            let routes = session.call::<call::Route6Show>(&route)?.0;
            Ok(routes.iter().try_for_each(|route| show(session.out(), route))?)
        }
        Route6Op::Flush => Ok(session.call::<call::Route6Flush>(&route)?),
        _ => {
            if context.options.verbose {
                show(session.out(), &route)?;
            }
            Ok(session.call::<call::Route6Change>(&route)?)
        }
    }
}

fn route(op: Route6Op, typed: &Typed) -> Route6 {
    let flags = if typed.flags.is_empty() { RouteFlags::FORWARD } else { typed.flags };
    let gateway = match typed.via {
        Some(IpAddr::V6(addr)) => Some(addr),
        _ => None,
    };
    let src = typed.src.map(|addr| Prefix { addr, len: 128 });
    Route6 {
        op,
        dst: typed.dst,
        src,
        device: typed.device,
        gateway,
        mtu: typed.mtu,
        flags,
        ..Route6::default()
    }
}

/// What is set; no blank at the end.
fn show(out: &mut impl Write, route: &Route6) -> io::Result<()> {
    if route.dst == Prefix::any(route.dst.addr) {
        write!(out, "inet6 default")?;
    } else {
        write!(out, "inet6 {}/{}", route.dst.addr, route.dst.len)?;
    }
    if let Some(via) = route.gateway {
        write!(out, " via {via}")?;
    }
    if let Some(src) = route.src {
        write!(out, " src {}", src.addr)?;
    }
    write!(out, " dev {}", route.device)?;
    if route.mtu != 0 {
        write!(out, " mtu {}", route.mtu)?;
    }
    let scope = match route.flags {
        flags if flags.contains(RouteFlags::KNI) => "kni_host",
        flags if flags.contains(RouteFlags::LOCAL_IN) => "host",
        flags if !flags.contains(RouteFlags::FORWARD) => "::",
        _ if route.gateway.is_none() => "link",
        _ => "global",
    };
    writeln!(out, " scope {scope}")
}
