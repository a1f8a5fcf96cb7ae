//! The socket's file: made with its mode before anyone can connect, removed at the end if it is still ours.

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use crate::client::LONGEST_PATH;

/// Connections that wait to be accepted. With upstream's 1, a third client gets an error.
const BACKLOG: i32 = 1024;

/// Why a server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The path cannot be a socket's.
    #[error("{}: {} bytes are too long for a socket's path, give at most {LONGEST_PATH}", path.display(), path.as_os_str().len())]
    PathTooLong {
        /// The path.
        path: PathBuf,
    },
    /// Something lies there that is not a socket, and stays there.
    #[error("{}: exists and is not a socket; move it away or choose another path", path.display())]
    NotASocket {
        /// The path.
        path: PathBuf,
    },
    /// A living daemon listens there, and keeps it.
    #[error("{}: another process listens there; stop it or choose another path", path.display())]
    InUse {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{}: {step}: {source}", path.display())]
    Io {
        /// What was tried.
        step: &'static str,
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What an accept came to.
pub(super) enum Accepted {
    One(OwnedFd),
    Nobody,
    NoDescriptors,
}

#[derive(Debug)]
pub(super) struct Listener {
    fd: OwnedFd,
    path: PathBuf,
    /// The file we made.
    ours: Identity,
}

impl Listener {
    pub(super) fn bind(path: PathBuf, mode: u32) -> Result<Self, BindError> {
        if path.as_os_str().len() > LONGEST_PATH {
            return Err(BindError::PathTooLong { path });
        }
        clear(&path)?;
        let made = open(&path, mode);
        let (fd, ours) = made.map_err(|(step, source)| BindError::Io { step, path: path.clone(), source })?;
        Ok(Self { fd, path, ours })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn accept(&self) -> Accepted {
        loop {
            match rustix::net::accept_with(&self.fd, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK) {
                Ok(fd) => return Accepted::One(fd),
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                Err(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => {
                    return Accepted::NoDescriptors;
                }
                Err(_) => return Accepted::Nobody,
            }
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|found| found == self.ours) {
            // Nothing to be done if it fails; the next daemon clears it away.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes the socket of an earlier daemon. One that still answers keeps it: two daemons on one socket would serve each other's
/// users.
fn clear(path: &Path) -> Result<(), BindError> {
    let failed = |step, source| BindError::Io { step, path: path.to_owned(), source };
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => {
            if is_served(path) {
                return Err(BindError::InUse { path: path.to_owned() });
            }
            fs::remove_file(path).map_err(|error| failed("remove", error))
        }
        Ok(_) => Err(BindError::NotASocket { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed("look at", error)),
    }
}

/// Whether someone listens there. It does not wait: one too busy to accept lives as well.
fn is_served(path: &Path) -> bool {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let connect = || {
        let fd = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        rustix::net::connect(&fd, &SocketAddrUnix::new(path)?)
    };
    matches!(connect(), Ok(()) | Err(Errno::AGAIN))
}

/// Device and inode.
type Identity = (u64, u64);
/// What was tried, and what the system says.
type Failed = (&'static str, io::Error);

fn open(path: &Path, mode: u32) -> Result<(OwnedFd, Identity), Failed> {
    let at = |step| move |error: Errno| (step, io::Error::from(error));
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let fd = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)
        .map_err(at("socket"))?;
    let addr = SocketAddrUnix::new(path).map_err(at("path"))?;
    rustix::net::bind(&fd, &addr).map_err(at("bind"))?;
    // Until `listen` nobody can connect, so the mode that `bind` gave is never in force.
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| ("chmod", error))?;
    let ours = identity(path).map_err(|error| ("look at", error))?;
    rustix::net::listen(&fd, BACKLOG).map_err(at("listen"))?;
    Ok((fd, ours))
}

fn identity(path: &Path) -> io::Result<Identity> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}
