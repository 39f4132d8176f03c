//! Keys are heard, and nothing else is taken for a key.

use std::f64::consts::TAU;

use media_audio::codec::g711::PCMU;
use media_audio::key_tone::{COLUMNS_HZ, KEYS, KeyTone, ROWS_HZ};
use media_audio::tone_detector::ToneDetector;

/// Two sentences by espeak-ng, 16,000 Hz, µ-law.
static SPEECH: &[u8] = include_bytes!("data/speech_16k.ulaw");

/// Peak of a sine of 0 dBm0.
const DBM0_PEAK: f64 = 22_825.0;

fn speech() -> Vec<i16> {
    let mut pcm = Vec::new();
    assert!((PCMU.new_decoder)("").decode(SPEECH, &mut pcm));
    pcm
}

fn keys_in(pcm: &[i16], rate_hz: u32) -> String {
    let mut detector = ToneDetector::new(rate_hz);
    pcm.chunks(rate_hz as usize / 50).filter_map(|frame| detector.feed(frame)).collect()
}

fn presses(keys: &str, rate_hz: u32, press_ms: u32, gap_ms: u32) -> Vec<i16> {
    let mut pcm = Vec::new();
    for key in keys.chars() {
        let start = pcm.len();
        pcm.resize(start + ((press_ms + gap_ms) * rate_hz / 1_000) as usize, 0);
        KeyTone::new(key, rate_hz, press_ms).unwrap().fill(&mut pcm[start..]);
    }
    pcm
}

/// Sines of these frequencies and levels, after and before 100 ms of silence.
fn sines(rate_hz: u32, duration_ms: u32, sines: &[(f64, f64)]) -> Vec<i16> {
    let silence = vec![0; rate_hz as usize / 10];
    let tone = (0..duration_ms * rate_hz / 1_000).map(|at| {
        let time_s = f64::from(at) / f64::from(rate_hz);
        let sum: f64 = sines
            .iter()
            .map(|(frequency_hz, level_dbm0)| {
                DBM0_PEAK * 10f64.powf(level_dbm0 / 20.0) * (TAU * frequency_hz * time_s).sin()
            })
            .sum();
        sum as i16
    });
    silence.iter().copied().chain(tone).chain(silence.iter().copied()).collect()
}

/// Uniform noise of a peak, reproducible.
fn noise(seed: u32, peak: i32, samples: usize) -> Vec<i16> {
    let mut state = seed;
    (0..samples)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 16) as i32 % (2 * peak + 1) - peak) as i16
        })
        .collect()
}

fn plus(one: &[i16], other: &[i16]) -> Vec<i16> {
    one.iter().zip(other).map(|(one, other)| one.saturating_add(*other)).collect()
}

const ALL: &str = "123A456B789C*0#D";

#[test]
fn the_shortest_presses_and_gaps_are_heard_wherever_they_begin() {
    for rate_hz in [8_000, 16_000] {
        let pcm = presses(&ALL.repeat(2), rate_hz, 40, 40);
        for offset in 0..60 {
            let late: Vec<i16> = std::iter::repeat_n(0, offset * 7).chain(pcm.clone()).collect();
            assert_eq!(keys_in(&late, rate_hz), ALL.repeat(2), "{rate_hz} {offset}");
        }
    }
}

#[test]
fn each_press_counts_once_however_long_and_the_same_key_again_counts_again() {
    assert_eq!(keys_in(&presses("7", 8_000, 5_000, 40), 8_000), "7");
    assert_eq!(keys_in(&presses("5555", 8_000, 60, 40), 8_000), "5555");
    assert_eq!(keys_in(&presses("12", 8_000, 100, 0), 8_000), "12", "without a gap");
}

#[test]
fn what_is_shorter_than_a_press_is_none() {
    for offset in 0..102 {
        let silence = std::iter::repeat_n(0, 400 + offset);
        let pcm: Vec<i16> = silence.chain(presses("15#", 8_000, 23, 100)).collect();
        assert_eq!(keys_in(&pcm, 8_000), "", "{offset}");
    }
}

