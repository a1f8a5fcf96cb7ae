//! A tool's streams and its daemon (docs/spec/cli.md §1.2).

use std::fmt;
use std::io::{self, BufWriter, Write};

use sockopt::frame::REPLY_HEADER;
use sockopt::{Call, Client, ClientError, Code, Id, Kind, Malformed};

/// Why a request did not succeed. The line of §1.2 is out already; the tool adds its own summary and its status.
#[derive(Debug)]
pub enum Trouble {
    /// The daemon said no.
    Refused(Code),
    /// No daemon is there; the text is the system's.
    Unreachable(String),
    /// It broke off, or said what makes no sense.
    Broken,
}

/// A tool's streams and its daemon.
pub struct Session<'a> {
    out: BufWriter<&'a mut dyn Write>,
    err: &'a mut dyn Write,
    client: Client,
}

impl<'a> Session<'a> {
    /// A session whose answers go to `out` and whose complaints go to `err`.
    pub fn new(out: &'a mut dyn Write, err: &'a mut dyn Write, client: Client) -> Self {
        Self { out: BufWriter::new(out), err, client }
    }

    /// Where answers are written.
    pub fn out(&mut self) -> &mut impl Write {
        &mut self.out
    }

    /// Writes out what was held back.
    ///
    /// # Errors
    /// The stream's.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// A line on standard error, after everything that was answered before.
    pub fn complain(&mut self, line: impl fmt::Display) {
        // What cannot be written now fails again at the end, and a complaint that nobody can hear is lost in any case.
        let _ = self.out.flush();
        let _ = writeln!(self.err, "{line}");
    }

    /// Asks the daemon.
    ///
    /// # Errors
    /// See [`Trouble`]; the failure has been told.
    pub fn call<C: Call>(&mut self, request: &C::Request) -> Result<C::Reply, Trouble> {
        self.client.call::<C>(request).map_err(|error| self.report(C::ID, error))
    }

    /// The daemon, for requests that are more than one call; failures go to [`Self::report`].
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Tells a failure as §1.2 wants it.
    pub fn report(&mut self, id: Id, error: ClientError) -> Trouble {
        let call = if id.kind() == Kind::Get { "dpvs_getsockopt" } else { "dpvs_setsockopt" };
        match error {
            ClientError::Daemon { code, text } => {
                let (id, code_number) = (id.number(), code.as_i32());
                self.complain(format_args!(
                    "[sockopt_msg_recv] errcode set in socket msg#{id} header: {text}({code_number})"
                ));
                Trouble::Refused(code)
            }
            ClientError::Unreachable { source, .. } => self.unreachable(call, &system_text(&source)),
            ClientError::PathTooLong { .. } => self.unreachable(call, &error.to_string()),
            ClientError::NoAnswer => {
                self.broken(format_args!("socket msg header recv error -- 0/{REPLY_HEADER} recieved"))
            }
            ClientError::Transport(source) => {
                self.broken(format_args!("socket msg body recv error -- {}", system_text(&source)))
            }
            ClientError::Malformed(Malformed::Value { field: "version", .. }) => {
                self.broken("socket msg version not match")
            }
            ClientError::Malformed(wrong) => self.broken(wrong),
        }
    }

    /// The word `scoket` is what scripts may look for.
    fn unreachable(&mut self, call: &str, text: &str) -> Trouble {
        self.complain(format_args!("[{call}] scoket msg connection error: {text}"));
        Trouble::Unreachable(text.to_owned())
    }

    fn broken(&mut self, what: impl fmt::Display) -> Trouble {
        self.complain(format_args!("[sockopt_msg_recv] {what}"));
        Trouble::Broken
    }
}

/// What the system says, as C programs print it: without the number that Rust adds.
fn system_text(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
