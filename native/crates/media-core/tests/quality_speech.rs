//! How well speech is understood after what networks and codecs do to it, by STOI. Losses of each
//! kind are compared with silence in the place of what was lost: concealment has to earn its keep.

mod network;
mod stoi;

use std::sync::OnceLock;

use media_audio::codec::g711::{PCMA, PCMU};
use media_audio::codec::g722::G722;
use media_audio::codec::opus::OPUS;
use media_audio::codec::{CODECS, Codec, Decoder};
use media_audio::resample::Resampler;
use media_core::ear::Ear;
use network::{Dice, Packet, listen, packets};
use stoi::stoi;

/// Two sentences by espeak-ng, 16,000 Hz, µ-law.
static SPEECH: &[u8] = include_bytes!("../../media-audio/tests/data/speech_16k.ulaw");

fn spoken(rate_hz: u32) -> Vec<i16> {
    let (mut wide, mut pcm) = (Vec::new(), Vec::new());
    assert!((PCMU.new_decoder)("").decode(SPEECH, &mut wide));
    Resampler::new(16_000, rate_hz).process(&wide, &mut pcm);
    pcm
}

/// The codec, but what is lost is silent.
fn mute(place: usize) -> &'static Codec {
    struct Mute(Box<dyn Decoder>);
    impl Decoder for Mute {
        fn decode(&mut self, payload: &[u8], pcm: &mut Vec<i16>) -> bool {
            self.0.decode(payload, pcm)
        }
        fn conceal(&mut self, samples: usize, _: Option<&[u8]>, pcm: &mut Vec<i16>) {
            pcm.resize(pcm.len() + samples, 0);
        }
        fn samples_in(&self, payload: &[u8]) -> usize {
            self.0.samples_in(payload)
        }
    }
    fn new<const PLACE: usize>(fmtp: &str) -> Box<dyn Decoder> {
        Box::new(Mute((CODECS[PLACE].new_decoder)(fmtp)))
    }
    static MUTES: OnceLock<[Codec; CODECS.len()]> = OnceLock::new();
    let mutes = MUTES.get_or_init(|| {
        std::array::from_fn(|place| {
            let new_decoder = [new::<0>, new::<1>, new::<2>, new::<3>, new::<4>, new::<5>][place];
            let Codec { name, clock_hz, rate_hz, octets, frames_ms, new_encoder, .. } =
                *CODECS[place];
            Codec { name, clock_hz, rate_hz, octets, frames_ms, new_decoder, new_encoder }
        })
    });
    &mutes[place]
}

#[derive(Clone, Copy, Debug)]
enum Loss {
    None,
    Random {
        percent: u64,
    },
    /// Three packets in a row.
    Bursts {
        percent: u64,
    },
}

/// What is left of the packets.
fn survivors(sent: Vec<Packet>, loss: Loss, dice: &mut Dice) -> Vec<Packet> {
    let mut burst = 0;
    sent.into_iter()
        .filter(|_| match loss {
            Loss::None => true,
            Loss::Random { percent } => dice.below(100) >= percent,
            Loss::Bursts { percent } => {
                if burst == 0 && dice.below(300) < percent {
                    burst = 3;
                }
                let is_lost = burst > 0;
                burst -= i32::from(is_lost);
                !is_lost
            }
        })
        .collect()
}

/// Sends some speech first, so that the ear is used to the network, and then all of it. Returns what
/// was heard of that, in the time of what was spoken.
fn heard(codec: &'static Codec, fmtp: &str, pcm: &[i16], loss: Loss, seed: u64) -> Vec<i16> {
    let before = pcm.len() / 2;
    let whole = [&pcm[before..], pcm].concat();
    let sent = survivors(packets(codec, &whole, 20, fmtp), loss, &mut Dice(seed));
    let duration_ms = whole.len() as u64 * 1_000 / u64::from(codec.rate_hz);
    let all = listen(&mut Ear::new(codec, fmtp), &sent, codec.rate_hz, 10, duration_ms + 200);
    let part = &all[pcm.len() - before..];
    let delay = delay_of(part, pcm, codec.rate_hz as usize / 8);
    part[delay..delay + pcm.len()].to_vec()
}

