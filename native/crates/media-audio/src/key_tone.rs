//! The sound of a key (ITU-T Q.23), for peers without telephone events.

use std::f64::consts::TAU;

/// The keys by row and column.
pub const KEYS: [[char; 4]; 4] =
    [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];
/// The lower tone tells the row.
pub const ROWS_HZ: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
/// The higher tone tells the column.
pub const COLUMNS_HZ: [f64; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];

/// Peak of a sine of -10 dBm0: lines weaken the higher tone more, so it starts 2 dB louder.
const ROW_PEAK: f64 = 7_218.0;
const COLUMN_PEAK: f64 = 9_087.0;
/// Fading in and out so that nothing clicks.
const FADE_MS: usize = 2;

/// A press of a key that turns into sound piece by piece.
#[derive(Clone, Debug)]
pub struct KeyTone {
    row: Oscillator,
    column: Oscillator,
    fade: usize,
    position: usize,
    length: usize,
}

impl KeyTone {
    /// A press of `key`, 0–9, A–D, * or #; None for anything else.
    pub fn new(key: char, rate_hz: u32, duration_ms: u32) -> Option<Self> {
        let key = key.to_ascii_uppercase();
        let (row, column) =
            (0..16).map(|at| (at / 4, at % 4)).find(|&(row, column)| KEYS[row][column] == key)?;
        let ms = rate_hz as usize / 1_000;
        Some(Self {
            row: Oscillator::new(ROWS_HZ[row], rate_hz, ROW_PEAK),
            column: Oscillator::new(COLUMNS_HZ[column], rate_hz, COLUMN_PEAK),
            fade: FADE_MS * ms,
            position: 0,
            length: duration_ms as usize * ms,
        })
    }

    /// Fills the piece with the sound; behind its end is silence. Returns the samples with sound.
    pub fn fill(&mut self, pcm: &mut [i16]) -> usize {
        let sounding = pcm.len().min(self.length - self.position);
        for sample in &mut pcm[..sounding] {
            let from_edge = (self.position + 1).min(self.length - self.position);
            let loudness = from_edge.min(self.fade) as f64 / self.fade as f64;
            *sample = (loudness * (self.row.step() + self.column.step())).round() as i16;
            self.position += 1;
        }
        pcm[sounding..].fill(0);
        sounding
    }

    /// Whether all of it was filled in.
    pub fn is_over(&self) -> bool {
        self.position == self.length
    }
}

/// A sine by recurrence, one multiplication per sample.
#[derive(Clone, Debug)]
struct Oscillator {
    factor: f64,
    last: f64,
    before: f64,
}

impl Oscillator {
    fn new(frequency_hz: f64, rate_hz: u32, peak: f64) -> Self {
        let angle = TAU * frequency_hz / f64::from(rate_hz);
        Self { factor: 2.0 * angle.cos(), last: 0.0, before: -peak * angle.sin() }
    }

    fn step(&mut self) -> f64 {
        let next = self.factor * self.last - self.before;
        self.before = self.last;
        self.last = next;
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_length() {
        for rate_hz in [8_000, 16_000] {
            let mut tone = KeyTone::new('5', rate_hz, 100).unwrap();
            let mut pcm = vec![1; rate_hz as usize / 5];
            assert_eq!(tone.fill(&mut pcm), rate_hz as usize / 10);
            assert!(tone.is_over());
            let (tone, rest) = pcm.split_at(rate_hz as usize / 10);
            assert!(rest.iter().all(|&sample| sample == 0));
            for (frequency_hz, peak) in [(770.0, 7_218.0), (1_336.0, 9_087.0)] {
                let step = TAU * frequency_hz / f64::from(rate_hz);
                let part = |wave: fn(f64) -> f64| -> f64 {
                    let sum = tone
                        .iter()
                        .zip(0..)
                        .map(|(&s, at)| f64::from(s) * wave(step * f64::from(at)));
                    sum.sum::<f64>() * 2.0 / tone.len() as f64
                };
                let measured = part(f64::sin).hypot(part(f64::cos));
                assert!((measured / peak - 0.98).abs() < 0.02, "{frequency_hz}: {measured}");
            }
        }
    }

    #[test]
    fn pieces_join_without_a_seam() {
        let mut whole = vec![0; 960];
        KeyTone::new('d', 8_000, 100).unwrap().fill(&mut whole);
        let mut tone = KeyTone::new('D', 8_000, 100).unwrap();
        let mut pieces = vec![0; 960];
        for piece in pieces.chunks_mut(160) {
            tone.fill(piece);
        }
        assert_eq!(pieces, whole);
    }

    #[test]
    fn only_keys_sound() {
        assert!(KeyTone::new('E', 8_000, 100).is_none());
        assert!(KeyTone::new(' ', 8_000, 100).is_none());
    }
}
