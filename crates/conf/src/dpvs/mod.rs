//! `dpvs.conf`: its items, how it is read, what is checked, and what a reload changes (docs/spec/netstack.md §2).

use std::collections::HashMap;
use std::path::Path;

use crate::{Finding, Occasion, Places, Read, Severity, Source, Verdict, verdict};

mod block;
mod bonds;
mod check;
mod items;
mod lists;
mod number;
mod reference;
mod reload;
pub(crate) mod table;
mod values;
mod walk;
mod worker_error;
mod workers;

pub use items::*;
pub use reference::reference;
pub use reload::{Reloaded, needs_restart, reload};
pub use table::{Change, Effect, Item, Section, When};
pub use values::*;
pub use worker_error::{Side, WorkerError};
pub use workers::check_lcores;

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
    let (config, set, findings) = walk::walk(&read.lines);
    let mut loaded = Loaded { config, findings, set };
    // Without its blocks in order, a file would be blamed for what it does say.
    let all = loaded.findings.iter().chain(read.findings.iter().map(|(_, finding)| finding));
    if all.map(|finding| finding.severity).max() < Some(Severity::Structure) {
        bonds::check(&mut loaded);
        workers::check(&mut loaded, &read.file);
        walk::check_fragments(&mut loaded);
    }
    loaded.findings = in_order(&read, loaded.findings);
    loaded
}

/// All findings in the order of the lines they are about; those about a whole file come first.
fn in_order(read: &Read, findings: Vec<Finding>) -> Vec<Finding> {
    let lines = read.lines.iter().enumerate();
    let order: HashMap<_, _> = lines.map(|(at, line)| ((&line.file, line.number), at)).collect();
    let position = |f: &Finding| order.get(&(&f.place.file, f.place.line)).copied();
    let mut all: Vec<_> =
        read.findings.iter().map(|(before, finding)| (Some(*before), finding.clone())).collect();
    all.extend(findings.into_iter().map(|finding| (position(&finding), finding)));
    all.sort_by_key(|(position, _)| *position);
    all.into_iter().map(|(_, finding)| finding).collect()
}

/// All sections and items, in the order of the reference.
#[must_use]
pub fn sections() -> Vec<Section> {
    table::sections::<Config>()
}
