//! Directions, and a connection's two legs.

use flow::Slot;

/// Which way a packet goes: in is client to dest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Client → dest, enters by the in-tuple.
    In = 0,
    /// Dest → client, enters by the out-tuple.
    Out = 1,
}

/// One direction of one connection, as the flow table stores it: the direction is known before the record is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg(pub u32);

impl Leg {
    /// Of no connection: none has so high a slot.
    pub const NONE: Self = Self(u32::MAX);

    /// Of the connection in `slot`, the `direction`.
    #[must_use]
    pub fn new(slot: Slot, direction: Direction) -> Self {
        Self(slot.0 << 1 | direction as u32)
    }

    /// The connection's record.
    #[inline(always)]
    #[must_use]
    pub fn slot(self) -> Slot {
        Slot(self.0 >> 1)
    }

    /// The direction.
    #[inline(always)]
    #[must_use]
    pub fn direction(self) -> Direction {
        if self.0 & 1 == 0 { Direction::In } else { Direction::Out }
    }
}
