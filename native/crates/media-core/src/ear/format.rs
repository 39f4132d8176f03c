//! A format that a peer sends, with its decoder.

use media_audio::codec::{Codec, Decoder};

/// A codec with what was agreed on it.
#[repr(align(64))]
pub struct Format {
    /// What waiting packets call it.
    pub tag: u8,
    /// How packets are encoded.
    pub codec: &'static Codec,
    /// What we told the peer of it.
    pub fmtp: Box<str>,
    /// Its state.
    pub decoder: Box<dyn Decoder>,
}

impl Format {
    /// Nothing was decoded yet.
    pub fn new(tag: u8, codec: &'static Codec, fmtp: &str) -> Self {
        Self { tag, codec, fmtp: fmtp.into(), decoder: (codec.new_decoder)(fmtp) }
    }

    /// Units of a sample.
    pub fn units(&self) -> i64 {
        units_of(self.codec.rate_hz)
    }
}

/// Units of a sample of this rate.
pub fn units_of(rate_hz: u32) -> i64 {
    48_000 / i64::from(rate_hz)
}
