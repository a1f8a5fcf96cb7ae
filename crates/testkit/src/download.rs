//! Many downloads at once by the real `curl`, compared byte by byte with the originals.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::error::LabError;
use crate::objects::Objects;
use crate::on::On;

/// What became of a set of downloads.
#[derive(Clone, Debug, Default)]
pub struct Download {
    /// Objects that were asked for.
    pub asked: usize,
    /// Objects that are the same as their originals.
    pub whole: usize,
    /// The bytes of those.
    pub bytes: u64,
    /// What is wrong with the others, by name.
    pub failed: BTreeMap<String, Fault>,
    /// What curl complained of.
    pub complaints: String,
}

/// What is wrong with a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no file.
    Missing,
    /// It is right as far as it goes, but has another length.
    Length {
        /// What came.
        got: usize,
        /// What should have come.
        expected: usize,
    },
    /// A byte is another.
    Differs {
        /// The first one's offset.
        at: usize,
    },
}

impl Fault {
    /// Bytes came that were never sent, which no loss excuses.
    #[must_use]
    pub fn is_wrong_content(self) -> bool {
        match self {
            Self::Missing => false,
            Self::Length { got, expected } => got > expected,
            Self::Differs { .. } => true,
        }
    }
}

impl fmt::Display for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} objects whole ({} bytes), {} failed",
            self.whole,
            self.asked,
            self.bytes,
            self.failed.len()
        )?;
        for (name, fault) in self.failed.iter().take(10) {
            writeln!(f, "  {name}: {fault:?}")?;
        }
        for line in self.complaints.lines().take(10) {
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }
}

pub(crate) fn download(
    on: &On<'_>,
    base: &str,
    objects: &Objects,
    into: &Path,
    at_once: u16,
) -> Result<Download, LabError> {
    let at_once = at_once.to_string();
    // No retry: a failure is what we look for. Closing makes each object a connection of its own.
    let argv = [
        "curl",
        "--parallel",
        "--parallel-immediate",
        "--parallel-max",
        &at_once,
        "--silent",
        "--show-error",
        "--fail",
        "--connect-timeout",
        "20",
        "--max-time",
        "60",
        "--header",
        "Connection: close",
        "--config",
        "-",
    ];
    let said = on.run_with_input(argv, &requests(base, objects, into))?;
    let mut download =
        Download { asked: objects.names().len(), complaints: said.stderr, ..Download::default() };
    for name in objects.names() {
        match compare(&into.join(name), &objects.dir().join(name))? {
            Ok(bytes) => {
                download.whole += 1;
                download.bytes += bytes;
            }
            Err(fault) => {
                download.failed.insert(name.clone(), fault);
            }
        }
    }
    Ok(download)
}

fn requests(base: &str, objects: &Objects, into: &Path) -> String {
    let mut config = String::new();
    for name in objects.names() {
        let _ = writeln!(config, "url = \"{base}/{name}\"\noutput = \"{}\"", into.join(name).display());
    }
    config
}

fn compare(got: &Path, original: &Path) -> Result<Result<u64, Fault>, LabError> {
    let original = fs::read(original).map_err(LabError::file(original))?;
    let Ok(got) = fs::read(got) else { return Ok(Err(Fault::Missing)) };
    let differs = got.iter().zip(&original).position(|(got, original)| got != original);
    Ok(match differs {
        Some(at) => Err(Fault::Differs { at }),
        None if got.len() != original.len() => {
            Err(Fault::Length { got: got.len(), expected: original.len() })
        }
        None => Ok(got.len() as u64),
    })
}
