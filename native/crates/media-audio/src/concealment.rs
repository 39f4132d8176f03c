//! Makes up what was lost: goes on with the last periods of what was heard and fades them out.
//!
//! In the spirit of ITU-T G.711 Appendix I, but without its delay: what was heard is never changed
//! afterwards, so the joint is smoothed on the side of the made-up audio.

use crate::pitch::period;

/// Periods of voices, down to 67 Hz; higher ones repeat several periods at once.
const SHORTEST_PERIOD_MS: usize = 5;
const LONGEST_PERIOD_MS: usize = 15;
const TEMPLATE_MS: usize = 20;
/// For so long it is as loud as before, then it fades.
const LOUD_MS: usize = 10;
/// Nobody's voice goes on unchanged for longer.
const FADED_MS: usize = 60;
/// The longest blend with what comes after the loss.
const BLEND_MS_MAX: usize = 10;
/// More than one period sounds less like a machine when a loss is long.
const PERIODS_MAX: usize = 3;
/// What was heard moves to the front of its buffer about so often.
const MOVED_EVERY_MS: usize = 100;
/// Below it a sound has no pitch that could be repeated.
const VOICED: f32 = 0.45;

/// Follows one decoded stream and continues it where packets are missing.
pub struct Concealer {
    /// Samples of a millisecond.
    ms: usize,
    /// From `start` on what was heard last, `kept()` samples, and behind it what was made up since.
    history: Vec<i16>,
    start: usize,
    /// Samples made up since something was heard.
    made: usize,
    lag: usize,
    current: Repetition,
    /// What `current` is being blended in for, and the samples left of that.
    former: (Repetition, usize),
    /// By how much the first made-up sample would jump.
    jump: i32,
}

/// A walk round the last periods before the loss.
#[derive(Clone, Copy, Default)]
struct Repetition {
    periods: usize,
    position: usize,
}

impl Concealer {
    /// For a stream of 8,000 or 16,000 Hz.
    pub fn new(rate_hz: u32) -> Self {
        let ms = rate_hz as usize / 1_000;
        let kept = kept(ms);
        Self {
            ms,
            history: vec![0; kept],
            start: 0,
            made: 0,
            lag: LONGEST_PERIOD_MS * ms,
            current: Repetition::default(),
            former: (Repetition::default(), 0),
            jump: 0,
        }
    }

    /// Samples that it remembers: what was heard before them does not matter.
    pub fn memory(&self) -> usize {
        kept(self.ms)
    }

    /// Takes note of audio that was received, after `resume`.
    pub fn heard(&mut self, pcm: &[i16]) {
        let kept = kept(self.ms);
        self.made = 0;
        self.history.extend_from_slice(&pcm[pcm.len().saturating_sub(kept)..]);
        self.start = self.history.len() - kept;
        // To move all of it for each packet would cost more than to decode the packet.
        if self.start > MOVED_EVERY_MS * self.ms {
            self.history.copy_within(self.start.., 0);
            self.history.truncate(kept);
            self.start = 0;
        }
    }

    /// Blends the start of the first audio after a loss with what was made up for the loss.
    pub fn resume(&mut self, pcm: &mut [i16]) {
        if self.made == 0 {
            return;
        }
        let steps = self.made.div_ceil(LOUD_MS * self.ms);
        let blend = (self.quarter() + steps * 4 * self.ms).min(BLEND_MS_MAX * self.ms);
        let blend = blend.min(pcm.len());
        for (index, sample) in pcm[..blend].iter_mut().enumerate() {
            let made = i32::from(self.next_sample());
            *sample = between(made, i32::from(*sample), index + 1, blend + 1);
        }
    }

    /// Appends `samples` that continue what was heard. Silence after 60 ms.
    pub fn conceal(&mut self, samples: usize, pcm: &mut Vec<i16>) {
        if self.made == 0 {
            self.begin();
        }
        let left = (FADED_MS * self.ms).saturating_sub(self.made).min(samples);
        let start = pcm.len();
        pcm.reserve(samples);
        for _ in 0..left {
            let sample = self.next_sample();
            pcm.push(sample);
        }
        self.history.extend_from_slice(&pcm[start..]);
        pcm.resize(start + samples, 0);
        self.made += samples - left;
    }

