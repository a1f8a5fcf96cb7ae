//! Files to serve and to download: of mixed sizes, with contents that a seed decides.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::LabError;
use crate::lab::Lab;

/// The largest object.
pub(crate) const LARGEST: usize = 2 << 20;
/// Sizes at which something changes: empty, one segment and its neighbours, one window, the largest.
const EDGES: [usize; 10] = [0, 1, 2, 1447, 1448, 1449, 65_535, 65_536, LARGEST - 1, LARGEST];

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder of numbered files.
#[derive(Debug)]
pub struct Objects {
    dir: PathBuf,
    names: Vec<String>,
}

impl Objects {
    /// Writes `count` objects of 0 B to 2 MB, half of them below 400 B and one in a hundred large.
    ///
    /// # Errors
    /// The file system's.
    pub fn generate(lab: &Lab, seed: u64, count: usize) -> Result<Self, LabError> {
        let dir = lab.dir().join(format!("objects-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir(&dir).map_err(LabError::file(&dir))?;
        let mut numbers = Numbers(seed);
        let names: Vec<_> = (0..count).map(|number| format!("{number:05}")).collect();
        for (number, name) in names.iter().enumerate() {
            let len = size(number, &mut numbers);
            let path = dir.join(name);
            fs::write(&path, contents(len, &mut numbers)).map_err(LabError::file(&path))?;
        }
        Ok(Self { dir, names })
    }

    /// No objects, for who wants the backends' names only.
    ///
    /// # Errors
    /// The file system's.
    pub fn none(lab: &Lab) -> Result<Self, LabError> {
        Self::generate(lab, 0, 0)
    }

    /// Where they are.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

fn size(number: usize, numbers: &mut Numbers) -> usize {
    if let Some(&edge) = EDGES.get(number) {
        return edge;
    }
    // As many of 1 … 2 as of 65536 … 131072 bytes; some in the last megabyte.
    let bits = if number % 100 == 99 { 21 } else { numbers.below(18) };
    numbers.below(1 << bits).min(LARGEST)
}

fn contents(len: usize, numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        bytes.extend(numbers.draw().to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// SplitMix64: good enough that no two objects are alike, and the same on every run.
struct Numbers(u64);

impl Numbers {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        let drawn = self.draw() % limit as u64;
        usize::try_from(drawn).unwrap_or_else(|_| unreachable!("less than a usize"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_cover_the_edges_and_the_range() {
        let mut numbers = Numbers(1);
        let sizes: Vec<_> = (0..2000).map(|number| size(number, &mut numbers)).collect();
        assert!(EDGES.iter().all(|edge| sizes.contains(edge)));
        assert!(sizes.iter().all(|&size| size <= LARGEST));
        let total: usize = sizes.iter().sum();
        assert!(
            (20 << 20..100 << 20).contains(&total),
            "{total} bytes are too few, or too many for a quick test"
        );
    }

    #[test]
    fn contents_follow_from_the_seed() {
        let made = |seed| contents(1001, &mut Numbers(seed));
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
        assert_eq!(made(1).len(), 1001);
    }
}
