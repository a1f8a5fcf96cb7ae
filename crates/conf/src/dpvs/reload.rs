//! Reload: all or nothing, and what only a restart can change (docs/spec/netstack.md §2.3, §2.4).

use std::sync::Arc;

use crate::{Finding, Occasion, Place, Places, Problem, Severity, Verdict, verdict};

use super::Loaded;
use super::items::Config;
use super::table::{Change, Table};

/// Init-only items in which `new` differs from what the daemon runs with.
#[must_use]
pub fn needs_restart(running: &Config, new: &Config) -> Vec<Change> {
    let mut changes = Vec::new();
    running.changes(new, "", &mut changes);
    changes
}

/// What a reload leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// The values that hold from now on, or none: the reload is refused and every item keeps its running value.
    pub config: Option<Config>,
    /// What to log in either case.
    pub findings: Vec<Finding>,
}

/// Merges a file that was read anew with what the daemon runs with; `file` is the main file's name.
#[must_use]
pub fn reload(running: &Config, loaded: Loaded, file: &str) -> Reloaded {
    let Loaded { mut config, mut findings, set } = loaded;
    if verdict(&findings, Occasion::Reload) != Verdict::Go {
        return Reloaded { config: None, findings };
    }
    let file: Arc<str> = file.into();
    findings.extend(needs_restart(running, &config).into_iter().map(|change| note(change, &set, &file)));
    config.keep(running, &set, "");
    Reloaded { config: Some(config), findings }
}

fn note(change: Change, set: &Places, file: &Arc<str>) -> Finding {
    let place = set.get(&change.path).map_or_else(|| Place::whole(file), |mark| mark.place.clone());
    let text = format!("{} {}", change.path, change.wanted);
    Finding::new(Severity::Note, place, &text, Problem::NeedsRestart { running: change.running })
}
