//! What the media engine knows about packets, codecs, keys, tones, recordings and statistics.
//!
//! No sockets, no clock, no threads: time comes in as an argument, in samples of 125 µs unless the
//! name says otherwise. Audio is 8000 Hz, mono.

pub mod dtmf_receiver;
pub mod dtmf_sender;
pub mod g711;
pub mod latch;
pub mod outbound;
pub mod playback;
pub mod reception;
pub mod recording;
pub mod rtcp;
pub mod rtp;
pub mod telephone_event;
pub mod tone;
pub mod wav;

/// Samples of 8000 Hz audio in a millisecond.
pub const SAMPLES_PER_MS: u64 = 8;
