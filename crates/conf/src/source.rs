//! Where files come from: the disk, or a map in tests.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// A file system, as far as configuration needs one.
pub trait Source {
    /// The bytes of a file.
    ///
    /// # Errors
    /// As the system says.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The files that match a shell pattern, in order. A pattern that is none matches nothing.
    fn glob(&self, pattern: &str) -> Vec<PathBuf>;
}

/// The file system of this host.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Source for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn glob(&self, pattern: &str) -> Vec<PathBuf> {
        // A match that cannot be looked at is handed on too: reading it will say why.
        let found = glob::glob(pattern).into_iter().flatten();
        found.map(|entry| entry.unwrap_or_else(|error| error.path().to_path_buf())).collect()
    }
}

/// Files by path, in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<PathBuf, Vec<u8>>);

impl Memory {
    /// One more file.
    #[must_use]
    pub fn with(mut self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.0.insert(path.into(), text.as_ref().to_vec());
        self
    }
}

impl Source for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn glob(&self, pattern: &str) -> Vec<PathBuf> {
        let options = glob::MatchOptions { require_literal_separator: true, ..Default::default() };
        let matcher = glob::Pattern::new(pattern).ok();
        let fits = |path: &&PathBuf| matcher.as_ref().is_some_and(|m| m.matches_path_with(path, options));
        self.0.keys().filter(fits).cloned().collect()
    }
}
