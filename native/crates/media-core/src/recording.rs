//! One leg's voice on a time line: packets in their places, silence where none came.

use crate::g711::Codec;

/// Silence is filled in this late, so that packets on their way still find their place: 200 ms.
const FILL_DELAY: u64 = 1_600;
/// Samples that stay with us for packets that were overtaken: 60 ms.
const KEPT: usize = 480;
/// A packet that claims to be further ahead of the clock than this has a new time line: 5 s.
const AHEAD_MAX: u64 = 5 * 8_000;
/// Root mean square below which audio is silence: -42 dB of full scale.
const SILENCE_RMS: i64 = 260;
const BLOCK: usize = 80;

/// Why the audio itself ends a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The greatest length is reached.
    MaxLength,
    /// Nobody spoke for long enough.
    Silence,
}

/// The time line of a recording.
#[derive(Debug)]
pub struct Recording {
    began: u64,
    position: u64,
    pending: Vec<i16>,
    anchor: Option<Anchor>,
    max: u64,
    silence: Option<u64>,
    loud_until: u64,
}

/// Where a source's last packet lies.
#[derive(Debug)]
struct Anchor {
    ssrc: u32,
    timestamp: u32,
    position: u64,
}

impl Recording {
    /// Begins at `now`; ends after `max` samples, or after `silence` samples of silence.
    pub fn new(now: u64, max: u64, silence: Option<u64>) -> Self {
        Self {
            began: now,
            position: 0,
            pending: Vec::new(),
            anchor: None,
            max,
            silence,
            loud_until: 0,
        }
    }

    /// Puts a packet into its place.
    pub fn audio(&mut self, ssrc: u32, timestamp: u32, codec: Codec, payload: &[u8], now: u64) {
        let Some(place) = self.place(ssrc, timestamp, payload.len() as u64, now) else { return };
        self.fill_to(place);
        let first = (place - self.flushed()) as usize;
        let end = first + payload.len();
        if self.pending.len() < end {
            self.pending.resize(end, 0);
            self.position = place + payload.len() as u64;
        }
        for (slot, &octet) in self.pending[first..end].iter_mut().zip(payload) {
            *slot = codec.decode(octet);
        }
        for (index, block) in self.pending[first..end].chunks(BLOCK).enumerate() {
            if is_loud(block) {
                let block_end = place + (index * BLOCK + block.len()) as u64;
                self.loud_until = self.loud_until.max(block_end);
            }
        }
    }

    /// Lets time pass without packets.
    pub fn pass_time(&mut self, now: u64) {
        let elapsed = now.saturating_sub(self.began);
        let target = elapsed.saturating_sub(FILL_DELAY).min(self.max);
        if target > self.position {
            self.fill_to(target);
        }
    }

    /// Whether the recording has to end.
    pub fn limit(&self) -> Option<Limit> {
        let is_silent = self
            .silence
            .is_some_and(|silence| self.position >= self.loud_until.saturating_add(silence));
        if is_silent {
            Some(Limit::Silence)
        } else {
            (self.position >= self.max).then_some(Limit::MaxLength)
        }
    }

    /// Samples that the finished recording has.
    pub fn length(&self, limit: Option<Limit>) -> u64 {
        match limit {
            Some(Limit::Silence) => self.loud_until.min(self.max),
            _ => self.position.min(self.max),
        }
    }

    /// Takes the samples that will not change any more.
    pub fn take_settled(&mut self) -> Vec<i16> {
        let kept = self.pending.split_off(self.pending.len().saturating_sub(KEPT));
        std::mem::replace(&mut self.pending, kept)
    }

    /// Takes the rest.
    pub fn take_all(&mut self) -> Vec<i16> {
        std::mem::take(&mut self.pending)
    }

    fn flushed(&self) -> u64 {
        self.position - self.pending.len() as u64
    }

    /// Appends silence up to there.
    fn fill_to(&mut self, position: u64) {
        if position > self.position {
            let count = (position - self.position) as usize;
            self.pending.resize(self.pending.len() + count, 0);
            self.position = position;
        }
    }

