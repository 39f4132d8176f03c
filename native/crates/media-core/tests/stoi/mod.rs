//! Short-time objective intelligibility: C. H. Taal, R. C. Hendriks, R. Heusdens, J. Jensen, "An
//! algorithm for intelligibility prediction of time-frequency weighted noisy speech", IEEE
//! Transactions on Audio, Speech, and Language Processing 19 (2011). 1 is the undisturbed signal.

use std::f64::consts::PI;

const RATE_HZ: f64 = 10_000.0;
const FRAME: usize = 256;
const HOP: usize = FRAME / 2;
const FFT: usize = 512;
const BANDS: usize = 15;
const LOWEST_BAND_HZ: f64 = 150.0;
/// Frames that are compared at once: 384 ms.
const SEGMENT: usize = 30;
/// Frames so much below the loudest are pauses.
const RANGE_DB: f64 = 40.0;
/// A worse ratio of signal to distortion, in dB, makes nothing worse.
const CLIP_DB: f64 = -15.0;

/// How intelligible `heard` is compared to `spoken`, both of the same rate and time.
pub fn stoi(spoken: &[i16], heard: &[i16], rate_hz: u32) -> f64 {
    let length = spoken.len().min(heard.len());
    let spoken = resampled(&spoken[..length], rate_hz);
    let heard = resampled(&heard[..length], rate_hz);
    let (spoken, heard) = without_pauses(&spoken, &heard);
    let (spoken, heard) = (bands(&spoken), bands(&heard));
    let mut sum = 0.0;
    let mut count = 0;
    for end in SEGMENT..=spoken.len() {
        for band in 0..BANDS {
            let part = |frames: &[[f64; BANDS]]| -> Vec<f64> {
                frames[end - SEGMENT..end].iter().map(|frame| frame[band]).collect()
            };
            sum += similarity(&part(&spoken), &part(&heard));
            count += 1;
        }
    }
    sum / f64::from(count)
}

fn similarity(spoken: &[f64], heard: &[f64]) -> f64 {
    let norm = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>().sqrt();
    let scale = norm(spoken) / (norm(heard) + f64::EPSILON);
    let most = 1.0 + 10f64.powf(-CLIP_DB / 20.0);
    let clipped: Vec<f64> = heard
        .iter()
        .zip(spoken)
        .map(|(heard, spoken)| (heard * scale).min(spoken * most))
        .collect();
    let centred = |values: &[f64]| -> Vec<f64> {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|value| value - mean).collect()
    };
    let (spoken, clipped) = (centred(spoken), centred(&clipped));
    let product: f64 = spoken.iter().zip(&clipped).map(|(one, other)| one * other).sum();
    product / (norm(&spoken) * norm(&clipped) + f64::EPSILON)
}

fn window() -> Vec<f64> {
    let angle = |at: usize| 2.0 * PI * (at + 1) as f64 / (FRAME + 1) as f64;
    (0..FRAME).map(|at| 0.5 - 0.5 * angle(at).cos()).collect()
}

/// Leaves out the frames in which nothing is spoken, in both.
fn without_pauses(spoken: &[f64], heard: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let window = window();
    let starts: Vec<usize> = (0..spoken.len().saturating_sub(FRAME)).step_by(HOP).collect();
    let level = |start: usize| {
        let square: f64 = (0..FRAME).map(|at| (spoken[start + at] * window[at]).powi(2)).sum();
        20.0 * (square.sqrt() + f64::EPSILON).log10()
    };
    let loudest = starts.iter().map(|&start| level(start)).fold(f64::MIN, f64::max);
    let kept = starts.into_iter().filter(|&start| level(start) > loudest - RANGE_DB);
    let mut joined = (Vec::new(), Vec::new());
    for (frame, start) in kept.enumerate() {
        for (from, to) in [(spoken, &mut joined.0), (heard, &mut joined.1)] {
            to.resize(frame * HOP + FRAME, 0.0);
            for at in 0..FRAME {
                to[frame * HOP + at] += from[start + at] * window[at];
            }
        }
    }
    joined
}

/// The amplitude in each third of an octave, frame by frame.
fn bands(signal: &[f64]) -> Vec<[f64; BANDS]> {
    let window = window();
    let turns: Vec<(f64, f64)> = (0..FFT / 2)
        .map(|at| {
            let (sine, cosine) = (-2.0 * PI * at as f64 / FFT as f64).sin_cos();
            (cosine, sine)
        })
        .collect();
    let nearest = |hz: f64| (hz * FFT as f64 / RATE_HZ).round() as usize;
    (0..signal.len().saturating_sub(FRAME))
        .step_by(HOP)
        .map(|start| {
            let frame: Vec<f64> = (0..FRAME).map(|at| signal[start + at] * window[at]).collect();
            let power = powers(&frame, &turns);
            std::array::from_fn(|band| {
                let centre = LOWEST_BAND_HZ * 2f64.powf(band as f64 / 3.0);
                let edge = 2f64.powf(1.0 / 6.0);
                power[nearest(centre / edge)..nearest(centre * edge)].iter().sum::<f64>().sqrt()
            })
        })
        .collect()
}

/// The power at each frequency, by a radix-2 transform.
fn powers(frame: &[f64], turns: &[(f64, f64)]) -> Vec<f64> {
    let bits = FFT.trailing_zeros();
    let mut values: Vec<(f64, f64)> = (0..FFT)
        .map(|at| {
            let from = at.reverse_bits() >> (usize::BITS - bits);
            (frame.get(from).copied().unwrap_or(0.0), 0.0)
        })
        .collect();
    let mut half = 1;
    while half < FFT {
        for start in (0..FFT).step_by(2 * half) {
            for at in 0..half {
                let (cosine, sine) = turns[at * (FFT / 2 / half)];
                let (real, imaginary) = values[start + half + at];
                let turned = (real * cosine - imaginary * sine, real * sine + imaginary * cosine);
                let (real, imaginary) = values[start + at];
                values[start + at] = (real + turned.0, imaginary + turned.1);
                values[start + half + at] = (real - turned.0, imaginary - turned.1);
            }
        }
        half *= 2;
    }
    values[..FFT / 2].iter().map(|(real, imaginary)| real * real + imaginary * imaginary).collect()
}

/// At 10,000 Hz, by a windowed sinc.
fn resampled(pcm: &[i16], rate_hz: u32) -> Vec<f64> {
    const REACH: usize = 32;
    /// 8,000 and 16,000 Hz are 4/5 and 8/5 of 10,000 Hz.
    const PHASES: usize = 5;
    let step = rate_hz as usize / 2_000;
    let cutoff = (RATE_HZ / f64::from(rate_hz)).min(1.0);
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    let taps: Vec<Vec<f64>> = (0..PHASES)
        .map(|phase| {
            (0..=2 * REACH)
                .map(|tap| {
                    let distance = REACH as f64 - tap as f64 + phase as f64 / PHASES as f64;
                    let fade = 0.5 + 0.5 * (PI * distance / (REACH + 1) as f64).cos();
                    cutoff * sinc(cutoff * distance) * fade
                })
                .collect()
        })
        .collect();
    let mut padded = vec![0.0; REACH];
    padded.extend(pcm.iter().map(|&sample| f64::from(sample)));
    padded.resize(padded.len() + REACH, 0.0);
    (0..pcm.len() * PHASES / step)
        .map(|at| {
            let piece = &padded[at * step / PHASES..][..=2 * REACH];
            piece.iter().zip(&taps[at * step % PHASES]).map(|(one, other)| one * other).sum()
        })
        .collect()
}
