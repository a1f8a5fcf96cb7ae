//! The letters and words of the command line: docs/spec/cli.md §4.1, §4.2. The help is printed from here, too.

use crate::grammar::{Command, Opt};

/// Whether something follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    No,
    /// A value, as the help names it.
    Needed(&'static str),
    /// A value, unless the next word begins with `-` or is missing.
    Optional(&'static str),
}

/// What is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// A command.
    Command(Command),
    /// An option that may be given once, and not with every command.
    Option(Opt, Field),
    /// An option that is not looked after: it may be repeated, and is ignored where it says nothing.
    Untracked(Field),
}

/// What an option fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table below says it")]
pub enum Field {
    Tcp,
    Udp,
    Sctp,
    Icmp,
    Icmpv6,
    Fwmark,
    Match,
    Ipv6,
    Scheduler,
    Persistent,
    Netmask,
    SynProxy,
    HashTarget,
    ConnTimeout,
    ProxyProtocol,
    DestCheck,
    Quic,
    Server,
    Direct,
    Tunnel,
    Nat,
    FullNat,
    Snat,
    Weight,
    Upper,
    Lower,
    Laddr,
    Ifname,
    Deny,
    Allow,
    SockPair,
    Cpu,
    SyncId,
    /// That it was given is all that counts.
    Given,
}

/// A letter, a word, or both.
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// Letter.
    pub short: Option<char>,
    /// Word.
    pub long: &'static str,
    /// What follows.
    pub value: Value,
    /// What it means.
    pub means: Means,
    /// For the help.
    pub help: &'static str,
}

const fn command(
    short: Option<char>,
    long: &'static str,
    value: Value,
    command: Command,
    help: &'static str,
) -> Switch {
    Switch { short, long, value, means: Means::Command(command), help }
}

const fn option(
    short: Option<char>,
    long: &'static str,
    value: Value,
    opt: Opt,
    field: Field,
    help: &'static str,
) -> Switch {
    Switch { short, long, value, means: Means::Option(opt, field), help }
}

const fn untracked(
    short: Option<char>,
    long: &'static str,
    value: Value,
    field: Field,
    help: &'static str,
) -> Switch {
    Switch { short, long, value, means: Means::Untracked(field), help }
}

use Value::{Needed, No, Optional};

const SVC: Value = Needed("HOST[:PORT]");

