//! The topology that most tests share, and the commands that make a FullNAT director of it.
//!
//! ```text
//!  client                router                     director                       b1  192.168.10.11
//!  10.1.0.2 ──────────── 10.1.0.1                   VIP 10.0.0.100 (dpdk0)      ┌──b2  192.168.10.12
//!            10.1.0.0/24 10.0.0.254 ─────────────── 10.0.0.1 ─ dpdk0            │
//!                                   10.0.0.0/24 WAN 192.168.10.1 ─ dpdk1 ───────┤  192.168.10.0/24 LAN
//!                                                   laddrs 192.168.10.200, .201 │
//!                                                                               └──lan-router 192.168.10.254
//!                                                                                             192.168.20.1
//!                                                                                             │ 192.168.20.0/24
//!                                                                                             b3  192.168.20.13
//! ```
//!
//! No backend has a route to the client: a packet that is not translated finds no answer. The client reaches the VIP
//! through its router only, and b3 the local addresses through its own.

use crate::error::LabError;
use crate::lab::Lab;
use crate::plan::Plan;

/// The virtual address.
pub const VIP: &str = "10.0.0.100";
/// Nodes that answer.
pub const BACKENDS: [(&str, &str); 3] =
    [("b1", "192.168.10.11"), ("b2", "192.168.10.12"), ("b3", "192.168.20.13")];
/// Local addresses.
pub const LADDRS: [&str; 2] = ["192.168.10.200", "192.168.10.201"];
/// Where the UDP service listens, on VIP and backends.
pub const UDP_PORT: u16 = 5300;

/// The plan of the picture above.
pub fn plan(name: &str) -> Plan {
    around(Lab::new(name), |plan| plan.director(["10.0.0.0/24", "192.168.10.0/24"]))
}

/// The same with a kernel in the director's place that forwards from client to backends and back: what is wrong here is
/// wrong with the lab, not with the daemon.
pub fn plan_with_kernel(name: &str) -> Plan {
    let plan = around(Lab::new(name), |plan| plan.router("kernel", ["10.0.0.1/24", "192.168.10.1/24"]));
    plan.route("kernel", "default via 10.0.0.254")
        .route("kernel", "192.168.20.0/24 via 192.168.10.254")
        .route("router", "192.168.0.0/16 via 10.0.0.1")
        .route("lan-router", "default via 192.168.10.1")
}

fn around(plan: Plan, director: impl FnOnce(Plan) -> Plan) -> Plan {
    director(plan.client("client", "10.1.0.2/24").router("router", ["10.1.0.1/24", "10.0.0.254/24"]))
        .backend("b1", "192.168.10.11/24")
        .backend("b2", "192.168.10.12/24")
        .router("lan-router", ["192.168.10.254/24", "192.168.20.1/24"])
        .backend("b3", "192.168.20.13/24")
}

/// One of our tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `dpip`
    Dpip,
    /// `ipvsadm`
    Ipvsadm,
}

impl Tool {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dpip => "dpip",
            Self::Ipvsadm => "ipvsadm",
        }
    }
}

/// The commands that give the director its addresses and routes, a TCP service on port 80 and a UDP service on
/// [`UDP_PORT`], in the order in which a user gives them.
#[must_use]
pub fn commands() -> Vec<(Tool, String)> {
    let mut commands: Vec<(Tool, String)> = [
        "addr add 10.0.0.1/24 dev dpdk0",
        "addr add 192.168.10.1/24 dev dpdk1",
        "route add default via 10.0.0.254 dev dpdk0",
        "route add 192.168.20.0/24 via 192.168.10.254 dev dpdk1",
        "addr add 10.0.0.100/32 dev dpdk0",
    ]
    .map(|words| (Tool::Dpip, words.to_owned()))
    .into();
    for (option, port) in [("-t", 80), ("-u", UDP_PORT)] {
        let service = format!("{option} {VIP}:{port}");
        commands.push((Tool::Ipvsadm, format!("-A {service} -s rr")));
        commands.extend(LADDRS.map(|laddr| (Tool::Ipvsadm, format!("-P -z {laddr} {service} -F dpdk1"))));
        commands.extend(
            BACKENDS.map(|(_, dest)| (Tool::Ipvsadm, format!("-a {service} -r {dest}:{port} -b -w 1"))),
        );
    }
    commands
}

/// Gives all of [`commands`].
///
/// # Errors
/// The first that fails.
pub fn configure(lab: &Lab) -> Result<(), LabError> {
    for (tool, words) in commands() {
        lab.tool(tool.name(), &words)?.ok()?;
    }
    Ok(())
}
