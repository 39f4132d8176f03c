use std::f64::consts::TAU;

use super::*;

/// A gliding voice: pulses of 110 to 180 Hz through two resonances, amplitude 8,000 or so.
fn voice(samples: usize) -> Vec<i16> {
    let (mut phase, mut low, mut high) = (0.0f64, [0.0f64; 2], [0.0f64; 2]);
    let resonate = |memory: &mut [f64; 2], hz: f64, input: f64| {
        let radius = 0.97;
        let next = input + 2.0 * radius * (TAU * hz / 16_000.0).cos() * memory[0]
            - radius * radius * memory[1];
        *memory = [next, memory[0]];
        next
    };
    let sample = |n: usize| {
        let seconds = n as f64 / 16_000.0;
        phase += (145.0 + 35.0 * (TAU * 1.3 * seconds).sin()) / 16_000.0;
        let pulse = if phase >= 1.0 { 2_000.0 } else { 0.0 };
        phase = phase.fract();
        let glide = 500.0 + 250.0 * (TAU * 2.1 * seconds).sin();
        (resonate(&mut low, glide, pulse) + resonate(&mut high, 3.0 * glide, pulse)) as i16
    };
    (0..samples).map(sample).collect()
}

fn packets(encoder: &mut dyn Encoder, pcm: &[i16], frame: usize) -> Vec<Vec<u8>> {
    let packet = |frame: &[i16]| {
        let mut payload = Vec::new();
        encoder.encode(frame, &mut payload);
        payload
    };
    pcm.chunks_exact(frame).map(packet).collect()
}

fn energy(pcm: impl Iterator<Item = i16>) -> f64 {
    pcm.map(|sample| f64::from(sample).powi(2)).sum()
}

fn octets(packets: &[Vec<u8>]) -> usize {
    packets.iter().map(Vec::len).sum()
}

/// The audio bandwidth that a packet's first octet tells (RFC 6716 §3.1, the modes of SILK).
fn bandwidth(packet: &[u8]) -> &'static str {
    match packet[0] >> 3 {
        0..=3 => "narrow",
        4..=7 => "medium",
        8..=11 => "wide",
        _ => "other",
    }
}

fn heard(packets: &[Vec<u8>]) -> Vec<i16> {
    let (mut decoder, mut pcm) = (OpusDecoder::new(), Vec::new());
    packets.iter().for_each(|packet| assert!(decoder.decode(packet, &mut pcm)));
    pcm
}

#[test]
fn a_tone_comes_back_with_its_pitch_and_level() {
    for hz in [400.0, 1_000.0, 5_000.0] {
        let pcm: Vec<i16> = (0..16_000)
            .map(|n| (8_000.0 * (TAU * hz * f64::from(n) / 16_000.0).sin()) as i16)
            .collect();
        let back = heard(&packets(&mut OpusEncoder::new(""), &pcm, 320));
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (n, &sample) in back[8_000..].iter().enumerate() {
            let (sin, cos) = (TAU * hz * n as f64 / 16_000.0).sin_cos();
            real += f64::from(sample) * cos;
            imaginary += f64::from(sample) * sin;
        }
        let amplitude = real.hypot(imaginary) / 4_000.0;
        assert!((5_600.0..11_000.0).contains(&amplitude), "{hz} Hz: {amplitude}");
    }
}

#[test]
fn redundancy_restores_a_lost_packet_better_than_a_guess() {
    let pcm = voice(32_000);
    let mut encoder = OpusEncoder::new("useinbandfec=1");
    encoder.expect_loss(20);
    let sent = packets(&mut encoder, &pcm, 320);
    let whole = heard(&sent);
    let error = |with_redundancy: bool| {
        let (mut decoder, mut got) = (OpusDecoder::new(), Vec::new());
        for (index, packet) in sent.iter().enumerate() {
            if index % 7 == 5 {
                let next = with_redundancy.then(|| sent[index + 1].as_slice());
                decoder.conceal(320, next, &mut got);
            } else {
                assert!(decoder.decode(packet, &mut got));
            }
        }
        energy(got.iter().zip(&whole).map(|(a, b)| a.saturating_sub(*b)))
    };
    assert!(error(true) < 0.5 * error(false), "{} {}", error(true), error(false));
}

