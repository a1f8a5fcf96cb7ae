//! A running `dpvs` in the director's namespace.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::bins;
use crate::conf::Setup;
use crate::error::LabError;
use crate::lab::Lab;
use crate::ns::Namespace;
use crate::run::Process;
use crate::wait::{Probe, until};

/// Memory is cleared and ports are started within seconds; on a busy host, somewhat later.
const STARTS: Duration = Duration::from_secs(60);

/// The daemon. Dropping it ends it.
#[derive(Debug)]
pub struct Daemon {
    process: Process,
    _runtime: RuntimeFolder,
}

impl Daemon {
    pub(crate) fn start(lab: &Lab, director: &Namespace, setup: &Setup) -> Result<Self, LabError> {
        let argv = command(lab, setup)?;
        let (conf, socket) = (conf_file(lab), lab.socket());
        fs::write(&conf, setup.conf(lab.ports().len())).map_err(LabError::file(&conf))?;
        let runtime = RuntimeFolder::of(lab.name());
        let mut process = Process::spawn("dpvs", &director.command(&argv), lab.dir().join("dpvs.log"))?;
        until("dpvs answers on its socket", STARTS, || {
            process.check()?;
            if UnixStream::connect(&socket).is_err() {
                return Ok(Probe::NotYet(process.log()));
            }
            let said = lab.tool("dpip", "link show")?;
            Ok(if said.status.success() {
                Probe::Done(())
            } else {
                Probe::NotYet(said.stderr + &process.log())
            })
        })?;
        Ok(Self { process, _runtime: runtime })
    }

    /// What it said so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Its number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// [`LabError::Ended`] with what it said, if not.
    pub fn check(&mut self) -> Result<(), LabError> {
        self.process.check()
    }

    /// Ends it as its users do (SIGTERM).
    ///
    /// # Errors
    /// It goes on after ten seconds, or its status is not 0; with what it said.
    pub fn stop(self) -> Result<(), LabError> {
        let Self { process, _runtime } = self;
        process.stop()
    }
}

/// The command that starts the daemon of a lab.
pub(crate) fn command(lab: &Lab, setup: &Setup) -> Result<Vec<String>, LabError> {
    let path = |path: PathBuf| path.display().to_string();
    let mut argv = vec![path(bins::find("dpvs")?)];
    for (option, file) in [("-c", conf_file(lab)), ("-p", lab.dir().join("dpvs.pid")), ("-x", lab.socket())] {
        argv.extend([option.to_owned(), path(file)]);
    }
    argv.push("--".to_owned());
    argv.extend(setup.eal(lab.name(), lab.ports()));
    Ok(argv)
}

fn conf_file(lab: &Lab) -> PathBuf {
    lab.dir().join("dpvs.conf")
}

/// The EAL's folder for this prefix, which it leaves behind.
#[derive(Debug)]
struct RuntimeFolder(PathBuf);

impl RuntimeFolder {
    fn of(prefix: &str) -> Self {
        Self(Path::new("/var/run/dpdk").join(prefix))
    }
}

impl Drop for RuntimeFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
