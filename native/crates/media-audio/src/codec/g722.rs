//! G.722 at 64 kbit/s (ITU-T G.722, mode 1): two bands of 8,000 Hz, each in ADPCM, in an octet.

use super::{Codec, Decoder, Encoder, Heard, Octets};

mod band;
mod tables;

use band::{Band, saturated};
use tables::{
    CODE_LOW_NEGATIVE, CODE_LOW_POSITIVE, DECISIONS_LOW, INVERSE_2, INVERSE_4, INVERSE_6, MIRROR,
    STEP_HIGH, STEP_LOW,
};

/// Static payload type 9; its RTP clock is 8,000 Hz by an old error (RFC 3551 §4.5.2).
pub static G722: Codec = Codec {
    name: "G722",
    clock_hz: 8_000,
    rate_hz: 16_000,
    // The encoder makes 0xfa of zeros, but 0xfd leads a decoder in any state to smaller steps.
    octets: Some(Octets { per_tick: 80, unit: 1, silence: 0xfd }),
    frames_ms: &[],
    new_decoder: |_| Box::new(G722Decoder::new()),
    new_encoder: |_, _| Box::new(G722Encoder::new()),
};

/// Samples that the filter of 24 taps looks back before a pair of new ones.
const HISTORY: usize = 22;
/// Pairs of samples worked on at once.
const BLOCK: usize = 160;
const LINE: usize = HISTORY + 2 * BLOCK;

/// The sums of the even and the odd taps of the quadrature mirror filter.
fn mirror(window: &[i16]) -> (i32, i32) {
    let (mut even, mut odd) = (0, 0);
    for (pair, taps) in window.chunks_exact(2).zip(&MIRROR) {
        even += i32::from(pair[0]) * i32::from(taps[0]);
        odd += i32::from(pair[1]) * i32::from(taps[1]);
    }
    (even, odd)
}

struct G722Encoder {
    low: Band,
    high: Band,
    history: [i16; HISTORY],
}

impl G722Encoder {
    fn new() -> Self {
        Self { low: Band::low(), high: Band::high(), history: [0; HISTORY] }
    }

    /// Blocks QUANTL, INVQAL and QUANTH, INVQAH of the Recommendation.
    fn octet(&mut self, low: i32, high: i32) -> u8 {
        let error = saturated(low - self.low.estimate);
        let magnitude = if error >= 0 { error } else { -(error + 1) };
        let step = self.low.step;
        let level = DECISIONS_LOW.partition_point(|&bound| (bound * step) >> 12 <= magnitude);
        let code = if error < 0 { CODE_LOW_NEGATIVE[level] } else { CODE_LOW_POSITIVE[level] };
        let coarse = usize::from(code >> 2);
        self.low.adapt((step * INVERSE_4[coarse]) >> 15, STEP_LOW[coarse]);

        let error = saturated(high - self.high.estimate);
        let magnitude = if error >= 0 { error } else { -(error + 1) };
        let step = self.high.step;
        let is_large = magnitude >= (564 * step) >> 12;
        let sign = if error < 0 { 0 } else { 2 };
        let high_code = sign | u8::from(!is_large);
        let index = usize::from(high_code);
        self.high.adapt((step * INVERSE_2[index]) >> 15, STEP_HIGH[index]);
        (high_code << 6) | code
    }
}

impl Encoder for G722Encoder {
    fn encode(&mut self, pcm: &[i16], payload: &mut Vec<u8>) {
        for block in pcm.chunks(2 * BLOCK) {
            let mut line = [0; LINE];
            let end = HISTORY + block.len();
            line[..HISTORY].copy_from_slice(&self.history);
            line[HISTORY..end].copy_from_slice(block);
            for window in line[..end].windows(HISTORY + 2).step_by(2) {
                let (even, odd) = mirror(window);
                let octet = self.octet((odd + even) >> 14, (odd - even) >> 14);
                payload.push(octet);
            }
            self.history.copy_from_slice(&line[block.len()..end]);
        }
    }
}

struct G722Decoder {
    low: Band,
    high: Band,
    history: [i16; HISTORY],
    heard: Heard,
}

impl G722Decoder {
    fn new() -> Self {
        let heard = Heard::new(G722.rate_hz);
        Self { low: Band::low(), high: Band::high(), history: [0; HISTORY], heard }
    }

    /// What the two bands are at the next instant of 8,000 Hz (INVQBL, INVQAH, LIMIT).
    fn bands(&mut self, octet: u8) -> (i32, i32) {
        let code = usize::from(octet & 0x3f);
        let step = self.low.step;
        let low = limited(self.low.estimate + ((step * INVERSE_6[code]) >> 15));
        self.low.adapt((step * INVERSE_4[code >> 2]) >> 15, STEP_LOW[code >> 2]);

        let index = usize::from(octet >> 6);
        let difference = (self.high.step * INVERSE_2[index]) >> 15;
        let high = limited(self.high.estimate + difference);
        self.high.adapt(difference, STEP_HIGH[index]);
        (low, high)
    }
}