#[test]
fn redundancy_is_sent_to_who_asks_for_it_and_grows_with_the_loss() {
    let pcm = voice(32_000);
    let size = |fmtp, loss| {
        let mut encoder = OpusEncoder::new(fmtp);
        encoder.expect_loss(loss);
        let sent = packets(&mut encoder, &pcm, 320);
        // What is known of the second last packet from the last one alone.
        let (mut decoder, mut pcm) = (OpusDecoder::new(), Vec::new());
        decoder.conceal(320, sent.last().map(Vec::as_slice), &mut pcm);
        (octets(&sent), energy(pcm.into_iter()) > 0.0)
    };
    assert!(!size("", 20).1);
    assert!(size("useinbandfec=1", 5).1);
    assert!(size("useinbandfec=1", 20).1);
}

#[test]
fn a_voice_is_wideband_and_costs_no_more_than_32_kbit_per_s() {
    for frame in [160, 320, 640, 960] {
        let sent = packets(&mut OpusEncoder::new(""), &voice(32_000), frame);
        let bit_rate = octets(&sent) * 8 / 2;
        assert!((16_000..32_000).contains(&bit_rate), "{frame}: {bit_rate}");
        assert_eq!(bandwidth(&sent[20]), "wide");
    }
}

#[test]
fn the_peer_s_wishes_are_granted() {
    let pcm = voice(32_000);
    let sent = |fmtp| packets(&mut OpusEncoder::new(fmtp), &pcm, 320);
    assert_eq!(bandwidth(&sent("maxplaybackrate=8000")[20]), "narrow");
    assert_eq!(bandwidth(&sent("maxplaybackrate=12000; stereo=1")[20]), "medium");
    assert_eq!(bandwidth(&sent("maxplaybackrate=48000; maxaveragebitrate=1")[20]), "narrow");
    assert!(octets(&sent("maxaveragebitrate=16000")) < 2 * 17_500 / 8);
    let constant = sent("cbr=1;maxaveragebitrate=20000");
    assert!(constant.iter().all(|packet| packet.len() == 50));
    let varying = sent("");
    assert!(varying.iter().any(|packet| packet.len() != varying[0].len()));
}

#[test]
fn pauses_are_not_sent_to_who_asks_for_it() {
    let pcm = [voice(16_000), vec![0; 32_000]].concat();
    let empty = |fmtp| {
        let sent = packets(&mut OpusEncoder::new(fmtp), &pcm, 320);
        assert!(sent[..50].iter().all(|packet| !packet.is_empty()));
        sent[50..].iter().filter(|packet| packet.is_empty()).count()
    };
    assert_eq!(empty(""), 0);
    assert!(empty("usedtx=1") > 70);
}

#[test]
fn frugality_gives_up_the_band_and_takes_it_back() {
    let mut encoder = OpusEncoder::new("");
    let pcm = voice(16_000);
    encoder.be_frugal(10);
    assert_eq!(bandwidth(&packets(&mut encoder, &pcm, 320)[40]), "narrow");
    encoder.be_frugal(0);
    // libopus widens the band step by step.
    let pcm = voice(16_000 * 12);
    assert_eq!(bandwidth(packets(&mut encoder, &pcm, 320).last().unwrap()), "wide");
}

#[test]
fn both_channels_of_a_stereo_talker_are_heard() {
    let mut encoder = opusic_c::Encoder::new(Channels::Stereo, RATE, Application::Voip).unwrap();
    let (mut decoder, mut pcm) = (OpusDecoder::new(), Vec::new());
    for frame in voice(16_000).chunks_exact(320) {
        let left_only: Vec<u16> = frame.iter().flat_map(|&sample| [sample as u16, 0]).collect();
        let mut packet = [0; PAYLOAD_MAX];
        let length = encoder.encode_to_slice(&left_only, &mut packet).unwrap();
        assert!(decoder.decode(&packet[..length], &mut pcm));
    }
    assert_eq!(pcm.len(), 16_000);
    assert!(energy(pcm.into_iter()) > 0.15 * energy(voice(16_000).into_iter()));
}

#[test]
fn losses_of_any_length_are_filled_and_fade() {
    let mut decoder = OpusDecoder::new();
    let mut pcm = Vec::new();
    for packet in packets(&mut OpusEncoder::new(""), &voice(16_000), 320) {
        decoder.decode(&packet, &mut pcm);
    }
    for samples in [1, 39, 320, 1_921, 16_000] {
        pcm.clear();
        decoder.conceal(samples, None, &mut pcm);
        assert_eq!(pcm.len(), samples);
    }
    assert!(energy(pcm[15_000..].iter().copied()) < 1_000.0 * 100.0);
}

#[test]
fn frames_that_opus_has_not_are_not_sent() {
    let mut payload = Vec::new();
    OpusEncoder::new("").encode(&[0; 480], &mut payload);
    OpusEncoder::new("").encode(&[], &mut payload);
    assert!(payload.is_empty());
}
