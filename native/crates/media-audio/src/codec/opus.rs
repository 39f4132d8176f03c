//! Opus (RFC 6716, RFC 7587) by libopus, heard and spoken at 16,000 Hz, mono.

use opusic_c::{Application, Bandwidth, Bitrate, Channels, InbandFec, SampleRate, Signal, utils};

use super::{Codec, Decoder, Encoder, parameter};

/// Opus; SDP says two channels always (RFC 7587 §7), libopus mixes them down.
pub static OPUS: Codec = Codec {
    name: "OPUS",
    clock_hz: 48_000,
    rate_hz: 16_000,
    octets: None,
    frames_ms: &[10, 20, 40, 60],
    new_decoder: |_| Box::new(OpusDecoder::new()),
    new_encoder: |fmtp, _| Box::new(OpusEncoder::new(fmtp)),
};

const RATE: SampleRate = SampleRate::Hz16000;
/// The longest packet is of 120 ms (RFC 6716 §3.2.5).
const SAMPLES_MAX: usize = 16 * 120;
/// What is made up comes in multiples of 2.5 ms.
const SAMPLES_STEP: usize = 40;
/// A frame has at most 1275 octets (RFC 6716 §3.2.1), and one with the TOC fits any MTU.
const PAYLOAD_MAX: usize = 1276;
/// Wideband speech of 20 ms frames (RFC 7587 §3.1.1 names 16 to 20 kbit/s, redundancy on top).
const BIT_RATE: u32 = 28_000;
const BIT_RATE_MIN: u32 = 6_000;
/// The voice coder in libopus has no more to give from 8 on.
const COMPLEXITY: u8 = 8;
/// A peer that asks for redundancy knows of losses that were not reported yet.
const LOSS_AT_FIRST: u8 = 5;
/// From this frugality on, half the band is given up as well.
const FRUGAL_NARROWBAND: u8 = 9;

struct OpusDecoder {
    /// None when memory was short: then nothing is ever decoded.
    inner: Option<opusic_c::Decoder>,
    /// The binding takes samples as `u16`.
    scratch: Vec<u16>,
}

impl OpusDecoder {
    fn new() -> Self {
        Self { inner: opusic_c::Decoder::new(Channels::Mono, RATE).ok(), scratch: Vec::new() }
    }

    /// Decodes into `pcm`; with no payload it makes up `samples`, with `redundancy` it takes them
    /// from what the payload tells about the packet before it.
    fn run(
        &mut self,
        payload: &[u8],
        samples: usize,
        redundancy: bool,
        pcm: &mut Vec<i16>,
    ) -> bool {
        let Some(inner) = &mut self.inner else { return false };
        self.scratch.clear();
        let done = inner.decode_to_vec(payload, &mut self.scratch, samples, redundancy);
        pcm.extend(self.scratch.iter().map(|&sample| sample as i16));
        done.is_ok_and(|count| count > 0)
    }
}

impl Decoder for OpusDecoder {
    fn decode(&mut self, payload: &[u8], pcm: &mut Vec<i16>) -> bool {
        let samples = self.samples_in(payload);
        samples > 0 && self.run(payload, samples, false, pcm)
    }

    fn conceal(&mut self, samples: usize, next: Option<&[u8]>, pcm: &mut Vec<i16>) {
        let end = pcm.len() + samples;
        let next = next.filter(|payload| self.samples_in(payload) > 0);
        while pcm.len() < end {
            let missing = end - pcm.len();
            // The redundancy tells of the last packet before `next`: it comes with the last step.
            let step = missing.next_multiple_of(SAMPLES_STEP).min(SAMPLES_MAX);
            let next = next.filter(|_| step >= missing);
            let done = match next {
                Some(payload) => self.run(payload, step, true, pcm),
                None => self.run(&[], step, false, pcm),
            };
            if !done {
                break;
            }
        }
        pcm.resize(end, 0);
    }

    fn samples_in(&self, payload: &[u8]) -> usize {
        if payload.is_empty() {
            return 0;
        }
        let samples = utils::get_nb_samples(payload, RATE).unwrap_or(0);
        if samples <= SAMPLES_MAX { samples } else { 0 }
    }
}

