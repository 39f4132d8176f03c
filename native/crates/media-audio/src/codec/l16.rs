//! L16: linear samples of 16 bits in network byte order (RFC 3551 §4.5.11), mono.

use super::{Codec, Decoder, Encoder, Heard, Octets};

/// L16 of 8,000 Hz.
pub static L16_NARROWBAND: Codec = Codec {
    name: "L16",
    clock_hz: 8_000,
    rate_hz: 8_000,
    octets: Some(Octets { per_tick: 160, unit: 2, silence: 0 }),
    frames_ms: &[],
    new_decoder: |_| Box::new(L16Decoder(Heard::new(8_000))),
    new_encoder: |_, _| Box::new(L16Encoder),
};

/// L16 of 16,000 Hz. A packet of more than 40 ms does not fit a usual MTU.
pub static L16_WIDEBAND: Codec = Codec {
    name: "L16",
    clock_hz: 16_000,
    rate_hz: 16_000,
    octets: Some(Octets { per_tick: 320, unit: 2, silence: 0 }),
    frames_ms: &[10, 20, 30, 40],
    new_decoder: |_| Box::new(L16Decoder(Heard::new(16_000))),
    new_encoder: |_, _| Box::new(L16Encoder),
};

struct L16Decoder(Heard);

impl Decoder for L16Decoder {
    fn decode(&mut self, payload: &[u8], pcm: &mut Vec<i16>) -> bool {
        let start = pcm.len();
        if payload.is_empty() || payload.len() % 2 == 1 {
            return false;
        }
        pcm.extend(payload.chunks_exact(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])));
        self.0.packet(&mut pcm[start..]);
        true
    }

    fn conceal(&mut self, samples: usize, _next: Option<&[u8]>, pcm: &mut Vec<i16>) {
        self.0.conceal(samples, pcm);
    }

    fn samples_in(&self, payload: &[u8]) -> usize {
        if payload.len().is_multiple_of(2) { payload.len() / 2 } else { 0 }
    }
}

struct L16Encoder;

impl Encoder for L16Encoder {
    fn encode(&mut self, pcm: &[i16], payload: &mut Vec<u8>) {
        payload.extend(pcm.iter().flat_map(|sample| sample.to_be_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_travel_with_the_high_octet_first() {
        let mut payload = Vec::new();
        (L16_WIDEBAND.new_encoder)("", 20).encode(&[1, -2, 0x1234], &mut payload);
        assert_eq!(payload, [0, 1, 0xff, 0xfe, 0x12, 0x34]);
        let mut pcm = Vec::new();
        assert!((L16_WIDEBAND.new_decoder)("").decode(&payload, &mut pcm));
        assert_eq!(pcm, [1, -2, 0x1234]);
    }

    #[test]
    fn half_a_sample_is_malformed() {
        let mut pcm = Vec::new();
        assert!(!(L16_NARROWBAND.new_decoder)("").decode(&[1, 2, 3], &mut pcm));
        assert!(pcm.is_empty());
    }
}
