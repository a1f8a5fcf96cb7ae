//! What becomes of the packets of a burst, packet by packet.

use std::net::IpAddr;

use flow::WorkerId;
use ipvs::open::Refusal;
use netstack::device::DeviceId;
use netstack::stack::Punt;
use pktio::{BURST, PortId};
use wire::Malformed;
use wire::addr::TtlExpired;

use crate::drops::Drop;

/// Why a packet is not sent on from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Drop(Drop),
    /// At home with another worker.
    HandOver(WorkerId),
    /// The director's own, if it is for one of its addresses.
    ToStack,
    /// A neighbour's message.
    Arp,
    /// Complete but for the next hop's MAC address; which hop, stands in [`Outcome::waiting`].
    Unresolved(u8),
}

impl From<Drop> for Fate {
    fn from(reason: Drop) -> Self {
        Self::Drop(reason)
    }
}

impl From<Malformed> for Fate {
    fn from(malformed: Malformed) -> Self {
        Self::Drop(match malformed {
            Malformed::Truncated => Drop::Truncated,
            Malformed::Header => Drop::BadHeader,
            Malformed::Fragment => Drop::Fragment,
        })
    }
}

impl From<TtlExpired> for Fate {
    fn from(TtlExpired: TtlExpired) -> Self {
        Self::Drop(Drop::TtlExpired)
    }
}

impl From<Refusal> for Fate {
    fn from(refusal: Refusal) -> Self {
        Self::Drop(match refusal {
            Refusal::NoService => return Self::ToStack,
            Refusal::NotOpening => Drop::NotOpening,
            Refusal::NoDest => Drop::NoDest,
            Refusal::NoLaddr => Drop::NoLaddr,
            Refusal::NoPort => Drop::NoPort,
            Refusal::NoRoom => Drop::NoRoom,
        })
    }
}

/// The fates of a burst. Between bursts all are `Ok`.
pub(crate) struct Outcome {
    /// By place in the burst.
    verdicts: [Result<(), Fate>; BURST],
    /// Whether one of them is not.
    refused: bool,
    /// By place in the burst: where a packet that goes on leaves.
    egress: [PortId; BURST],
    /// The hops that packets wait for.
    waiting: Vec<(DeviceId, IpAddr)>,
}

impl Outcome {
    pub(crate) fn new() -> Self {
        Self {
            verdicts: [Ok(()); BURST],
            refused: false,
            egress: [PortId(0); BURST],
            waiting: Vec::with_capacity(BURST),
        }
    }

    /// Settles the packet at `index`.
    #[inline(always)]
    pub(crate) fn settle(&mut self, index: usize, fate: Result<PortId, Fate>) {
        match fate {
            Ok(port) => self.egress[index] = port,
            Err(fate) => self.refuse(index, fate),
        }
    }

    /// The packet at `index` does not go on from here.
    #[cold]
    pub(crate) fn refuse(&mut self, index: usize, fate: Fate) {
        self.verdicts[index] = Err(fate);
        self.refused = true;
    }

    /// What was settled of the packet at `index`.
    pub(crate) fn verdict(&self, index: usize) -> Result<PortId, Fate> {
        self.verdicts[index].map(|()| self.egress[index])
    }

    /// The fate of a packet that has to wait for a neighbour.
    pub(crate) fn wait_for(&mut self, device: DeviceId, next_hop: IpAddr) -> Fate {
        let place = u8::try_from(self.waiting.len()).unwrap_or(u8::MAX);
        self.waiting.push((device, next_hop));
        Fate::Unresolved(place)
    }

    /// What such a packet is punted for.
    pub(crate) fn punt(&self, place: u8) -> Option<Punt> {
        let &(device, next_hop) = self.waiting.get(usize::from(place))?;
        Some(Punt::Unresolved { device, next_hop })
    }

    /// The port by which the first `count` packets all go on, if they do.
    #[inline(always)]
    pub(crate) fn common_port(&self, count: usize) -> Option<PortId> {
        let first = self.egress[0];
        // Not `all`, which would stop at the first that differs, and so look at one after the other.
        let differing = self.egress[..count].iter().fold(0, |differing, port| differing | port.0 ^ first.0);
        (differing == 0 && !self.refused).then_some(first)
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.verdicts = [Ok(()); BURST];
        self.refused = false;
        self.waiting.clear();
    }
}
