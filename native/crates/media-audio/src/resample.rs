//! Between 8,000 and 16,000 Hz: a half-band filter, streaming.

/// Every other tap of the half-band low-pass, times 2, in Q14: a sinc of half the band under a
/// Kaiser window (β 5.35) of 47 taps. Of the taps left out the centre is ½ and all others are 0.
/// Flat to 0.02 dB up to 3.4 kHz, more than 55 dB down from 4.6 kHz.
const TAPS: [i16; 24] = [
    -12, 34, -72, 132, -221, 348, -530, 790, -1186, 1860, -3336, 10385, 10385, -3336, 1860, -1186,
    790, -530, 348, -221, 132, -72, 34, -12,
];
/// Narrowband samples that a filter output looks back.
const HISTORY: usize = TAPS.len() - 1;
/// By so many narrowband samples the tap in the centre is behind the first one.
const CENTRE: usize = TAPS.len() / 2 - 1;
/// Narrowband samples worked on at once.
const BLOCK: usize = 160;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Same,
    Up,
    Down,
}

/// Changes the rate of one stream of samples. Adds 1.5 ms of delay where it does.
pub struct Resampler {
    direction: Direction,
    /// The newest narrowband samples; going down, the samples of even index.
    history: [i16; HISTORY],
    /// Going down, the newest samples of odd index.
    odd_history: [i16; CENTRE + 1],
    /// Going down, a sample that waits for the second one of its pair.
    waiting: Option<i16>,
}

impl Resampler {
    /// Rates are 8,000 or 16,000; the same twice passes samples on.
    pub fn new(from_hz: u32, to_hz: u32) -> Self {
        let direction = match from_hz.cmp(&to_hz) {
            std::cmp::Ordering::Less => Direction::Up,
            std::cmp::Ordering::Equal => Direction::Same,
            std::cmp::Ordering::Greater => Direction::Down,
        };
        let (history, odd_history) = ([0; HISTORY], [0; CENTRE + 1]);
        Self { direction, history, odd_history, waiting: None }
    }

    /// Appends the resampled audio: twice as many samples, or half as many (an odd one waits).
    pub fn process(&mut self, input: &[i16], output: &mut Vec<i16>) {
        match self.direction {
            Direction::Same => output.extend_from_slice(input),
            Direction::Up => input.chunks(BLOCK).for_each(|block| self.up(block, output)),
            Direction::Down => self.down(input, output),
        }
    }

    fn up(&mut self, block: &[i16], output: &mut Vec<i16>) {
        let mut line = [0; HISTORY + BLOCK];
        let end = HISTORY + block.len();
        line[..HISTORY].copy_from_slice(&self.history);
        line[HISTORY..end].copy_from_slice(block);
        output.reserve(2 * block.len());
        for window in line[..end].windows(TAPS.len()) {
            output.push(narrow(filtered(window), 14));
            output.push(window[CENTRE + 1]);
        }
        self.history.copy_from_slice(&line[block.len()..end]);
    }

    fn down(&mut self, mut input: &[i16], output: &mut Vec<i16>) {
        if let (Some(first), Some((&second, rest))) = (self.waiting, input.split_first()) {
            self.waiting = None;
            self.down_pairs(&[first, second], output);
            input = rest;
        }
        let (pairs, odd) = input.split_at(input.len() & !1);
        pairs.chunks(2 * BLOCK).for_each(|block| self.down_pairs(block, output));
        if let [last] = odd {
            self.waiting = Some(*last);
        }
    }

    fn down_pairs(&mut self, samples: &[i16], output: &mut Vec<i16>) {
        let mut evens = [0; HISTORY + BLOCK];
        let mut odds = [0; CENTRE + 1 + BLOCK];
        evens[..HISTORY].copy_from_slice(&self.history);
        odds[..=CENTRE].copy_from_slice(&self.odd_history);
        let pairs = samples.len() / 2;
        for (index, pair) in samples.chunks_exact(2).enumerate() {
            evens[HISTORY + index] = pair[0];
            odds[CENTRE + 1 + index] = pair[1];
        }
        let windows = evens[..HISTORY + pairs].windows(TAPS.len());
        output.extend(
            windows
                .zip(&odds)
                .map(|(window, &centre)| narrow(filtered(window) + (i32::from(centre) << 14), 15)),
        );
        self.history.copy_from_slice(&evens[pairs..pairs + HISTORY]);
        self.odd_history.copy_from_slice(&odds[pairs..=pairs + CENTRE]);
    }
}

