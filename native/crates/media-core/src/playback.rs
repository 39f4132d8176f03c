//! Prompts that are encoded once and shared, and one listener's way through them.

use std::ops::Range;
use std::sync::Arc;

use media_audio::codec::g711::Law;
use media_audio::resample::Resampler;

/// Rate of prompts and tones.
const RATE_HZ: u32 = 8_000;
/// Samples expanded at once for a wideband listener.
const BLOCK: usize = 160;

/// Audio of 8,000 Hz in both laws of G.711: two octets for each sample, as many as linear ones
/// would take, and a listener who talks G.711 costs a copy. Others hear what µ-law kept.
#[derive(Debug)]
pub struct Prompt {
    mu: Box<[u8]>,
    a: Box<[u8]>,
}

impl Prompt {
    /// Encodes 16-bit samples of 8,000 Hz.
    pub fn from_samples(samples: impl Iterator<Item = i16> + Clone) -> Self {
        Self {
            mu: samples.clone().map(|sample| Law::Mu.encode(sample)).collect(),
            a: samples.map(|sample| Law::A.encode(sample)).collect(),
        }
    }

    /// Encodes 16-bit little-endian samples; an odd last octet is dropped.
    pub fn from_pcm(pcm: &[u8]) -> Self {
        let pairs = pcm.chunks_exact(2);
        Self::from_samples(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])))
    }

    /// Samples in it.
    pub fn len(&self) -> usize {
        self.mu.len()
    }

    /// Nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.mu.is_empty()
    }

    fn octets(&self, law: Law) -> &[u8] {
        match law {
            Law::Mu => &self.mu,
            Law::A => &self.a,
        }
    }
}

/// Prompts one after the other without a gap, perhaps again and again. Each frame touches it, so that it
/// is kept small.
pub struct Playback {
    /// The prompt that plays; None when everything was taken.
    current: Option<Arc<Prompt>>,
    offset: usize,
    /// Samples until a tone ends; without end, more than anybody hears.
    left: u64,
    list: Box<List>,
    loops: bool,
}

/// What a change of prompts needs.
struct List {
    prompts: Box<[Arc<Prompt>]>,
    position: usize,
    /// Of a wideband listener.
    wide: Option<Box<Wide>>,
}

/// Samples of a play that does not end by itself.
const ENDLESS: u64 = u64::MAX;

struct Wide {
    resampler: Resampler,
    samples: Vec<i16>,
}

impl std::fmt::Debug for Playback {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = (self.list.position, self.offset, self.loops, self.left);
        formatter.debug_tuple("Playback").field(&place).finish()
    }
}

impl Playback {
    /// A play of prompts. Without any audio it is over at once, looped or not.
    pub fn new(prompts: Vec<Arc<Prompt>>, loops: bool) -> Self {
        let prompts: Box<[_]> = prompts.into_iter().filter(|prompt| !prompt.is_empty()).collect();
        let current = prompts.first().cloned();
        let list = Box::new(List { prompts, position: 0, wide: None });
        Self { current, offset: 0, left: ENDLESS, list, loops }
    }

    /// A tone: a second of it, looped, for so many samples (None: until stopped).
    pub fn tone(second: Arc<Prompt>, left: Option<u64>) -> Self {
        Self { left: left.unwrap_or(ENDLESS), ..Self::new(vec![second], true) }
    }

    /// Leaves out so many samples of 8,000 Hz. A loop goes round as often as that takes.
    pub fn skip(&mut self, samples: u64) {
        let round: u64 = self.list.prompts.iter().map(|prompt| prompt.len() as u64).sum();
        let mut rest = if self.loops && round > 0 { samples % round } else { samples };
        while let Some(prompt) = self.current.as_ref().filter(|_| rest > 0 && self.left > 0) {
            let there = prompt.len() - self.offset;
            let step = rest.min(there as u64) as usize;
            self.advance(step);
            rest -= step as u64;
        }
    }

    /// Everything was taken.
    pub fn is_over(&self) -> bool {
        self.left == 0 || self.current.is_none()
    }

    /// Fills octets of a law with what comes next, silence after the end.
    pub fn fill(&mut self, law: Law, frame: &mut [u8]) {
        let count = frame.len();
        let filled = self.take(count, |place, prompt, range| {
            frame[place..place + range.len()].copy_from_slice(&prompt.octets(law)[range]);
        });
        frame[filled..].fill(law.silence());
    }

    /// Fills samples of 8,000 or 16,000 Hz with what comes next, silence after the end.
    pub fn fill_pcm(&mut self, rate_hz: u32, frame: &mut [i16]) {
        if rate_hz == RATE_HZ {
            self.fill_narrow(frame);
            return;
        }
        let mut wide = self.list.wide.take().unwrap_or_else(|| {
            Box::new(Wide { resampler: Resampler::new(RATE_HZ, rate_hz), samples: Vec::new() })
        });
        let mut block = [0; BLOCK];
        wide.samples.clear();
        while wide.samples.len() < frame.len() {
            let missing = (frame.len() - wide.samples.len()).div_ceil(2);
            let block = &mut block[..missing.min(BLOCK)];
            self.fill_narrow(block);
            wide.resampler.process(block, &mut wide.samples);
        }
        frame.copy_from_slice(&wide.samples[..frame.len()]);
        self.list.wide = Some(wide);
    }

