//! G.711: µ-law and A-law against 16-bit linear samples, and against each other by table.

/// The two companding laws, named like their RTP encodings (RFC 3551 §4.5.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// µ-law, payload type 0.
    Pcmu,
    /// A-law, payload type 8.
    Pcma,
}

impl Codec {
    /// The codec of a static payload type (RFC 3551 §6).
    pub fn from_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            0 => Some(Self::Pcmu),
            8 => Some(Self::Pcma),
            _ => None,
        }
    }

    /// The static payload type.
    pub fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
        }
    }

    /// The octet that decodes to (almost) zero.
    pub fn silence(self) -> u8 {
        match self {
            Self::Pcmu => 0xff,
            Self::Pcma => 0xd5,
        }
    }

    /// Compands one sample.
    pub fn encode(self, sample: i16) -> u8 {
        match self {
            Self::Pcmu => encode_mu(sample),
            Self::Pcma => encode_a(sample),
        }
    }

    /// Expands one octet.
    pub fn decode(self, octet: u8) -> i16 {
        match self {
            Self::Pcmu => MU_TO_LINEAR[octet as usize],
            Self::Pcma => A_TO_LINEAR[octet as usize],
        }
    }

    /// Rewrites octets of this law into the other one's.
    pub fn transcode(self, octets: &mut [u8]) {
        let table = match self {
            Self::Pcmu => &MU_TO_A,
            Self::Pcma => &A_TO_MU,
        };
        for octet in octets {
            *octet = table[*octet as usize];
        }
    }
}

const MU_BIAS: i32 = 132;
const MU_CLIP: i32 = 32_635;

static MU_TO_LINEAR: [i16; 256] = linear_table(true);
static A_TO_LINEAR: [i16; 256] = linear_table(false);
static MU_TO_A: [u8; 256] = law_table(true);
static A_TO_MU: [u8; 256] = law_table(false);

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

const fn linear_table(mu: bool) -> [i16; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = if mu { decode_mu(octet as u8) } else { decode_a(octet as u8) };
        octet += 1;
    }
    table
}

const fn law_table(from_mu: bool) -> [u8; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = if from_mu {
            encode_a(decode_mu(octet as u8))
        } else {
            encode_mu(decode_a(octet as u8))
        };
        octet += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWS: [Codec; 2] = [Codec::Pcmu, Codec::Pcma];

    #[test]
    fn every_octet_survives_a_round_trip() {
        for law in LAWS {
            for octet in 0..=255u8 {
                let again = law.encode(law.decode(octet));
                // µ-law has two zeros; the negative one comes back as the positive one.
                let is_negative_zero = law == Codec::Pcmu && octet == 0x7f;
                assert!(again == octet || is_negative_zero, "{law:?} {octet:#x} {again:#x}");
            }
        }
    }

    #[test]
    fn known_values_of_the_tables() {
        assert_eq!(Codec::Pcmu.decode(0x00), -32_124);
        assert_eq!(Codec::Pcmu.decode(0x80), 32_124);
        assert_eq!(Codec::Pcma.decode(0x2a), -32_256);
        assert_eq!(Codec::Pcma.decode(0xaa), 32_256);
        assert_eq!(Codec::Pcmu.encode(0), Codec::Pcmu.silence());
        assert_eq!(Codec::Pcma.encode(0), Codec::Pcma.silence());
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
    fn transcoding_is_close_to_the_original() {
        for law in LAWS {
            let other = if law == Codec::Pcmu { Codec::Pcma } else { Codec::Pcmu };
            for octet in 0..=255u8 {
                let mut octets = [octet];
                law.transcode(&mut octets);
                let before = i32::from(law.decode(octet));
                let after = i32::from(other.decode(octets[0]));
                assert!((before - after).abs() <= 16 + before.abs() / 25);
            }
        }
    }
}
