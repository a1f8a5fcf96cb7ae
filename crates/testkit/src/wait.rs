//! Waiting for something that happens by itself: asked again and again until a deadline, never slept for.

use std::thread;
use std::time::{Duration, Instant};

use crate::error::LabError;

/// Between two questions. It decides nothing: the answer does, or the deadline.
const PAUSE: Duration = Duration::from_millis(10);

/// What a probe found.
pub(crate) enum Probe<T> {
    /// It happened.
    Done(T),
    /// Not yet; what is there instead.
    NotYet(String),
}

/// Asks `probe` until it is done, at most for `limit`.
pub(crate) fn until<T>(
    what: &str,
    limit: Duration,
    mut probe: impl FnMut() -> Result<Probe<T>, LabError>,
) -> Result<T, LabError> {
    let deadline = Instant::now() + limit;
    loop {
        match probe()? {
            Probe::Done(found) => return Ok(found),
            Probe::NotYet(detail) if Instant::now() >= deadline => {
                return Err(LabError::Late { what: what.to_owned(), seconds: limit.as_secs(), detail });
            }
            Probe::NotYet(_) => thread::sleep(PAUSE),
        }
    }
}
