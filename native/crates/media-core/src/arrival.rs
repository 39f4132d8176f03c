//! Packets on their way into the jitter buffer, and what became of them.

/// A packet that came in.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Of the packet.
    pub sequence: u16,
    /// Of the packet, in its clock.
    pub timestamp: u32,
    /// Its source.
    pub ssrc: u32,
    /// A talk spurt begins.
    pub marker: bool,
    /// The clock of the timestamps; 48,000 is a multiple of it.
    pub clock_hz: u32,
    /// The reader's own name for what the payload is.
    pub format: u8,
    /// Units that the payload plays for; 0 for a description of noise.
    pub duration: i64,
    /// The audio.
    pub payload: &'a [u8],
}

impl Arrival<'_> {
    /// Units in a tick of its clock.
    pub(crate) fn units(&self) -> u16 {
        (48_000 / self.clock_hz.max(1)).min(u16::MAX.into()) as u16
    }
}

/// What happened to packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Came after their time, and were dropped.
    pub late: u64,
    /// Came in time and were dropped: too many, or not of this stream.
    pub discarded: u64,
    /// Came again.
    pub duplicates: u64,
    /// Units made up for lost and late packets.
    pub concealed: i64,
}
