//! A recording while it is made: sides, pause, greatest length, silence.
//!
//! Time is what is pushed. Whoever pushes sees to it that lost or suppressed packets are silence.

/// Root mean square below which audio is silence: -42 dB of full scale.
const SILENCE_RMS: i64 = 260;

/// Whose voice a recording holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What the leg says.
    Leg,
    /// What it says and hears, in one channel.
    Mixed,
    /// What it says on the left, what it hears on the right.
    Stereo,
}

impl Side {
    /// Of the file.
    pub fn channels(self) -> u16 {
        match self {
            Self::Leg | Self::Mixed => 1,
            Self::Stereo => 2,
        }
    }

    /// What the leg hears has to be pushed, too.
    pub fn needs_heard(self) -> bool {
        self != Self::Leg
    }
}

/// Why the audio itself ends a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The greatest length is reached.
    MaxLength,
    /// Nobody spoke for long enough.
    Silence,
}

/// What was recorded and not yet handed on, and how far it is.
#[derive(Debug)]
pub struct Recording {
    side: Side,
    rate_hz: u32,
    is_paused: bool,
    /// Frames (a sample of each channel) so far, at most `max`.
    position: u64,
    max: u64,
    silence: Option<u64>,
    loud_until: u64,
    pending: Vec<i16>,
}

impl Recording {
    /// Ends after `max`, or after `silence` without a voice; both in 125 µs, whatever the rate.
    pub fn new(side: Side, rate_hz: u32, max: u64, silence: Option<u64>) -> Self {
        let frames = |time: u64| time.saturating_mul(u64::from(rate_hz)) / 8_000;
        Self {
            side,
            rate_hz,
            is_paused: false,
            position: 0,
            max: frames(max),
            silence: silence.map(frames),
            loud_until: 0,
            pending: Vec::new(),
        }
    }

    /// Whose voice it holds.
    pub fn side(&self) -> Side {
        self.side
    }

    /// Of what is pushed, and of the file.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// What is said from now on is not in it and takes no time.
    pub fn pause(&mut self) {
        self.is_paused = true;
    }

    /// Goes on.
    pub fn resume(&mut self) {
        self.is_paused = false;
    }

    /// Nothing needs to be pushed.
    pub fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// Appends what the leg said, and heard meanwhile; what is missing of `heard` was silent.
    pub fn push(&mut self, said: &[i16], heard: Option<&[i16]>) {
        let room = self.max - self.position;
        let said = &said[..said.len().min(usize::try_from(room).unwrap_or(usize::MAX))];
        if self.is_paused || said.is_empty() {
            return;
        }
        let heard = heard.filter(|_| self.side.needs_heard()).unwrap_or_default();
        let heard = &heard[..heard.len().min(said.len())];
        let missing = said.len() - heard.len();
        let both = said.iter().zip(heard.iter().chain(std::iter::repeat_n(&0, missing)));
        match self.side {
            Side::Leg => self.pending.extend_from_slice(said),
            Side::Mixed => self.pending.extend(both.map(|(&one, &two)| one.saturating_add(two))),
            Side::Stereo => self.pending.extend(both.flat_map(|(&one, &two)| [one, two])),
        }
        self.position += said.len() as u64;
        if is_loud(said) || is_loud(heard) {
            self.loud_until = self.position;
        }
    }

    /// Whether it has to end.
    pub fn limit(&self) -> Option<Limit> {
        let silent_for = self.position - self.loud_until;
        if self.silence.is_some_and(|silence| silent_for >= silence) {
            Some(Limit::Silence)
        } else {
            (self.position >= self.max).then_some(Limit::MaxLength)
        }
    }

    /// Frames that the finished recording keeps: without the silence that ended it.
    pub fn frames(&self, limit: Option<Limit>) -> u64 {
        match limit {
            Some(Limit::Silence) => self.loud_until,
            _ => self.position,
        }
    }

    /// Samples that were not taken yet, channels interleaved.
    pub fn pending(&self) -> &[i16] {
        &self.pending
    }

    /// Takes them.
    pub fn take(&mut self) -> Vec<i16> {
        std::mem::take(&mut self.pending)
    }
}

