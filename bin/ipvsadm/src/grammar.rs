//! Commands and which options each takes: docs/spec/cli.md §4.1, §4.3. The first violation in the order of [`Opt::ALL`] wins:
//! the specification fixes which message a user sees.

use crate::misuse::Misuse;

macro_rules! opts {
    ($($name:ident = $text:literal,)+) => {
        /// An option as the messages about combinations name it, in the order in which they are looked at.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Opt { $(#[doc = concat!("`", $text, "`")] $name,)+ }

        impl Opt {
            /// All of them, in the order of §4.3.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name in messages.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

opts! {
    Numeric = "numeric",
    Connection = "connection",
    Service = "service-address",
    Scheduler = "scheduler",
    Persistent = "persistent",
    Netmask = "netmask",
    Server = "real-server",
    Forward = "forwarding-method",
    Weight = "weight",
    Upper = "u-threshold",
    Lower = "l-threshold",
    McastInterface = "mcast-interface",
    Timeout = "timeout",
    Daemon = "daemon",
    Stats = "stats",
    Rate = "rate",
    Thresholds = "thresholds",
    PersistentConn = "persistent-conn",
    NoSort = "nosort",
    SyncId = "syncid",
    Exact = "exact",
    Ops = "ops",
    Pe = "pe",
    Laddr = "local-address",
    Deny = "blklst-address",
    SynProxy = "synproxy",
    Ifname = "ifname",
    SockPair = "sockpair",
    HashTarget = "hash-target",
    Cpu = "cpu",
    ExpireQuiescent = "expire-quiescent",
    Allow = "whtlst-address",
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table below says it")]
pub enum Command {
    AddService,
    EditService,
    DeleteService,
    Flush,
    AddServer,
    EditServer,
    DeleteServer,
    List,
    Zero,
    Restore,
    Save,
    AddLaddr,
    DeleteLaddr,
    GetLaddr,
    AddDeny,
    DeleteDeny,
    GetDeny,
    AddAllow,
    DeleteAllow,
    GetAllow,
    Set,
    StartDaemon,
    StopDaemon,
    Help,
    Version,
}

/// Which options a command takes; all others are illegal with it.
struct Rule {
    command: Command,
    name: &'static str,
    needs: &'static [Opt],
    may: &'static [Opt],
    /// At most one of these.
    one_of: &'static [Opt],
}

const fn rule(
    command: Command,
    name: &'static str,
    needs: &'static [Opt],
    may: &'static [Opt],
    one_of: &'static [Opt],
) -> Rule {
    Rule { command, name, needs, may, one_of }
}

use Opt::{
    Allow, Connection, Cpu, Daemon, Deny, Exact, ExpireQuiescent, Forward, HashTarget, Ifname, Laddr, Lower,
    McastInterface, Netmask, NoSort, Numeric, Ops, Persistent, PersistentConn, Rate, Scheduler, Server,
    Service, SockPair, Stats, SynProxy, SyncId, Thresholds, Timeout, Upper, Weight,
};

const OF_A_SERVICE: &[Opt] = &[Scheduler, Persistent, Netmask, Ops, SynProxy, HashTarget, ExpireQuiescent];
const OF_A_SERVER: &[Opt] = &[Forward, Weight, Upper, Lower];
const OF_A_LIST: &[Opt] =
    &[Numeric, Stats, Rate, Thresholds, PersistentConn, NoSort, SyncId, Exact, SockPair, Cpu];

static RULES: &[Rule] = &[
    rule(Command::AddService, "add-service", &[Service], OF_A_SERVICE, &[]),
    rule(Command::EditService, "edit-service", &[Service], OF_A_SERVICE, &[]),
    rule(Command::DeleteService, "delete-service", &[Service], &[], &[]),
    rule(Command::Flush, "flush", &[], &[], &[]),
    rule(Command::AddServer, "add-server", &[Service, Server], OF_A_SERVER, &[]),
    rule(Command::EditServer, "edit-server", &[Service, Server], OF_A_SERVER, &[]),
    rule(Command::DeleteServer, "delete-server", &[Service, Server], &[], &[]),
    rule(Command::List, "list", &[], OF_A_LIST, &[Connection, Service, Timeout, Daemon]),
    rule(Command::Zero, "zero", &[], &[Service], &[]),
    rule(Command::Restore, "restore", &[], &[], &[]),
    rule(Command::Save, "save", &[], &[Numeric], &[]),
    rule(Command::AddLaddr, "add-laddr", &[Service, Laddr, Ifname], &[], &[]),
    rule(Command::DeleteLaddr, "del-laddr", &[Service, Laddr, Ifname], &[], &[]),
    rule(Command::GetLaddr, "get-laddr", &[], &[Service, Cpu], &[]),
    rule(Command::AddDeny, "add-blklst", &[Service, Deny], &[], &[]),
    rule(Command::DeleteDeny, "del-blklst", &[Service, Deny], &[], &[]),
    rule(Command::GetDeny, "get-blklst", &[], &[Service], &[]),
    rule(Command::AddAllow, "add-whtlst", &[Service, Allow], &[], &[]),
    rule(Command::DeleteAllow, "del-whtlst", &[Service, Allow], &[], &[]),
    rule(Command::GetAllow, "get-whtlst", &[], &[Service], &[]),
    rule(Command::Set, "set", &[], &[], &[]),
    rule(Command::StartDaemon, "start-daemon", &[], &[McastInterface, SyncId], &[]),
    rule(Command::StopDaemon, "stop-daemon", &[], &[SyncId], &[]),
    // These two end the parsing, so nothing is ever looked up here but the name.
    rule(Command::Help, "help", &[], &[], &[]),
    rule(Command::Version, "version", &[], &[], &[]),
];

/// Whether `command` goes with `given`.
///
/// # Errors
/// The first violation.
pub fn check(command: Command, given: &[Opt]) -> Result<(), Misuse> {
    let Some(rule) = RULES.iter().find(|rule| rule.command == command) else { return Ok(()) };
    let mut chosen = None;
    for &opt in Opt::ALL {
        match (given.contains(&opt), rule.needs.contains(&opt)) {
            (false, true) => return Err(Misuse::Missing { opt: opt.name(), command: rule.name }),
            (false, false) | (true, true) => {}
            (true, false) if rule.one_of.contains(&opt) => {
                if let Some(earlier) = chosen.replace(opt) {
                    return Err(Misuse::Conflict {
                        later: opt.name(),
                        earlier: Opt::name(earlier),
                        command: rule.name,
                    });
                }
            }
            (true, false) if rule.may.contains(&opt) => {}
            (true, false) => return Err(Misuse::Illegal { opt: opt.name(), command: rule.name }),
        }
    }
    if command == Command::List { check_list(given) } else { Ok(()) }
}

/// What a list cannot show at the same time.
fn check_list(given: &[Opt]) -> Result<(), Misuse> {
    let any = |opts: &[Opt]| opts.iter().any(|opt| given.contains(opt));
    let styled = any(&[Connection, Timeout, Daemon]) && any(&[Stats, Rate, Thresholds]);
    if styled || any(&[Timeout, Daemon]) && any(&[PersistentConn]) {
        return Err(Misuse::ListConflict);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(command: Command, given: &[Opt]) -> String {
        check(command, given).expect_err("misuse").to_string()
    }

    #[test]
    fn the_first_violation_in_the_specs_order_wins() {
        let given = [Opt::Weight, Opt::Numeric];
        assert_eq!(
            said(Command::AddService, &given),
            "Illegal 'numeric' option with the 'add-service' command"
        );
        assert_eq!(
            said(Command::AddServer, &[Opt::Service]),
            "You need to supply the 'real-server' option for the 'add-server' command"
        );
        assert_eq!(
            said(Command::List, &[Opt::Daemon, Opt::Timeout]),
            "The option 'daemon' conflicts with the 'timeout' option in the 'list' command"
        );
    }

    #[test]
    fn a_list_shows_connections_or_styles() {
        assert_eq!(
            said(Command::List, &[Opt::Connection, Opt::Rate]),
            "options conflicts in the list command"
        );
        assert_eq!(check(Command::List, &[Opt::Connection, Opt::PersistentConn]), Ok(()));
        assert_eq!(check(Command::List, &[Opt::Service, Opt::Stats, Opt::Rate]), Ok(()));
    }

    #[test]
    fn every_command_has_a_rule() {
        let names: std::collections::BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        for switch in crate::switches::SWITCHES {
            if let crate::switches::Means::Command(command) = switch.means {
                assert!(RULES.iter().any(|rule| rule.command == command), "{command:?}");
            }
        }
    }
}
