//! What can go wrong in a lab.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use crate::cidr::BadCidr;

/// Why a lab could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The host lacks something: the test is to be skipped, see [`crate::case`].
    #[error("needs {needs}: {why}")]
    CannotHere {
        /// What the test needs.
        needs: String,
        /// Why it is not there, or how to get it.
        why: String,
    },
    /// A program ended with another status than 0.
    #[error("`{command}` ended with {status}\n--- stdout\n{stdout}\n--- stderr\n{stderr}")]
    Failed {
        /// What was run.
        command: String,
        /// Its status.
        status: ExitStatus,
        /// Its output.
        stdout: String,
        /// Its errors.
        stderr: String,
    },
    /// A program could not be started.
    #[error("`{command}` could not be started: {source}")]
    Start {
        /// What was to run.
        command: String,
        /// Why not.
        source: io::Error,
    },
    /// A program ended that should have gone on.
    #[error("{name} ended with {status} instead of going on\n{log}")]
    Ended {
        /// Which.
        name: String,
        /// Its status.
        status: ExitStatus,
        /// What it said.
        log: String,
    },
    /// Something was waited for in vain.
    #[error("{what}: not within {seconds} s\n{detail}")]
    Late {
        /// What.
        what: String,
        /// The limit.
        seconds: u64,
        /// What was there instead.
        detail: String,
    },
    /// A program's output is not what its documentation says.
    #[error("`{command}` printed what cannot be read, expected {expected}:\n{text}")]
    Unreadable {
        /// What was run.
        command: String,
        /// What should have been there.
        expected: &'static str,
        /// What was.
        text: String,
    },
    /// A file of the lab's.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The plan names an address that is none.
    #[error(transparent)]
    Address(#[from] BadCidr),
    /// The plan does not fit together.
    #[error("plan of lab {lab}: {fault}")]
    Plan {
        /// The lab.
        lab: String,
        /// What does not fit.
        fault: PlanFault,
    },
}

/// What does not fit in a plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanFault {
    /// Two nodes of one name.
    #[error("two nodes are called {0}")]
    Twice(String),
    /// A node that is not there.
    #[error("there is no node {0}")]
    Unknown(String),
    /// Only one director has the tools.
    #[error("there is no director, or a second one")]
    Director,
}

impl LabError {
    /// For `map_err` on what is done with a file.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { path, source }
    }
}
