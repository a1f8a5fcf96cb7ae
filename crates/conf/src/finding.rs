//! Findings, and what follows from them (docs/spec/netstack.md §2.3).
//!
//! The same file has the same findings at start and at reload; only [`verdict`] and [`Finding::level`] differ.

use std::fmt;

use crate::{Place, Problem};

/// The row of the table in §2.3 that a finding belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Note,
    /// A keyword or block that does not exist.
    Unknown,
    /// The value of an item is wrong, and another is used.
    Item,
    /// Workers, or the names of devices and bonds.
    Worker,
    /// The file cannot be read as blocks of items.
    Structure,
}

/// When the file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// At the start of the daemon.
    Start,
    /// At SIGHUP.
    Reload,
}

/// What to do with a file that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Take its values.
    Go,
    /// Leave with exit status 1.
    Exit,
    /// Log the findings and one line that the reload was refused; every item keeps its running value.
    Refuse,
}

/// How loud a finding is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The file is refused because of it.
    Error,
    /// The daemon starts, but not with what is written.
    Warning,
    /// Nothing is wrong.
    Notice,
}

/// The value taken instead of the one written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// The item's default.
    Default(String),
    /// What could be read of the value.
    Value(String),
}

/// Something to say about a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its row in §2.3.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// The offending text.
    pub text: String,
    /// What is wrong with it.
    pub problem: Problem,
    /// What would be right; may be empty for a note.
    pub right: String,
    /// The value that is taken at start.
    pub used: Option<Used>,
}

impl Finding {
    /// A finding with nothing to propose yet.
    #[must_use]
    pub fn new(severity: Severity, place: Place, text: &str, problem: Problem) -> Self {
        Self { severity, place, text: text.to_owned(), problem, right: String::new(), used: None }
    }

    /// Says what would be right.
    #[must_use]
    pub fn right(self, right: impl Into<String>) -> Self {
        Self { right: right.into(), ..self }
    }

    /// How loud it is logged.
    #[must_use]
    pub fn level(&self, occasion: Occasion) -> Level {
        match self.severity {
            Severity::Note => Level::Notice,
            _ if verdict(std::slice::from_ref(self), occasion) != Verdict::Go => Level::Error,
            _ => Level::Warning,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.text.is_empty() {
            write!(f, "{}: ", self.text)?;
        }
        write!(f, "{}", self.problem)?;
        if !self.right.is_empty() {
            write!(f, "; {}", self.right)?;
        }
        match &self.used {
            None => Ok(()),
            Some(Used::Default(value)) => write!(f, "; using default {value}"),
            Some(Used::Value(value)) => write!(f, "; using {value}"),
        }
    }
}

/// What follows from all findings together: the table of §2.3.
#[must_use]
pub fn verdict(findings: &[Finding], occasion: Occasion) -> Verdict {
    let worst = findings.iter().map(|f| f.severity).max().unwrap_or(Severity::Note);
    match (worst, occasion) {
        (Severity::Note, _) | (Severity::Item | Severity::Unknown, Occasion::Start) => Verdict::Go,
        (Severity::Worker | Severity::Structure, Occasion::Start) => Verdict::Exit,
        (_, Occasion::Reload) => Verdict::Refuse,
    }
}
