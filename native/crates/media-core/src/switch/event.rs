//! What happened on a leg, and what was counted there.

/// What happened on a leg.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A key was pressed.
    Dtmf {
        /// Where.
        leg: i64,
        /// 0-9, *, #, A-D.
        key: char,
    },
    /// A play ran to its end.
    PlayFinished {
        /// Where.
        leg: i64,
        /// The play's.
        token: i64,
    },
    /// A recording is closed and on disk.
    RecordFinished {
        /// Where.
        leg: i64,
        /// The recording's.
        token: i64,
        /// The file.
        path: String,
        /// Of the audio in the file.
        duration_ms: u64,
        /// Why.
        end: RecordEnd,
    },
    /// Nothing arrived for the leg's timeout.
    MediaTimeout {
        /// Where.
        leg: i64,
    },
    /// The handshake that agrees on keys is over.
    Protection {
        /// Where.
        leg: i64,
        /// It succeeded.
        is_established: bool,
    },
    /// A member of a room began or ceased to talk.
    Talking {
        /// Where.
        leg: i64,
        /// It began.
        is_talking: bool,
    },
    /// A piece of what a leg says, for who listens to it.
    Audio {
        /// Where.
        leg: i64,
        /// The listener's.
        token: i64,
        /// 8,000 or 16,000.
        rate_hz: u32,
        /// Mono.
        samples: Vec<i16>,
    },
    /// The last event of a leg.
    LegClosed {
        /// Which.
        leg: i64,
        /// Its final counters.
        statistics: Statistics,
    },
}

/// Why a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordEnd {
    /// By command, or replaced by another one.
    Stopped,
    /// The greatest length is reached.
    MaxLength,
    /// Nobody spoke.
    Silence,
    /// A key was pressed.
    Dtmf,
    /// The leg is gone.
    LegClosed,
    /// The file could not be written.
    Failed,
}

/// A reading of a leg's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Statistics {
    /// RTP packets from the peer.
    pub packets_received: u64,
    /// RTP packets to the peer.
    pub packets_sent: u64,
    /// Octets of audio and events in them, as RTCP counts them (RFC 3550 §6.4.1).
    pub bytes_received: u64,
    /// Octets of audio and events in them.
    pub bytes_sent: u64,
    /// By sequence numbers.
    pub packets_lost: u64,
    /// From strangers, not RTP, or not authentic.
    pub packets_rejected: u64,
    /// None before two packets.
    pub jitter_us: Option<u64>,
    /// None without reports.
    pub round_trip_us: Option<u64>,
    /// What the peer sent, as we heard it; None before the first packet.
    pub received: Option<Quality>,
    /// What we sent, as the peer's reports say; None without reports.
    pub sent: Option<Quality>,
}

/// How one direction sounded; None where nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    /// That were sent or came.
    pub packets: Option<u64>,
    /// By sequence numbers.
    pub lost: Option<u64>,
    /// Microseconds.
    pub jitter_us: Option<u64>,
    /// Came after their time to be played.
    pub late: Option<u64>,
    /// Listening quality, 1.0 to 4.5.
    pub mos: Option<f32>,
}
