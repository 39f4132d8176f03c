//! The codecs: what the rest of the engine needs to know of one, and which ones there are.

pub mod g711;
pub mod g722;
pub mod l16;
pub mod opus;

use std::fmt;

use crate::concealment::Concealer;

/// One codec as SDP names it. Adding one is a file and a line in [`CODECS`].
pub struct Codec {
    /// The encoding name of SDP, upper case (RFC 4855).
    pub name: &'static str,
    /// Clock of RTP timestamps.
    pub clock_hz: u32,
    /// Rate of the PCM that its decoder gives and its encoder takes.
    pub rate_hz: u32,
    /// There when every piece of a payload is a payload, so that packets may be cut and joined.
    pub octets: Option<Octets>,
    /// The packet times it can make, ascending, when not any multiple of 10 ms.
    pub frames_ms: &'static [u32],
    /// Makes a decoder, told the `fmtp` of what we receive.
    pub new_decoder: fn(&str) -> Box<dyn Decoder>,
    /// Makes an encoder, told the `fmtp` that the peer asks for and the packet time in ms.
    pub new_encoder: fn(&str, u32) -> Box<dyn Encoder>,
}

impl fmt::Debug for Codec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.name, self.clock_hz)
    }
}

/// The payload of a codec without frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Octets {
    /// Payload octets of 10 ms, which are `clock_hz / 100` ticks of the RTP clock.
    pub per_tick: usize,
    /// Octets that may not be cut apart.
    pub unit: usize,
    /// What a payload of silence consists of.
    pub silence: u8,
}

/// Payloads in, PCM at the codec's rate out.
pub trait Decoder: Send {
    /// Appends a packet's audio. A malformed payload appends nothing and returns false.
    fn decode(&mut self, payload: &[u8], pcm: &mut Vec<i16>) -> bool;

    /// Appends `samples` of audio for what is missing: from the redundancy that the packet after
    /// it, `next`, may carry, else made up from what was heard before.
    fn conceal(&mut self, samples: usize, next: Option<&[u8]>, pcm: &mut Vec<i16>);

    /// Samples in a payload; 0 for a malformed one.
    fn samples_in(&self, payload: &[u8]) -> usize;
}

/// PCM at the codec's rate in, payloads out.
pub trait Encoder: Send {
    /// Appends the payload of one packet. Appends nothing when there is nothing to send: the peer
    /// asked for no packets in silence, or `pcm` is not a frame of the codec.
    fn encode(&mut self, pcm: &[i16], payload: &mut Vec<u8>);

    /// How much of what we send gets lost, from the peer's reports.
    fn expect_loss(&mut self, _percent: u8) {}

    /// How much CPU to save: 0 none, 10 as much as possible.
    fn be_frugal(&mut self, _level: u8) {}
}

/// Every codec of the engine.
pub static CODECS: [&Codec; 6] =
    [&g711::PCMU, &g711::PCMA, &g722::G722, &opus::OPUS, &l16::L16_WIDEBAND, &l16::L16_NARROWBAND];

/// The codec of an `a=rtpmap`; names are compared without case (RFC 4855 §3).
pub fn find(name: &str, clock_hz: u32) -> Option<&'static Codec> {
    CODECS
        .into_iter()
        .find(|codec| codec.clock_hz == clock_hz && codec.name.eq_ignore_ascii_case(name))
}

impl Codec {
    /// The packet time to use for a peer that wishes `ptime_ms`: a wish, not an order (RFC 8866
    /// §6.4), bounded to 10–60 ms.
    pub fn frame_ms(&self, ptime_ms: u32) -> u32 {
        let wish = (ptime_ms / 10 * 10).clamp(10, 60);
        self.frames_ms.iter().rev().find(|&&frame| frame <= wish).copied().unwrap_or(wish)
    }

    /// Ticks of the RTP clock in 10 ms.
    pub fn ticks_per_10_ms(&self) -> u32 {
        self.clock_hz / 100
    }

    /// Samples of PCM in 10 ms.
    pub fn samples_per_10_ms(&self) -> usize {
        self.rate_hz as usize / 100
    }
}

/// The part of decoding that codecs without concealment of their own share.
struct Heard {
    concealer: Concealer,
    is_lost: bool,
}

impl Heard {
    fn new(rate_hz: u32) -> Self {
        Self { concealer: Concealer::new(rate_hz), is_lost: false }
    }

    /// Takes what a packet decoded to; after a loss its start is blended with what was made up.
    fn packet(&mut self, pcm: &mut [i16]) {
        if self.is_lost {
            self.concealer.resume(pcm);
            self.is_lost = false;
        }
        self.concealer.heard(pcm);
    }

