//! Programs: run to their end within a limit, or started and stopped.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::error::LabError;
use crate::wait::{Probe, until};

/// No command of a lab may take longer, in seconds.
const LIMIT: &str = "120";
/// What a stopped program has for its orderly end.
const GRACE: Duration = Duration::from_secs(10);

/// What a program said and how it ended.
#[derive(Clone, Debug)]
pub struct Output {
    /// What was run.
    pub command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Output {
    /// Itself, if the status is 0.
    ///
    /// # Errors
    /// [`LabError::Failed`] with everything that was printed.
    pub fn ok(self) -> Result<Self, LabError> {
        if self.status.success() {
            return Ok(self);
        }
        let Self { command, status, stdout, stderr } = self;
        Err(LabError::Failed { command, status, stdout, stderr })
    }
}

/// Runs `argv` to its end, whatever its status.
pub(crate) fn run(argv: &[String]) -> Result<Output, LabError> {
    run_with(argv, &[], "")
}

/// The same, with more environment and a text to read.
pub(crate) fn run_with(argv: &[String], env: &[(&str, &Path)], stdin: &str) -> Result<Output, LabError> {
    let text = argv.join(" ");
    let start = |source| LabError::Start { command: text.clone(), source };
    // `timeout` puts the program in a process group of its own: Ctrl-C ends the test, not its clean-up.
    let mut command = Command::new("timeout");
    command.args(["--kill-after=2", LIMIT]).args(argv).envs(env.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(start)?;
    let mut pipe = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // A program that does not read its input to the end is none of our business: its status tells.
        scope.spawn(|| pipe.take().map(|mut pipe| pipe.write_all(stdin.as_bytes())));
        child.wait_with_output()
    })
    .map_err(start)?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (said(&output.stdout), said(&output.stderr));
    Ok(Output { command: text, status: output.status, stdout, stderr })
}

thread_local! {
    /// What ended programs said, for a test that fails by an error and so after it has dropped them.
    static LAST_WORDS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Takes what the programs said that this thread started and that have ended.
pub(crate) fn last_words() -> Vec<String> {
    LAST_WORDS.take()
}

/// The end of a log, which is where it says what went wrong.
fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}

/// A program that goes on until it is stopped or dropped, or until the thread ends that started it.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `argv`; what it says goes to the file `log`.
    pub(crate) fn spawn(name: &str, argv: &[String], log: PathBuf) -> Result<Self, LabError> {
        let out = File::create(&log).map_err(LabError::file(&log))?;
        let err = out.try_clone().map_err(LabError::file(&log))?;
        // Should this process be killed, nobody is left to stop a daemon that polls: the kernel does it.
        let mut command = Command::new("setpriv");
        let child = command
            .args(["--pdeathsig", "TERM"])
            .args(argv)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn();
        let child = child.map_err(|source| LabError::Start { command: argv.join(" "), source })?;
        Ok(Self { name: name.to_owned(), child, log })
    }

    /// Its number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it said so far, on either stream.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// [`LabError::Ended`] with what it said, if not.
    pub fn check(&mut self) -> Result<(), LabError> {
        match self.ended()? {
            None => Ok(()),
            Some(status) => Err(LabError::Ended { name: self.name.clone(), status, log: self.log() }),
        }
    }

    /// Asks it to end (SIGTERM) and waits.
    ///
    /// # Errors
    /// [`LabError::Failed`] if its status is not 0, [`LabError::Late`] if it goes on.
    pub fn stop(mut self) -> Result<(), LabError> {
        let status = self.terminate()?;
        if status.success() {
            return Ok(());
        }
        Err(LabError::Failed {
            command: self.name.clone(),
            status,
            stdout: self.log(),
            stderr: String::new(),
        })
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>, LabError> {
        self.child.try_wait().map_err(LabError::file(&self.log))
    }

    fn terminate(&mut self) -> Result<ExitStatus, LabError> {
        if let Some(status) = self.ended()? {
            return Ok(status);
        }
        // Not yet waited for, so the number is still this child's. The standard library can only kill.
        run(&["sh", "-c", "kill -TERM $0", &self.pid().to_string()].map(str::to_owned))?;
        until(&format!("{} ends on SIGTERM", self.name), GRACE, || {
            Ok(self.ended()?.map_or_else(|| Probe::NotYet(self.log()), Probe::Done))
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.terminate().is_err() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        let words = format!("--- {} said:\n{}", self.name, tail(&self.log()));
        if std::thread::panicking() {
            eprintln!("{words}");
        } else {
            LAST_WORDS.with_borrow_mut(|all| all.push(words));
        }
    }
}
