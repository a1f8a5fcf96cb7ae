//! What can be wrong with a command line: the texts and statuses of docs/spec/cli.md §4 and §5.

use cli::Status;

/// A command line that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum Misuse {
    #[error("Try `{program} -h' or '{program} --help' for more information.")]
    Try { program: String },
    #[error("{option}: unknown option")]
    Unknown { option: String },
    #[error("{option}: missing argument")]
    NoValue { option: String },
    #[error("{value}: invalid numeric value")]
    NotNumeric { value: String },
    #[error("invalid option `{option}'")]
    SecondCommand { option: String },
    #[error("multiple '{opt}' options specified")]
    Multiple { opt: &'static str },
    #[error("You need to supply the '{opt}' option for the '{command}' command")]
    Missing { opt: &'static str, command: &'static str },
    #[error("Illegal '{opt}' option with the '{command}' command")]
    Illegal { opt: &'static str, command: &'static str },
    #[error("The option '{later}' conflicts with the '{earlier}' option in the '{command}' command")]
    Conflict { later: &'static str, earlier: &'static str, command: &'static str },
    #[error("options conflicts in the list command")]
    ListConflict,
    #[error("unexpected argument {word}")]
    Unexpected { word: String },
    #[error("illegal {what} specified")]
    IllegalValue { what: &'static str },
    #[error("illegal {what} entry format, require [ IP | ipset:NAME ]")]
    IllegalEntry { what: &'static str },
    #[error("illegal local address")]
    IllegalLaddr,
    #[error("invalid timeout value `{value}' specified")]
    PersistentTimeout { value: String },
    #[error("invalid fwmark value `{value}' specified")]
    Fwmark { value: String },
    #[error("invalid dest_check config")]
    DestCheck,
    #[error("{what} `{value}': give a name of 1 to {most} bytes")]
    Name { what: &'static str, value: String, most: usize },
    #[error("invalid proxy-protocol `{value}', give disable, v1, v2, v1-insecure or v2-insecure")]
    ProxyProtocol { value: String },
    // The blank line behind these four is upstream's.
    #[error("synproxy switch must be enable or disable\n")]
    SynProxy,
    #[error("hash target can only be set when schedule is conhash\n")]
    HashTargetWithoutConhash,
    #[error("qid hash can only be set in udp service\n")]
    QidWithoutUdp,
    #[error("hash target not support\n")]
    HashTarget,
    #[error("-6 used before -f\n")]
    Ipv6BeforeFwmark,
    #[error("--set option requires 3 timeout values")]
    SetTimeouts,
    #[error("Zero port specified for no-match and non-persistent service")]
    ZeroPort,
    #[error("One-Packet Scheduling is only for UDP virtual services")]
    OpsWithoutUdp,
}

impl Misuse {
    /// What the tool ends with: 255 for what the option parser says itself.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Try { .. } | Self::Unknown { .. } | Self::NoValue { .. } | Self::NotNumeric { .. } => {
                Status(255)
            }
            _ => Status(2),
        }
    }
}
