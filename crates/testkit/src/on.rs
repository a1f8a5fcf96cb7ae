//! One node of a lab, to run something on.

use std::fs;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::bins;
use crate::download::{self, Download};
use crate::error::LabError;
use crate::host::program_is_here;
use crate::lab::Lab;
use crate::ns::Namespace;
use crate::objects::Objects;
use crate::run::{Output, Process, run, run_with};
use crate::udp::{self, Tally};
use crate::wait::{Probe, until};
use crate::web::Web;

/// Log files have numbers, so that two programs of one name do not share one.
static NEXT: AtomicU32 = AtomicU32::new(0);
/// A server opens its socket within milliseconds; on a busy host, somewhat later.
const LISTENS: Duration = Duration::from_secs(20);

/// A node.
#[derive(Clone, Copy, Debug)]
pub struct On<'l> {
    lab: &'l Lab,
    node: &'l str,
    namespace: &'l Namespace,
}

impl<'l> On<'l> {
    pub(crate) fn new(lab: &'l Lab, node: &'l str, namespace: &'l Namespace) -> Self {
        Self { lab, node, namespace }
    }

    /// Runs a program to its end, whatever its status.
    ///
    /// # Errors
    /// [`LabError::Start`] if it cannot be started.
    pub fn run<S: AsRef<str>>(&self, argv: impl IntoIterator<Item = S>) -> Result<Output, LabError> {
        run(&self.namespace.command(argv))
    }

    /// The same, with a text to read.
    ///
    /// # Errors
    /// [`LabError::Start`] if it cannot be started.
    pub fn run_with_input<S: AsRef<str>>(
        &self,
        argv: impl IntoIterator<Item = S>,
        stdin: &str,
    ) -> Result<Output, LabError> {
        run_with(&self.namespace.command(argv), &[], stdin)
    }

    /// Starts a program that goes on until the value is stopped or dropped, or until this thread ends.
    ///
    /// # Errors
    /// [`LabError::Start`] if it cannot be started.
    pub fn spawn<S: AsRef<str>>(
        &self,
        name: &str,
        argv: impl IntoIterator<Item = S>,
    ) -> Result<Process, LabError> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let log = self.lab.dir().join(format!("{}-{name}-{number}.log", self.node));
        Process::spawn(&format!("{name} on {}", self.node), &self.namespace.command(argv), log)
    }

    /// What one `curl` of `url` prints, without blanks around it.
    ///
    /// # Errors
    /// No curl, or no answer within ten seconds, or an HTTP status that is an error.
    pub fn curl(&self, url: &str) -> Result<String, LabError> {
        program_is_here("curl", "curl")?;
        let argv = ["curl", "--silent", "--show-error", "--fail", "--max-time", "10", url];
        Ok(self.run(argv)?.ok()?.stdout.trim().to_owned())
    }

    /// Starts an nginx on port 80 that answers `/` with the node's name and everything else with `objects`.
    ///
    /// # Errors
    /// No nginx, or one that does not come up, with what it said.
    pub fn web(&self, objects: &Objects) -> Result<Web, LabError> {
        program_is_here("nginx", "nginx-light")?;
        Web::start(self, self.lab, self.node, objects)
    }

    /// Downloads all of `objects` from `base` by one `curl --parallel`, `at_once` at a time, each by a connection
    /// of its own, and compares each with its original.
    ///
    /// # Errors
    /// No curl. A failed download is no error: it is counted.
    pub fn download(&self, base: &str, objects: &Objects, at_once: u16) -> Result<Download, LabError> {
        program_is_here("curl", "curl")?;
        let into = self.lab.dir().join(format!("got-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir(&into).map_err(LabError::file(&into))?;
        let download = download::download(self, base, objects, &into, at_once);
        fs::remove_dir_all(&into).map_err(LabError::file(&into))?;
        download
    }

    /// Starts a `udp-echo` on `port` that answers `<node>: <payload>`.
    ///
    /// # Errors
    /// It has not been built, or does not come up.
    pub fn udp_echo(&self, port: u16) -> Result<Process, LabError> {
        let program = bins::find("udp-echo")?.display().to_string();
        let mut echo = self.spawn("udp-echo", [&program, self.node, &format!("0.0.0.0:{port}")])?;
        self.comes_up(&mut echo, |echo| Ok(echo.log().contains(udp::READY)))?;
        Ok(echo)
    }

    /// Sends `count` UDP requests to `target` (`address:port`), each from a socket of its own, and tells who answered.
    ///
    /// # Errors
    /// It has not been built, or printed what is no tally. A lost answer is no error: it is counted.
    pub fn udp_ask(&self, target: &str, count: u32) -> Result<Tally, LabError> {
        let program = bins::find("udp-ask")?.display().to_string();
        let said = self.run([&program, target, &count.to_string()])?;
        let unreadable = || LabError::Unreadable {
            command: said.command.clone(),
            expected: "a tally",
            text: said.stdout.clone(),
        };
        said.stdout.parse().map_err(|udp::NoTally| unreadable())
    }

    /// Waits until a program started here is ready.
    pub(crate) fn comes_up(
        &self,
        process: &mut Process,
        mut ready: impl FnMut(&Process) -> Result<bool, LabError>,
    ) -> Result<(), LabError> {
        until(&format!("a server on {} listens", self.node), LISTENS, || {
            process.check()?;
            Ok(if ready(process)? { Probe::Done(()) } else { Probe::NotYet(process.log()) })
        })
    }

    /// Packets that the node's kernel sent by `device`.
    ///
    /// # Errors
    /// There is no such device.
    pub fn sent_packets(&self, device: &str) -> Result<u64, LabError> {
        let path = format!("/sys/class/net/{device}/statistics/tx_packets");
        let said = self.run(["cat", &path])?.ok()?.stdout;
        let wrong = |_| LabError::File { path: path.into(), source: io::ErrorKind::InvalidData.into() };
        said.trim().parse().map_err(wrong)
    }
}
