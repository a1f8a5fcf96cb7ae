//! The client: one connection, one request, one reply (docs/spec/ipc.md §2). Blocking, with deadlines: upstream's clients wait
//! for ever, and so would we on a daemon that hangs.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SendFlags, SocketAddrUnix, SocketFlags, SocketType};

use crate::call::ConnAll;
use crate::conn::{Conn, ConnQuery, ConnQueryFlags};
use crate::frame::{self, MAX_REPLY_BODY, REPLY_HEADER};
use crate::{Body, Call, Code, Malformed};

/// Where a daemon listens unless told otherwise.
pub const DEFAULT_PATH: &str = "/var/run/dpvs.ipc";
/// Names another path.
pub const PATH_VARIABLE: &str = "DPVS_IPC_FILE";
/// The longest path of a socket, without its NUL.
pub const LONGEST_PATH: usize = 107;

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The path cannot be a socket's. Upstream cuts it silently, and then finds nothing or another daemon.
    #[error("{}: {} bytes are too long for a socket's path, give at most {LONGEST_PATH}", path.display(), path.as_os_str().len())]
    PathTooLong {
        /// The path.
        path: PathBuf,
    },
    /// Nobody answers at this path.
    #[error("{}: {source}; is dpvs running, and {PATH_VARIABLE} right?", path.display())]
    Unreachable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The connection broke, or the daemon was silent for too long.
    #[error("connection to dpvs: {0}")]
    Transport(#[source] io::Error),
    /// The daemon closed without a word, as upstream does on ids that it does not know.
    #[error("dpvs closed the connection without an answer; it may not know this request")]
    NoAnswer,
    /// The daemon refused.
    #[error("{text}")]
    Daemon {
        /// Code.
        code: Code,
        /// The text that came with it.
        text: String,
    },
    /// The answer makes no sense.
    #[error("answer of dpvs: {0}")]
    Malformed(#[from] Malformed),
}

impl ClientError {
    /// The code, if the daemon gave one.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Daemon { code, .. } => Some(*code),
            _ => None,
        }
    }
}

/// How long a client waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// Between two bytes that the daemon takes or gives.
    pub silence: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), silence: Duration::from_secs(5) }
    }
}

/// A daemon, as seen from a tool. Connects anew for each request.
#[derive(Clone, Debug)]
pub struct Client {
    path: PathBuf,
    timeouts: Timeouts,
}

