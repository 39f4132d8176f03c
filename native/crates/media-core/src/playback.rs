//! Prompts that are encoded once and shared, and one listener's way through them.

use std::sync::Arc;

use crate::g711::Codec;

/// Audio in both codecs.
#[derive(Debug)]
pub struct Prompt {
    mu: Box<[u8]>,
    a: Box<[u8]>,
}

impl Prompt {
    /// Encodes 16-bit samples.
    pub fn from_samples(samples: impl Iterator<Item = i16> + Clone) -> Self {
        Self {
            mu: samples.clone().map(|sample| Codec::Pcmu.encode(sample)).collect(),
            a: samples.map(|sample| Codec::Pcma.encode(sample)).collect(),
        }
    }

    /// Encodes 16-bit little-endian samples; an odd last octet is dropped.
    pub fn from_pcm(pcm: &[u8]) -> Self {
        let pairs = pcm.chunks_exact(2);
        Self::from_samples(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])))
    }

    fn octets(&self, codec: Codec) -> &[u8] {
        match codec {
            Codec::Pcmu => &self.mu,
            Codec::Pcma => &self.a,
        }
    }

    fn is_empty(&self) -> bool {
        self.mu.is_empty()
    }
}

/// Prompts one after the other without a gap, perhaps again and again.
#[derive(Debug)]
pub struct Playback {
    prompts: Vec<Arc<Prompt>>,
    position: usize,
    offset: usize,
    loops: bool,
    /// Samples until a tone ends.
    left: Option<u64>,
}

impl Playback {
    /// A play of prompts. Without any audio it is over at once, looped or not.
    pub fn new(prompts: Vec<Arc<Prompt>>, loops: bool) -> Self {
        let prompts: Vec<_> = prompts.into_iter().filter(|prompt| !prompt.is_empty()).collect();
        Self { prompts, position: 0, offset: 0, loops, left: None }
    }

    /// A tone: a second of it, looped, for so many samples (None: until stopped).
    pub fn tone(second: Arc<Prompt>, left: Option<u64>) -> Self {
        Self { left, ..Self::new(vec![second], true) }
    }

    /// Everything was taken.
    pub fn is_over(&self) -> bool {
        self.left == Some(0) || self.position >= self.prompts.len()
    }

    /// Fills a frame with what comes next, silence after the end.
    pub fn fill(&mut self, codec: Codec, frame: &mut [u8]) {
        let mut filled = 0;
        while filled < frame.len() && !self.is_over() {
            let octets = &self.prompts[self.position].octets(codec)[self.offset..];
            let allowed = self.left.map_or(usize::MAX, |left| left as usize);
            let count = octets.len().min(frame.len() - filled).min(allowed);
            frame[filled..filled + count].copy_from_slice(&octets[..count]);
            filled += count;
            self.advance(count);
        }
        frame[filled..].fill(codec.silence());
    }

    fn advance(&mut self, count: usize) {
        self.offset += count;
        self.left = self.left.map(|left| left - count as u64);
        // Both encodings have one octet for each sample.
        if self.offset == self.prompts[self.position].mu.len() {
            self.offset = 0;
            self.position += 1;
            if self.loops && self.position == self.prompts.len() {
                self.position = 0;
            }
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
        playback.fill(Codec::Pcma, &mut frame);
        frame.into_iter().map(|octet| Codec::Pcma.decode(octet)).collect()
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
        assert!(Playback::new(vec![prompt(0, 0)], true).is_over());
        assert!(Playback::new(vec![], false).is_over());
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
}