    /// Where a packet belongs; None when it is too late, or too far ahead to be true.
    fn place(&mut self, ssrc: u32, timestamp: u32, length: u64, now: u64) -> Option<u64> {
        let elapsed = now.saturating_sub(self.began);
        let farthest = elapsed + AHEAD_MAX;
        if let Some(anchor) = self.anchor.as_ref().filter(|anchor| anchor.ssrc == ssrc) {
            let step = i64::from(timestamp.wrapping_sub(anchor.timestamp) as i32);
            let place = anchor.position.checked_add_signed(step);
            let place = place.filter(|&place| place >= self.flushed() && place <= farthest);
            let is_overtaken = step <= 0 && step > -(AHEAD_MAX as i64);
            if is_overtaken {
                return place;
            }
            if let Some(position) = place {
                self.anchor = Some(Anchor { ssrc, timestamp, position });
                return Some(position);
            }
        }
        let position = self.position.max(elapsed.saturating_sub(length));
        if position > farthest {
            return None;
        }
        self.anchor = Some(Anchor { ssrc, timestamp, position });
        Some(position)
    }
}

fn is_loud(block: &[i16]) -> bool {
    let energy: i64 = block.iter().map(|&sample| i64::from(sample).pow(2)).sum();
    energy > SILENCE_RMS * SILENCE_RMS * block.len() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: [u8; 160] = [0x10; 160];
    const MS: u64 = 8;

    fn recording() -> Recording {
        Recording::new(0, 10_000 * MS, None)
    }

    fn speak(recording: &mut Recording, packets: std::ops::Range<u64>) {
        for packet in packets {
            let now = packet * 160;
            recording.audio(1, 5_000 + now as u32, Codec::Pcmu, &LOUD, now);
        }
    }

    fn loud_blocks(samples: &[i16]) -> Vec<bool> {
        samples.chunks(160).map(is_loud).collect()
    }

    #[test]
    fn a_lost_packet_is_silence() {
        let mut recording = recording();
        speak(&mut recording, 0..2);
        speak(&mut recording, 3..4);
        assert_eq!(loud_blocks(&recording.take_all()), [true, true, false, true]);
    }

    #[test]
    fn an_overtaken_packet_finds_its_place() {
        let mut recording = recording();
        speak(&mut recording, 0..1);
        speak(&mut recording, 2..3);
        speak(&mut recording, 1..2);
        speak(&mut recording, 1..2);
        assert_eq!(recording.length(None), 480);
        assert_eq!(loud_blocks(&recording.take_all()), [true, true, true]);
    }

    #[test]
    fn time_without_packets_is_silence() {
        let mut recording = recording();
        speak(&mut recording, 0..5);
        recording.pass_time(1_000 * MS);
        assert_eq!(recording.length(None), 800 * MS);
        let mut speech_later = recording;
        speak(&mut speech_later, 50..51);
        assert_eq!(speech_later.length(None), 1_020 * MS);
    }

    #[test]
    fn a_source_that_paused_its_clock_goes_on_at_the_end() {
        let mut recording = recording();
        speak(&mut recording, 0..5);
        recording.pass_time(2_000 * MS);
        recording.take_settled();
        recording.audio(1, 5_000 + 5 * 160, Codec::Pcmu, &LOUD, 2_000 * MS);
        assert_eq!(recording.length(None), 2_000 * MS);
    }

    #[test]
    fn silence_ends_it_and_is_cut_off() {
        let mut recording = Recording::new(0, 60_000 * MS, Some(1_000 * MS));
        speak(&mut recording, 0..25);
        assert_eq!(recording.limit(), None);
        recording.pass_time(1_690 * MS);
        assert_eq!(recording.limit(), None);
        recording.pass_time(1_700 * MS);
        assert_eq!(recording.limit(), Some(Limit::Silence));
        assert_eq!(recording.length(recording.limit()), 500 * MS);
    }

    #[test]
    fn the_greatest_length_is_exact() {
        let mut recording = Recording::new(0, 50 * MS, None);
        speak(&mut recording, 0..3);
        assert_eq!(recording.limit(), Some(Limit::MaxLength));
        assert_eq!(recording.length(recording.limit()), 50 * MS);
    }

    #[test]
    fn what_is_settled_does_not_come_again() {
        let mut recording = recording();
        speak(&mut recording, 0..10);
        assert_eq!(recording.take_settled().len(), 1_600 - KEPT);
        assert_eq!(recording.take_settled().len(), 0);
        assert_eq!(recording.take_all().len(), KEPT);
    }

    #[test]
    fn wild_timestamps_do_not_blow_it_up() {
        let mut recording = recording();
        for packet in 0..100_000u32 {
            let timestamp = packet.wrapping_mul(0x9e37_79b9);
            recording.audio(1, timestamp, Codec::Pcmu, &LOUD, u64::from(packet));
        }
        assert!(recording.pending.len() as u64 <= 100_000 + AHEAD_MAX + 160);
    }
}
