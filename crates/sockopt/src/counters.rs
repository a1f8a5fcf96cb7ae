//! What the daemon counts, by name (id 20000, ours): for people and exporters. The body is JSON with a version, so that rows can
//! be added without a new id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Malformed;
use crate::body::Body;

/// The version of the shape below.
pub const VERSION: u32 = 1;

/// Counts by name.
pub type Counts = BTreeMap<String, u64>;

/// What one worker counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerCounters {
    /// Its number, from 0.
    pub worker: u16,
    /// The lcore that it runs on.
    pub lcore: u8,
    /// Packets by where they came from and went, connections, turns.
    pub counts: Counts,
    /// Packets that were not sent on, by reason.
    pub drops: Counts,
}

/// What all of the daemon counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// [`VERSION`].
    pub version: u32,
    /// By worker.
    pub workers: Vec<WorkerCounters>,
    /// What the slow path did.
    pub slow_path: Counts,
    /// What the slow path dropped, by reason.
    pub slow_path_drops: Counts,
}

impl Default for Counters {
    fn default() -> Self {
        let (workers, slow_path, slow_path_drops) = (Vec::new(), Counts::new(), Counts::new());
        Self { version: VERSION, workers, slow_path, slow_path_drops }
    }
}

impl Body for Counters {
    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        serde_json::from_slice(bytes).map_err(|_| Malformed::Text { field: "counters" })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        // Maps with text keys and numbers: nothing that JSON cannot say.
        out.extend(serde_json::to_vec(self).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::to_vec;

    #[test]
    fn what_is_said_is_what_is_heard() {
        let counts: Counts = [("received".to_owned(), 7)].into();
        let worker = WorkerCounters { worker: 1, lcore: 2, counts: counts.clone(), drops: counts };
        let said = Counters { workers: vec![worker], ..Counters::default() };
        assert_eq!(Counters::decode(&to_vec(&said)), Ok(said));
        assert!(Counters::decode(b"{").is_err());
    }
}