    /// Samples that are remembered.
    fn memory(&self) -> usize {
        self.concealer.memory()
    }

    fn conceal(&mut self, samples: usize, pcm: &mut Vec<i16>) {
        self.is_lost = true;
        self.concealer.conceal(samples, pcm);
    }
}

/// The value of a parameter in an `a=fmtp` of the usual form `name=value; name=value`.
fn parameter<'a>(fmtp: &'a str, name: &str) -> Option<&'a str> {
    fmtp.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_are_found_by_name_and_clock() {
        assert_eq!(find("pcmu", 8_000).unwrap().name, "PCMU");
        assert_eq!(find("opus", 48_000).unwrap().rate_hz, 16_000);
        assert_eq!(find("L16", 16_000).unwrap().octets.unwrap().per_tick, 320);
        assert_eq!(find("L16", 8_000).unwrap().rate_hz, 8_000);
        assert!(find("opus", 8_000).is_none());
        assert!(find("L16", 44_100).is_none());
        assert!(find("AMR", 8_000).is_none());
    }

    #[test]
    fn wished_packet_times_become_frames_that_the_codec_can_make() {
        assert_eq!(g711::PCMU.frame_ms(30), 30);
        assert_eq!(g711::PCMU.frame_ms(0), 10);
        assert_eq!(g711::PCMU.frame_ms(25), 20);
        assert_eq!(g711::PCMU.frame_ms(4_000_000_000), 60);
        assert_eq!(opus::OPUS.frame_ms(30), 20);
        assert_eq!(opus::OPUS.frame_ms(50), 40);
        assert_eq!(opus::OPUS.frame_ms(60), 60);
    }

    #[test]
    fn parameters_are_found_whatever_their_spelling() {
        let fmtp = "minptime=10; useinbandfec=1 ;MaxAverageBitrate = 20000;broken";
        assert_eq!(parameter(fmtp, "useinbandfec"), Some("1"));
        assert_eq!(parameter(fmtp, "maxaveragebitrate"), Some("20000"));
        assert_eq!(parameter(fmtp, "broken"), None);
        assert_eq!(parameter("", "cbr"), None);
    }

    #[test]
    fn every_frame_of_every_codec_comes_back_with_its_length() {
        for codec in CODECS {
            for frame_ms in (10..=60).step_by(10).filter(|&ms| codec.frame_ms(ms) == ms) {
                let samples = codec.rate_hz as usize / 1000 * frame_ms as usize;
                let mut payload = Vec::new();
                (codec.new_encoder)("", frame_ms).encode(&vec![0; samples], &mut payload);
                let mut decoder = (codec.new_decoder)("");
                let mut pcm = Vec::new();
                assert_eq!(decoder.samples_in(&payload), samples, "{} {frame_ms}", codec.name);
                assert!(decoder.decode(&payload, &mut pcm));
                assert_eq!(pcm.len(), samples, "{} {frame_ms}", codec.name);
                if let Some(octets) = codec.octets {
                    assert_eq!(payload.len(), octets.per_tick * frame_ms as usize / 10);
                }
            }
        }
    }

    #[test]
    fn payloads_of_silence_are_silent() {
        for codec in CODECS {
            let Some(octets) = codec.octets else { continue };
            let mut decoder = (codec.new_decoder)("");
            let mut pcm = Vec::new();
            for _ in 0..100 {
                assert!(decoder.decode(&vec![octets.silence; octets.per_tick], &mut pcm));
            }
            let peak = pcm.iter().map(|sample| sample.unsigned_abs()).max();
            assert!(peak <= Some(16), "{} {peak:?}", codec.name);
        }
    }

    #[test]
    fn nothing_decodes_to_nothing_and_any_octets_decode_to_something_or_nothing() {
        for codec in CODECS {
            let mut decoder = (codec.new_decoder)("");
            let mut pcm = Vec::new();
            assert!(!decoder.decode(&[], &mut pcm));
            assert_eq!(decoder.samples_in(&[]), 0);
            let mut seed = 1u32;
            for length in 1..400usize {
                let payload: Vec<u8> = (0..length)
                    .map(|_| {
                        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        (seed >> 24) as u8
                    })
                    .collect();
                pcm.clear();
                let samples = decoder.samples_in(&payload);
                assert_eq!(decoder.decode(&payload, &mut pcm), !pcm.is_empty());
                assert!(pcm.is_empty() || pcm.len() == samples, "{} {length}", codec.name);
                pcm.clear();
                decoder.conceal(length, Some(&payload), &mut pcm);
                assert_eq!(pcm.len(), length, "{}", codec.name);
            }
        }
    }
}
