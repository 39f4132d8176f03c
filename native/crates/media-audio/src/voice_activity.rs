//! How loud somebody is and whether it is talk.

/// What silence measures: the least that RFC 6465 has a number for.
pub const SILENCE_DBOV: i8 = -127;

/// Talk is so much above the noise.
const ABOVE_NOISE_DB: f32 = 9.0;
/// Nothing below it is talk, however quiet the rest.
const TALK_DBOV_MIN: f32 = -55.0;
/// Digital silence between words must not make breath into talk.
const NOISE_DBOV_MIN: f32 = -70.0;
/// Whatever is louder for long, like music, is meant to be heard and so is no noise.
const NOISE_DBOV_MAX: f32 = -40.0;
const NOISE_RISES_DB_PER_MS: f32 = 0.003;
/// A knock is shorter than the first syllable.
const TALK_AFTER_MS: u32 = 200;
/// A pause between two words is shorter.
const SILENT_AFTER_MS: u32 = 600;

/// The level of a frame in dB relative to the loudest signal there is, a full-scale square wave
/// (RFC 6465): 0 to -127. Its negative is the number that RFC 6464 and 6465 put into packets.
pub fn level_dbov(pcm: &[i16]) -> i8 {
    let square = |sample: i16| i32::from(sample).pow(2) as u32;
    // Two squares fit into 32 bits: a processor adds up several such pairs at once.
    let (pairs, odd) = pcm.as_chunks();
    let pairs = pairs.iter().map(|&[one, other]| u64::from(square(one) + square(other)));
    let square =
        pairs.sum::<u64>() + odd.iter().map(|&sample| u64::from(square(sample))).sum::<u64>();
    if square == 0 {
        return SILENCE_DBOV;
    }
    let relative = square as f32 / (pcm.len() as f32 * 32_768.0 * 32_768.0);
    (10.0 * relative.log10()).round().clamp(f32::from(SILENCE_DBOV), 0.0) as i8
}

/// Tells talk from noise by its level above a floor that follows the noise.
#[derive(Clone, Debug)]
pub struct TalkDetector {
    noise_dbov: f32,
    is_talking: bool,
    /// Milliseconds of what speaks for the other state.
    evidence_ms: u32,
}

impl Default for TalkDetector {
    fn default() -> Self {
        Self { noise_dbov: NOISE_DBOV_MIN, is_talking: false, evidence_ms: 0 }
    }
}

impl TalkDetector {
    /// Takes the level of the next frame; tells the new state when it changes: talking after 200 ms
    /// of talk, silent after 600 ms without.
    pub fn hear(&mut self, level_dbov: i8, frame_ms: u32) -> Option<bool> {
        let level = f32::from(level_dbov);
        let is_loud = level > TALK_DBOV_MIN && level > self.noise_dbov + ABOVE_NOISE_DB;
        self.follow_noise(level, frame_ms);
        let (threshold_ms, speaks_for_change) =
            if self.is_talking { (SILENT_AFTER_MS, !is_loud) } else { (TALK_AFTER_MS, is_loud) };
        self.evidence_ms = match (self.is_talking, speaks_for_change) {
            (_, true) => self.evidence_ms + frame_ms,
            // One word proves that the talk goes on.
            (true, false) => 0,
            // A syllable has gaps.
            (false, false) => self.evidence_ms.saturating_sub(frame_ms),
        };
        if self.evidence_ms < threshold_ms {
            return None;
        }
        self.evidence_ms = 0;
        self.is_talking = !self.is_talking;
        Some(self.is_talking)
    }

    /// The state last told; not talking at first.
    pub fn is_talking(&self) -> bool {
        self.is_talking
    }

    fn follow_noise(&mut self, level: f32, frame_ms: u32) {
        self.noise_dbov = if level < self.noise_dbov {
            (level + self.noise_dbov) / 2.0
        } else {
            level.min(self.noise_dbov + NOISE_RISES_DB_PER_MS * frame_ms as f32)
        }
        .clamp(NOISE_DBOV_MIN, NOISE_DBOV_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_known_signals() {
        assert_eq!(level_dbov(&[]), -127);
        assert_eq!(level_dbov(&[0; 160]), -127);
        assert_eq!(level_dbov(&[i16::MIN; 160]), 0);
        let sine: Vec<i16> =
            (0..160).map(|at| (32_767.0 * (f64::from(at) / 8.0).sin()) as i16).collect();
        assert_eq!(level_dbov(&sine), -3);
        assert_eq!(level_dbov(&[1; 160]), -90);
        assert_eq!(level_dbov(&[i16::MAX; 48_000]), 0);
    }

    /// Feeds frames of 20 ms and returns when, in ms, the state changed.
    fn changes(detector: &mut TalkDetector, levels: impl IntoIterator<Item = i8>) -> Vec<u32> {
        let mut changes = Vec::new();
        for (frame, level) in (1..).zip(levels) {
            if detector.hear(level, 20).is_some() {
                changes.push(frame * 20);
            }
        }
        changes
    }

    #[test]
    fn talk_begins_after_200_ms_and_ends_600_ms_after_the_last_word() {
        let mut detector = TalkDetector::default();
        let words = [vec![-60; 50], vec![-25; 50], vec![-60; 20], vec![-28; 50], vec![-60; 50]];
        assert_eq!(changes(&mut detector, words.concat()), [1_200, 4_000]);
        assert!(!detector.is_talking());
    }

    #[test]
    fn a_knock_is_no_talk() {
        let mut detector = TalkDetector::default();
        let knocks = [vec![-70; 20], vec![-10; 8], vec![-70; 20], vec![-10; 8], vec![-70; 60]];
        assert_eq!(changes(&mut detector, knocks.concat()), []);
    }

    #[test]
    fn loud_noise_stops_being_talk_and_talk_above_it_is_heard() {
        let mut detector = TalkDetector::default();
        changes(&mut detector, vec![-45; 1_000]);
        assert!(!detector.is_talking(), "after 20 s of noise");
        assert_eq!(changes(&mut detector, [vec![-30; 50], vec![-45; 100]].concat()), [200, 1_600]);
    }

    #[test]
    fn music_is_heard_for_as_long_as_it_lasts() {
        let mut detector = TalkDetector::default();
        assert_eq!(changes(&mut detector, vec![-20; 10_000]), [200]);
    }
}
