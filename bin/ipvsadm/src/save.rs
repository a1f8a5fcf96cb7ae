//! The table as commands: docs/spec/cli.md §7. What upstream loses is lost here too, so that its `-R` can read it.

use std::io::Write;

use cli::Session;
use sockopt::dest::Dest;
use sockopt::service::{Match, Range, Service, ServiceFlags};
use sockopt::{Family, Protocol};

use crate::failure::Failure;
use crate::given::Given;
use crate::list;
use crate::names::Naming;
use crate::value::matching::{Full, protocol_name};

/// `-S`.
///
/// # Errors
/// The daemon's.
pub fn save(session: &mut Session<'_>, given: &Given, naming: Naming<'_>) -> Result<(), Failure> {
    let services = list::services(session, given)?;
    list::each(session, given, services, |session, service, dests| {
        let selector = selector(service, naming);
        writeln!(session.out(), "-A {selector} -s {}{}", service.scheduler, traits(service))?;
        for dest in dests {
            let Dest { weight, .. } = dest;
            let addr = naming.endpoint(dest.addr, dest.port, service.key.proto);
            let (_, method) = list::method(dest.forward);
            writeln!(session.out(), "-a {selector} -r {addr} -{method} -w {weight}")?;
        }
        Ok(())
    })
}

fn traits(service: &Service) -> String {
    let mut text = String::new();
    if service.flags.contains(ServiceFlags::PERSISTENT) {
        text += &format!(" -p {}", service.timeout);
        if let Some(mask) = list::partial_mask(service) {
            text += &format!(" -M {mask}");
        }
    }
    if service.flags.contains(ServiceFlags::ONE_PACKET) {
        text += " --ops";
    }
    text
}

/// The options that name a service.
fn selector(service: &Service, naming: Naming<'_>) -> String {
    let key = &service.key;
    if key.fwmark != 0 {
        return format!("-f {}{}", key.fwmark, if key.family() == Family::Inet6 { " -6" } else { "" });
    }
    let Some(addr) = key.addr.filter(|_| key.matching.is_empty()) else {
        return matched(key.proto, &key.matching);
    };
    let option = match key.proto {
        Protocol::UDP => "-u",
        Protocol::SCTP => "--sctp-service",
        // ICMPv6 too: what upstream's tool writes, and reads.
        Protocol::ICMP | Protocol::ICMPV6 => "-q",
        _ => "-t",
    };
    format!("{option} {}", naming.endpoint(addr, key.port, key.proto))
}

fn matched(proto: Protocol, matching: &Match) -> String {
    let Match { family, source, dest, iif, oif } = *matching;
    let ranges = if source == Range::default() && dest == Range::default() {
        format!("af={}", if family == Family::Inet6 { "ipv6" } else { "ipv4" })
    } else {
        format!("src-range={},dst-range={}", Full { range: source, family }, Full { range: dest, family })
    };
    format!("-H proto={},{ranges},iif={iif},oif={oif}", protocol_name(proto).unwrap_or_default())
}
