//! G.711: µ-law and A-law against 16-bit linear samples, and against each other by table.

use super::{Codec, Decoder, Encoder, Heard, Octets};

/// µ-law, static payload type 0 (RFC 3551 §4.5.14).
pub static PCMU: Codec = Codec {
    name: "PCMU",
    clock_hz: 8_000,
    rate_hz: 8_000,
    octets: Some(Octets { per_tick: 80, unit: 1, silence: Law::Mu.silence() }),
    frames_ms: &[],
    new_decoder: |_| Box::new(G711Decoder::new(Law::Mu)),
    new_encoder: |_, _| Box::new(G711Encoder(Law::Mu)),
};

/// A-law, static payload type 8 (RFC 3551 §4.5.14).
pub static PCMA: Codec = Codec {
    name: "PCMA",
    clock_hz: 8_000,
    rate_hz: 8_000,
    octets: Some(Octets { per_tick: 80, unit: 1, silence: Law::A.silence() }),
    frames_ms: &[],
    new_decoder: |_| Box::new(G711Decoder::new(Law::A)),
    new_encoder: |_, _| Box::new(G711Encoder(Law::A)),
};

/// The two companding laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// µ-law.
    Mu,
    /// A-law.
    A,
}

impl Law {
    /// The octet that decodes to (almost) zero.
    pub const fn silence(self) -> u8 {
        match self {
            Self::Mu => 0xff,
            Self::A => 0xd5,
        }
    }

    /// Compands one sample.
    pub fn encode(self, sample: i16) -> u8 {
        match self {
            Self::Mu => compress_mu(sample),
            Self::A => compress_a(sample),
        }
    }

    /// Appends the octets of samples.
    pub fn compress(self, pcm: &[i16], payload: &mut Vec<u8>) {
        // The law is chosen once, outside of the loop over samples.
        match self {
            Self::Mu => payload.extend(pcm.iter().map(|&sample| compress_mu(sample))),
            Self::A => payload.extend(pcm.iter().map(|&sample| compress_a(sample))),
        }
    }

    /// Expands one octet.
    pub fn decode(self, octet: u8) -> i16 {
        self.expansion()[octet as usize]
    }

    fn expansion(self) -> &'static [i16; 256] {
        match self {
            Self::Mu => &MU_TO_LINEAR,
            Self::A => &A_TO_LINEAR,
        }
    }
}

/// Rewrites octets of one law into the other one's, in place.
pub fn translate(from: Law, octets: &mut [u8]) {
    let table = match from {
        Law::Mu => &MU_TO_A,
        Law::A => &A_TO_MU,
    };
    for octet in octets {
        *octet = table[*octet as usize];
    }
}

/// What is remembered for a loss is remembered as octets as long as there is none: half as many as
/// samples would take.
#[repr(C)]
struct G711Decoder {
    law: Law,
    /// A packet was lost, and what `heard` knows is all there is.
    is_lost: bool,
    /// What `heard` was not told yet.
    untold: Vec<u8>,
    heard: Heard,
}

impl G711Decoder {
    fn new(law: Law) -> Self {
        Self { law, is_lost: false, untold: Vec::new(), heard: Heard::new(8_000) }
    }

    fn remember(&mut self, payload: &[u8]) {
        // To move all of it for each packet would cost more than to decode the packet.
        let kept = self.heard.memory();
        if self.untold.len() > 2 * kept {
            self.untold.drain(..self.untold.len() - kept);
        }
        self.untold.extend_from_slice(payload);
    }

    fn tell(&mut self) {
        let table = self.law.expansion();
        let mut pcm: Vec<i16> = self.untold.iter().map(|&octet| table[octet as usize]).collect();
        if !pcm.is_empty() {
            self.heard.packet(&mut pcm);
        }
        self.untold.clear();
    }
}

impl Decoder for G711Decoder {
    fn decode(&mut self, payload: &[u8], pcm: &mut Vec<i16>) -> bool {
        if payload.is_empty() {
            return false;
        }
        let start = pcm.len();
        let table = self.law.expansion();
        pcm.extend(payload.iter().map(|&octet| table[octet as usize]));
        if std::mem::take(&mut self.is_lost) {
            self.heard.packet(&mut pcm[start..]);
        } else {
            self.remember(payload);
        }
        true
    }

