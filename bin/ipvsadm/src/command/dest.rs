//! Real servers: `-a -e -d`. An edit replaces everything: what is not given gets its default.

use cli::Session;
use sockopt::call;
use sockopt::dest::{Dest, DestOf, Forward};
use sockopt::service::{Key, Service};

use crate::failure::Failure;
use crate::given::Given;
use crate::grammar::Command;
use crate::value::endpoint::Endpoint;

pub(super) fn change(session: &mut Session<'_>, given: &Given) -> Result<(), Failure> {
    let service = super::request(given);
    let Some(server) = given.server else { return Ok(()) };
    let dest = dest(given, &service.key, server);
    let request = DestOf { service: Service { view: sockopt::field::View::ALL, ..service }, dest };
    let done = match given.command {
        Command::AddServer => session.call::<call::DestAdd>(&request),
        Command::EditServer => session.call::<call::DestEdit>(&request),
        _ => session.call::<call::DestDel>(&request),
    };
    done.map_err(Failure::Changed)
}

fn dest(given: &Given, key: &Key, server: Endpoint) -> Dest {
    let forward = given.forward.unwrap_or(Forward::Direct);
    let mut dest = Dest::new(server.addr, port(given, key, server, forward), forward);
    dest.weight = given.weight.unwrap_or(dest.weight);
    dest.max_conn = given.upper.unwrap_or(0);
    dest.min_conn = given.lower.unwrap_or(0);
    dest
}

/// Packets that are not rewritten reach the port that the client asked for, whatever the command says.
fn port(given: &Given, key: &Key, server: Endpoint, forward: Forward) -> u16 {
    let kept = matches!(forward, Forward::Direct | Forward::Tunnel) && !given.by_mark();
    // A server is deleted by the port that it has; -d says nothing of the forwarding.
    if kept && given.command != Command::DeleteServer {
        return key.port;
    }
    let default = if forward == Forward::Snat { 0 } else { key.port };
    server.port.unwrap_or(default)
}