/// The sum of the taps' magnitudes is 2.4: 32 bits hold it, and the centre tap on top.
fn filtered(window: &[i16]) -> i32 {
    window.iter().zip(&TAPS).map(|(&sample, &tap)| i32::from(sample) * i32::from(tap)).sum()
}

fn narrow(sum: i32, bits: u32) -> i16 {
    let rounded = (sum + (1 << (bits - 1))) >> bits;
    rounded.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    fn sine(frequency_hz: f64, rate_hz: u32, samples: usize) -> Vec<i16> {
        let step = TAU * frequency_hz / f64::from(rate_hz);
        (0..samples).map(|n| (10_000.0 * (step * n as f64).sin()).round() as i16).collect()
    }

    /// The amplitude of one frequency in the settled part of a signal.
    fn amplitude(pcm: &[i16], frequency_hz: f64, rate_hz: u32) -> f64 {
        let settled = &pcm[pcm.len() - rate_hz as usize / 10..];
        let step = TAU * frequency_hz / f64::from(rate_hz);
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (n, &sample) in settled.iter().enumerate() {
            let (sin, cos) = (step * n as f64).sin_cos();
            real += f64::from(sample) * cos;
            imaginary += f64::from(sample) * sin;
        }
        real.hypot(imaginary) * 2.0 / settled.len() as f64
    }

    /// What comes out at `out_hz` of a sine of amplitude 10,000 at `in_hz`, in dB.
    fn gain_db(from_hz: u32, to_hz: u32, in_hz: f64, out_hz: f64) -> f64 {
        let mut output = Vec::new();
        let input = sine(in_hz, from_hz, from_hz as usize / 5);
        Resampler::new(from_hz, to_hz).process(&input, &mut output);
        20.0 * (amplitude(&output, out_hz, to_hz) / 10_000.0).log10()
    }

    #[test]
    fn speech_passes_unchanged_in_both_directions() {
        for frequency_hz in (100..=3_400).step_by(100).map(f64::from) {
            for (from, to) in [(8_000, 16_000), (16_000, 8_000)] {
                let gain = gain_db(from, to, frequency_hz, frequency_hz);
                assert!(gain.abs() < 0.1, "{frequency_hz} Hz {from}: {gain} dB");
            }
        }
    }

    #[test]
    fn images_and_aliases_are_50_db_down() {
        for frequency_hz in (100..=3_400).step_by(100).map(f64::from) {
            let image = gain_db(8_000, 16_000, frequency_hz, 8_000.0 - frequency_hz);
            assert!(image < -50.0, "{frequency_hz} Hz has an image of {image} dB");
            let alias = gain_db(16_000, 8_000, 8_000.0 - frequency_hz, frequency_hz);
            assert!(alias < -50.0, "{frequency_hz} Hz has an alias of {alias} dB");
        }
    }

    #[test]
    fn pieces_of_any_size_give_what_the_whole_gives() {
        for (from, to) in [(8_000, 16_000), (16_000, 8_000), (8_000, 8_000)] {
            let input = sine(440.0, from, 2_000);
            let mut whole = Vec::new();
            Resampler::new(from, to).process(&input, &mut whole);
            assert_eq!(whole.len(), input.len() * to as usize / from as usize);
            let (mut resampler, mut pieces, mut rest) =
                (Resampler::new(from, to), Vec::new(), &input[..]);
            for size in (1..).map(|n| n * 7 % 401) {
                let (piece, left) = rest.split_at(rest.len().min(size));
                resampler.process(piece, &mut pieces);
                rest = left;
                if rest.is_empty() {
                    break;
                }
            }
            assert_eq!(pieces, whole);
        }
    }

    #[test]
    fn the_loudest_signals_clip_and_do_not_wrap() {
        let square: Vec<i16> =
            (0..800).map(|n| if n / 7 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
        for (from, to) in [(8_000, 16_000), (16_000, 8_000)] {
            let mut output = Vec::new();
            Resampler::new(from, to).process(&square, &mut output);
            let wildest = output.windows(2).map(|pair| i32::from(pair[0]) - i32::from(pair[1]));
            assert!(wildest.map(i32::abs).max() < Some(65_535));
            assert!(output.contains(&i16::MAX) && output.contains(&i16::MIN));
        }
    }
}