    fn conceal(&mut self, samples: usize, _next: Option<&[u8]>, pcm: &mut Vec<i16>) {
        self.tell();
        self.is_lost = true;
        self.heard.conceal(samples, pcm);
    }

    fn samples_in(&self, payload: &[u8]) -> usize {
        payload.len()
    }
}

struct G711Encoder(Law);

impl Encoder for G711Encoder {
    fn encode(&mut self, pcm: &[i16], payload: &mut Vec<u8>) {
        self.0.compress(pcm, payload);
    }
}

const MU_BIAS: i32 = 132;
const MU_CLIP: i32 = 32_635;

static MU_TO_LINEAR: [i16; 256] = linear_table(Law::Mu);
static A_TO_LINEAR: [i16; 256] = linear_table(Law::A);
static MU_TO_A: [u8; 256] = translation_table(Law::Mu);
static A_TO_MU: [u8; 256] = translation_table(Law::A);

/// Of the number that makes a segment's lowest magnitude a power of two: 2 to the 7th of segment 0.
const FIRST_POWER: u32 = 7;

/// The segment and the step within it, which are what a floating-point number has for exponent and
/// mantissa. So no table is needed, and several samples are done at once.
fn segment_and_step(magnitude: i16) -> u8 {
    let bits = f32::from(magnitude).to_bits();
    let exponent_and_step = bits >> (f32::MANTISSA_DIGITS - 1 - 4);
    exponent_and_step.wrapping_sub((f32::MAX_EXP as u32 - 1 + FIRST_POWER) << 4) as u8
}

fn compress_mu(sample: i16) -> u8 {
    let magnitude = sample.saturating_abs().min(MU_CLIP as i16) + MU_BIAS as i16;
    !(segment_and_step(magnitude) | (sample as u16 >> 8) as u8 & 0x80)
}

fn compress_a(sample: i16) -> u8 {
    let sign = sample >> 15;
    // A-law mirrors at -1, not at 0.
    let magnitude = sample ^ sign;
    let fine = segment_and_step(magnitude);
    let code = if magnitude < 256 { (magnitude >> 4) as u8 } else { fine };
    (code | !(sign as u8) & 0x80) ^ 0x55
}

const fn encode_mu(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let mut magnitude = (sample as i32).abs();
    if magnitude > MU_CLIP {
        magnitude = MU_CLIP;
    }
    magnitude += MU_BIAS;
    // The bias makes bit 7 the lowest possible leading bit.
    let segment = 31 - (magnitude as u32).leading_zeros() - 7;
    let step = (magnitude >> (segment + 3)) & 0x0f;
    !(sign | ((segment as u8) << 4) | step as u8)
}

const fn decode_mu(octet: u8) -> i16 {
    let inverted = !octet;
    let segment = (inverted >> 4) & 7;
    let step = (inverted & 0x0f) as i32;
    let magnitude = (((step << 3) + MU_BIAS) << segment) - MU_BIAS;
    (if inverted & 0x80 != 0 { -magnitude } else { magnitude }) as i16
}

const fn encode_a(sample: i16) -> u8 {
    let (sign, magnitude) = if sample >= 0 { (0x80, sample as i32) } else { (0, !(sample as i32)) };
    let code = if magnitude < 256 {
        magnitude >> 4
    } else {
        let segment = (31 - (magnitude as u32).leading_zeros() - 7) as i32;
        (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)
    };
    (sign | code as u8) ^ 0x55
}

const fn decode_a(octet: u8) -> i16 {
    let code = octet ^ 0x55;
    let segment = (code >> 4) & 7;
    let step = ((code & 0x0f) as i32) << 4;
    let magnitude = if segment == 0 { step + 8 } else { (step + 264) << (segment - 1) };
    (if code & 0x80 != 0 { magnitude } else { -magnitude }) as i16
}

