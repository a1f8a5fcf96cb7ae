//! Request and answer over UDP: what `udp-echo` and `udp-ask` do, and the tally that they agree on.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::str::FromStr;
use std::time::Duration;

/// What `udp-echo` prints when it listens.
pub const READY: &str = "ready";
/// An answer that takes longer is lost.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who answered how often. As text, a line `<name> <count>` each, and then `lost <count>` and `wrong <count>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Right answers by the name of who gave them.
    pub answers: BTreeMap<String, u32>,
    /// Requests without an answer in time.
    pub lost: u32,
    /// Answers that are not their request's.
    pub wrong: u32,
}

/// A text that is no [`Tally`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not lines of a name and a count that end with lost and wrong")]
pub struct NoTally;

impl Tally {
    /// All right answers.
    #[must_use]
    pub fn answered(&self) -> u32 {
        self.answers.values().sum()
    }
}

/// Answers `<name>: <payload>` to all that comes, for ever.
///
/// # Errors
/// The socket's.
pub fn echo(name: &str, socket: &UdpSocket) -> io::Result<()> {
    let prefix = format!("{name}: ").into_bytes();
    let mut room = vec![0; 65_536];
    loop {
        let (len, from) = match socket.recv_from(&mut room) {
            Ok(got) => got,
            // An answer found nobody: the next request may come from somebody else.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
            Err(error) => return Err(error),
        };
        let answer = [&prefix, &room[..len]].concat();
        // Who asked may be gone; it is for the asker to count what it misses.
        let _ = socket.send_to(&answer, from);
    }
}

/// Sends `count` requests to `target`, one after the other, each from a socket of its own.
///
/// # Errors
/// A socket's, other than that no answer came.
pub fn ask(target: SocketAddr, count: u32) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let any: SocketAddr = match target {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let mut room = vec![0; 65_536];
    // All sockets stay open, so that no source port comes twice: each request is a flow of its own.
    let mut sockets = Vec::new();
    for number in 0..count {
        let socket = UdpSocket::bind(any)?;
        socket.connect(target)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let request = format!("request {number} of {count} to {target}");
        let got = socket.send(request.as_bytes()).and_then(|_| socket.recv(&mut room));
        match got {
            Ok(len) => tally.count(&room[..len], &request),
            Err(error) if is_silence(&error) => tally.lost += 1,
            Err(error) => return Err(error),
        }
        sockets.push(socket);
    }
    Ok(tally)
}

fn is_silence(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | ConnectionRefused | HostUnreachable | NetworkUnreachable)
}

impl Tally {
    fn count(&mut self, answer: &[u8], request: &str) {
        let text = String::from_utf8_lossy(answer);
        match text.split_once(": ") {
            Some((name, payload)) if payload == request => {
                *self.answers.entry(name.to_owned()).or_default() += 1
            }
            _ => self.wrong += 1,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &self.answers {
            writeln!(f, "{name} {count}")?;
        }
        writeln!(f, "lost {}\nwrong {}", self.lost, self.wrong)
    }
}

impl FromStr for Tally {
    type Err = NoTally;

    fn from_str(text: &str) -> Result<Self, NoTally> {
        let line = |line: &str| {
            let (name, count) = line.split_once(' ')?;
            Some((name.to_owned(), count.parse().ok()?))
        };
        let mut rows = text.lines().map(line).collect::<Option<Vec<_>>>().ok_or(NoTally)?;
        let mut last = |expected: &str| match rows.pop() {
            Some((name, count)) if name == expected => Ok(count),
            _ => Err(NoTally),
        };
        let (wrong, lost) = (last("wrong")?, last("lost")?);
        Ok(Self { answers: rows.into_iter().collect(), lost, wrong })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_is_what_it_prints() {
        let mut tally = Tally { lost: 2, ..Tally::default() };
        for answer in ["b1: x", "b2: x", "b1: x", "b1: y", "x"] {
            tally.count(answer.as_bytes(), "x");
        }
        assert_eq!(tally.to_string(), "b1 2\nb2 1\nlost 2\nwrong 2\n");
        assert_eq!(tally.to_string().parse(), Ok(tally));
        for text in ["", "lost 0", "b1 2\nlost x\nwrong 0", "wrong 0\nlost 0"] {
            assert_eq!(text.parse::<Tally>(), Err(NoTally), "{text}");
        }
    }

    #[test]
    fn who_is_asked_on_loopback_answers() -> io::Result<()> {
        let server = UdpSocket::bind("127.0.0.1:0")?;
        let target = server.local_addr()?;
        std::thread::spawn(move || echo("me", &server));
        let tally = ask(target, 20)?;
        assert_eq!((tally.answered(), tally.lost, tally.wrong), (20, 0, 0));
        Ok(())
    }
}