/// What the peer asks for (RFC 7587 §6.1).
struct Wishes {
    bandwidth: Bandwidth,
    bit_rate: u32,
    has_constant_rate: bool,
    has_redundancy: bool,
    is_silent_in_pauses: bool,
}

impl Wishes {
    fn new(fmtp: &str) -> Self {
        let number = |name| parameter(fmtp, name).and_then(|value| value.parse::<u32>().ok());
        let is_on = |name| parameter(fmtp, name) == Some("1");
        Self {
            bandwidth: match number("maxplaybackrate") {
                Some(..=8_000) => Bandwidth::Narrow,
                Some(..=12_000) => Bandwidth::Medium,
                _ => Bandwidth::Wide,
            },
            bit_rate: number("maxaveragebitrate")
                .map_or(BIT_RATE, |bound| bound.clamp(BIT_RATE_MIN, BIT_RATE)),
            has_constant_rate: is_on("cbr"),
            has_redundancy: is_on("useinbandfec"),
            is_silent_in_pauses: is_on("usedtx"),
        }
    }
}

struct OpusEncoder {
    /// None when memory was short: then nothing is ever sent.
    inner: Option<opusic_c::Encoder>,
    wishes: Wishes,
    scratch: Vec<u16>,
    frugality: u8,
    loss_percent: u8,
}

impl OpusEncoder {
    fn new(fmtp: &str) -> Self {
        let wishes = Wishes::new(fmtp);
        let inner = opusic_c::Encoder::new(Channels::Mono, RATE, Application::Voip)
            .ok()
            .and_then(|mut inner| Self::configure(&mut inner, &wishes).is_ok().then_some(inner));
        Self { inner, wishes, scratch: Vec::new(), frugality: 0, loss_percent: 0 }
    }

    fn configure(
        inner: &mut opusic_c::Encoder,
        wishes: &Wishes,
    ) -> Result<(), opusic_c::ErrorCode> {
        inner.set_bitrate(Bitrate::Value(wishes.bit_rate))?;
        inner.set_vbr(!wishes.has_constant_rate)?;
        inner.set_signal(Signal::Voice)?;
        inner.set_max_bandwidth(wishes.bandwidth)?;
        inner.set_complexity(COMPLEXITY)?;
        inner.set_dtx(wishes.is_silent_in_pauses)?;
        if wishes.has_redundancy {
            inner.set_inband_fec(InbandFec::Mode1)?;
            inner.set_packet_loss(LOSS_AT_FIRST)?;
        }
        Ok(())
    }
}

impl Encoder for OpusEncoder {
    fn encode(&mut self, pcm: &[i16], payload: &mut Vec<u8>) {
        let Some(inner) = &mut self.inner else { return };
        self.scratch.clear();
        self.scratch.extend(pcm.iter().map(|&sample| sample as u16));
        let mut frame = [0; PAYLOAD_MAX];
        // Up to two octets say that silence goes on, and need not be sent.
        if let Ok(length @ 3..) = inner.encode_to_slice(&self.scratch, &mut frame) {
            payload.extend_from_slice(&frame[..length]);
        }
    }

    fn expect_loss(&mut self, percent: u8) {
        let percent = percent.min(100);
        if !self.wishes.has_redundancy || percent == self.loss_percent {
            return;
        }
        if let Some(inner) = &mut self.inner {
            // A peer that asks for redundancy always gets some.
            if inner.set_packet_loss(percent.max(1)).is_ok() {
                self.loss_percent = percent;
            }
        }
    }

    fn be_frugal(&mut self, level: u8) {
        let level = level.min(10);
        let Some(inner) = &mut self.inner else { return };
        if level == self.frugality {
            return;
        }
        let bandwidth =
            if level < FRUGAL_NARROWBAND { self.wishes.bandwidth } else { Bandwidth::Narrow };
        let complexity = COMPLEXITY.min(10 - level);
        if inner.set_complexity(complexity).and(inner.set_max_bandwidth(bandwidth)).is_ok() {
            self.frugality = level;
        }
    }
}

#[cfg(test)]
mod tests;
