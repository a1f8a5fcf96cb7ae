//! The command line (docs/spec/netstack.md §1.1): the program's own options, then `--`, then EAL's.

use std::ffi::OsString;
use std::path::PathBuf;

/// The configuration file where none is named.
const CONF: &str = "/etc/dpvs.conf";
/// The pid file where none is named.
const PID_FILE: &str = "/var/run/dpvs.pid";
/// The control socket where none is named.
const IPC_FILE: &str = "/var/run/dpvs.ipc";

/// What the user wants.
#[derive(Debug, PartialEq, Eq)]
pub enum Wish {
    /// The version.
    Version,
    /// The usage.
    Help,
    /// A verdict on the configuration file.
    Check(Files),
    /// The daemon, with these words for EAL.
    Run(Files, Vec<String>),
}

/// The files that the daemon works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// Configuration.
    pub conf: PathBuf,
    /// Whose lock says that a daemon runs.
    pub pid: PathBuf,
    /// The control socket.
    pub ipc: PathBuf,
}

/// What is wrong with a command line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// An option nobody knows.
    #[error("unknown option {0}")]
    Unknown(String),
    /// An option without the value it needs.
    #[error("option {0} needs a file name")]
    NoValue(String),
    /// An option that takes no value.
    #[error("option {0} takes no value")]
    NeedlessValue(String),
    /// A word that is no option.
    #[error("unexpected word {0}; words for EAL go behind --")]
    Word(String),
    /// EAL takes text only.
    #[error("not UTF-8: {0}")]
    NotText(String),
}

/// What `dpvs -h` prints.
#[must_use]
pub fn usage() -> String {
    format!(
        "Usage: dpvs [OPTION]... [-- EAL-OPTION...]\n\
         \n\
         \x20 -c, --conf FILE      configuration file (default {CONF})\n\
         \x20 -p, --pid-file FILE  pid file (default {PID_FILE})\n\
         \x20 -x, --ipc-file FILE  socket of the control tools (default {IPC_FILE})\n\
         \x20     --check          say what is wrong with the configuration file, and exit\n\
         \x20 -v, --version        print the version, and exit\n\
         \x20 -h, --help           print this, and exit\n\
         \n\
         Everything behind -- goes to DPDK's EAL, for example:\n\
         \x20 dpvs -c dpvs.conf -- -l 0-3 -a 0000:01:00.0\n\
         \x20 dpvs -c dpvs.conf -- --lcores 0@0,1@1 --no-pci --vdev net_af_packet0,iface=eth1\n"
    )
}

/// Reads a command line, less the program's name.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Wish, Misuse> {
    let mut words = args
        .into_iter()
        .map(|word| word.into_string().map_err(|word| Misuse::NotText(word.to_string_lossy().into_owned())));
    let mut files = Files { conf: CONF.into(), pid: PID_FILE.into(), ipc: IPC_FILE.into() };
    let mut check = false;
    while let Some(word) = words.next() {
        let word = word?;
        if word == "--" {
            let eal = words.collect::<Result<_, _>>()?;
            return Ok(if check { Wish::Check(files) } else { Wish::Run(files, eal) });
        }
        let Option { name, value } = Option::of(&word)?;
        let file = match name {
            "-c" | "--conf" => &mut files.conf,
            "-p" | "--pid-file" => &mut files.pid,
            "-x" | "--ipc-file" => &mut files.ipc,
            "-v" | "--version" | "-h" | "--help" | "--check" if value.is_some() => {
                return Err(Misuse::NeedlessValue(name.to_owned()));
            }
            "-v" | "--version" => return Ok(Wish::Version),
            "-h" | "--help" => return Ok(Wish::Help),
            "--check" => {
                check = true;
                continue;
            }
            _ => return Err(Misuse::Unknown(word)),
        };
        *file = match value {
            Some(value) => value.into(),
            None => words.next().ok_or(Misuse::NoValue(word))??.into(),
        };
    }
    Ok(if check { Wish::Check(files) } else { Wish::Run(files, Vec::new()) })
}

/// `-c FILE`, `-cFILE`, `--conf FILE` and `--conf=FILE`.
struct Option<'a> {
    name: &'a str,
    value: std::option::Option<&'a str>,
}

impl<'a> Option<'a> {
    fn of(word: &'a str) -> Result<Self, Misuse> {
        if word.starts_with("--") {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            return Ok(Self { name, value });
        }
        if !word.starts_with('-') || word.len() < 2 {
            return Err(Misuse::Word(word.to_owned()));
        }
        let (name, value) = match word.char_indices().nth(2) {
            Some((at, _)) => word.split_at(at),
            None => (word, ""),
        };
        Ok(Self { name, value: Some(value).filter(|value| !value.is_empty()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(line: &str) -> Result<Wish, Misuse> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn files(conf: &str, pid: &str, ipc: &str) -> Files {
        Files { conf: conf.into(), pid: pid.into(), ipc: ipc.into() }
    }

    #[test]
    fn the_tutorials_line() {
        let line = "-c /dpvs/dpvs.conf -p /dpvs/dpvs.pid -x /dpvs/dpvs.ipc -- -a 0000:01:00.1 -h";
        let eal = ["-a", "0000:01:00.1", "-h"].map(String::from).to_vec();
        let expected = Wish::Run(files("/dpvs/dpvs.conf", "/dpvs/dpvs.pid", "/dpvs/dpvs.ipc"), eal);
        assert_eq!(wish(line), Ok(expected));
    }

    #[test]
    fn every_way_to_give_a_value() {
        for line in ["-c a", "-ca", "--conf a", "--conf=a"] {
            assert_eq!(wish(line), Ok(Wish::Run(files("a", PID_FILE, IPC_FILE), vec![])), "{line}");
        }
        assert_eq!(wish("--check -c a"), Ok(Wish::Check(files("a", PID_FILE, IPC_FILE))));
        assert_eq!((wish("-v"), wish("-c a --help")), (Ok(Wish::Version), Ok(Wish::Help)));
    }

    #[test]
    fn mistakes_name_the_word() {
        for (line, says) in [
            ("-c", "option -c needs a file name"),
            ("--frob", "unknown option --frob"),
            ("-z", "unknown option -z"),
            ("frob", "unexpected word frob; words for EAL go behind --"),
            ("-v9", "option -v takes no value"),
        ] {
            assert_eq!(wish(line).expect_err(line).to_string(), says);
        }
    }
}
