//! What the media engine knows about packets, codecs, keys, tones, recordings and statistics.
//!
//! No sockets, no clock, no threads: time comes in as an argument, in samples of 125 µs unless the
//! name says otherwise. Audio is mono, of 8,000 or 16,000 Hz.

mod arrival;
pub mod bursts;
pub mod dtmf_receiver;
pub mod dtmf_sender;
pub mod ear;
pub mod jitter_buffer;
pub mod latch;
pub mod ogg_opus;
pub mod outbound;
mod partial_packet;
pub mod payload;
pub mod play_delay;
pub mod playback;
pub mod quality;
pub mod reception;
pub mod recording;
mod relayed_source;
pub mod reported;
pub mod room;
pub mod rtcp;
pub mod rtp;
pub mod switch;
pub mod telephone_event;
pub mod tone;
pub mod wav;

/// Samples of 8000 Hz audio in a millisecond.
pub const SAMPLES_PER_MS: u64 = 8;
