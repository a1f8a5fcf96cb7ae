//! What is refused before it is a command, or cannot be shown.

use std::net::SocketAddr;

use sockopt::dest::Forward;
use sockopt::{Code, Id, Malformed, Protocol, Reply, Text};

use crate::error::{CommandError, Refused};

/// What upstream can and we cannot (yet).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// A request.
    #[error("request {} ({}) is not supported", .0.number(), .0.name())]
    Request(Id),
    /// Services of another protocol.
    #[error("{0} services are not supported: TCP and UDP are")]
    Protocol(Protocol),
    /// A service named by a firewall mark.
    #[error("firewall mark {0}: such services are not supported: those of an address and a port are")]
    FirewallMark(u32),
    /// A service named by a match.
    #[error("match services (SNAT) are not supported: those of an address and a port are")]
    Match,
    /// A scheduler.
    #[error("scheduler {0} is not supported: rr and wrr are")]
    Scheduler(Text<16>),
    /// A way to reach a dest.
    #[error("dest {dest}: forwarding mode {forward:?} is not supported: FullNAT (-b) is")]
    Forward {
        /// The dest.
        dest: SocketAddr,
        /// What was asked for.
        forward: Forward,
    },
    /// Something of a service.
    #[error("{0} is not supported")]
    Feature(&'static str),
}

/// Why a request is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Bytes that say nothing.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Not there (yet).
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The model says no.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// Nothing names the service.
    #[error("no service is named: neither an address or a port, nor a mark, nor a match")]
    NoKey,
    /// A protocol that no service can have.
    #[error("protocol {0} has no services")]
    BadProtocol(Protocol),
    /// A scheduler that nobody knows.
    #[error("{0:?}: no such scheduler")]
    NoScheduler(Text<16>),
    /// More than a weight can be.
    #[error("dest {dest}: weight {weight} is not 0…65535")]
    BadWeight {
        /// The dest.
        dest: SocketAddr,
        /// What was given.
        weight: u32,
    },
    /// A timeout that is none.
    #[error("connection timeout {0} s is not 0…31535999")]
    BadTimeout(u32),
    /// A name that no device can have.
    #[error("{0:?}: not a device's name")]
    BadDevice(Text<16>),
    /// More than a packet can be.
    #[error("MTU {0} is not 0…65535")]
    BadMtu(u32),
    /// An address is missing.
    #[error("no address is given")]
    NoAddress,
    /// Addresses of different families in one request.
    #[error("addresses of both families are given")]
    MixedFamilies,
    /// Nobody has such a view.
    #[error("index {view}: the master has 0, the workers have 1…{workers}")]
    NoView {
        /// What was asked for.
        view: u8,
        /// How many there are.
        workers: usize,
    },
    /// A service to show that is not there.
    #[error("no such service")]
    NothingToShow,
    /// The client counted before something changed.
    #[error("{given} {what} were expected, there are {real}")]
    Recount {
        /// Of what.
        what: &'static str,
        /// As the client has it.
        given: usize,
        /// As it is.
        real: usize,
    },
    /// An operation that the request cannot have.
    #[error("{0}: the operation in the body does not go with the request")]
    BadOperation(&'static str),
    /// A device to show or change that is not there.
    #[error("{0}: no such device")]
    NoPort(Text<32>),
    /// An lcore that does nothing for us.
    #[error("lcore {0} is neither the master nor a worker")]
    NoLcore(u8),
    /// Lcores that have no queues.
    #[error("lcore {0} has no queues")]
    NoQueues(u8),
    /// An address that is not ours.
    #[error("{0}: not an address of ours")]
    NotOurs(std::net::IpAddr),
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self::Command(refused.error)
    }
}

impl Refusal {
    /// What the old tools understand.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Malformed(_)
            | Self::NoKey
            | Self::BadProtocol(_)
            | Self::BadWeight { .. }
            | Self::BadTimeout(_)
            | Self::BadDevice(_)
            | Self::BadMtu(_)
            | Self::NoAddress
            | Self::MixedFamilies
            | Self::NoView { .. }
            | Self::NoLcore(_)
            | Self::BadOperation(_) => Code::Invalid,
            Self::Unsupported(_) => Code::NotSupported,
            Self::Command(error) => error.code(),
            Self::NoScheduler(_) | Self::NoPort(_) | Self::NoQueues(_) | Self::NotOurs(_) => Code::NotExist,
            // As upstream, whose workers fail then: docs/spec/ipc.md §5.2.
            Self::NothingToShow | Self::Recount { .. } => Code::MsgFail,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Command(error) => error.hint(),
            Self::Malformed(_) => "use tools of version 1.9.8 to 1.10.2, or ours".into(),
            Self::Unsupported(_) => "the manual lists what is supported".into(),
            Self::NoKey => "give an address and a port".into(),
            Self::BadProtocol(_) => "give TCP (-t) or UDP (-u)".into(),
            Self::NoScheduler(_) => "give rr or wrr".into(),
            Self::BadWeight { .. } | Self::BadTimeout(_) | Self::BadMtu(_) => {
                "give a number in that range".into()
            }
            Self::BadDevice(_) | Self::NoPort(_) => "dpip link show lists the devices".into(),
            Self::NoAddress | Self::NotOurs(_) => "dpip addr show lists the addresses".into(),
            Self::MixedFamilies => "give addresses of one family".into(),
            Self::NoView { .. } | Self::NoLcore(_) | Self::NoQueues(_) => {
                "dpip link show lcores lists the workers".into()
            }
            Self::NothingToShow => "ipvsadm -ln lists the services".into(),
            Self::Recount { .. } => "something changed meanwhile: ask again".into(),
            Self::BadOperation(_) => "this is a defect of the client".into(),
        }
    }

    /// The reply.
    #[must_use]
    pub fn reply(&self) -> Reply {
        Reply::Refused(self.code())
    }
}