impl Client {
    /// The daemon at `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), timeouts: Timeouts::default() }
    }

    /// The daemon that [`PATH_VARIABLE`] names, else the one at [`DEFAULT_PATH`].
    #[must_use]
    pub fn from_env() -> Self {
        Self::new(
            std::env::var_os(PATH_VARIABLE).filter(|p| !p.is_empty()).unwrap_or_else(|| DEFAULT_PATH.into()),
        )
    }

    /// With other timeouts; a daemon with many connections may take long for a page.
    #[must_use]
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// Where the daemon is looked for.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sends a request and waits for its answer: `client.call::<call::ServiceAdd>(&service)`.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call<C: Call>(&self, request: &C::Request) -> Result<C::Reply, ClientError> {
        Ok(C::Reply::decode(&self.exchange(&frame::request(C::ID, request))?)?)
    }

    /// Lists connections, a page at a time; `flags` are ALL, or ALL and TEMPLATE. The iterator ends after the last page or the
    /// first error.
    pub fn connections(
        &self,
        flags: ConnQueryFlags,
    ) -> impl Iterator<Item = Result<Vec<Conn>, ClientError>> + '_ {
        let mut next = Some(ConnQuery { flags, ..ConnQuery::default() });
        std::iter::from_fn(move || {
            let query = next.take()?;
            let page = self.call::<ConnAll>(&query);
            next = page.as_ref().ok().filter(|p| p.has_more()).map(|p| query.next(p.cursor));
            Some(page.map(|p| p.rows))
        })
    }

    /// Sends a whole message, and returns the body of the answer.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn exchange(&self, message: &[u8]) -> Result<Vec<u8>, ClientError> {
        let mut stream = self.connect()?;
        let sent = self.send(&stream, message);
        // A daemon that refuses a long body answers without reading it: what it says counts more than the broken pipe.
        match (self.receive(&mut stream), sent) {
            (Err(ClientError::NoAnswer | ClientError::Transport(_)), Err(error)) => {
                Err(ClientError::Transport(error))
            }
            (received, _) => received,
        }
    }

    fn connect(&self) -> Result<UnixStream, ClientError> {
        if self.path.as_os_str().len() > LONGEST_PATH {
            return Err(ClientError::PathTooLong { path: self.path.clone() });
        }
        self.open().map_err(|source| ClientError::Unreachable { path: self.path.clone(), source })
    }

    fn open(&self) -> io::Result<UnixStream> {
        let flags = SocketFlags::CLOEXEC;
        let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        // On a UNIX socket this bounds the wait for room in the listener's backlog, too.
        set_socket_timeout(&socket, Timeout::Send, Some(self.timeouts.connect))?;
        rustix::net::connect(&socket, &SocketAddrUnix::new(&self.path)?)?;
        set_socket_timeout(&socket, Timeout::Send, Some(self.timeouts.silence))?;
        set_socket_timeout(&socket, Timeout::Recv, Some(self.timeouts.silence))?;
        Ok(socket.into())
    }

    fn send(&self, stream: &UnixStream, message: &[u8]) -> io::Result<()> {
        let mut rest = message;
        while !rest.is_empty() {
            match rustix::net::send(stream, rest, SendFlags::NOSIGNAL) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => rest = &rest[n..],
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(silence(error.into())),
            }
        }
        Ok(())
    }

    fn receive(&self, stream: &mut UnixStream) -> Result<Vec<u8>, ClientError> {
        let mut header = [0; REPLY_HEADER];
        match self.fill(stream, &mut header)? {
            0 => return Err(ClientError::NoAnswer),
            n => whole(n, REPLY_HEADER)?,
        }
        let header = frame::reply_header(&header)?;
        let (code, text) = header.error();
        if code != Code::Ok {
            return Err(ClientError::Daemon { code, text });
        }
        let value = header.len.get();
        let length = usize::try_from(value).ok().filter(|_| value <= MAX_REPLY_BODY);
        let wrong = Malformed::Value {
            field: "len",
            value: i64::try_from(value).unwrap_or(i64::MAX),
            expected: "below 4 GiB",
        };
        self.read_body(stream, length.ok_or(wrong)?)
    }

    /// Grows with what arrives, not with what is promised.
    fn read_body(&self, stream: &mut UnixStream, length: usize) -> Result<Vec<u8>, ClientError> {
        const STEP: usize = 1 << 20;
        let mut body = Vec::new();
        while body.len() < length {
            let (old, step) = (body.len(), STEP.min(length - body.len()));
            body.resize(old + step, 0);
            let got = self.fill(stream, &mut body[old..])?;
            whole(old + got, old + step)?;
        }
        Ok(body)
    }

    /// Reads until `buffer` is full or the daemon has closed.
    fn fill(&self, stream: &mut UnixStream, buffer: &mut [u8]) -> Result<usize, ClientError> {
        // Each read is bounded by the socket's timeout; this bounds a daemon that drips.
        let started = Instant::now();
        let most = self.timeouts.silence.saturating_mul(12);
        let mut filled = 0;
        while filled < buffer.len() {
            if started.elapsed() > most {
                return Err(ClientError::Transport(io::ErrorKind::TimedOut.into()));
            }
            match stream.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // It closed with a part of our request unread.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => break,
                Err(error) => return Err(ClientError::Transport(silence(error))),
            }
        }
        Ok(filled)
    }
}

/// A timeout of the socket reads as "would block"; say what it is.
fn silence(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}

fn whole(have: usize, need: usize) -> Result<(), ClientError> {
    if have == need { Ok(()) } else { Err(ClientError::Transport(io::ErrorKind::UnexpectedEof.into())) }
}
