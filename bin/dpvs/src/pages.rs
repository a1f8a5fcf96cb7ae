//! What pages the connections really got: said in the log when there is something to say, as memory is taken only as
//! connections come.

use std::ops::Range;
use std::time::{Duration, Instant};

use flow::pages::PagesGot;

/// How often one looks.
const EVERY: Duration = Duration::from_secs(10);
/// Less than this is not worth a line.
const LEAST: usize = 8 << 20;

/// Where the connections of each worker lie, and what was said of them.
pub(crate) struct Pages {
    places: Vec<Range<usize>>,
    /// By worker: bytes in use when a line was written last.
    said: Vec<usize>,
    next: Instant,
}

impl Pages {
    pub(crate) fn new(places: Vec<Range<usize>>) -> Self {
        Self { said: vec![0; places.len()], places, next: Instant::now() + EVERY }
    }

    /// Writes a line for each worker whose connections take four times the memory of the last line.
    pub(crate) fn report(&mut self, now: Instant) {
        if now < self.next {
            return;
        }
        self.next = now + EVERY;
        for (worker, (place, said)) in self.places.iter().zip(&mut self.said).enumerate() {
            let Ok(got) = PagesGot::of(place.clone()) else { continue };
            if got.resident_bytes >= (*said * 4).max(LEAST) {
                *said = got.resident_bytes;
                log::info!("worker {worker}: connections lie on {got}");
            }
        }
    }
}