    fn begin(&mut self) {
        let (shortest, longest) = (SHORTEST_PERIOD_MS * self.ms, LONGEST_PERIOD_MS * self.ms);
        let heard = self.kept();
        let found = period(heard, TEMPLATE_MS * self.ms, shortest, longest);
        let is_voiced = found.likeness >= VOICED;
        self.lag = if is_voiced { found.lag } else { longest };
        let periods = if is_voiced { 1 } else { PERIODS_MAX };
        self.current = Repetition { periods, position: 0 };
        self.former.1 = 0;
        let heard = self.kept();
        let before = heard[heard.len() - periods * self.lag - 1];
        self.jump = i32::from(heard[heard.len() - 1]) - i32::from(before);
    }

    /// What was heard last.
    fn kept(&self) -> &[i16] {
        &self.history[self.start..][..kept(self.ms)]
    }

    /// Samples that joints are smoothed over.
    fn quarter(&self) -> usize {
        self.lag / 4
    }

    fn next_sample(&mut self) -> i16 {
        let (loud, faded) = (LOUD_MS * self.ms, FADED_MS * self.ms);
        let quarter = self.quarter();
        let made = self.made;
        self.made += 1;
        if made >= faded {
            return 0;
        }
        if made > 0 && made.is_multiple_of(loud) && self.current.periods < PERIODS_MAX {
            self.former = (self.current, quarter);
            self.current.periods += 1;
            self.current.position %= self.lag;
        }
        let mut value = self.step(self.current);
        self.current = self.after(self.current);
        if self.former.1 > 0 {
            value = i32::from(between(value, self.step(self.former.0), self.former.1, quarter));
            self.former = (self.after(self.former.0), self.former.1 - 1);
        }
        if made < quarter {
            value += self.jump * (quarter - made) as i32 / quarter as i32;
        }
        if made > loud {
            value = value * (faded - made) as i32 / (faded - loud) as i32;
        }
        value.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
    }

    /// The sample where the walk is; its end leads over into its start.
    fn step(&self, walk: Repetition) -> i32 {
        let length = walk.periods * self.lag;
        let quarter = self.quarter();
        let heard = self.kept();
        let begin = heard.len() - length;
        let sample = i32::from(heard[begin + walk.position]);
        match (walk.position + quarter).checked_sub(length) {
            Some(into) => {
                let earlier = i32::from(heard[begin - quarter + into]);
                i32::from(between(sample, earlier, into, quarter))
            }
            None => sample,
        }
    }

    fn after(&self, walk: Repetition) -> Repetition {
        Repetition { position: (walk.position + 1) % (walk.periods * self.lag), ..walk }
    }
}

/// Samples of history: the longest periods and the quarter before them.
fn kept(ms: usize) -> usize {
    LONGEST_PERIOD_MS * ms * PERIODS_MAX + LONGEST_PERIOD_MS * ms / 4 + 1
}

