//! One leg: a peer, the way to it, what it says and what it is to hear.

use media_audio::codec::Codec;
use media_audio::codec::g711::{self, Law};

use crate::dtmf_receiver::DtmfReceiver;
use crate::outbound::{Outbound, Target};
use crate::playback::Playback;
use crate::reception::Reception;
use crate::recording::Side;
use crate::switch::chance::Chance;
use crate::switch::command::Reading;
use crate::switch::hearing::Hearing;
use crate::switch::line::Line;
use crate::switch::moment::Moment;
use crate::switch::mouth::Mouth;
use crate::switch::ports::PortId;
use crate::switch::remote::Remote;
use crate::switch::reports::Reports;
use crate::switch::tap::Tap;
use crate::switch::tape::Record;

/// Ticks of a frame of PCM: 20 ms.
pub const FRAME_TICKS: u64 = 2;
/// Ticks of a packet when nobody has said yet how long packets are: 20 ms.
const PACKET_TICKS_DEFAULT: u64 = 2;

/// One leg's state. There are more legs than a cache holds, and to wait for memory is most of what a
/// packet costs: so what each packet touches comes first and side by side, then what each frame
/// does, and what is rarely there is kept elsewhere.
#[repr(C, align(64))]
pub struct Leg {
    /// How to send, and what the peer sends most; None before signalling has agreed.
    pub target: Option<Target>,
    /// Whether to send.
    pub sends: bool,
    /// Whether to listen.
    pub receives: bool,
    /// The bridge's audio cannot be passed undecoded.
    pub takes_frames: bool,
    /// The silence was reported.
    pub is_timed_out: bool,
    /// Its peer's frame is made when its room is mixed.
    pub awaits_mix: bool,
    /// Somebody listens to what it says.
    pub is_tapped: bool,
    /// Whose voice is recorded.
    pub recorded: Option<Side>,
    /// Where its audio comes from.
    pub place: Place,
    /// What is played to the peer.
    pub play: Option<Box<Play>>,
    /// What the peer says as PCM, while somebody wants it so.
    pub hearing: Option<Box<Hearing>>,
    /// When something arrived last.
    pub heard_at: u64,
    /// The way to the peer, in a cache line and a half.
    pub line: Line,
    /// What came from the peer, counted.
    pub reception: Reception,
    /// What it says to the peer.
    pub mouth: Mouth,
    /// Its name.
    pub id: i64,
    /// What is recorded.
    pub record: Option<Box<Record>>,
    /// Who listens to what it says.
    pub tap: Option<Box<Tap>>,
    /// Its place among those that ticks serve.
    pub paced: Option<usize>,
    /// Samples of silence to report.
    pub timeout: Option<u64>,
    /// Where others read its statistics.
    pub reading: Reading,
    /// RTCP.
    pub reports: Reports,
    /// The latest recording; its file may still be waiting for the disk.
    pub last_tape: Option<u64>,
    /// Keys that the peer presses.
    pub keys_in: DtmfReceiver,
    /// All that signalling agreed; None before it has.
    pub remote: Option<Box<Remote>>,
}

/// Where a leg's audio comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// From nobody.
    Alone,
    /// From the leg in this slot.
    Bridged(usize),
    /// From the members of this room.
    Room(i64),
}

/// A play on its way, in one cache line.
#[repr(align(64))]
pub struct Play {
    /// What.
    pub playback: Playback,
    /// Its name.
    pub token: i64,
    /// How loud the peers stay, in 256ths.
    pub under_q8: u16,
}

impl Leg {
    /// A leg that knows no peer yet.
    pub fn new(id: i64, port: PortId, reading: Reading, chance: &mut Chance, now: Moment) -> Self {
        let stream = new_stream(chance, 8_000, now);
        Self {
            target: None,
            sends: false,
            receives: false,
            takes_frames: false,
            is_timed_out: false,
            awaits_mix: false,
            is_tapped: false,
            recorded: None,
            place: Place::Alone,
            play: None,
            hearing: None,
            heard_at: now.samples,
            line: Line::new(port),
            reception: Reception::default(),
            mouth: Mouth::new(stream),
            id,
            record: None,
            tap: None,
            paced: None,
            timeout: None,
            reading,
            reports: Reports::new(chance, now),
            last_tape: None,
            keys_in: DtmfReceiver::default(),
            remote: None,
        }
    }

