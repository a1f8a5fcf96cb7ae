//! A worker's side of a port.

/// A port as one worker has it. Where it lacks a queue, others receive or send for it.
pub struct Link<R, T> {
    /// Its receive queue.
    pub rx: Option<R>,
    /// Its transmit queue.
    pub tx: Option<T>,
}
