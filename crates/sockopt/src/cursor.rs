//! Cursors of connection listings: docs/spec/ipc.md §5.7, "Cursors of the new server".
//!
//! Nothing but its token identifies a listing: each page comes over a connection of its own, and process ids mean nothing
//! between containers. So any number of listings run side by side.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A listing that nobody asks for any longer is dropped after this.
pub const IDLE: Duration = Duration::from_secs(10);

/// Listings that wait for their next page, under tokens of 1 to 255.
#[derive(Debug)]
pub struct Cursors<L> {
    parked: BTreeMap<u8, (Instant, L)>,
    /// Tokens are given in turn, so that a late request rarely meets another's listing.
    last: u8,
}

impl<L> Default for Cursors<L> {
    fn default() -> Self {
        Self { parked: BTreeMap::new(), last: 0 }
    }
}

impl<L> Cursors<L> {
    /// Keeps a listing until its next page is asked for; the token is the page's `curcid`. When all tokens are taken, the
    /// listing that has waited longest makes room.
    pub fn park(&mut self, now: Instant, listing: L) -> u8 {
        self.expire(now);
        let free = (1..=u8::MAX).map(|step| 1 + (u16::from(self.last) + u16::from(step) - 1) % 255);
        let free =
            free.filter_map(|token| u8::try_from(token).ok()).find(|token| !self.parked.contains_key(token));
        let oldest = || self.parked.iter().min_by_key(|(_, (since, _))| *since).map(|(token, _)| *token);
        let token = free.or_else(oldest).unwrap_or(1);
        self.parked.insert(token, (now, listing));
        self.last = token;
        token
    }

    /// The listing that a request with MORE and this `whence` goes on with. None for a token that is unknown: the answer is
    /// an empty last page.
    pub fn resume(&mut self, now: Instant, whence: u32) -> Option<L> {
        self.expire(now);
        let token = u8::try_from(whence).ok()?;
        self.parked.remove(&token).map(|(_, listing)| listing)
    }

    /// Drops those that are idle, and with them what they hold.
    pub fn expire(&mut self, now: Instant) {
        self.parked.retain(|_, (since, _)| now.saturating_duration_since(*since) < IDLE);
    }

    /// Listings that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parked.len()
    }

    /// None waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parked.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_do_not_meet() {
        let now = Instant::now();
        let mut cursors = Cursors::default();
        let (a, b) = (cursors.park(now, "a"), cursors.park(now, "b"));
        assert_ne!(a, b);
        assert_eq!(cursors.resume(now, b.into()), Some("b"));
        assert_eq!(cursors.resume(now, b.into()), None, "a token is good for one page");
        assert_eq!(cursors.resume(now, a.into()), Some("a"));
        assert_eq!(cursors.resume(now, 0), None);
        assert_eq!(cursors.resume(now, u32::from(a) + 256), None);
    }

    #[test]
    fn an_idle_listing_goes_after_ten_seconds() {
        let now = Instant::now();
        let mut cursors = Cursors::default();
        let token = cursors.park(now, ());
        cursors.expire(now + IDLE - Duration::from_millis(1));
        assert_eq!(cursors.len(), 1);
        assert_eq!(cursors.resume(now + IDLE, token.into()), None);
        assert!(cursors.is_empty());
    }

    #[test]
    fn when_all_tokens_are_taken_the_one_idle_longest_makes_room() {
        let now = Instant::now();
        let mut cursors = Cursors::default();
        let tokens: Vec<_> = (0..255_u64).map(|n| cursors.park(now + Duration::from_millis(n), n)).collect();
        assert_eq!(tokens, (1..=255).collect::<Vec<u8>>());
        let token = cursors.park(now + Duration::from_secs(1), 255);
        assert_eq!((token, cursors.len()), (tokens[0], 255));
        assert_eq!(cursors.resume(now + Duration::from_secs(1), 1), Some(255));
        assert_eq!(cursors.resume(now + Duration::from_secs(1), 2), Some(1));
    }
}
