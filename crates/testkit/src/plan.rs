//! What a lab shall look like: nodes and their addresses, and what follows from them (networks, links, gateways).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::cidr::Cidr;
use crate::error::{LabError, PlanFault};
use crate::lab::Lab;

/// Whether the nodes' kernels may leave work to their devices (checksums, cutting to size).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offloads {
    /// They may not: frames are complete, as on a wire.
    #[default]
    Off,
    /// They may: checksums are partial and frames up to 64 KB long, see `docs/spec/netstack.md` §4.9.
    Left,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A client or backend.
    Host,
    /// Forwards between its networks.
    Router,
    /// Its kernel has no address, answers nothing and forwards nothing: the daemon's ports.
    Director,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    addresses: Vec<String>,
    routes: Vec<String>,
}

/// A lab to be: see [`Lab::new`].
#[derive(Debug)]
#[must_use = "a plan is nothing until it is `up`"]
pub struct Plan {
    pub(crate) name: String,
    pub(crate) nodes: Vec<Node>,
    pub(crate) offloads: Offloads,
    fault: Option<PlanFault>,
}

impl Plan {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), nodes: Vec::new(), offloads: Offloads::Off, fault: None }
    }

    /// A host that asks.
    pub fn client(self, name: &str, address: &str) -> Self {
        self.node(name, Kind::Host, [address])
    }

    /// A host that answers.
    pub fn backend(self, name: &str, address: &str) -> Self {
        self.node(name, Kind::Host, [address])
    }

    /// A host that forwards between the networks of its addresses.
    pub fn router<'a>(self, name: &str, addresses: impl IntoIterator<Item = &'a str>) -> Self {
        self.node(name, Kind::Router, addresses)
    }

    /// The daemon's place, called `director`, with a port (`dpdk0`, `dpdk1`, …) on each of `networks`.
    pub fn director<'a>(self, networks: impl IntoIterator<Item = &'a str>) -> Self {
        self.node(DIRECTOR, Kind::Director, networks)
    }

    /// One more route of a node's, in the words of `ip route add`.
    pub fn route(mut self, node: &str, route: &str) -> Self {
        match self.nodes.iter_mut().find(|known| known.name == node) {
            Some(known) => known.routes.push(route.to_owned()),
            None => self.fault = Some(PlanFault::Unknown(node.to_owned())),
        }
        self
    }

    /// What the nodes' kernels may leave to their devices; [`Offloads::Off`] if not said.
    pub fn offloads(self, offloads: Offloads) -> Self {
        Self { offloads, ..self }
    }

    /// Makes it.
    ///
    /// # Errors
    /// A plan that does not fit together, a host that cannot do it, a command that failed.
    pub fn up(mut self) -> Result<Lab, LabError> {
        match self.fault.take() {
            Some(fault) => Err(LabError::Plan { lab: self.name, fault }),
            None => Lab::make(&self),
        }
    }

    fn node<'a>(mut self, name: &str, kind: Kind, addresses: impl IntoIterator<Item = &'a str>) -> Self {
        if self.nodes.iter().any(|node| node.name == name) {
            self.fault = Some(PlanFault::Twice(name.to_owned()));
        }
        let addresses = addresses.into_iter().map(str::to_owned).collect();
        self.nodes.push(Node { name: name.to_owned(), kind, addresses, routes: Vec::new() });
        self
    }

    /// Every network, in order: the number of one is its bridge's.
    pub(crate) fn networks(&self) -> Result<Vec<Cidr>, LabError> {
        let mut networks = BTreeSet::new();
        for node in &self.nodes {
            networks.extend(node.cidrs()?.into_iter().map(Cidr::network));
        }
        Ok(networks.into_iter().collect())
    }

    /// The address of the first router on `network`, unless that is `node` itself.
    fn gateway(&self, node: &Node, network: Cidr) -> Result<Option<Cidr>, LabError> {
        for router in self.nodes.iter().filter(|other| other.kind == Kind::Router && other.name != node.name)
        {
            if let Some(found) = router.cidrs()?.into_iter().find(|cidr| cidr.network() == network) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The lines for `ip -batch` that set a node's own side up, its links being there.
    pub(crate) fn configuration(&self, node: &Node) -> Result<Vec<String>, LabError> {
        let mut lines = vec!["link set lo up".to_owned()];
        for (index, cidr) in node.cidrs()?.into_iter().enumerate() {
            let device = node.device(index);
            let silent = if node.kind == Kind::Director { " arp off" } else { "" };
            if node.kind != Kind::Director {
                let at_once = if cidr.addr.is_ipv6() { " nodad" } else { "" };
                lines.push(format!("addr add {cidr} dev {device}{at_once}"));
            }
            lines.push(format!("link set {device}{silent} up"));
        }
        if node.kind == Kind::Host {
            let gateway = self.gateway(node, node.cidrs()?[0].network())?;
            lines.extend(gateway.map(|router| format!("route add default via {}", router.addr)));
        }
        lines.extend(node.routes.iter().map(|route| format!("route add {route}")));
        Ok(lines)
    }

    /// The shell script that goes before: what the kernel may do.
    pub(crate) fn behaviour(&self, node: &Node) -> Result<String, LabError> {
        let mut script = String::new();
        let cidrs = node.cidrs()?;
        if cidrs.iter().any(|cidr| cidr.addr.is_ipv6()) && node.kind != Kind::Director {
            script += "for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 0 > $f; done\n";
        }
        if node.kind == Kind::Router {
            script += "echo 1 > /proc/sys/net/ipv4/ip_forward\n";
            script += "! [ -d /proc/sys/net/ipv6 ] || echo 1 > /proc/sys/net/ipv6/conf/all/forwarding\n";
        }
        if self.offloads == Offloads::Off {
            for index in 0..cidrs.len() {
                let device = node.device(index);
                let _ = writeln!(script, "ethtool -K {device} tx off tso off gso off gro off");
            }
        }
        Ok(script)
    }
}

/// The director's name.
pub(crate) const DIRECTOR: &str = "director";

impl Node {
    pub(crate) fn cidrs(&self) -> Result<Vec<Cidr>, LabError> {
        Ok(self.addresses.iter().map(|text| text.parse()).collect::<Result<_, _>>()?)
    }

    /// The name of its device with that number.
    pub(crate) fn device(&self, index: usize) -> String {
        match self.kind {
            Kind::Director => format!("port{index}"),
            Kind::Host | Kind::Router => format!("eth{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan::new("p")
            .client("c", "10.0.0.2/24")
            .router("r", ["10.0.0.1/24", "10.1.0.1/24"])
            .director(["10.1.0.0/24"])
    }

    #[test]
    fn networks_and_gateways_follow_from_the_addresses() -> Result<(), LabError> {
        let plan = plan();
        let networks: Vec<_> = plan.networks()?.iter().map(Cidr::to_string).collect();
        assert_eq!(networks, ["10.0.0.0/24", "10.1.0.0/24"]);
        let lines = plan.configuration(&plan.nodes[0])?;
        assert_eq!(lines.last().map(String::as_str), Some("route add default via 10.0.0.1"));
        Ok(())
    }

    #[test]
    fn a_directors_kernel_has_no_address_and_no_arp() -> Result<(), LabError> {
        let plan = plan();
        assert_eq!(plan.configuration(&plan.nodes[2])?, ["link set lo up", "link set port0 arp off up"]);
        Ok(())
    }

    #[test]
    fn a_plan_that_does_not_fit_is_refused_before_anything_is_made() {
        let twice = plan().client("c", "10.0.0.3/24").up();
        assert!(matches!(twice, Err(LabError::Plan { fault: PlanFault::Twice(name), .. }) if name == "c"));
        let unknown = plan().route("x", "default via 10.0.0.1").up();
        assert!(
            matches!(unknown, Err(LabError::Plan { fault: PlanFault::Unknown(name), .. }) if name == "x")
        );
        assert!(matches!(plan().backend("b", "10.0.0.9").up(), Err(LabError::Address(_))));
    }
}
