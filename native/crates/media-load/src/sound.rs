//! What phones say, encoded once and said by all, and whether what they hear is sound.

use std::collections::HashMap;
use std::f64::consts::TAU;

use media_audio::codec::{Codec, Decoder};

use crate::plan::Sends;

/// Packets of a second.
pub const PER_SECOND: usize = 50;
/// Of each second, a burst is this many packets.
pub const BURST_PACKETS: usize = 10;
/// Phones of one room have different ones: two alike may cancel each other out.
const TONES_HZ: [f64; 5] = [440.0, 530.0, 610.0, 720.0, 830.0];
const LEVEL: f64 = 8_000.0;
/// Louder is sound.
const SOUND_LEVEL: i32 = 500;

/// A second of payloads.
pub type Second = Vec<Vec<u8>>;

/// Encodes each kind of sound once for each codec.
#[derive(Default)]
pub struct Sounds {
    known: HashMap<(&'static str, u32, Sends, usize), Second>,
}

impl Sounds {
    /// What such a phone says; stamps are written by the phone itself.
    pub fn of(&mut self, codec: &'static Codec, sends: Sends, phone: usize) -> Second {
        let tone = phone % TONES_HZ.len();
        let key = (codec.name, codec.clock_hz, sends, tone);
        self.known.entry(key).or_insert_with(|| encoded(codec, sends, TONES_HZ[tone])).clone()
    }
}

fn encoded(codec: &Codec, sends: Sends, tone_hz: f64) -> Second {
    let frame = codec.rate_hz as usize / PER_SECOND;
    let mut encoder = (codec.new_encoder)("", 20);
    let mut second = Vec::new();
    // The first second is what an encoder with a memory needs to find its way.
    for packet in 0..2 * PER_SECOND {
        let number = packet % PER_SECOND;
        let is_loud = sends == Sends::Tone || (sends == Sends::Bursts && number < BURST_PACKETS);
        let pcm: Vec<i16> = (0..frame)
            .map(|sample| {
                let at = (number * frame + sample) as f64 / f64::from(codec.rate_hz);
                if is_loud { (LEVEL * (TAU * tone_hz * at).sin()) as i16 } else { 0 }
            })
            .collect();
        let mut payload = Vec::new();
        encoder.encode(&pcm, &mut payload);
        second.push(payload);
    }
    second.split_off(PER_SECOND)
}

/// A phone's ear.
pub struct Listener {
    decoder: Box<dyn Decoder>,
    rate_hz: u32,
    pcm: Vec<i16>,
}

impl Listener {
    pub fn new(codec: &Codec) -> Self {
        let decoder = (codec.new_decoder)("");
        Self { decoder, rate_hz: codec.rate_hz, pcm: Vec::new() }
    }

    /// Nanoseconds from the packet's start to its first loud sample; None in silence.
    pub fn onset_ns(&mut self, payload: &[u8]) -> Option<u64> {
        self.pcm.clear();
        self.decoder.decode(payload, &mut self.pcm);
        let first = self.pcm.iter().position(|&s| i32::from(s).abs() > SOUND_LEVEL)?;
        Some(first as u64 * 1_000_000_000 / u64::from(self.rate_hz))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use media_audio::codec::CODECS;

    #[test]
    fn tones_are_sound_and_silence_is_not() {
        let mut sounds = Sounds::default();
        for codec in CODECS {
            let loud = |sends, sounds: &mut Sounds| {
                let mut listener = Listener::new(codec);
                let second = sounds.of(codec, sends, 0);
                second.iter().filter(|packet| listener.onset_ns(packet).is_some()).count()
            };
            assert!(loud(Sends::Tone, &mut sounds) >= PER_SECOND - 1, "{codec:?}");
            assert_eq!(loud(Sends::Silence, &mut sounds), 0, "{codec:?}");
            let bursts = loud(Sends::Bursts, &mut sounds);
            assert!((BURST_PACKETS..=BURST_PACKETS + 2).contains(&bursts), "{codec:?} {bursts}");
        }
    }
}