impl Decoder for G722Decoder {
    fn decode(&mut self, payload: &[u8], pcm: &mut Vec<i16>) -> bool {
        if payload.is_empty() {
            return false;
        }
        let start = pcm.len();
        pcm.reserve(2 * payload.len());
        for block in payload.chunks(BLOCK) {
            let mut line = [0; LINE];
            let end = HISTORY + 2 * block.len();
            line[..HISTORY].copy_from_slice(&self.history);
            for (pair, &octet) in line[HISTORY..end].chunks_exact_mut(2).zip(block) {
                let (low, high) = self.bands(octet);
                // Both are of 15 bits.
                pair[0] = (low + high) as i16;
                pair[1] = (low - high) as i16;
            }
            for window in line[..end].windows(HISTORY + 2).step_by(2) {
                let (even, odd) = mirror(window);
                pcm.extend([saturated(odd >> 11) as i16, saturated(even >> 11) as i16]);
            }
            self.history.copy_from_slice(&line[2 * block.len()..end]);
        }
        self.heard.packet(&mut pcm[start..]);
        true
    }

    fn conceal(&mut self, samples: usize, _next: Option<&[u8]>, pcm: &mut Vec<i16>) {
        self.heard.conceal(samples, pcm);
    }

    fn samples_in(&self, payload: &[u8]) -> usize {
        2 * payload.len()
    }
}

fn limited(sample: i32) -> i32 {
    sample.clamp(-16_384, 16_383)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// Loud and soft, smooth and noisy, for 2 s; whole numbers only, so that it is the same anywhere.
    fn reference_signal() -> Vec<i16> {
        let mut seed = 1u32;
        let mut wave = |n: i32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 16) as i32 - 32_768;
            let triangle = ((n * (7 + n / 800)) % 400 - 200).abs() * 160 - 16_000;
            let loudness = [1, 32, 4, 64, 0, 16, 128, 2][(n / 4_000) as usize];
            (triangle * loudness / 64 + noise * loudness / 256).clamp(-32_768, 32_767) as i16
        };
        (0..32_000).map(&mut wave).collect()
    }

    fn fnv1a(octets: impl IntoIterator<Item = u8>) -> u64 {
        octets.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, octet| {
            (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    fn encoded(pcm: &[i16], frame: usize) -> Vec<u8> {
        let (mut encoder, mut payload) = (G722Encoder::new(), Vec::new());
        pcm.chunks(frame).for_each(|piece| encoder.encode(piece, &mut payload));
        payload
    }

    fn decoded(payload: &[u8], frame: usize) -> Vec<i16> {
        let (mut decoder, mut pcm) = (G722Decoder::new(), Vec::new());
        payload.chunks(frame).for_each(|piece| assert!(decoder.decode(piece, &mut pcm)));
        pcm
    }

    #[test]
    fn every_octet_and_sample_is_that_of_other_implementations() {
        // The two numbers were made with FFmpeg 5.1 and with libg722 1.2.8, which agree.
        let payload = encoded(&reference_signal(), 320);
        assert_eq!(fnv1a(payload.iter().copied()), 0x1fee_5180_9761_050a);
        let samples = decoded(&payload, 160);
        assert_eq!(fnv1a(samples.iter().flat_map(|s| s.to_le_bytes())), 0x6e51_7d91_e921_ca53);
    }

    #[test]
    fn frames_of_any_length_give_the_same_octets_and_samples() {
        let pcm = reference_signal();
        let whole = encoded(&pcm, pcm.len());
        assert_eq!(encoded(&pcm, 160), whole);
        assert_eq!(encoded(&pcm, 962), whole);
        assert_eq!(decoded(&whole, 77), decoded(&whole, whole.len()));
    }

    #[test]
    fn tones_survive_in_both_bands() {
        for (frequency_hz, expected_db) in
            [(300, 30.0), (1_000, 30.0), (3_000, 25.0), (6_000, 15.0)]
        {
            let step = TAU * f64::from(frequency_hz) / 16_000.0;
            let pcm: Vec<i16> =
                (0..16_000).map(|n| (8_000.0 * (step * f64::from(n)).sin()) as i16).collect();
            let back = decoded(&encoded(&pcm, 320), 160);
            // Both filters together delay by 22 samples.
            let pairs = pcm[8_000..15_000].iter().zip(&back[8_022..]);
            let (signal, noise) = pairs.fold((0.0, 0.0), |(signal, noise), (&sent, &heard)| {
                let (sent, heard) = (f64::from(sent), f64::from(heard));
                (signal + sent * sent, noise + (sent - heard) * (sent - heard))
            });
            let ratio_db = 10.0 * (signal / noise).log10();
            assert!(ratio_db > expected_db, "{frequency_hz} Hz: {ratio_db} dB");
        }
    }
}
