//! Where something stands in a file, and where each item that was set stands.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A place in a file, for people: both numbers count from 1. Line 0 means the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl Place {
    /// The file as a whole.
    #[must_use]
    pub fn whole(file: &Arc<str>) -> Self {
        Self { file: Arc::clone(file), line: 0, column: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// Where an item was set last, and as the how-manieth line of all files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The place of its value, or of the keyword when it has none.
    pub place: Place,
    /// Later lines have larger numbers, include files counted where they are included.
    pub order: usize,
}

/// What a file sets, by path: `netif_defs.device[0].rx.queue_number`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<String, Mark>);

impl Places {
    /// Notes where `path` was set; the last one wins, as its value does.
    pub(crate) fn set(&mut self, path: String, mark: Mark) {
        self.0.insert(path, mark);
    }

    /// Where `path` was set, if it was.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Mark> {
        self.0.get(path)
    }

    /// Whether the file sets `path`.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// All paths that are set.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// `path.keyword`, or `keyword` alone at the top.
pub(crate) fn join(path: &str, keyword: &str) -> String {
    if path.is_empty() { keyword.to_owned() } else { format!("{path}.{keyword}") }
}
