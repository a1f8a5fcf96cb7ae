//! One connection: reads a header, reads a body, waits for the handler, writes the reply. Never blocks, and allocates what
//! has arrived, not what is announced.

use std::io::IoSlice;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags};
use zerocopy::{FromZeros, IntoBytes};

use super::Refusal;
use crate::Code;
use crate::frame::{MAX_REQUEST_BODY, REPLY_HEADER, REQUEST_HEADER, ReplyHeader, RequestHeader, VERSION};

/// Read at once.
const STEP: usize = 64 << 10;

/// What came of a look at a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing more can be done now.
    Later,
    /// A whole request.
    Request { number: u32, kind: u32, body: Vec<u8> },
    /// To be sent away, with a code or silently.
    Refuse { refusal: Refusal, code: Option<Code> },
    /// Close it.
    Over,
}

#[derive(Debug)]
enum Phase {
    Header {
        bytes: [u8; REQUEST_HEADER],
        have: usize,
    },
    Body {
        need: usize,
        body: Vec<u8>,
    },
    /// The handler has it.
    Handler,
    Reply {
        header: [u8; REPLY_HEADER],
        body: Vec<u8>,
        sent: usize,
    },
}

#[derive(Debug)]
pub(super) struct Peer {
    fd: OwnedFd,
    phase: Phase,
    request: RequestHeader,
    deadline: Instant,
}

impl Peer {
    pub(super) fn new(fd: OwnedFd, deadline: Instant) -> Self {
        let phase = Phase::Header { bytes: [0; REQUEST_HEADER], have: 0 };
        Self { fd, phase, request: RequestHeader::new_zeroed(), deadline }
    }

    /// When its patience ends; none while it waits for us.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if matches!(self.phase, Phase::Handler) { None } else { Some(self.deadline) }
    }

    /// Has not sent its request.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self.phase, Phase::Header { .. } | Phase::Body { .. })
    }

    /// What to wait for.
    pub(super) fn interest(&self) -> Option<PollFlags> {
        match self.phase {
            Phase::Header { .. } | Phase::Body { .. } => Some(PollFlags::IN),
            Phase::Handler => None,
            Phase::Reply { .. } => Some(PollFlags::OUT),
        }
    }

    /// Reads as far as the request goes. One deadline holds for all of it, so dripping does not help.
    pub(super) fn read(&mut self) -> Step {
        loop {
            match &mut self.phase {
                Phase::Header { bytes, have } => {
                    match receive(&self.fd, &mut bytes[*have..]) {
                        Ok(0) => return Step::Over,
                        Ok(n) => *have += n,
                        Err(Errno::AGAIN) => return Step::Later,
                        Err(_) => return Step::Over,
                    }
                    if *have == REQUEST_HEADER {
                        self.request = zerocopy::transmute!(*bytes);
                        match self.body_length() {
                            Ok(need) => self.phase = Phase::Body { need, body: Vec::new() },
                            Err(step) => return step,
                        }
                    }
                }
                Phase::Body { need, body } if body.len() == *need => {
                    let body = std::mem::take(body);
                    self.phase = Phase::Handler;
                    return Step::Request {
                        number: self.request.id.get(),
                        kind: self.request.type_.get(),
                        body,
                    };
                }
                Phase::Body { need, body } => {
                    let old = body.len();
                    body.resize(old + STEP.min(*need - old), 0);
                    let got = receive(&self.fd, &mut body[old..]);
                    body.truncate(old + got.unwrap_or(0));
                    match got {
                        Ok(1..) => {}
                        Err(Errno::AGAIN) => return Step::Later,
                        Ok(0) | Err(_) => return Step::Over,
                    }
                }
                Phase::Handler | Phase::Reply { .. } => return Step::Later,
            }
        }
    }

    /// How much belongs to the header that has come.
    fn body_length(&self) -> Result<usize, Step> {
        let (version, number, len) =
            (self.request.version.get(), self.request.id.get(), self.request.len.get());
        if version != VERSION {
            return Err(Step::Refuse { refusal: Refusal::Version(version), code: None });
        }
        let fits = usize::try_from(len).ok().filter(|_| len <= MAX_REQUEST_BODY);
        let refusal = Refusal::TooLong { number, len };
        fits.ok_or(Step::Refuse { refusal, code: Some(Code::Invalid) })
    }

    /// Takes the reply.
    pub(super) fn answer(&mut self, code: Code, body: Vec<u8>, deadline: Instant) {
        let header = ReplyHeader::answer(&self.request, code, body.len());
        let mut bytes = [0; REPLY_HEADER];
        bytes.copy_from_slice(header.as_bytes());
        self.phase = Phase::Reply { header: bytes, body, sent: 0 };
        self.deadline = deadline;
    }

    /// Writes as much as the client takes, header and body in one call (§7.4: some readers need it whole). Each progress
    /// gives it until `deadline` for the next.
    pub(super) fn write(&mut self, deadline: Instant) -> Step {
        let Phase::Reply { header, body, sent } = &mut self.phase else { return Step::Later };
        while *sent < header.len() + body.len() {
            let parts = [
                IoSlice::new(&header[(*sent).min(REPLY_HEADER)..]),
                IoSlice::new(&body[sent.saturating_sub(REPLY_HEADER)..]),
            ];
            match rustix::net::sendmsg(
                &self.fd,
                &parts,
                &mut SendAncillaryBuffer::default(),
                SendFlags::NOSIGNAL,
            ) {
                Ok(n) => {
                    *sent += n;
                    self.deadline = deadline;
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Step::Later,
                Err(_) => return Step::Over,
            }
        }
        Step::Over
    }
}

impl AsFd for Peer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn receive(fd: &OwnedFd, buffer: &mut [u8]) -> Result<usize, Errno> {
    loop {
        match rustix::net::recv(fd, &mut *buffer, RecvFlags::empty()) {
            Ok((n, _)) => return Ok(n),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}