    /// Takes what signalling agreed on what is sent.
    pub fn agree(&mut self, remote: Remote, chance: &mut Chance, now: Moment) {
        let clock_hz = remote.format.codec.clock_hz;
        if clock_hz != self.mouth.stream.clock_hz() {
            // Another clock is another stream (RFC 7160 §4).
            self.mouth.stream = new_stream(chance, clock_hz, now);
        }
        let is_same = self.remote.as_ref().is_some_and(|known| {
            std::ptr::eq(known.format.codec, remote.format.codec)
                && known.format.payload_type == remote.format.payload_type
                && known.format.parameters == remote.format.parameters
                && known.packet_ticks == remote.packet_ticks
        });
        if !is_same {
            self.mouth.change();
        } else if !remote.send {
            self.mouth.pause();
        }
        if let Some(hearing) = self.hearing.as_mut() {
            hearing.forget_type();
        }
        (self.sends, self.receives) = (remote.send, remote.receive);
        self.target = Some(remote.target());
        self.remote = Some(Box::new(remote));
    }

    /// How to send, when audio can go out, and so is worth making.
    pub fn open_target(&mut self) -> Option<Target> {
        let target = self.target.filter(|_| self.sends)?;
        self.line.is_open().then_some(target)
    }

    /// The other leg of its bridge.
    pub fn bridged(&self) -> Option<usize> {
        match self.place {
            Place::Bridged(other) => Some(other),
            _ => None,
        }
    }

    /// Whether ticks have anything to do here.
    pub fn needs_pacing(&self) -> bool {
        self.has_frames() || self.needs_every_tick()
    }

    /// Whether every tick has something to do here: keys have times of their own, and so have repeats
    /// of a handshake.
    pub fn needs_every_tick(&self) -> bool {
        self.mouth.pressing.has_events() || self.line.guard.is_shaking()
    }

    /// Whether frames are due again and again.
    pub fn has_frames(&self) -> bool {
        self.play.is_some()
            || self.hearing.is_some()
            || self.takes_frames
            || matches!(self.place, Place::Room(_))
            || self.mouth.pressing.has_tones()
    }

    /// Whether frames of what the peer says are of use to its room only, and so can wait for it.
    pub fn is_only_mixed(&self) -> bool {
        matches!(self.place, Place::Room(_))
            && self.play.is_none()
            && !self.keys_are_tones()
            && !self.is_overheard()
    }

    /// Whether what it says is recorded, or told to a listener.
    pub fn is_overheard(&self) -> bool {
        self.recorded.is_some() || self.is_tapped
    }

    /// Whether what it is to hear is recorded, too.
    pub fn records_heard(&self) -> bool {
        self.recorded.is_some_and(Side::needs_heard)
    }

    /// Ticks from frame to frame.
    pub fn frame_ticks(&self) -> u64 {
        let is_pure_play = self.play.as_ref().is_some_and(|play| play.under_q8 == 0)
            && self.hearing.is_none()
            && !matches!(self.place, Place::Room(_));
        match &self.target {
            Some(target) if is_pure_play => u64::from(target.packet_ticks),
            None if is_pure_play => PACKET_TICKS_DEFAULT,
            _ => FRAME_TICKS,
        }
    }

    /// The rate of what it says as the peer's codec has it.
    pub fn rate_hz(&self) -> u32 {
        self.target.map_or(8_000, |target| target.codec.rate_hz)
    }

    /// A key is on its way, and audio has to wait.
    pub fn is_pressing(&self) -> bool {
        self.mouth.pressing.is_pressing() || self.mouth.pressing.has_tones()
    }

    /// The peer has no telephone events: its keys are tones, and so are ours.
    pub fn keys_are_tones(&self) -> bool {
        self.target.is_some_and(|target| target.events.is_none())
    }
}

/// The first number leaves room before the roll-over, so that a receiver which misses the first
/// packets counts the same roll-overs (RFC 3711 §3.3.1).
fn new_stream(chance: &mut Chance, clock_hz: u32, now: Moment) -> Outbound {
    let sequence = chance.word() as u16 & 0x7fff;
    Outbound::new(chance.word(), sequence, chance.word(), clock_hz, now.samples)
}

/// The law of a codec that is one of the two of G.711.
pub fn law_of(codec: &Codec) -> Option<Law> {
    if std::ptr::eq(codec, &g711::PCMU) {
        Some(Law::Mu)
    } else if std::ptr::eq(codec, &g711::PCMA) {
        Some(Law::A)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::mem::{offset_of, size_of};

    use super::*;
    use crate::switch::pressing::Pressing;

    const CACHE_LINE: usize = 64;

    /// A field more may be one line more for each packet: then find it another place.
    #[test]
    fn what_each_packet_touches_lies_in_few_cache_lines() {
        assert_eq!(offset_of!(Leg, line), CACHE_LINE);
        assert!(size_of::<Outbound>() + size_of::<Pressing>() <= CACHE_LINE);
        assert_eq!(offset_of!(Leg, reception) % CACHE_LINE, 0);
        assert_eq!(offset_of!(Leg, mouth) % CACHE_LINE, 0);
    }
}