/// All of them; commands first, in the order of the help.
#[rustfmt::skip] // one row per switch reads better than the seven lines that it would become
pub static SWITCHES: &[Switch] = &[
    command(Some('A'), "add-service", No, Command::AddService, "add a virtual service"),
    command(Some('E'), "edit-service", No, Command::EditService, "change a virtual service; what is not mentioned stays"),
    command(Some('D'), "delete-service", No, Command::DeleteService, "delete a virtual service and its servers"),
    command(Some('C'), "clear", No, Command::Flush, "delete all virtual services"),
    command(Some('a'), "add-server", No, Command::AddServer, "add a real server"),
    command(Some('e'), "edit-server", No, Command::EditServer, "replace the settings of a real server"),
    command(Some('d'), "delete-server", No, Command::DeleteServer, "delete a real server"),
    command(Some('L'), "list", No, Command::List, "list services, or connections with -c"),
    command(Some('l'), "list", No, Command::List, "the same"),
    command(Some('Z'), "zero", No, Command::Zero, "set the counters of one or all services to zero"),
    command(Some('R'), "restore", No, Command::Restore, "read commands from standard input"),
    command(Some('S'), "save", No, Command::Save, "print the commands that make the table"),
    command(Some('P'), "add-laddr", No, Command::AddLaddr, "add a local address"),
    command(Some('Q'), "del-laddr", No, Command::DeleteLaddr, "delete a local address"),
    command(Some('G'), "get-laddr", No, Command::GetLaddr, "list local addresses"),
    command(Some('U'), "add-blklst", No, Command::AddDeny, "add an entry to the deny list"),
    command(Some('V'), "del-blklst", No, Command::DeleteDeny, "delete an entry of the deny list"),
    command(Some('B'), "get-blklst", No, Command::GetDeny, "show the deny list"),
    command(Some('O'), "add-whtlst", No, Command::AddAllow, "add an entry to the allow list"),
    command(Some('Y'), "del-whtlst", No, Command::DeleteAllow, "delete an entry of the allow list"),
    command(Some('W'), "get-whtlst", No, Command::GetAllow, "show the allow list"),
    command(None, "set", No, Command::Set, "TCP TCPFIN UDP: timeouts in seconds (not supported)"),
    command(None, "start-daemon", Needed("master|backup"), Command::StartDaemon, "connection sync (not supported)"),
    command(None, "stop-daemon", Needed("master|backup"), Command::StopDaemon, "connection sync (not supported)"),
    command(Some('h'), "help", No, Command::Help, "this text"),
    command(Some('v'), "version", No, Command::Version, "the version"),
    option(Some('t'), "tcp-service", SVC, Opt::Service, Field::Tcp, "TCP service"),
    option(Some('u'), "udp-service", SVC, Opt::Service, Field::Udp, "UDP service"),
    option(None, "sctp-service", SVC, Opt::Service, Field::Sctp, "SCTP service"),
    option(Some('q'), "icmp-service", SVC, Opt::Service, Field::Icmp, "ICMP service"),
    option(Some('1'), "icmpv6-service", SVC, Opt::Service, Field::Icmpv6, "ICMPv6 service"),
    option(Some('f'), "fwmark-service", Needed("MARK"), Opt::Service, Field::Fwmark, "service by firewall mark"),
    option(Some('H'), "match", Needed("MATCH"), Opt::Service, Field::Match, "SNAT service: proto=P,af=ipv4|ipv6,src-range=R,dst-range=R,iif=DEV,oif=DEV; R is IP-IP:PORT-PORT"),
    untracked(Some('6'), "ipv6", No, Field::Ipv6, "the firewall mark before it is for IPv6"),
    option(Some('s'), "scheduler", Needed("NAME"), Opt::Scheduler, Field::Scheduler, "rr, wrr, wlc (default), conhash, mh, fo, maglev"),
    option(Some('p'), "persistent", Optional("SECONDS"), Opt::Persistent, Field::Persistent, "persistent service, 360 s unless said otherwise"),
    option(Some('M'), "netmask", Needed("MASK"), Opt::Netmask, Field::Netmask, "which clients persist together: a mask, for IPv6 a prefix length"),
    option(Some('o'), "ops", No, Opt::Ops, Field::Given, "one-packet scheduling"),
    option(None, "pe", Needed("ENGINE"), Opt::Pe, Field::Given, "persistence engine (not supported)"),
    option(Some('j'), "synproxy", Needed("enable|disable"), Opt::SynProxy, Field::SynProxy, "SYN proxy"),
    option(None, "hash-target", Needed("sip|qid"), Opt::HashTarget, Field::HashTarget, "what conhash hashes"),
    option(None, "expire-quiescent", No, Opt::ExpireQuiescent, Field::Given, "connections of servers without weight end"),
    untracked(None, "conn-timeout", Needed("SECONDS"), Field::ConnTimeout, "timeout of established connections, 0 for the daemon's"),
    untracked(None, "proxy-protocol", Needed("VERSION"), Field::ProxyProtocol, "PROXY protocol: disable, v1, v2, v1-insecure, v2-insecure"),
    untracked(None, "dest-check", Needed("CHECK"), Field::DestCheck, "health check: disable, default, tcp, udp, sctp, ping, DOWN,WAITs or DOWN,UP,WAITs,MIN-MAXs"),
    untracked(None, "quic", No, Field::Quic, "QUIC-aware UDP service"),
    option(Some('r'), "real-server", SVC, Opt::Server, Field::Server, "real server; without a port the service's"),
    option(Some('g'), "gatewaying", No, Opt::Forward, Field::Direct, "direct routing (default)"),
    option(Some('i'), "ipip", No, Opt::Forward, Field::Tunnel, "IPIP tunnel"),
    option(Some('m'), "masquerading", No, Opt::Forward, Field::Nat, "NAT"),
    option(Some('b'), "fullnat", No, Opt::Forward, Field::FullNat, "FullNAT"),
    option(Some('J'), "snat", No, Opt::Forward, Field::Snat, "SNAT"),
    option(Some('w'), "weight", Needed("WEIGHT"), Opt::Weight, Field::Weight, "weight, 0 to 65535, 1 unless said otherwise"),
    option(Some('x'), "u-threshold", Needed("N"), Opt::Upper, Field::Upper, "connections at most, 0 for no limit"),
    option(Some('y'), "l-threshold", Needed("N"), Opt::Lower, Field::Lower, "connections below which the server takes new ones again"),
    option(Some('z'), "laddr", Needed("ADDRESS"), Opt::Laddr, Field::Laddr, "local address"),
    option(Some('F'), "ifname", Needed("DEVICE"), Opt::Ifname, Field::Ifname, "device of the local address"),
    option(Some('k'), "blklst", Needed("ADDRESS|ipset:NAME"), Opt::Deny, Field::Deny, "entry of the deny list"),
    option(Some('2'), "whtlst", Needed("ADDRESS|ipset:NAME"), Opt::Allow, Field::Allow, "entry of the allow list"),
    option(Some('n'), "numeric", No, Opt::Numeric, Field::Given, "numbers instead of names"),
    option(Some('c'), "connection", No, Opt::Connection, Field::Given, "list connections"),
    option(None, "timeout", No, Opt::Timeout, Field::Given, "list timeouts (not supported)"),
    option(None, "daemon", No, Opt::Daemon, Field::Given, "list sync daemons (not supported)"),
    option(None, "stats", No, Opt::Stats, Field::Given, "list totals"),
    option(None, "rate", No, Opt::Rate, Field::Given, "list rates"),
    option(None, "thresholds", No, Opt::Thresholds, Field::Given, "list thresholds"),
    option(None, "persistent-conn", No, Opt::PersistentConn, Field::Given, "list persistent connections"),
    option(None, "sockpair", Needed("PROTO:IP:PORT:IP:PORT"), Opt::SockPair, Field::SockPair, "list this connection only"),
    option(None, "nosort", No, Opt::NoSort, Field::Given, "list in the daemon's order"),
    untracked(None, "sort", No, Field::Given, "the default"),
    option(Some('X'), "exact", No, Opt::Exact, Field::Given, "counters in full"),
    option(None, "cpu", Needed("INDEX"), Opt::Cpu, Field::Cpu, "list what one worker sees; 0 is the sum"),
    option(None, "mcast-interface", Needed("DEVICE"), Opt::McastInterface, Field::Given, "for the sync daemon"),
    option(None, "syncid", Needed("ID"), Opt::SyncId, Field::SyncId, "for the sync daemon"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_letter_has_two_meanings() {
        for (at, a) in SWITCHES.iter().enumerate() {
            for b in &SWITCHES[at + 1..] {
                assert!(a.short.is_none() || a.short != b.short, "{:?}", a.short);
                assert!(a.long != b.long || a.means == b.means, "{}", a.long);
            }
        }
    }
}