/// On the way from one value to another, `part` of `whole` steps gone.
fn between(from: i32, to: i32, part: usize, whole: usize) -> i16 {
    (from + (to - from) * part as i32 / whole as i32) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn voice(rate_hz: u32, from: usize, samples: usize) -> Vec<i16> {
        (from..from + samples)
            .map(|index| {
                let phase = TAU * 130.0 * index as f64 / f64::from(rate_hz);
                (4_000.0 * phase.sin() + 2_000.0 * (3.0 * phase).sin()) as i16
            })
            .collect()
    }

    fn level(pcm: &[i16]) -> f64 {
        let square: f64 = pcm.iter().map(|&sample| f64::from(sample).powi(2)).sum();
        (square / pcm.len() as f64).sqrt()
    }

    fn steepest(pcm: &[i16]) -> i32 {
        let step = |pair: &[i16]| (i32::from(pair[1]) - i32::from(pair[0])).abs();
        pcm.windows(2).map(step).max().unwrap()
    }

    #[test]
    fn a_lost_frame_of_voice_sounds_like_the_voice() {
        for rate_hz in [8_000, 16_000] {
            let frame = rate_hz as usize / 50;
            let mut concealer = Concealer::new(rate_hz);
            concealer.heard(&voice(rate_hz, 0, 5 * frame));
            let mut made = Vec::new();
            concealer.conceal(frame / 2, &mut made);
            concealer.conceal(frame / 2, &mut made);
            assert_eq!(made.len(), frame);
            let expected = voice(rate_hz, 5 * frame, frame);
            let error: Vec<i16> = made.iter().zip(&expected).map(|(a, b)| a - b).collect();
            assert!(level(&error) < 0.35 * level(&expected), "{} at {rate_hz}", level(&error));
        }
    }

    #[test]
    fn neither_joint_jumps() {
        for (rate_hz, lost) in [(8_000, 1), (8_000, 2), (8_000, 5), (16_000, 1), (16_000, 4)] {
            let frame = rate_hz as usize / 50;
            let mut concealer = Concealer::new(rate_hz);
            let mut all = voice(rate_hz, 0, 4 * frame);
            concealer.heard(&all);
            concealer.conceal(lost * frame, &mut all);
            let mut next = voice(rate_hz, (4 + lost) * frame, frame);
            let natural = steepest(&next);
            concealer.resume(&mut next);
            concealer.heard(&next);
            all.extend(next);
            assert!(steepest(&all) <= natural * 3 / 2, "{lost} at {rate_hz}: {}", steepest(&all));
        }
    }

    #[test]
    fn fades_to_silence_in_60_ms_and_comes_back() {
        let mut concealer = Concealer::new(8_000);
        concealer.heard(&voice(8_000, 0, 800));
        let mut made = Vec::new();
        concealer.conceal(800, &mut made);
        let levels: Vec<f64> = made.chunks(80).map(level).collect();
        assert!(levels[0] > 2_500.0);
        assert!(levels[4] < 0.5 * levels[0] && levels[4] > 0.0);
        assert!(made[480..].iter().all(|&sample| sample == 0));
        let mut next = voice(8_000, 1_600, 160);
        concealer.resume(&mut next);
        assert!(next[0].abs() < 200 && level(&next[80..]) > 2_500.0);
    }

    #[test]
    fn noise_stays_noise_and_silence_silence() {
        let mut seed = 1u32;
        let noise: Vec<i16> = (0..800)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 20) as i16 - 2_048
            })
            .collect();
        let mut concealer = Concealer::new(8_000);
        concealer.heard(&noise);
        let mut made = Vec::new();
        concealer.conceal(160, &mut made);
        assert!((level(&made) / level(&noise) - 0.9).abs() < 0.2);
        for lag in 40..=120 {
            assert!(made[..40] != made[lag..lag + 40], "repeats after {lag} samples");
        }

        let mut concealer = Concealer::new(8_000);
        let mut made = Vec::new();
        concealer.conceal(160, &mut made);
        assert_eq!(made, [0; 160]);
    }

    #[test]
    fn extremes_neither_overflow_nor_panic() {
        for rate_hz in [8_000, 16_000] {
            let mut concealer = Concealer::new(rate_hz);
            let mut next = vec![i16::MAX; 7];
            let mut made = Vec::new();
            for length in [0, 1, 3, 700, 1_000] {
                let loud = (0..length).map(|at| if at % 90 < 45 { i16::MAX } else { i16::MIN });
                concealer.heard(&loud.collect::<Vec<_>>());
                concealer.conceal(length, &mut made);
                concealer.conceal(1, &mut made);
                concealer.resume(&mut next);
                concealer.resume(&mut []);
            }
        }
    }
}
