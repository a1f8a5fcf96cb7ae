//! A command line, read: the command, which options were given, and their values in range.

use std::net::IpAddr;

use sockopt::conn::SockPair;
use sockopt::dest::Forward;
use sockopt::field::View;
use sockopt::service::{DestCheck, Key, Netmask, ProxyProtocol};
use sockopt::{Device, Family, Text};

use crate::grammar::{Command, Opt};
use crate::value::endpoint::{Endpoint, Entry};

/// What conhash hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashTarget {
    /// The client's address.
    Sip,
    /// The QUIC connection id.
    Qid,
}

/// The SYN proxy's switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SynProxy {
    /// On.
    Enable,
    /// Off.
    Disable,
}

/// A command with its options. What was not given is none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the options of docs/spec/cli.md §4.2")]
pub struct Given {
    pub command: Command,
    pub opts: Vec<Opt>,
    pub service: Option<Key>,
    pub scheduler: Option<Text<16>>,
    pub persistent: Option<u32>,
    pub netmask: Option<Netmask>,
    pub synproxy: Option<SynProxy>,
    pub hash: Option<HashTarget>,
    pub conn_timeout: Option<u32>,
    pub proxy: Option<ProxyProtocol>,
    pub check: Option<DestCheck>,
    pub quic: bool,
    pub server: Option<Endpoint>,
    pub forward: Option<Forward>,
    pub weight: Option<u32>,
    pub upper: Option<u32>,
    pub lower: Option<u32>,
    pub laddr: Option<IpAddr>,
    pub ifname: Option<Device>,
    pub entry: Option<Entry>,
    pub pair: Option<SockPair>,
    pub view: View,
}

impl Given {
    /// Nothing but the command.
    #[must_use]
    pub fn new(command: Command) -> Self {
        Self {
            command,
            opts: Vec::new(),
            service: None,
            scheduler: None,
            persistent: None,
            netmask: None,
            synproxy: None,
            hash: None,
            conn_timeout: None,
            proxy: None,
            check: None,
            quic: false,
            server: None,
            forward: None,
            weight: None,
            upper: None,
            lower: None,
            laddr: None,
            ifname: None,
            entry: None,
            pair: None,
            view: View::ALL,
        }
    }

    /// Whether an option was given.
    #[must_use]
    pub fn has(&self, opt: Opt) -> bool {
        self.opts.contains(&opt)
    }

    /// Whether the service is named by its mark.
    #[must_use]
    pub fn by_mark(&self) -> bool {
        self.service.is_some_and(|key| key.fwmark != 0)
    }

    /// The service's family is IPv6.
    #[must_use]
    pub fn is_ipv6(&self) -> bool {
        self.service.is_some_and(|key| key.family() == Family::Inet6)
    }
}
