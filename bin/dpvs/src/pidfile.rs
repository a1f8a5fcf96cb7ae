//! The pid file. A lock held on it says that a daemon runs; the number in it is only information
//! (docs/spec/netstack.md §1.2: in a container every daemon is process 1).

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// Why the daemon may not start.
#[derive(Debug, thiserror::Error)]
pub enum PidFileError {
    /// Another one holds the lock.
    #[error("dpvs is already running")]
    Running,
    /// The file cannot be used.
    #[error("pid file {path}: {source}; name another with -p")]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The file, locked for as long as this lives, and removed with it.
#[derive(Debug)]
pub struct PidFile {
    file: File,
    path: PathBuf,
}

impl PidFile {
    /// Takes the lock, without waiting.
    pub fn lock(path: &Path) -> Result<Self, PidFileError> {
        let unusable = |source| PidFileError::Unusable { path: path.to_owned(), source };
        loop {
            let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
            let file = options.map_err(unusable)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(rustix::io::Errno::WOULDBLOCK) => return Err(PidFileError::Running),
                Err(error) => return Err(unusable(error.into())),
            }
            // Who stopped in between has removed the file that we locked: then there is a new one to be locked.
            if is_at(&file, path).map_err(unusable)? {
                file.set_len(0).map_err(unusable)?;
                return Ok(Self { file, path: path.to_owned() });
            }
        }
    }

    /// Writes the number, when the start is complete.
    pub fn write(&mut self, pid: u32) -> Result<(), PidFileError> {
        let written = self.file.set_len(0).and_then(|()| writeln!(self.file, "{pid}"));
        written.map_err(|source| PidFileError::Unusable { path: self.path.clone(), source })
    }
}

/// Whether `path` names the very file that is open.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let open = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        // While the lock is held: nobody else's file can be at the path, unless a user moved ours away.
        if is_at(&self.file, &self.path).unwrap_or(false) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("dpvs-pid-{}-{name}", std::process::id()))
    }

    #[test]
    fn one_at_a_time_and_gone_afterwards() {
        let path = path("one");
        let mut first = PidFile::lock(&path).expect("free");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "", "empty until the start is complete");
        first.write(17).expect("written");
        assert!(matches!(PidFile::lock(&path), Err(PidFileError::Running)));
        assert_eq!(std::fs::read_to_string(&path).expect("there"), "17\n", "a refused one changes nothing");
        drop(first);
        assert!(!path.exists());
        drop(PidFile::lock(&path).expect("free again"));
    }

    #[test]
    fn a_leftover_without_a_lock_is_no_daemon() {
        let path = path("left");
        std::fs::write(&path, "1\n").expect("written");
        drop(PidFile::lock(&path).expect("process 1 lives, and is not it"));
    }

    #[test]
    fn a_place_that_cannot_be_written_says_so() {
        let error = PidFile::lock(Path::new("/nowhere/dpvs.pid")).expect_err("no such directory");
        assert_eq!(
            error.to_string(),
            "pid file /nowhere/dpvs.pid: No such file or directory (os error 2); name another with -p"
        );
    }
}