/// The samples by which `heard` is most like `spoken`, judged by the second second.
fn delay_of(heard: &[i16], spoken: &[i16], most: usize) -> usize {
    let excerpt = most * 8..most * 16;
    let likeness = |delay: usize| -> i64 {
        let heard = &heard[excerpt.start + delay..excerpt.end + delay];
        spoken[excerpt.clone()].iter().zip(heard).map(|(&a, &b)| i64::from(a) * i64::from(b)).sum()
    };
    let near = (0..most).step_by(3).max_by_key(|&delay| likeness(delay)).unwrap_or(0);
    (near.saturating_sub(2)..near + 3).max_by_key(|&delay| likeness(delay)).unwrap_or(0)
}

/// The mean over several networks of the same kind.
fn score(codec: &'static Codec, fmtp: &str, loss: Loss) -> f64 {
    let pcm = spoken(codec.rate_hz);
    let seeds: &[u64] = if matches!(loss, Loss::None) { &[1] } else { &[11, 22] };
    let one = |&seed| stoi(&pcm, &heard(codec, fmtp, &pcm, loss, seed), codec.rate_hz);
    seeds.iter().map(one).sum::<f64>() / seeds.len() as f64
}

const NETWORKS: [Loss; 3] =
    [Loss::Random { percent: 1 }, Loss::Random { percent: 5 }, Loss::Bursts { percent: 5 }];

/// The scores on an undisturbed network and on `NETWORKS` are at least those, and of what silence in
/// the place of losses would spoil, concealment saves a good part: less of 60 ms than of 20 ms.
fn assert_quality(name: &str, clock_hz: u32, undisturbed: f64, disturbed: [f64; 3]) {
    let place = CODECS.iter().position(|codec| (codec.name, codec.clock_hz) == (name, clock_hz));
    let place = place.unwrap();
    let best = score(CODECS[place], "", Loss::None);
    println!("{name} {clock_hz} undisturbed: {best:.4}");
    assert!(best >= undisturbed, "{name}: {best}");
    for (loss, least) in NETWORKS.into_iter().zip(disturbed) {
        let (concealed, silent) = (score(CODECS[place], "", loss), score(mute(place), "", loss));
        println!("{name} {clock_hz} {loss:?}: {concealed:.4}, with silence {silent:.4}");
        assert!(concealed >= least, "{name} {loss:?}: {concealed}");
        assert!(silent < least, "{name} {loss:?}: the measure hears no difference");
        let left = if matches!(loss, Loss::Bursts { .. }) { 0.85 } else { 0.67 };
        assert!(best - concealed < left * (best - silent), "{name} {loss:?}: {concealed} {silent}");
    }
}

#[test]
fn pcmu_is_understood() {
    assert_quality("PCMU", 8_000, 0.998, [0.994, 0.97, 0.955]);
}

#[test]
fn pcma_is_understood() {
    assert_quality("PCMA", 8_000, 0.998, [0.994, 0.97, 0.955]);
}

#[test]
fn g722_is_understood() {
    assert_quality("G722", 8_000, 0.997, [0.991, 0.955, 0.935]);
}

#[test]
fn opus_is_understood() {
    assert_quality("OPUS", 48_000, 0.995, [0.99, 0.955, 0.93]);
}

#[test]
fn l16_is_understood() {
    assert_quality("L16", 16_000, 0.999, [0.995, 0.97, 0.955]);
}

#[test]
fn the_redundancy_of_opus_brings_lost_speech_back() {
    let loss = Loss::Random { percent: 5 };
    let (with, without) = (score(&OPUS, "useinbandfec=1", loss), score(&OPUS, "", loss));
    println!("OPUS {loss:?}: {with:.4} with redundancy, {without:.4} without");
    assert!(with >= 0.98 && with > without + 0.01, "{with} {without}");
}

#[test]
fn speech_survives_every_pair_of_codecs() {
    let codecs = [&PCMU, &PCMA, &G722, &OPUS];
    for first in codecs {
        let between = heard(first, "", &spoken(first.rate_hz), Loss::None, 1);
        for second in codecs {
            let mut pcm = Vec::new();
            Resampler::new(first.rate_hz, second.rate_hz).process(&between, &mut pcm);
            let heard = heard(second, "", &pcm, Loss::None, 1);
            let reference = spoken(second.rate_hz);
            let delay = delay_of(&heard, &reference, second.rate_hz as usize / 8);
            let score = stoi(&reference, &heard[delay..], second.rate_hz);
            println!("{} to {}: {score:.4}", first.name, second.name);
            assert!(score >= 0.985, "{} to {}: {score}", first.name, second.name);
        }
    }
}
