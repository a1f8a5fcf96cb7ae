//! A daemon for tests: a socket of its own, answers as the test says, and a record of what was asked.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sockopt::server::{Options, Waker};
use sockopt::{Client, Id, Reply, Request, Server};

use crate::Status;

/// What a tool said, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit status.
    pub status: u8,
}

/// Runs `tool` with the words of `line`, blanks between them.
///
/// # Panics
/// The tool wrote something that is no text.
pub fn run(line: &str, tool: impl FnOnce(Vec<OsString>, &mut dyn Write, &mut dyn Write) -> Status) -> Ran {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = tool(line.split_whitespace().map(OsString::from).collect(), &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ran { stdout: text(out), stderr: text(err), status: status.0 }
}

/// A client of a socket that is not there.
#[must_use]
pub fn nobody() -> Client {
    Client::new(path().with_file_name("nobody").join("dpvs.ipc"))
}

/// The daemon; ends when dropped.
#[derive(Debug)]
pub struct FakeDaemon {
    path: PathBuf,
    waker: Waker,
    over: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeDaemon {
    /// Answers each request with `answer`.
    ///
    /// # Panics
    /// There is no place for a socket.
    #[must_use]
    pub fn start(mut answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let path = path();
        let mut server = Server::bind(&path, Options::default()).expect("a socket in the temporary folder");
        let (waker, over, asked) = (server.waker(), Arc::new(AtomicBool::new(false)), Arc::default());
        let (stop, record): (_, Arc<Mutex<Vec<Request>>>) = (Arc::clone(&over), Arc::clone(&asked));
        let thread = std::thread::spawn(move || {
            while !stop.load(Ordering::Acquire) {
                let turn = server.poll(Instant::now, Duration::from_secs(60)).expect("poll");
                for request in turn.requests {
                    let reply = answer(&request);
                    let token = request.token;
                    record.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                    server.reply(token, reply, Instant::now());
                }
            }
        });
        Self { path, waker, over, asked, thread: Some(thread) }
    }

    /// Accepts every change, and answers every question with what `answers` has for it, in that order; the last one for an id
    /// stays. A question without an answer gets "not support".
    #[must_use]
    pub fn canned(answers: impl IntoIterator<Item = (Id, Reply)>) -> Self {
        let mut answers: Vec<(Id, Reply)> = answers.into_iter().collect();
        Self::start(move |request| {
            let mut ours = answers.iter().enumerate().filter(|(_, (id, _))| *id == request.id);
            match (ours.next().map(|(at, _)| at), ours.next()) {
                (Some(at), Some(_)) => answers.remove(at).1,
                (Some(at), None) => answers[at].1.clone(),
                (None, _) if request.id.kind() == sockopt::Kind::Set => Reply::done(),
                (None, _) => Reply::Refused(sockopt::Code::NotSupported),
            }
        })
    }

    /// A client of it.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.path)
    }

    /// What was asked since the last time.
    #[must_use]
    pub fn asked(&self) -> Vec<Request> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for FakeDaemon {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        self.waker.wake();
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "the fake daemon failed");
        }
    }
}

fn path() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("cli-{}-{}.ipc", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    std::env::temp_dir().join(name)
}