    fn fill_narrow(&mut self, frame: &mut [i16]) {
        let count = frame.len();
        let filled = self.take(count, |place, prompt, range| {
            let octets = &prompt.mu[range];
            for (sample, &octet) in frame[place..].iter_mut().zip(octets) {
                *sample = Law::Mu.decode(octet);
            }
        });
        frame[filled..].fill(0);
    }

    /// Takes up to `count` samples in pieces, each with its place among them; returns how many.
    fn take(&mut self, count: usize, mut put: impl FnMut(usize, &Prompt, Range<usize>)) -> usize {
        let mut taken = 0;
        while let Some(prompt) = self.current.as_ref().filter(|_| taken < count && self.left > 0) {
            let step = (prompt.len() - self.offset).min(count - taken).min(self.left as usize);
            put(taken, prompt, self.offset..self.offset + step);
            taken += step;
            self.advance(step);
        }
        taken
    }

    fn advance(&mut self, count: usize) {
        self.offset += count;
        if self.left != ENDLESS {
            self.left = self.left.saturating_sub(count as u64);
        }
        if self.current.as_ref().is_some_and(|prompt| self.offset == prompt.len()) {
            let list = &mut *self.list;
            self.offset = 0;
            list.position += 1;
            if self.loops && list.position == list.prompts.len() {
                list.position = 0;
            }
            self.current = list.prompts.get(list.position).cloned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(value: i16, samples: usize) -> Arc<Prompt> {
        Arc::new(Prompt::from_samples(std::iter::repeat_n(value, samples)))
    }

    fn take(playback: &mut Playback, count: usize) -> Vec<i16> {
        let mut frame = vec![0; count];
        playback.fill(Law::A, &mut frame);
        frame.into_iter().map(|octet| Law::A.decode(octet)).collect()
    }

    #[test]
    fn prompts_follow_without_a_gap_and_end_in_silence() {
        let mut playback = Playback::new(vec![prompt(1_008, 100), prompt(-1_008, 70)], false);
        let first = take(&mut playback, 160);
        assert!(first[..100].iter().all(|&sample| sample == 1_008));
        assert!(first[100..].iter().all(|&sample| sample == -1_008));
        assert!(!playback.is_over());
        let second = take(&mut playback, 160);
        assert!(second[..10].iter().all(|&sample| sample == -1_008));
        assert!(second[10..].iter().all(|&sample| sample.abs() <= 8));
        assert!(playback.is_over());
    }

    #[test]
    fn a_loop_goes_on_and_an_empty_one_is_over() {
        let mut playback = Playback::new(vec![prompt(1_008, 3), prompt(-1_008, 2)], true);
        let frame = take(&mut playback, 10);
        assert_eq!(frame[..5], frame[5..]);
        for mut empty in [Playback::new(vec![prompt(0, 0)], true), Playback::new(vec![], true)] {
            empty.skip(100);
            assert!(empty.is_over());
        }
    }

    #[test]
    fn a_tone_ends_after_its_samples() {
        let mut playback = Playback::tone(prompt(1_008, 50), Some(130));
        let frame = take(&mut playback, 160);
        assert_eq!(frame.iter().filter(|&&sample| sample == 1_008).count(), 130);
        assert!(playback.is_over());
        assert!(!Playback::tone(prompt(1_008, 50), None).is_over());
    }

    #[test]
    fn pcm_is_little_endian() {
        let mut playback = Playback::new(vec![Arc::new(Prompt::from_pcm(&[0xf0, 3, 9]))], false);
        assert_eq!(take(&mut playback, 1), [1_008]);
        assert!(playback.is_over());
    }

    #[test]
    fn the_beginning_can_be_left_out() {
        let parts = || vec![prompt(1_008, 100), prompt(-1_008, 70)];
        let mut within = Playback::new(parts(), false);
        within.skip(130);
        assert!(take(&mut within, 40).iter().all(|&sample| sample == -1_008));
        assert!(within.is_over());
        let mut beyond = Playback::new(parts(), false);
        beyond.skip(170);
        assert!(beyond.is_over());
        let mut round = Playback::new(parts(), true);
        round.skip(3 * 170 + 90);
        let frame = take(&mut round, 90);
        assert_eq!((frame[9], frame[10], frame[80]), (1_008, -1_008, 1_008));
    }

    #[test]
    fn listeners_of_other_codecs_get_samples() {
        let mut narrow = Playback::new(vec![prompt(1_004, 100)], false);
        let mut frame = [9; 160];
        narrow.fill_pcm(8_000, &mut frame);
        assert!(frame[..100].iter().all(|sample| (sample - 1_004).abs() <= 20));
        assert_eq!(frame[100..], [0; 60]);
        assert!(narrow.is_over());
    }

    #[test]
    fn a_wideband_listener_hears_the_same_tone() {
        let second = Arc::new(Prompt::from_samples(crate::tone::second_of(500).into_iter()));
        let mut playback = Playback::new(vec![second], false);
        let mut heard = vec![0; 16_000];
        for frame in heard.chunks_mut(320) {
            playback.fill_pcm(16_000, frame);
        }
        assert!(playback.is_over());
        let rises = heard.windows(2).filter(|pair| pair[0] < 999 && pair[1] >= 999).count();
        assert!((499..=500).contains(&rises), "{rises}");
        let peak = heard[2_000..].iter().max().copied().unwrap_or_default();
        assert!((7_000..7_500).contains(&peak), "{peak}");
    }
}
