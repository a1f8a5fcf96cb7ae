//! `dpvs.conf`: its items, how it is read, what is checked, and what a reload changes (docs/spec/netstack.md §2).

use std::path::Path;

use crate::{Finding, Occasion, Places, Severity, Source, Verdict, verdict};

mod bonds;
pub mod check;
mod items;
mod lists;
mod reference;
mod reload;
pub(crate) mod table;
mod values;
mod walk;
mod workers;

pub use items::*;
pub use reference::reference;
pub use reload::{Reloaded, needs_restart, reload};
pub use table::{Change, Effect, Item, Section, When};
pub use values::*;
pub use workers::{Side, WorkerError, check_lcores};

/// A file that was read and judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The values that hold; what the file does not say, or says wrongly, has its default.
    pub config: Config,
    /// What there is to say about the file, in the order of its lines.
    pub findings: Vec<Finding>,
    /// What the file sets, and where.
    pub set: Places,
}

impl Loaded {
    /// What follows from the findings.
    #[must_use]
    pub fn verdict(&self, occasion: Occasion) -> Verdict {
        verdict(&self.findings, occasion)
    }
}

/// Reads `path` and judges it completely. Nothing takes effect.
pub fn load(source: &dyn Source, path: &Path) -> Loaded {
    let read = crate::read(source, path);
    let (config, set, mut findings) = walk::walk(&read.lines);
    findings.extend(read.findings);
    let mut loaded = Loaded { config, findings, set };
    // Without its blocks in order, a file would be blamed for what it does say.
    if loaded.findings.iter().all(|finding| finding.severity < Severity::Structure) {
        bonds::check(&mut loaded);
        workers::check(&mut loaded, &read.file);
        walk::check_fragments(&mut loaded);
    }
    let order: std::collections::HashMap<_, _> =
        read.lines.iter().enumerate().map(|(at, line)| ((&line.file, line.number), at)).collect();
    let position = |f: &Finding| order.get(&(&f.place.file, f.place.line)).copied();
    loaded.findings.sort_by_key(position);
    loaded
}

/// All sections and items, in the order of the reference.
#[must_use]
pub fn sections() -> Vec<Section> {
    table::sections::<Config>()
}
