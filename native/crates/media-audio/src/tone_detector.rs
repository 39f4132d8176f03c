//! Keys pressed, heard in the audio itself (ITU-T Q.23 and Q.24), for peers without telephone events.

use std::f32::consts::TAU;

use crate::key_tone::{COLUMNS_HZ, KEYS, ROWS_HZ};

/// Two blocks are a window; windows overlap by half. 102 samples of 8,000 Hz tell 1.5 % beside a
/// frequency, which is still the key, from 3.5 % beside it, which is not.
const BLOCK_SAMPLES_AT_8_KHZ: usize = 51;
const TONES: usize = 8;
/// Of the window's energy, what must be in the two tones: less is speech.
const SHARE_MIN: f32 = 0.79;
/// Amplitude of the weakest tone, -36 dBm0.
const AMPLITUDE_MIN: f32 = 360.0;
/// How much louder the column's tone may be: 6 dB, and how much quieter: 9 dB.
const COLUMN_LOUDER_MAX: f32 = 4.0;
const COLUMN_QUIETER_MAX: f32 = 8.0;
/// Keys are steady, speech is not: 6 dB from one window to the next.
const STEP_MAX: f32 = 4.0;
/// Windows that agree on a key before it counts: about 30 ms.
const HITS: u32 = 4;
/// Windows without the key before it counts as released: a lost packet costs five, 40 ms seven.
const MISSES: u32 = 6;

/// Listens to one stream.
#[derive(Clone, Debug)]
pub struct ToneDetector {
    block: usize,
    filled: usize,
    factors: [f32; TONES],
    /// By what the phase turns during a sample, and during a block.
    turn: [Complex; TONES],
    block_turn: [Complex; TONES],
    /// The recurrence of Goertzel's algorithm: the last two values.
    last: [f32; TONES],
    before: [f32; TONES],
    energy: f32,
    former: Block,
    /// The key that the latest windows agree on, how many of them, and their power.
    candidate: (char, u32),
    power: f32,
    held: Option<char>,
    misses: u32,
}

type Complex = (f32, f32);

/// What one block contributes to a window.
#[derive(Clone, Copy, Debug)]
struct Block {
    tones: [Complex; TONES],
    energy: f32,
}

impl ToneDetector {
    /// For a stream of 8,000 or 16,000 Hz.
    pub fn new(rate_hz: u32) -> Self {
        let block = BLOCK_SAMPLES_AT_8_KHZ * rate_hz as usize / 8_000;
        let mut angles = [0.0; TONES];
        for (angle, &frequency_hz) in angles.iter_mut().zip(ROWS_HZ.iter().chain(&COLUMNS_HZ)) {
            *angle = TAU * frequency_hz as f32 / rate_hz as f32;
        }
        Self {
            block,
            filled: 0,
            factors: angles.map(|angle| 2.0 * angle.cos()),
            turn: angles.map(|angle| (angle.cos(), -angle.sin())),
            block_turn: angles.map(|angle| {
                let angle = angle * block as f32;
                (angle.cos(), angle.sin())
            }),
            last: [0.0; TONES],
            before: [0.0; TONES],
            energy: 0.0,
            former: Block { tones: [(0.0, 0.0); TONES], energy: 0.0 },
            candidate: (' ', 0),
            power: 0.0,
            held: None,
            misses: 0,
        }
    }

    /// Listens to the next piece, at most 60 ms of it, and tells the key whose press became certain
    /// in it: each press once, about 35 ms after it began.
    pub fn feed(&mut self, pcm: &[i16]) -> Option<char> {
        let mut pressed = None;
        let mut rest = pcm;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(self.block - self.filled));
            self.listen(piece);
            rest = after;
            if self.filled == self.block {
                pressed = pressed.or(self.end_block());
            }
        }
        pressed
    }

    /// The key that is being held down.
    pub fn held(&self) -> Option<char> {
        self.held
    }

    fn listen(&mut self, piece: &[i16]) {
        let (mut last, mut before) = (self.last, self.before);
        for &sample in piece {
            let sample = f32::from(sample);
            self.energy += sample * sample;
            for tone in 0..TONES {
                let next = sample + self.factors[tone] * last[tone] - before[tone];
                before[tone] = last[tone];
                last[tone] = next;
            }
        }
        (self.last, self.before) = (last, before);
        self.filled += piece.len();
    }

    fn end_block(&mut self) -> Option<char> {
        let mut tones = [(0.0, 0.0); TONES];
        let mut powers = [0.0; TONES];
        for tone in 0..TONES {
            let turned = times(self.turn[tone], (self.before[tone], 0.0));
            tones[tone] = (self.last[tone] - turned.0, -turned.1);
            let former = times(self.block_turn[tone], self.former.tones[tone]);
            let (real, imaginary) = (former.0 + tones[tone].0, former.1 + tones[tone].1);
            powers[tone] = real * real + imaginary * imaginary;
        }
        let energy = self.former.energy + self.energy;
        self.former = Block { tones, energy: self.energy };
        (self.last, self.before, self.energy, self.filled) = ([0.0; TONES], [0.0; TONES], 0.0, 0);
        let key = self.key_in(&powers, energy);
        self.follow(key)
    }

    /// The key that a window sounds like, and the power of its tones.
    fn key_in(&self, powers: &[f32; TONES], energy: f32) -> Option<(char, f32)> {
        let (rows, columns) = powers.split_at(TONES / 2);
        let (row, column) = (loudest(rows), loudest(columns));
        let (low, high) = (rows[row], columns[column]);
        // A sine of amplitude 1 has the power (window / 2)² = block² and the energy window / 2.
        let block = self.block as f32;
        let power = low + high;
        let is_key = low.min(high) >= (AMPLITUDE_MIN * block).powi(2)
            && power >= SHARE_MIN * energy * block
            && high <= low * COLUMN_LOUDER_MAX
            && low <= high * COLUMN_QUIETER_MAX;
        is_key.then(|| (KEYS[row][column], power))
    }

    /// Makes presses out of windows.
    fn follow(&mut self, found: Option<(char, f32)>) -> Option<char> {
        let key = found.map(|(key, _)| key);
        if key.is_some() && key == self.held {
            self.misses = 0;
            return None;
        }
        self.misses = self.misses.saturating_add(1);
        if self.misses >= MISSES {
            self.held = None;
        }
        let Some((key, power)) = found else {
            self.candidate.1 = 0;
            return None;
        };
        let is_steady = power <= self.power * STEP_MAX && self.power <= power * STEP_MAX;
        let goes_on = self.candidate.0 == key && is_steady;
        self.candidate = (key, if goes_on { self.candidate.1 + 1 } else { 1 });
        self.power = power;
        if self.candidate.1 < HITS {
            return None;
        }
        self.held = Some(key);
        self.misses = 0;
        self.held
    }
}

fn times(one: Complex, other: Complex) -> Complex {
    (one.0 * other.0 - one.1 * other.1, one.0 * other.1 + one.1 * other.0)
}

fn loudest(powers: &[f32]) -> usize {
    (0..powers.len()).max_by(|&one, &other| powers[one].total_cmp(&powers[other])).unwrap_or(0)
}
