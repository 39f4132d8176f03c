//! Payloads of every codec, decoded, concealed, and described as noise.

use media_audio::codec::CODECS;
use media_audio::comfort_noise::Generator;

use crate::input::{Input, STEPS_MAX, framed};

/// As long as a packet may be, in samples of 48,000 Hz: 120 ms.
const SAMPLES_MAX: usize = 5_760;

/// First which codec; then payloads, each after a packet that came or did not.
pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let codec = CODECS[input.below(CODECS.len())];
    let mut decoder = (codec.new_decoder)("useinbandfec=1");
    let mut noise = Generator::new(1);
    let mut pcm = Vec::new();
    for _ in 0..STEPS_MAX {
        if input.is_over() {
            break;
        }
        let what = input.byte();
        let payload = input.datagram();
        pcm.clear();
        if what & 1 == 1 {
            let wanted = codec.samples_per_10_ms() * (1 + usize::from(what >> 5));
            decoder.conceal(wanted, (what & 2 == 2).then_some(payload), &mut pcm);
            assert_eq!(pcm.len(), wanted, "{codec:?} made up something else than was asked for");
            pcm.clear();
        }
        let promised = decoder.samples_in(payload);
        let is_good = decoder.decode(payload, &mut pcm);
        assert!(is_good || pcm.is_empty(), "{codec:?} said something malformed");
        assert!(!is_good || pcm.len() == promised, "{codec:?}: {promised} became {}", pcm.len());
        assert!(pcm.len() <= SAMPLES_MAX.max(payload.len() * 2));
        pcm.clear();
        noise.update(payload);
        noise.generate(80, &mut pcm);
        assert_eq!(pcm.len(), 80);
    }
}

/// What our encoders make of a tone.
pub fn seeds() -> Vec<Vec<u8>> {
    (0u8..)
        .zip(CODECS)
        .map(|(number, codec)| {
            let mut encoder = (codec.new_encoder)("useinbandfec=1", 20);
            encoder.expect_loss(20);
            let mut story = vec![number];
            for packet in 0..4u8 {
                let pcm: Vec<i16> = (0..codec.samples_per_10_ms() * 2)
                    .map(|at| ((at as f64 / 5.0).sin() * 8_000.0) as i16)
                    .collect();
                let mut payload = Vec::new();
                encoder.encode(&pcm, &mut payload);
                story.extend(framed(&[packet], &payload));
            }
            story
        })
        .collect()
}
