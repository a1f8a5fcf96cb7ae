//! The server: accepts, reads requests under deadlines, hands out whole ones, sends replies (docs/spec/ipc.md §2.4, §2.6).
//!
//! One thread drives it. [`Server::poll`] never blocks but in `poll(2)`, and [`Server::reply`] never blocks, so a handler may
//! keep a request until all workers have taken a snapshot over while others go on.
//!
//! Requests come out in this order: one that was complete before another's client connected comes before that other's, and
//! those that are found complete in one turn come in the order in which they were accepted. A client that is slow holds up
//! nobody but itself.
//!
//! The guard of the socket is its file mode. The uid of `SO_PEERCRED` is not looked at: the wrapper we have for it cannot hold
//! the process id 0, which is what a peer in a sibling container has.

mod listener;
mod peer;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec};

pub use listener::BindError;
use listener::{Accepted, Listener};
use peer::{Peer, Step};

use crate::body::to_vec;
use crate::frame::MAX_REPLY_BODY;
use crate::id::Size;
use crate::{Body, Call, Code, Id, Kind, Malformed};

/// How a server listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Mode of the socket's file: who can connect is root on the data plane.
    pub mode: u32,
    /// How long a client may take for its request, and how long it may leave its reply untouched.
    pub patience: Duration,
    /// Open connections; beyond, the oldest one that has not sent its request goes first.
    pub connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { mode: 0o600, patience: Duration::from_secs(5), connections: 1024 }
    }
}

/// Names a connection; never used again. The default is the first, for tests without a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(u64);

/// A request whose length fits its id. Each must get its reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Where the reply goes.
    pub token: Token,
    /// What it is about.
    pub id: Id,
    /// Its body.
    pub body: Vec<u8>,
}

impl Request {
    /// The body of a call.
    ///
    /// # Errors
    /// What is wrong with it; the reply is `Reply::from` that.
    pub fn read<C: Call>(&self) -> Result<C::Request, Malformed> {
        debug_assert_eq!(self.id, C::ID);
        C::Request::decode(&self.body)
    }
}

/// What a request comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done, with a body or an empty one.
    Done(Vec<u8>),
    /// Refused.
    Refused(Code),
}

impl Reply {
    /// The answer of a call.
    #[must_use]
    pub fn to<C: Call>(reply: &C::Reply) -> Self {
        Self::Done(to_vec(reply))
    }

    /// Done; nothing to tell.
    #[must_use]
    pub fn done() -> Self {
        Self::Done(Vec::new())
    }

    /// Code and body as they may leave: a code is 0 or one that all clients know, for some panic on others (§2.5), and a
    /// body is short enough for them.
    fn into_parts(self) -> (Code, Vec<u8>) {
        match self {
            Self::Done(body) if body.len() as u64 > MAX_REPLY_BODY => (Code::NoMemory, Vec::new()),
            Self::Done(body) => (Code::Ok, body),
            Self::Refused(Code::Other(_)) => (Code::Invalid, Vec::new()),
            Self::Refused(code) if code.as_i32() > 0 => (Code::Ok, Vec::new()),
            Self::Refused(code) => (code, Vec::new()),
        }
    }
}

impl From<Malformed> for Reply {
    fn from(_: Malformed) -> Self {
        Self::Refused(Code::Invalid)
    }
}

/// A client that got no further than the server, for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another protocol version. It gets no answer.
    #[error("request of protocol version {0:#x}")]
    Version(u32),
    /// An id that is none, or of the other kind.
    #[error("request with unknown id {number} and type {kind}")]
    Unknown {
        /// Its number.
        number: u32,
        /// Its type.
        kind: u32,
    },
    /// A body that announces more than is read.
    #[error("request with id {number} announces {len} bytes")]
    TooLong {
        /// Its number.
        number: u32,
        /// What it announces.
        len: u64,
    },
    /// A body whose length does not fit.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A client that was too slow, with its request or with its reply.
    #[error("client too slow, connection closed")]
    Late,
    /// A silent client that made room for another.
    #[error("too many connections, the oldest silent one closed")]
    Crowded,
}

/// What a turn brought.
#[derive(Debug, Default)]
pub struct Turn {
    /// Whole requests, in order.
    pub requests: Vec<Request>,
    /// Clients sent away.
    pub refused: Vec<Refusal>,
}

/// Ends a [`Server::poll`] early, from any thread.
#[derive(Clone, Debug)]
pub struct Waker(Arc<OwnedFd>);

impl Waker {
    /// The server's thread returns from its wait, or will not begin it.
    pub fn wake(&self) {
        // Fails only when the counter is full, and then a wake-up is waiting already.
        let _ = rustix::io::write(&*self.0, &1_u64.to_ne_bytes());
    }
}

/// The control socket.
#[derive(Debug)]
pub struct Server {
    listener: Listener,
    options: Options,
    wake: Arc<OwnedFd>,
    peers: BTreeMap<Token, Peer>,
    next: u64,
    /// The system had no descriptor left: do not look at the listener for a turn, or the wait would not be one.
    deaf: bool,
}

impl Server {
    /// Listens at `path`. A socket that lies there is removed, anything else is not.
    ///
    /// # Errors
    /// See [`BindError`].
    pub fn bind(path: impl Into<PathBuf>, options: Options) -> Result<Self, BindError> {
        let path = path.into();
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        let wake = rustix::event::eventfd(0, flags).map_err(|error| BindError::Io {
            step: "eventfd",
            path: path.clone(),
            source: error.into(),
        })?;
        let listener = Listener::bind(path, options.mode)?;
        Ok(Self { listener, options, wake: Arc::new(wake), peers: BTreeMap::new(), next: 0, deaf: false })
    }

