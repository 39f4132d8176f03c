//! What a peer says as PCM, for those who cannot take its packets as they are: mixes, recordings,
//! other codecs, keys that are tones.

use media_audio::tone_detector::ToneDetector;
use media_audio::voice_activity::{TalkDetector, level_dbov};

use crate::ear::Ear;
use crate::rtp::Packet;
use crate::switch::remote::{Format, Remote};

/// The receiving side of a leg that is listened to. What each packet and each frame touches comes first.
#[repr(C, align(64))]
pub struct Hearing {
    /// The latest frame; empty while frames are made elsewhere.
    pub frame: Vec<i16>,
    /// Of the frame.
    pub rate_hz: u32,
    /// The payload type of the last audio, as long as it means the same.
    known_type: Option<u8>,
    talk: Option<TalkDetector>,
    keys: Option<Box<(u32, ToneDetector)>>,
    ear: Ear,
}

/// What was noticed in a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noticed {
    /// A key was pressed.
    pub key: Option<char>,
    /// The peer began or ceased to talk.
    pub talk: Option<bool>,
}

impl Hearing {
    /// Nothing was heard yet.
    pub fn new(remote: &Remote) -> Self {
        let codec = remote.format.codec;
        Self {
            frame: Vec::new(),
            rate_hz: codec.rate_hz,
            known_type: None,
            talk: None,
            keys: None,
            ear: Ear::new(codec, &remote.format.parameters),
        }
    }

    /// Reads a little of what each packet and each frame touches, so that it is there when it is needed.
    pub fn fetch(&self) -> u64 {
        u64::from(self.rate_hz) ^ self.ear.fetch()
    }

    /// The same of what the next packet is in and decoded by.
    pub fn fetch_next(&self) -> u64 {
        self.ear.fetch_next()
    }

    /// Payload types may mean something else from now on.
    pub fn forget_type(&mut self) {
        self.known_type = None;
    }

    /// Takes a packet of audio; `format` says what its payload type means, and is asked when that
    /// changes.
    pub fn put<'a>(
        &mut self,
        format: impl FnOnce() -> Option<&'a Format>,
        packet: &Packet,
        payload: &[u8],
        now: u64,
    ) {
        if self.known_type != Some(packet.payload_type) {
            let Some(format) = format() else { return };
            self.ear.expect(format.codec, &format.parameters);
            self.known_type = Some(packet.payload_type);
        }
        self.ear.put(packet.sequence, packet.timestamp, packet.ssrc, packet.marker, payload, now);
    }

    /// Takes a packet of comfort noise.
    pub fn put_noise(&mut self, packet: &Packet, payload: &[u8], now: u64) {
        self.ear.comfort_noise(packet.sequence, packet.timestamp, packet.ssrc, payload, now);
    }

    /// A packet of the same stream that is no audio.
    pub fn pass_over(&mut self, packet: &Packet) {
        self.ear.pass_over(packet.sequence, packet.ssrc);
    }

    /// Plays the next frame out.
    pub fn pull(&mut self, rate_hz: u32, samples: usize, now: u64) {
        self.ear.pull(rate_hz, samples, now, &mut self.frame);
        self.rate_hz = rate_hz;
    }

    /// Plays the next frame out, to elsewhere.
    pub fn pull_into(&mut self, rate_hz: u32, samples: usize, now: u64, frame: &mut Vec<i16>) {
        self.ear.pull(rate_hz, samples, now, frame);
        self.rate_hz = rate_hz;
    }

    /// Looks for talk in a frame that was made elsewhere.
    pub fn notice_talk(&mut self, frame: &[i16]) -> Option<bool> {
        self.keys = None;
        self.talk_in(frame)
    }

    fn talk_in(&mut self, frame: &[i16]) -> Option<bool> {
        let frame_ms = (frame.len() as u32 * 1_000).div_ceil(self.rate_hz);
        self.talk.get_or_insert_default().hear(level_dbov(frame), frame_ms)
    }

    /// Looks for keys and talk in the frame.
    pub fn notice(&mut self, has_keys: bool, has_talk: bool) -> Noticed {
        let rate_hz = self.rate_hz;
        if self.keys.as_ref().is_some_and(|keys| keys.0 != rate_hz || !has_keys) {
            self.keys = None;
        }
        let key = if has_keys {
            let made = || Box::new((rate_hz, ToneDetector::new(rate_hz)));
            let made = self.keys.get_or_insert_with(made);
            made.1.feed(&self.frame)
        } else {
            None
        };
        let talk = if has_talk {
            let frame = std::mem::take(&mut self.frame);
            let talk = self.talk_in(&frame);
            self.frame = frame;
            talk
        } else {
            self.talk.take().filter(TalkDetector::is_talking).map(|_| false)
        };
        Noticed { key, talk }
    }

    /// Packets that came after their time.
    pub fn late(&self) -> u64 {
        self.ear.late()
    }

    /// From a packet's arrival to its sound.
    pub fn delay_ms(&self) -> u32 {
        self.ear.delay_ms()
    }
}
