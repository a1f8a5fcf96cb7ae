//! What pages an array really lies on: read from the kernel's list of mappings (`/proc/self/smaps`), for the start-up log and
//! the reports.

use std::fmt;
use std::io;
use std::ops::Range;

/// What kind of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// Of the kernel's hugepage pool.
    Pool,
    /// Ordinary ones, of which some at least were joined to huge ones.
    Transparent,
    /// Ordinary ones.
    Plain,
}

/// What a range of memory lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PagesGot {
    /// What kind.
    pub kind: PageKind,
    /// Bytes on huge pages.
    pub huge_bytes: usize,
    /// Bytes that take memory, huge or not. What was never touched takes none.
    pub resident_bytes: usize,
}

impl PagesGot {
    /// What the addresses in `range` lie on now. Reads `/proc/self/smaps`, which takes milliseconds.
    pub fn of(range: Range<usize>) -> io::Result<Self> {
        Ok(Self::parse(&std::fs::read_to_string("/proc/self/smaps")?, range))
    }

    /// What `smaps` (the text of that file) says of the addresses in `range`. A mapping that reaches beyond the range counts whole,
    /// but never for more than the range, rounded up to huge pages.
    #[must_use]
    pub fn parse(smaps: &str, range: Range<usize>) -> Self {
        let mut inside = false;
        let (mut pooled, mut joined, mut small) = (0, 0, 0);
        for line in smaps.lines() {
            if let Some(mapping) = addresses(line) {
                inside = mapping.start < range.end && range.start < mapping.end;
                continue;
            }
            if !inside {
                continue;
            }
            let Some((name, bytes)) = field(line) else { continue };
            match name {
                "Rss" => small += bytes,
                "AnonHugePages" | "ShmemPmdMapped" | "FilePmdMapped" => joined += bytes,
                "Shared_Hugetlb" | "Private_Hugetlb" => pooled += bytes,
                _ => {}
            }
        }
        let kind = match (pooled, joined) {
            (0, 0) => PageKind::Plain,
            (0, _) => PageKind::Transparent,
            _ => PageKind::Pool,
        };
        let most = range.len().next_multiple_of(2 << 20);
        let [huge_bytes, resident_bytes] = [pooled + joined, pooled + small].map(|bytes| bytes.min(most));
        Self { kind, huge_bytes, resident_bytes }
    }
}

/// The addresses of a line that starts a mapping: `7f0000000000-7f0000200000 rw-p …`.
fn addresses(line: &str) -> Option<Range<usize>> {
    let (start, end) = line.split(' ').next()?.split_once('-')?;
    let address = |text| usize::from_str_radix(text, 16).ok();
    Some(address(start)?..address(end)?)
}

/// A line about the mapping: `Rss:    2048 kB`.
fn field(line: &str) -> Option<(&str, usize)> {
    let (name, value) = line.split_once(':')?;
    let kilobytes: usize = value.trim().strip_suffix(" kB")?.parse().ok()?;
    Some((name, kilobytes.checked_mul(1024)?))
}

impl fmt::Display for PagesGot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [huge, resident] = [self.huge_bytes, self.resident_bytes].map(|bytes| bytes.div_ceil(1 << 20));
        match self.kind {
            PageKind::Pool => write!(f, "pool of 2 MB pages, {huge} of {resident} MB huge"),
            PageKind::Transparent => write!(f, "transparent 2 MB, {huge} of {resident} MB huge"),
            PageKind::Plain => write!(f, "plain 4 kB, {resident} MB"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three mappings as Linux 6 writes them, less lines of no interest: transparent, of the pool, and a memfd.
    const SMAPS: &str = "\
7f0000000000-7f0076c00000 rw-p 00000000 00:00 0 
Size:            1945600 kB
KernelPageSize:        4 kB
MMUPageSize:           4 kB
Rss:             1945600 kB
Private_Dirty:   1945600 kB
AnonHugePages:   1925120 kB
ShmemPmdMapped:        0 kB
FilePmdMapped:         0 kB
Shared_Hugetlb:        0 kB
Private_Hugetlb:       0 kB
THPeligible:           1
VmFlags: rd wr mr mw me ac sd hg 
7f0080000000-7f0080800000 rw-p 00000000 00:0f 31234                      /anon_hugepage (deleted)
Size:               8192 kB
KernelPageSize:     2048 kB
MMUPageSize:        2048 kB
Rss:                   0 kB
AnonHugePages:         0 kB
Shared_Hugetlb:        0 kB
Private_Hugetlb:    6144 kB
VmFlags: rd wr mr mw me de ht 
7f0090000000-7f0090400000 rw-s 00200000 00:01 1027                       /memfd:connections4 (deleted)
Size:               4096 kB
KernelPageSize:        4 kB
Rss:                3000 kB
AnonHugePages:         0 kB
ShmemPmdMapped:     2048 kB
FilePmdMapped:         0 kB
Private_Hugetlb:       0 kB
7f00a0000000-7f00a0001000 rw-p 00000000 00:00 0                          [stack]
Rss:                   4 kB
";

    const MB: usize = 1 << 20;

    fn got(range: Range<usize>) -> PagesGot {
        PagesGot::parse(SMAPS, range)
    }

    #[test]
    fn each_kind_is_told() {
        let transparent = got(0x7f00_0000_0000..0x7f00_76c0_0000);
        let (huge_bytes, resident_bytes) = (1880 * MB, 1900 * MB);
        assert_eq!(transparent, PagesGot { kind: PageKind::Transparent, huge_bytes, resident_bytes });
        assert_eq!(transparent.to_string(), "transparent 2 MB, 1880 of 1900 MB huge");
        let pool = got(0x7f00_8000_0000..0x7f00_8080_0000);
        assert_eq!((pool.kind, pool.huge_bytes, pool.resident_bytes), (PageKind::Pool, 6 * MB, 6 * MB));
        assert_eq!(pool.to_string(), "pool of 2 MB pages, 6 of 6 MB huge");
        let file = got(0x7f00_9000_0000..0x7f00_9040_0000);
        assert_eq!((file.kind, file.huge_bytes), (PageKind::Transparent, 2 * MB));
        let plain = got(0x7f00_a000_0000..0x7f00_a000_1000);
        assert_eq!((plain.kind, plain.resident_bytes), (PageKind::Plain, 4096));
        assert_eq!(plain.to_string(), "plain 4 kB, 1 MB");
    }

    #[test]
    fn only_what_the_range_meets_counts() {
        assert_eq!(got(0..0x7f00_0000_0000).resident_bytes, 0);
        assert_eq!(got(0x7f00_76c0_0000..0x7f00_8000_0000).resident_bytes, 0);
        let small = got(0x7f00_0000_0000..0x7f00_0000_1000);
        assert_eq!(small.resident_bytes, 2 * MB, "no more than there is in it");
        assert_eq!(got(0x7f00_8000_0000..0x7f00_9040_0000).resident_bytes, 6 * MB + 3000 * 1024);
    }

    #[test]
    fn what_is_no_smaps_says_nothing() {
        for text in [
            "",
            "Rss: 4 kB",
            "7f-zz rw\nRss: 4 kB",
            "0-ffffffffffffffff\nRss: 99999999999999999999 kB\n:\n: kB",
        ] {
            assert_eq!(PagesGot::parse(text, 0..usize::MAX / 2).resident_bytes, 0, "{text}");
        }
    }
}
