//! What each command asks of the daemon: docs/spec/cli.md §5.

mod access;
mod dest;
mod laddr;
mod service;

use cli::{Session, Status};
use sockopt::call;
use sockopt::service::{Key, Netmask, Service};

use crate::failure::Failure;
use crate::given::Given;
use crate::grammar::{Command, Opt};
use crate::names::{Names, Naming};
use crate::{list, save};

/// Does what is asked.
///
/// # Errors
/// See [`Failure`].
pub fn execute(session: &mut Session<'_>, given: &Given, names: &Names) -> Result<(), Failure> {
    let naming = if given.has(Opt::Numeric) { Naming::Numeric } else { Naming::Names(names) };
    match given.command {
        Command::AddService => service::add(session, given),
        Command::EditService => service::edit(session, given),
        Command::DeleteService => service::delete(session, given),
        Command::Zero => service::zero(session, given),
        Command::Flush => session.call::<call::Flush>(&()).map_err(Failure::Changed),
        Command::AddServer | Command::EditServer | Command::DeleteServer => dest::change(session, given),
        Command::List if given.has(Opt::Timeout) => not_supported(session, "--timeout"),
        Command::List if given.has(Opt::Daemon) => not_supported(session, "--daemon"),
        Command::List if given.has(Opt::Connection) => list::connections(session, given, naming),
        Command::List => list::table(session, given, naming),
        Command::Save => save::save(session, given, naming),
        Command::AddLaddr => laddr::add(session, given),
        Command::DeleteLaddr => laddr::delete(session, given),
        Command::GetLaddr => laddr::show(session, given),
        Command::AddDeny | Command::DeleteDeny | Command::AddAllow | Command::DeleteAllow => {
            access::change(session, given)
        }
        Command::GetDeny | Command::GetAllow => access::show(session, given),
        Command::Set => not_supported(session, "--set"),
        Command::StartDaemon => not_supported(session, "--start-daemon"),
        Command::StopDaemon => not_supported(session, "--stop-daemon"),
        // These never get here: they are done before a command is.
        Command::Help | Command::Version | Command::Restore => Ok(()),
    }
}

/// There is nothing behind these in the protocol (§5); upstream pretends otherwise.
fn not_supported(session: &mut Session<'_>, what: &str) -> Result<(), Failure> {
    session.complain(format_args!("{what}: not supported"));
    Err(Failure::Told(Status(1)))
}

/// A request about a service, in which only the key counts.
fn request(given: &Given) -> Service {
    let key = given.service.unwrap_or_default();
    Service { key, netmask: widest(&key), view: given.view, ..Service::default() }
}

/// Each client by itself, which is what `ipvsadm` sends when no mask is given.
fn widest(key: &Key) -> Netmask {
    match key.family() {
        sockopt::Family::Inet6 => Netmask::V6(128),
        _ => Netmask::V4(std::net::Ipv4Addr::BROADCAST),
    }
}