#[test]
fn frequencies_may_be_off_by_a_little() {
    for (row, column) in (0..16).map(|at| (at / 4, at % 4)) {
        for (off, expected) in [(0.985, true), (1.015, true), (0.965, false), (1.035, false)] {
            let tones = [(ROWS_HZ[row] * off, -10.0), (COLUMNS_HZ[column] * off, -10.0)];
            let heard = keys_in(&sines(8_000, 60, &tones), 8_000);
            let key = KEYS[row][column];
            let expected = if expected { key.to_string() } else { String::new() };
            assert_eq!(heard, expected, "{key} times {off}");
        }
    }
}

#[test]
fn levels_and_twist_of_real_lines_are_accepted() {
    let accepted = [(-3.0, -3.0), (-33.0, -33.0), (-10.0, -18.0), (-14.0, -10.0), (-20.0, -28.0)];
    let refused = [(-45.0, -45.0), (-10.0, -24.0), (-20.0, -10.0)];
    for (row, column) in [(697.0, 1_209.0), (941.0, 1_633.0), (852.0, 1_336.0)] {
        for (low, high) in accepted {
            let heard = keys_in(&sines(8_000, 60, &[(row, low), (column, high)]), 8_000);
            assert_eq!(heard.len(), 1, "{row} {column} at {low} and {high}");
        }
        for (low, high) in refused {
            let heard = keys_in(&sines(8_000, 60, &[(row, low), (column, high)]), 8_000);
            assert_eq!(heard, "", "{row} {column} at {low} and {high}");
        }
    }
}

#[test]
fn noise_and_companding_do_not_hide_a_key() {
    let pcm = presses(&ALL.repeat(4), 8_000, 50, 50);
    // 15 dB below the tones together.
    let noisy = plus(&pcm, &noise(7, 3_500, pcm.len()));
    let mut payload = Vec::new();
    (PCMU.new_encoder)("", 20).encode(&noisy, &mut payload);
    let mut heard = Vec::new();
    (PCMU.new_decoder)("").decode(&payload, &mut heard);
    assert_eq!(keys_in(&heard, 8_000), ALL.repeat(4));
}

#[test]
fn a_lost_packet_does_not_make_two_presses_of_one() {
    for lost in 2..8 {
        let mut pcm = presses("8", 8_000, 200, 100);
        pcm[lost * 160..(lost + 1) * 160].fill(0);
        assert_eq!(keys_in(&pcm, 8_000), "8", "packet {lost}");
    }
}

#[test]
fn speech_is_no_key_at_any_pitch() {
    let speech = speech();
    for tempo in 60..=170 {
        let samples = speech.len() * 100 / tempo;
        let pitched: Vec<i16> = (0..samples - 2)
            .map(|at| {
                let (index, part) = (at * tempo / 100, (at * tempo % 100) as i32);
                let (from, to) = (i32::from(speech[index]), i32::from(speech[index + 1]));
                (from + (to - from) * part / 100) as i16
            })
            .collect();
        assert_eq!(keys_in(&pitched, 16_000), "", "at {tempo} %");
        let narrow: Vec<i16> = pitched.chunks(2).map(|pair| pair[0]).collect();
        assert_eq!(keys_in(&narrow, 8_000), "", "at {tempo} %, 8 kHz");
    }
}

#[test]
fn noise_music_and_line_tones_are_no_keys() {
    assert_eq!(keys_in(&noise(3, 20_000, 480_000), 8_000), "");
    let tones: [&[(f64, f64)]; 6] = [
        &[(425.0, -10.0)],
        &[(350.0, -13.0), (440.0, -13.0)],
        &[(440.0, -19.0), (480.0, -19.0)],
        &[(480.0, -24.0), (620.0, -24.0)],
        &[(2_100.0, -10.0)],
        &[(950.0, -20.0), (1_400.0, -20.0)],
    ];
    for tone in tones {
        assert_eq!(keys_in(&sines(8_000, 3_000, tone), 8_000), "", "{tone:?}");
    }
    // Chords of three notes with overtones, through all keys of an octave.
    for semitone in 0..36 {
        let root = 220.0 * 2f64.powf(f64::from(semitone) / 12.0);
        let notes: Vec<(f64, f64)> = [1.0, 1.26, 1.498]
            .iter()
            .flat_map(|third| [(root * third, -14.0), (2.0 * root * third, -22.0)])
            .collect();
        assert_eq!(keys_in(&sines(8_000, 500, &notes), 8_000), "", "{root} Hz");
    }
}
