//! A service in words: its name and what follows its scheduler (docs/spec/cli.md §6.1).

use std::fmt::Write;
use std::net::Ipv4Addr;

use sockopt::dest::{Dest, DestFlags, Forward};
use sockopt::service::{CheckTypes, Netmask, ProxyVersion, Service, ServiceFlags};
use sockopt::{Family, Protocol};

use crate::names::Naming;
use crate::value::check;
use crate::value::matching::{Full, protocol_name};

/// IPv4 names are cut to this.
const NAME_WIDTH: usize = 33;

/// `TCP  1.2.3.4:80`, `FWM  8 IPv6`, `MATCH tcp,from=…`.
pub(super) fn name(service: &Service, naming: Naming<'_>) -> String {
    let key = &service.key;
    let is_ipv6 = key.family() == Family::Inet6;
    if key.fwmark != 0 {
        return format!("FWM  {}{}", key.fwmark, if is_ipv6 { " IPv6" } else { "" });
    }
    if !key.matching.is_empty() {
        return matched(service);
    }
    let addr = key.addr.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    let name = format!("{}  {}", key.proto, naming.endpoint(addr, key.port, key.proto));
    if is_ipv6 { name } else { name.chars().take(NAME_WIDTH).collect() }
}

fn matched(service: &Service) -> String {
    let matching = &service.key.matching;
    let mut text = format!("MATCH {}", protocol_name(service.key.proto).unwrap_or("--"));
    for (word, range) in [("from", matching.source), ("to", matching.dest)] {
        if range != sockopt::service::Range::default() {
            text += &format!(",{word}={}", Full { range, family: matching.family });
        }
    }
    for (word, device) in [("iif", matching.iif), ("oif", matching.oif)] {
        if !device.is_empty() {
            text += &format!(",{word}={device}");
        }
    }
    text
}

/// Everything that is not as usual, each with a blank before it.
pub(super) fn traits(service: &Service) -> String {
    let mut text = String::new();
    let flag = |flag, word| if service.flags.contains(flag) { word } else { "" };
    text += flag(ServiceFlags::SIP_HASH, " sip");
    text += flag(ServiceFlags::QID_HASH, " qid");
    if service.flags.contains(ServiceFlags::PERSISTENT) {
        text += &persistence(service);
    }
    text += flag(ServiceFlags::ONE_PACKET, " ops");
    text += flag(ServiceFlags::SYN_PROXY, " synproxy");
    if service.conn_timeout != 0 {
        text += &format!(" conn-timeout {}", service.conn_timeout);
    }
    text += match (service.proxy.version, service.proxy.insecure) {
        (ProxyVersion::Off, _) => "",
        (ProxyVersion::V1, false) => " ppv1",
        (ProxyVersion::V1, true) => " ppv1-insecure",
        (ProxyVersion::V2, false) => " ppv2",
        (ProxyVersion::V2, true) => " ppv2-insecure",
    };
    text += flag(ServiceFlags::EXPIRE_QUIESCENT, " expire-quiescent");
    if service.key.proto == Protocol::UDP {
        text += flag(ServiceFlags::QUIC, " quic");
    }
    if service.check.types != CheckTypes::empty() {
        text += " dest-check";
        text += &check::shown(service.check);
    }
    text
}

fn persistence(service: &Service) -> String {
    let mut text = format!(" persistent {}", service.timeout);
    if let Some(mask) = partial_mask(service) {
        // Writing to a string cannot fail.
        let _ = write!(text, " mask {mask}");
    }
    text
}

/// The mask of a persistent service, if it takes several clients together.
#[must_use]
pub fn partial_mask(service: &Service) -> Option<String> {
    match service.netmask {
        Netmask::V4(mask) => {
            Some(mask).filter(|mask| *mask != Ipv4Addr::BROADCAST).map(|mask| mask.to_string())
        }
        Netmask::V6(length) => Some(length).filter(|length| *length != 128).map(|length| length.to_string()),
    }
}

/// A forwarding method's word, and its letter for `-S`.
#[must_use]
pub fn method(forward: Forward) -> (&'static str, char) {
    match forward {
        Forward::Nat => ("Masq", 'm'),
        // No option makes one; it is saved as what comes closest.
        Forward::Local | Forward::Bypass => ("Local", 'g'),
        Forward::Tunnel => ("Tunnel", 'i'),
        Forward::Direct => ("Route", 'g'),
        Forward::FullNat => ("FullNat", 'b'),
        Forward::Snat => ("SNAT", 'J'),
    }
}

/// What is wrong with a server, behind its line.
pub(super) fn marks(dest: &Dest) -> &'static str {
    let has = |flag| dest.flags.contains(flag);
    match (has(DestFlags::INHIBITED), has(DestFlags::OVERLOAD)) {
        (false, false) => "",
        (true, false) => " inhibited",
        (false, true) => " overload",
        (true, true) => " inhibited,overload",
    }
}