const fn linear_table(law: Law) -> [i16; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = match law {
            Law::Mu => decode_mu(octet as u8),
            Law::A => decode_a(octet as u8),
        };
        octet += 1;
    }
    table
}

const fn translation_table(from: Law) -> [u8; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = match from {
            Law::Mu => encode_a(decode_mu(octet as u8)),
            Law::A => encode_mu(decode_a(octet as u8)),
        };
        octet += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWS: [Law; 2] = [Law::Mu, Law::A];

    #[test]
    fn every_octet_survives_a_round_trip() {
        for law in LAWS {
            for octet in 0..=255u8 {
                let again = law.encode(law.decode(octet));
                // µ-law has two zeros; the negative one comes back as the positive one.
                let is_negative_zero = law == Law::Mu && octet == 0x7f;
                assert!(again == octet || is_negative_zero, "{law:?} {octet:#x} {again:#x}");
            }
        }
    }

    #[test]
    fn known_values_of_the_tables() {
        assert_eq!(Law::Mu.decode(0x00), -32_124);
        assert_eq!(Law::Mu.decode(0x80), 32_124);
        assert_eq!(Law::A.decode(0x2a), -32_256);
        assert_eq!(Law::A.decode(0xaa), 32_256);
        assert_eq!(Law::Mu.encode(0), Law::Mu.silence());
        assert_eq!(Law::A.encode(0), Law::A.silence());
    }

    #[test]
    fn tables_say_what_the_laws_say() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(Law::Mu.encode(sample), encode_mu(sample), "{sample}");
            assert_eq!(Law::A.encode(sample), encode_a(sample), "{sample}");
        }
    }

    #[test]
    fn the_error_stays_within_half_a_step() {
        for law in LAWS {
            for sample in i16::MIN..=i16::MAX {
                let error = (i32::from(law.decode(law.encode(sample))) - i32::from(sample)).abs();
                let allowed = 16 + i32::from(sample).abs() / 25;
                assert!(error <= allowed, "{law:?} {sample} is off by {error}");
            }
        }
    }

    #[test]
    fn translating_is_close_to_the_original() {
        for (law, other) in [(Law::Mu, Law::A), (Law::A, Law::Mu)] {
            for octet in 0..=255u8 {
                let mut octets = [octet];
                translate(law, &mut octets);
                let before = i32::from(law.decode(octet));
                let after = i32::from(other.decode(octets[0]));
                assert!((before - after).abs() <= 16 + before.abs() / 25);
            }
        }
    }

    #[test]
    fn what_is_told_late_is_concealed_as_if_told_at_once() {
        let (mut decoder, mut heard) = (G711Decoder::new(Law::Mu), Heard::new(8_000));
        for packet in 0..100u32 {
            let (mut made, mut expected) = (Vec::new(), Vec::new());
            if packet % 23 > 20 || packet == 0 {
                decoder.conceal(160, None, &mut made);
                heard.conceal(160, &mut expected);
            } else {
                let sample = |at: u32| (packet * 160 + at) % 61 * (packet % 5) * 90;
                let payload: Vec<u8> =
                    (0..160).map(|at| Law::Mu.encode(sample(at) as i16)).collect();
                decoder.decode(&payload, &mut made);
                expected.extend(payload.iter().map(|&octet| Law::Mu.decode(octet)));
                heard.packet(&mut expected);
            }
            assert_eq!(made, expected, "packet {packet}");
        }
    }

    #[test]
    fn a_payload_is_the_octets_of_its_samples() {
        let pcm = [0, 1000, -1000, i16::MAX, i16::MIN];
        for (codec, law) in [(&PCMU, Law::Mu), (&PCMA, Law::A)] {
            let mut payload = Vec::new();
            (codec.new_encoder)("", 20).encode(&pcm, &mut payload);
            assert_eq!(payload, pcm.map(|sample| law.encode(sample)));
            let mut back = Vec::new();
            (codec.new_decoder)("").decode(&payload, &mut back);
            assert_eq!(back, pcm.map(|sample| law.decode(law.encode(sample))));
        }
    }
}
