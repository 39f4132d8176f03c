//! What coding costs: CPU per frame of 20 ms for each codec, and legs of Opus on a core.
//!
//! `cargo run --release -p media-audio --example codec_cost`

use media_audio::codec::{CODECS, Codec};
use media_audio::comfort_noise::Generator;
use media_audio::resample::Resampler;
use rustix::time::{ClockId, clock_gettime};

const FRAMES: usize = 3_000;
const FRAME_MS: usize = 20;

fn main() {
    println!("{:<22} {:>10} {:>10} {:>10}", "codec", "encode µs", "decode µs", "conceal µs");
    for codec in CODECS {
        report(codec, "", 0);
    }
    let opus = media_audio::codec::find("OPUS", 48_000).expect("Opus is there");
    for frugality in [2, 5, 8, 10] {
        let per_frame = report(opus, "", frugality);
        println!("{:>22} {:.0} legs of both ways on a core", "", 20_000.0 / per_frame);
    }
    let per_frame = report(opus, "useinbandfec=1", 0);
    println!("{:>22} {:.0} legs of both ways on a core", "", 20_000.0 / per_frame);
    for (from, to) in [(8_000, 16_000), (16_000, 8_000)] {
        let (pcm, mut output) = (voice(from as usize), Vec::new());
        let mut resampler = Resampler::new(from, to);
        let cost_us = cost_us(|index| {
            output.clear();
            resampler.process(frame(&pcm, index), &mut output);
        });
        println!("resampling {from} to {to}: {cost_us:.2} µs");
    }
    let (mut noise, mut output) = (Generator::new(1), Vec::new());
    noise.update(&[40, 100]);
    let cost_us = cost_us(|_| {
        output.clear();
        noise.generate(160, &mut output);
    });
    println!("comfort noise of 8000: {cost_us:.2} µs");
}

/// Prints one line, and gives the µs of encoding and decoding a frame.
fn report(codec: &Codec, fmtp: &str, frugality: u8) -> f64 {
    let pcm = voice(codec.rate_hz as usize);
    let mut encoder = (codec.new_encoder)(fmtp, FRAME_MS as u32);
    let mut decoder = (codec.new_decoder)(fmtp);
    encoder.be_frugal(frugality);
    let mut payloads = vec![Vec::new(); FRAMES];
    let encode_us = cost_us(|index| encoder.encode(frame(&pcm, index), &mut payloads[index]));
    let mut output = Vec::new();
    let decode_us = cost_us(|index| {
        output.clear();
        decoder.decode(&payloads[index], &mut output);
    });
    let samples = codec.rate_hz as usize / 1000 * FRAME_MS;
    let conceal_us = cost_us(|index| {
        output.clear();
        // One loss in twenty frames, as on a bad network.
        if index % 20 == 0 {
            decoder.conceal(samples, None, &mut output);
        } else {
            decoder.decode(&payloads[index], &mut output);
        }
    });
    let conceal_us = (conceal_us - decode_us * 0.95) * 20.0;
    let name = format!("{}/{} {fmtp} {frugality}", codec.name, codec.clock_hz);
    println!("{name:<22} {encode_us:>10.2} {decode_us:>10.2} {conceal_us:>10.2}");
    encode_us + decode_us
}

fn cost_us(mut work: impl FnMut(usize)) -> f64 {
    let start_us = cpu_us();
    (0..FRAMES).for_each(&mut work);
    (cpu_us() - start_us) / FRAMES as f64
}

fn cpu_us() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

fn frame(pcm: &[i16], index: usize) -> &[i16] {
    let samples = pcm.len() * FRAME_MS / 1000;
    let start = index % (1000 / FRAME_MS) * samples;
    &pcm[start..start + samples]
}

/// A second of something like speech: a rising sawtooth with pauses, and a little noise.
fn voice(rate_hz: usize) -> Vec<i16> {
    let mut seed = 1u32;
    let sample = |n: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (seed >> 25) as i32 - 64;
        let seconds = n as f64 / rate_hz as f64;
        let phase = (seconds * (110.0 + 60.0 * seconds)).fract();
        let loudness = (seconds * 9.0).sin().max(0.0);
        (loudness * 12_000.0 * (phase - 0.5)) as i16 + noise as i16
    };
    (0..rate_hz).map(sample).collect()
}
