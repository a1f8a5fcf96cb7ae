//! Types of configured values that are more than a number or a word.

use std::fmt;

macro_rules! unit {
    ($(#[doc = $doc:literal])+ $name:ident($inner:ty)) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl TryFrom<u64> for $name {
            type Error = std::num::TryFromIntError;
            fn try_from(value: u64) -> Result<Self, Self::Error> {
                <$inner>::try_from(value).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

unit! {
    /// Seconds.
    Seconds(u32)
}
unit! {
    /// Microseconds.
    Micros(u32)
}
unit! {
    /// An EAL lcore id, which `--lcores` maps to a CPU.
    CpuId(u16)
}
unit! {
    /// A receive or transmit queue of a port.
    QueueId(u16)
}

/// The names and ids of log levels, the most severe first (docs/spec/netstack.md §1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum LogLevel {
    Emerg,
    Alert,
    Crit,
    Err,
    Warning,
    Notice,
    Info,
    Debug,
}

impl LogLevel {
    /// As one writes them.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("EMERG", Self::Emerg),
        ("ALERT", Self::Alert),
        ("CRIT", Self::Crit),
        ("ERR", Self::Err),
        ("WARNING", Self::Warning),
        ("NOTICE", Self::Notice),
        ("INFO", Self::Info),
        ("DEBUG", Self::Debug),
    ];
}

/// How flow rules match (`fdir_mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FdirMode {
    /// Exactly.
    Perfect,
    /// By a fuzzy item in sa-pool rules.
    Signature,
}

/// What a worker does (docs/spec/netstack.md §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerKind {
    /// The control plane.
    Master,
    /// Forwards.
    Slave,
    /// Moves packets to and from kernel interfaces.
    Kni,
}

/// How link-local addresses are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum AddrGenMode {
    Eui64,
    None,
    StablePrivacy,
    Random,
}

/// The IPv6 route table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route6Method {
    /// Hash lists by prefix length.
    Hlist,
    /// Longest prefix match.
    Lpm,
}

/// The least important class of message still sent between cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Priority {
    Low,
    Norm,
    High,
    Ign,
}

/// How UOA carries the client's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UoaMode {
    /// A protocol of its own between IP and UDP.
    Opp,
    /// An IP option.
    Ipo,
}

/// The secret of stable-privacy addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Secret(pub [u8; 16]);

/// The packet fields that a NIC's receive-side scaling looks at: a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rss(u8);

impl Rss {
    /// The names of single members; `all` is the first three.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("ip", Self::IP),
        ("tcp", Self::TCP),
        ("udp", Self::UDP),
        ("sctp", Self::SCTP),
        ("ether", Self::ETHER),
        ("port", Self::PORT),
        ("tunnel", Self::TUNNEL),
    ];
    /// Addresses.
    pub const IP: Self = Self(1);
    /// TCP ports.
    pub const TCP: Self = Self(2);
    /// UDP ports.
    pub const UDP: Self = Self(4);
    /// SCTP ports.
    pub const SCTP: Self = Self(8);
    /// Ethernet addresses.
    pub const ETHER: Self = Self(16);
    /// The physical port.
    pub const PORT: Self = Self(32);
    /// Headers inside a tunnel.
    pub const TUNNEL: Self = Self(64);
    /// `all`: IP, TCP and UDP.
    pub const ALL: Self = Self(7);

    /// Both together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The member of this name.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "all" => Some(Self::ALL),
            _ => Self::NAMES.iter().find(|(name, _)| *name == word).map(|(_, member)| *member),
        }
    }
}

impl fmt::Display for Rss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = Self::NAMES.iter().filter(|(_, member)| self.contains(*member));
        let names: Vec<_> = members.map(|(name, _)| *name).collect();
        f.write_str(if names.is_empty() { "nothing" } else { "" })?;
        f.write_str(&names.join("|"))
    }
}
