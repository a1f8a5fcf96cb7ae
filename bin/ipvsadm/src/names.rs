//! Names of hosts and ports, out of `/etc/hosts` and `/etc/services`: docs/spec/cli.md §4.4, §6.1. The name service (DNS) is not
//! asked; a listing must not wait for it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::OnceLock;

use sockopt::Protocol;

/// How addresses and ports are printed.
#[derive(Clone, Copy, Debug)]
pub enum Naming<'a> {
    /// As numbers.
    Numeric,
    /// By the names that are known.
    Names(&'a Names),
}

impl Naming<'_> {
    /// `1.2.3.4:80` or `[2001::1]:80`. IPv6 addresses never get a name.
    #[must_use]
    pub fn endpoint(self, addr: IpAddr, port: u16, proto: Protocol) -> String {
        let named =
            |names: Option<&Names>| names.and_then(|names| names.port_name(port, proto).map(str::to_owned));
        let (names, port_text) = match self {
            Self::Numeric => (None, None),
            Self::Names(names) => (Some(names), named(Some(names))),
        };
        let port = port_text.unwrap_or_else(|| port.to_string());
        match (addr, names.and_then(|names| names.host_name(addr))) {
            (IpAddr::V4(_), Some(host)) => format!("{host}:{port}"),
            (IpAddr::V4(addr), None) => format!("{addr}:{port}"),
            (IpAddr::V6(addr), _) => format!("[{addr}]:{port}"),
        }
    }
}

/// What the two files say; the first line that names a thing wins.
#[derive(Debug, Default)]
struct Tables {
    hosts: HashMap<String, Ipv4Addr>,
    host_names: HashMap<Ipv4Addr, String>,
    ports: HashMap<(String, Protocol), u16>,
    port_names: HashMap<(u16, Protocol), String>,
}

/// Names, read when the first is asked for.
#[derive(Debug, Default)]
pub struct Names(OnceLock<Tables>);

impl Names {
    /// Of files with this content.
    #[must_use]
    pub fn of(hosts: &str, services: &str) -> Self {
        Self(Tables::of(hosts, services).into())
    }

    /// The address of a host.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<Ipv4Addr> {
        self.tables().hosts.get(name).copied()
    }

    /// The port of a service.
    #[must_use]
    pub fn port(&self, name: &str, proto: Protocol) -> Option<u16> {
        self.tables().ports.get(&(name.to_owned(), proto)).copied()
    }

    fn host_name(&self, addr: IpAddr) -> Option<&str> {
        match addr {
            IpAddr::V4(addr) => self.tables().host_names.get(&addr).map(String::as_str),
            IpAddr::V6(_) => None,
        }
    }

    fn port_name(&self, port: u16, proto: Protocol) -> Option<&str> {
        self.tables().port_names.get(&(port, proto)).map(String::as_str)
    }

    fn tables(&self) -> &Tables {
        self.0.get_or_init(|| {
            // Without these files there are only numbers.
            let read = |path| std::fs::read_to_string(path).unwrap_or_default();
            Tables::of(&read("/etc/hosts"), &read("/etc/services"))
        })
    }
}

impl Tables {
    fn of(hosts: &str, services: &str) -> Self {
        let mut tables = Self::default();
        for line in rows(hosts) {
            let mut words = line.split_whitespace();
            let Some(addr) = words.next().and_then(|word| word.parse().ok()) else { continue };
            for name in words {
                tables.hosts.entry(name.to_owned()).or_insert(addr);
                tables.host_names.entry(addr).or_insert_with(|| name.to_owned());
            }
        }
        for line in rows(services) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [name, port, aliases @ ..] = words.as_slice() else { continue };
            let Some((port, proto)) = port.split_once('/') else { continue };
            let (Ok(port), Some(proto)) = (port.parse(), protocol(proto)) else { continue };
            tables.port_names.entry((port, proto)).or_insert_with(|| (*name).to_owned());
            for name in std::iter::once(name).chain(aliases) {
                tables.ports.entry(((*name).to_owned(), proto)).or_insert(port);
            }
        }
        tables
    }
}

/// Lines without comments.
fn rows(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.split('#').next().unwrap_or_default())
}

fn protocol(name: &str) -> Option<Protocol> {
    match name {
        "tcp" => Some(Protocol::TCP),
        "udp" => Some(Protocol::UDP),
        "sctp" => Some(Protocol::SCTP),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_protocol() {
        let names = Names::of(
            "127.0.0.1 localhost lo # here\n::1 localhost\n10.0.0.1 vip.example\n",
            "http 80/tcp www\n# https 443/tcp\ndomain 53/udp\n",
        );
        assert_eq!(names.host("lo"), Some(Ipv4Addr::LOCALHOST));
        assert_eq!(names.port("www", Protocol::TCP), Some(80));
        assert_eq!((names.port("www", Protocol::UDP), names.port("https", Protocol::TCP)), (None, None));
        let named = Naming::Names(&names);
        let vip = "10.0.0.1".parse().unwrap();
        assert_eq!(named.endpoint(vip, 80, Protocol::TCP), "vip.example:http");
        assert_eq!(named.endpoint(vip, 80, Protocol::UDP), "vip.example:80");
        assert_eq!(named.endpoint("::1".parse().unwrap(), 53, Protocol::UDP), "[::1]:domain");
        assert_eq!(Naming::Numeric.endpoint(vip, 80, Protocol::TCP), "10.0.0.1:80");
    }
}