fn is_loud(samples: &[i16]) -> bool {
    let energy: i64 = samples.iter().map(|&sample| i64::from(sample).pow(2)).sum();
    energy > SILENCE_RMS * SILENCE_RMS * samples.len() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: [i16; 80] = [4_000; 80];
    const QUIET: [i16; 80] = [20; 80];
    const MS: u64 = 8;

    fn push(recording: &mut Recording, samples: &[i16], times: usize) {
        (0..times).for_each(|_| recording.push(samples, None));
    }

    #[test]
    fn silence_ends_it_and_is_cut_off() {
        let mut recording = Recording::new(Side::Leg, 8_000, 60_000 * MS, Some(1_000 * MS));
        push(&mut recording, &LOUD, 50);
        push(&mut recording, &QUIET, 99);
        assert_eq!(recording.limit(), None);
        assert_eq!(recording.frames(None), 1_490 * MS);
        push(&mut recording, &QUIET, 1);
        assert_eq!(recording.limit(), Some(Limit::Silence));
        assert_eq!(recording.frames(recording.limit()), 500 * MS);
    }

    #[test]
    fn a_word_between_begins_the_silence_anew() {
        let mut recording = Recording::new(Side::Leg, 8_000, 60_000 * MS, Some(1_000 * MS));
        push(&mut recording, &QUIET, 90);
        push(&mut recording, &LOUD, 1);
        push(&mut recording, &QUIET, 99);
        assert_eq!(recording.limit(), None);
    }

    #[test]
    fn the_greatest_length_is_exact_at_every_rate() {
        let mut narrow = Recording::new(Side::Leg, 8_000, 45 * MS, None);
        push(&mut narrow, &LOUD, 9);
        assert_eq!((narrow.limit(), narrow.frames(None)), (Some(Limit::MaxLength), 360));
        assert_eq!(narrow.take().len(), 360);
        let mut wide = Recording::new(Side::Stereo, 16_000, 45 * MS, None);
        push(&mut wide, &LOUD, 9);
        assert_eq!((wide.limit(), wide.frames(None)), (Some(Limit::MaxLength), 720));
        assert_eq!(wide.pending().len(), 1_440);
    }

    #[test]
    fn sides_are_said_both_or_said_and_heard() {
        let cases: [(Side, &[i16]); 3] = [
            (Side::Leg, &[1, 2, 32_000]),
            (Side::Mixed, &[11, 22, 32_000]),
            (Side::Stereo, &[1, 10, 2, 20, 32_000, 0]),
        ];
        for (side, expected) in cases {
            let mut recording = Recording::new(side, 8_000, 100, None);
            recording.push(&[1, 2, 32_000], Some(&[10, 20]));
            assert_eq!(recording.pending(), expected, "{side:?}");
            assert_eq!(recording.frames(None), 3);
        }
        let mut loud = Recording::new(Side::Mixed, 8_000, 100, None);
        loud.push(&[32_000, -32_000], Some(&[32_000, -32_000, 5]));
        assert_eq!(loud.pending(), [i16::MAX, i16::MIN]);
    }

    #[test]
    fn the_other_side_keeps_a_recording_of_both_from_ending_in_silence() {
        for (side, expected) in [(Side::Leg, Some(Limit::Silence)), (Side::Stereo, None)] {
            let mut recording = Recording::new(side, 8_000, 60_000 * MS, Some(100 * MS));
            (0..20).for_each(|_| recording.push(&QUIET, Some(&LOUD)));
            assert_eq!(recording.limit(), expected);
        }
    }

    #[test]
    fn a_pause_takes_no_time() {
        let mut recording = Recording::new(Side::Leg, 8_000, 30 * MS, Some(20 * MS));
        push(&mut recording, &LOUD, 1);
        recording.pause();
        push(&mut recording, &QUIET, 100);
        assert_eq!((recording.limit(), recording.pending().len()), (None, 80));
        recording.resume();
        push(&mut recording, &LOUD, 2);
        assert_eq!(recording.limit(), Some(Limit::MaxLength));
        assert_eq!(recording.take().len(), 240);
        assert_eq!(recording.take().len(), 0);
    }
}