    /// Where it listens.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.listener.path()
    }

    /// For threads that have a reply to send.
    #[must_use]
    pub fn waker(&self) -> Waker {
        Waker(self.wake.clone())
    }

    /// Open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.peers.len()
    }

    /// Waits at most `wait` for something to happen, then accepts, reads and writes what can be without waiting. `clock` is
    /// read after the wait: `server.poll(Instant::now, wait)`.
    ///
    /// # Errors
    /// `poll(2)` itself failed. What is wrong with a client is told in the [`Turn`].
    pub fn poll(&mut self, clock: impl Fn() -> Instant, wait: Duration) -> io::Result<Turn> {
        self.wait(clock(), wait)?;
        let now = clock();
        let mut turn = Turn::default();
        self.expire(now, &mut turn);
        self.accept(now, &mut turn);
        self.serve(now, &mut turn);
        Ok(turn)
    }

    /// Sends a reply, or as much as the client takes now; the rest follows in later turns. A client that is gone is no error.
    pub fn reply(&mut self, token: Token, reply: Reply, now: Instant) {
        let Some(peer) = self.peers.get_mut(&token) else { return };
        let (code, body) = reply.into_parts();
        peer.answer(code, body, now + self.options.patience);
        if peer.write(now + self.options.patience) == Step::Over {
            self.peers.remove(&token);
        }
    }

    /// Sleeps until a client, a waker, a deadline or the end of `wait`.
    fn wait(&mut self, now: Instant, wait: Duration) -> io::Result<()> {
        let deadline = self.peers.values().filter_map(Peer::deadline).min();
        let wait = deadline.map_or(wait, |at| wait.min(at.saturating_duration_since(now)));
        let mut fds = vec![PollFd::new(&*self.wake, PollFlags::IN)];
        if !std::mem::take(&mut self.deaf) && self.has_room() {
            fds.push(PollFd::new(&self.listener, PollFlags::IN));
        }
        // Those that wait for us are left out: of a client that hung up, `poll` would tell for ever.
        fds.extend(
            self.peers
                .values()
                .filter_map(|p| p.interest().map(|flags| PollFd::from_borrowed_fd(p.as_fd(), flags))),
        );
        let timeout = Timespec::try_from(wait).ok();
        match rustix::event::poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        // Empty if nobody woke us.
        let _ = rustix::io::read(&*self.wake, &mut [0; 8]);
        Ok(())
    }

    fn expire(&mut self, now: Instant, turn: &mut Turn) {
        self.peers.retain(|_, peer| {
            let late = peer.deadline().is_some_and(|at| at <= now);
            if late {
                turn.refused.push(Refusal::Late);
            }
            !late
        });
    }

    /// There is a place, or one that can be made.
    fn has_room(&self) -> bool {
        self.peers.len() < self.options.connections || self.oldest_silent().is_some()
    }

    fn oldest_silent(&self) -> Option<Token> {
        self.peers.iter().find(|(_, peer)| peer.is_silent()).map(|(token, _)| *token)
    }

    /// Closes the oldest connection that has not sent its request.
    fn make_room(&mut self, turn: &mut Turn) {
        if let Some(token) = self.oldest_silent() {
            self.peers.remove(&token);
            turn.refused.push(Refusal::Crowded);
        }
    }

    fn accept(&mut self, now: Instant, turn: &mut Turn) {
        // Not more than there are places: a flood must not keep us from those who are in.
        for nth in 0..self.options.connections {
            if nth == 0 && self.peers.len() >= self.options.connections {
                // Who sits there silent may have sent meanwhile.
                self.serve(now, turn);
            }
            if !self.has_room() {
                return;
            }
            match self.listener.accept() {
                Accepted::One(fd) => {
                    if self.peers.len() >= self.options.connections {
                        self.make_room(turn);
                    }
                    self.peers.insert(Token(self.next), Peer::new(fd, now + self.options.patience));
                    self.next += 1;
                }
                Accepted::Nobody => return,
                Accepted::NoDescriptors => {
                    self.deaf = true;
                    self.make_room(turn);
                    return;
                }
            }
        }
    }

    /// Looks at every connection, not only at those that `poll` named: one may have become complete since, and must not be
    /// overtaken by one that came later.
    fn serve(&mut self, now: Instant, turn: &mut Turn) {
        let patience = now + self.options.patience;
        self.peers.retain(|&token, peer| {
            let (code, refusal) = match peer.read() {
                Step::Over => return false,
                Step::Later => return peer.write(patience) != Step::Over,
                Step::Request { number, kind, body } => match admit(number, kind, &body) {
                    Ok(id) => {
                        turn.requests.push(Request { token, id, body });
                        return true;
                    }
                    Err((code, refusal)) => (Some(code), refusal),
                },
                Step::Refuse { refusal, code } => (code, Some(refusal)),
            };
            turn.refused.extend(refusal);
            code.is_some_and(|code| {
                peer.answer(code, Vec::new(), patience);
                peer.write(patience) != Step::Over
            })
        });
    }
}

/// What can be said of a request without knowing what it is about.
fn admit(number: u32, kind: u32, body: &[u8]) -> Result<Id, (Code, Option<Refusal>)> {
    let known = Kind::from_number("type", kind).ok();
    let id = Id::of_request(number, known).map_err(|code| (code, Some(Refusal::Unknown { number, kind })))?;
    if let Size::Reserved(code) = id.size() {
        return Err((code, None));
    }
    id.check(body).map_err(|error| (Code::Invalid, Some(error.into())))?;
    Ok(id)
}
