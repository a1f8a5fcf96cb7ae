//! What names things in messages: services (also as the flags that name them to `ipvsadm`), addresses, routes.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ipvs::service::ServiceKey;
use netstack::device::DeviceName;
use wire::Proto;

/// A service, as people read it: `TCP 192.0.2.1:80`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceName(pub ServiceKey);

impl ServiceName {
    /// As `ipvsadm` takes it: `-t 192.0.2.1:80`.
    #[must_use]
    pub fn as_flags(&self) -> String {
        let option = match self.0.proto {
            Proto::Tcp | Proto::None => "-t",
            Proto::Udp => "-u",
        };
        format!("{option} {}", SocketAddr::new(self.0.vip, self.0.port))
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proto = match self.0.proto {
            Proto::Tcp => "TCP",
            Proto::Udp => "UDP",
            Proto::None => "(no protocol)",
        };
        write!(f, "{proto} {}", SocketAddr::new(self.0.vip, self.0.port))
    }
}

/// The family of an address, as people read it.
#[must_use]
pub fn family(addr: IpAddr) -> &'static str {
    if addr.is_ipv4() { "IPv4" } else { "IPv6" }
}

/// What names an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddrName {
    /// The device.
    pub device: DeviceName,
    /// The address.
    pub addr: IpAddr,
    /// Its prefix length: a device may have one address with several.
    pub plen: u8,
}

impl fmt::Display for AddrName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} on {}", self.addr, self.plen, self.device)
    }
}

/// What names a route in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteName {
    /// The network it leads to.
    pub dst: IpAddr,
    /// Bits that count.
    pub plen: u8,
    /// The device.
    pub device: DeviceName,
}

impl fmt::Display for RouteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} by {}", self.dst, self.plen, self.device)
    }
}
