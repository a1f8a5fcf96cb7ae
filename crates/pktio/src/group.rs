//! Several receive queues as one: a worker that has more than one of a port.

use crate::{BURST, Burst, RxQueue};

/// Queues that are polled in turn; each turn begins with another one, so that none starves.
#[derive(Debug)]
pub struct RxGroup<Q> {
    queues: Vec<Q>,
    first: usize,
}

impl<Q: RxQueue> RxGroup<Q> {
    /// All of `queues`; `None` if there are none.
    #[must_use]
    pub fn new(queues: Vec<Q>) -> Option<Self> {
        (!queues.is_empty()).then_some(Self { queues, first: 0 })
    }
}

impl<Q: RxQueue> RxQueue for RxGroup<Q> {
    type Buffer = Q::Buffer;

    #[inline]
    fn receive(&mut self, burst: &mut Burst<Self::Buffer>) {
        if let [only] = self.queues.as_mut_slice() {
            return only.receive(burst);
        }
        self.first = (self.first + 1) % self.queues.len();
        let (later, sooner) = self.queues.split_at_mut(self.first);
        for queue in sooner.iter_mut().chain(later) {
            if burst.len() < BURST {
                queue.receive(burst);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Pool;
    use crate::sim::SimRx;

    #[test]
    fn no_queue_starves() {
        let pool = &Pool::new(64);
        let numbered = |n: u8| {
            SimRx::new(pool, move |room: &mut [u8]| {
                room[0] = n;
                Some(60)
            })
        };
        let mut group = RxGroup::new(vec![numbered(0), numbered(1), numbered(2)]).expect("some");
        let mut heard = [0; 3];
        for _ in 0..9 {
            let mut burst = crate::burst();
            group.receive(&mut burst);
            assert_eq!(burst.len(), BURST);
            burst.iter().for_each(|packet| heard[usize::from(crate::Buffer::frame(packet)[0])] += 1);
        }
        assert_eq!(heard, [3 * BURST; 3]);
        assert!(RxGroup::<SimRx<'_, fn(&mut [u8]) -> Option<usize>>>::new(vec![]).is_none());
    }
}
