//! The one stream that a leg sends, whatever its audio comes from: relay, prompts, keys, a mix.
//!
//! Source, sequence numbers and timestamps go on without a break when the audio changes, so the
//! peer sees a single well-behaved sender (RFC 3550 §5.1). Another clock is another stream (RFC 7160).

use media_audio::codec::Codec;

use crate::partial_packet::Partial;
use crate::relayed_source::Source;
use crate::rtp::{HEADER_BYTES, Header, Packet};

/// Ticks of the longest packet that we send: 60 ms.
pub const PACKET_TICKS_MAX: u8 = 6;
/// Octets of audio in such a packet, whose codec has a fixed number of them: L16 at 16,000 Hz.
const OCTETS_MAX: usize = PACKET_TICKS_MAX as usize * 320;
/// A source whose time is so many seconds from ours has set its clock.
const ASTRAY_S: i32 = 3;

/// What the peer of this stream agreed to.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// How audio is encoded.
    pub codec: &'static Codec,
    /// The number of the codec.
    pub payload_type: u8,
    /// Length of a packet in ticks of 10 ms: 1 to `PACKET_TICKS_MAX`.
    pub packet_ticks: u8,
    /// Payload type of telephone events.
    pub events: Option<u8>,
    /// Payload type of comfort noise.
    pub comfort_noise: Option<u8>,
}

impl Target {
    /// Units of the stream's clock in a packet.
    pub fn step(&self) -> u32 {
        self.codec.clock_hz / 100 * u32::from(self.packet_ticks)
    }

    pub(crate) fn packet_octets(&self) -> Option<usize> {
        let octets = self.codec.octets.as_ref()?;
        Some((octets.per_tick * usize::from(self.packet_ticks)).min(OCTETS_MAX))
    }

    pub(crate) fn units_in(&self, octets: usize) -> u32 {
        let per_tick = self.codec.octets.as_ref().map_or(1, |known| known.per_tick);
        (octets * (self.codec.clock_hz / 100) as usize / per_tick) as u32
    }

    pub(crate) fn octets_in(&self, units: u32) -> usize {
        let per_tick = self.codec.octets.as_ref().map_or(0, |known| known.per_tick);
        units as usize * per_tick / (self.codec.clock_hz / 100) as usize
    }
}

/// What a packet to be relayed carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// Audio, encoded as the target wants it.
    Audio,
    /// A telephone event.
    Event,
    /// Comfort noise.
    Noise,
}

/// The stream's state. Every packet touches all of it, so that it is kept small: a cache line.
#[derive(Debug)]
pub struct Outbound {
    ssrc: u32,
    sequence: u16,
    /// Units of the stream's clock in 125 µs.
    multiple: u32,
    /// Timestamp of sample 0 of the engine's clock.
    origin: u32,
    /// Timestamp after the last audio sent.
    end: u32,
    source: Option<Source>,
    /// The timestamp sent last, and when.
    last: (u32, u32),
    /// The beginning of a packet, where packet times differ.
    partial: Option<Box<Partial>>,
}

impl Outbound {
    /// A stream whose numbers begin at random (RFC 3550 §5.1), with a clock of a multiple of 8,000 Hz.
    pub fn new(ssrc: u32, sequence: u16, origin: u32, clock_hz: u32, now: u64) -> Self {
        let multiple = clock_hz / 8_000;
        let end = origin.wrapping_add((now as u32).wrapping_mul(multiple));
        Self {
            ssrc,
            sequence,
            multiple,
            origin,
            end,
            source: None,
            last: (end, now as u32),
            partial: None,
        }
    }

    /// Who we are.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Units of the stream's clock in a second.
    pub fn clock_hz(&self) -> u32 {
        self.multiple * 8_000
    }

    /// The timestamp of an instant, as a sender report wants it.
    pub fn timestamp_at(&self, now: u64) -> u32 {
        let since = (now as u32).wrapping_sub(self.last.1).wrapping_mul(self.multiple);
        self.last.0.wrapping_add(since)
    }

    /// The timestamp for audio that begins now: by the clock, but never before what was sent.
    pub fn begin(&self, now: u64) -> u32 {
        let clock = self.clock(now);
        if is_before(clock, self.end) { self.end } else { clock }
    }

    fn clock(&self, now: u64) -> u32 {
        self.origin.wrapping_add((now as u32).wrapping_mul(self.multiple))
    }

    /// The header of a packet of our own making. A relayed source goes on after it.
    pub fn own(&mut self, timestamp: u32, payload_type: u8, marker: bool, now: u64) -> Header {
        if let Some(source) = self.source.as_mut() {
            source.is_interrupted = true;
            self.drop_partial();
        }
        self.number(timestamp, payload_type, marker, now)
    }

    fn number(&mut self, timestamp: u32, payload_type: u8, marker: bool, now: u64) -> Header {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        if let Some(offset) = self.source.as_mut().and_then(|it| it.sequence_offset.as_mut()) {
            *offset = offset.wrapping_add(1);
        }
        self.last = (timestamp, now as u32);
        Header { marker, payload_type, sequence, timestamp, ssrc: self.ssrc }
    }

    /// Notes that audio up to there was sent.
    pub fn reached(&mut self, timestamp: u32) {
        if is_before(self.end, timestamp) {
            self.end = timestamp;
        }
    }

    /// Whether something was sent already of what comes after a timestamp.
    pub fn has_reached(&self, timestamp: u32) -> bool {
        is_before(timestamp, self.end)
    }

    /// Forgets the relayed source: what comes next begins anew.
    pub fn leave_source(&mut self) {
        self.source = None;
        self.drop_partial();
    }

    fn drop_partial(&mut self) {
        if let Some(partial) = self.partial.as_mut() {
            partial.octets.clear();
        }
    }

    fn has_partial(&self) -> bool {
        self.partial.as_ref().is_some_and(|partial| !partial.octets.is_empty())
    }

    /// A packet of the source that is not passed on, so that its number is no loss to the peer.
    pub fn skip(&mut self, packet: &Packet) {
        let next = self.sequence;
        if let Some(source) = self.source.as_mut()
            && source.ssrc == packet.ssrc
            && source.goes_on(packet.sequence)
            && let Some(offset) = source.sequence_offset.as_mut()
            && packet.sequence.wrapping_add(*offset).wrapping_sub(next) < 0x8000
        {
            *offset = offset.wrapping_sub(1);
        }
    }

    /// Turns a received packet into ours, inside its buffer, and emits it; with other packet times
    /// none or several. `bytes` is the datagram that `packet` describes.
    pub fn relay(
        &mut self,
        bytes: &mut [u8],
        packet: &Packet,
        media: Media,
        target: &Target,
        now: u64,
        mut emit: impl FnMut(&[u8]),
    ) {
        let payload_type = match media {
            Media::Audio => Some(target.payload_type),
            Media::Event => target.events,
            Media::Noise => target.comfort_noise,
        };
        let Some(payload_type) = payload_type else { return self.skip(packet) };
        let is_audio = media == Media::Audio;
        if self.is_stray(packet) {
            return;
        }
        let timestamp = self.enter(packet, is_audio, now);
        if is_audio && !self.resume(timestamp) {
            return self.skip(packet);
        }
        let payload = &bytes[packet.payload.clone()];
        if let Some(length) = target.packet_octets().filter(|_| is_audio)
            && (payload.len() != length || self.has_partial())
        {
            return self.cut(payload, packet.marker, timestamp, target, now, emit);
        }
        if is_audio {
            self.reached(timestamp.wrapping_add(target.step()));
        }
        let header = self.pass(packet, payload_type, timestamp, now);
        let start = packet.payload.start - HEADER_BYTES;
        bytes[start..packet.payload.start].copy_from_slice(&header.to_bytes());
        emit(&bytes[start..packet.payload.end]);
    }

    /// A packet far from the others of its source is left out; when the next one follows it, the
    /// source has begun anew, which our peer need not notice.
    fn is_stray(&mut self, packet: &Packet) -> bool {
        let source = self.source.as_mut().filter(|source| source.ssrc == packet.ssrc);
        let Some(source) = source else { return false };
        if source.goes_on(packet.sequence) {
            return false;
        }
        if source.after_leap == Some(packet.sequence) {
            self.leave_source();
            return false;
        }
        source.after_leap = Some(packet.sequence.wrapping_add(1));
        true
    }

    /// Audio of a source goes on after what we said in between; False while it is older than that.
    fn resume(&mut self, timestamp: u32) -> bool {
        let Some(source) = self.source.as_mut().filter(|source| source.is_interrupted) else {
            return true;
        };
        if is_before(timestamp, self.end) {
            return false;
        }
        (source.is_interrupted, source.is_new) = (false, true);
        true
    }

    /// The packet's timestamp on our clock; a new source goes on where the last audio ended, and so
    /// does one that has set its clock.
    fn enter(&mut self, packet: &Packet, is_audio: bool, now: u64) -> u32 {
        let clock = self.clock(now);
        let astray = ASTRAY_S * self.clock_hz() as i32;
        let mut sequence_offset = None;
        if let Some(source) = self.source.as_ref().filter(|source| source.ssrc == packet.ssrc) {
            let timestamp = packet.timestamp.wrapping_add(source.timestamp_offset);
            // The packets of a key all have the time of its beginning.
            if !is_audio || (timestamp.wrapping_sub(clock) as i32).saturating_abs() < astray {
                return timestamp;
            }
            sequence_offset = source.sequence_offset;
        }
        let timestamp = self.begin(now);
        self.drop_partial();
        self.source = Some(Source {
            ssrc: packet.ssrc,
            timestamp_offset: timestamp.wrapping_sub(packet.timestamp),
            sequence_offset,
            is_new: true,
            is_interrupted: false,
            highest: packet.sequence,
            after_leap: None,
        });
        timestamp
    }

    fn pass(&mut self, packet: &Packet, payload_type: u8, timestamp: u32, now: u64) -> Header {
        let mut marker = packet.marker;
        let mut sequence = self.sequence;
        if let Some(source) = self.source.as_mut() {
            let next = self.sequence;
            let offset =
                source.sequence_offset.get_or_insert_with(|| next.wrapping_sub(packet.sequence));
            sequence = packet.sequence.wrapping_add(*offset);
            marker |= std::mem::take(&mut source.is_new);
        }
        if sequence.wrapping_sub(self.sequence) < 0x8000 {
            self.sequence = sequence.wrapping_add(1);
        }
        self.last = (timestamp, now as u32);
        Header { marker, payload_type, sequence, timestamp, ssrc: self.ssrc }
    }

    /// Cuts audio into packets of the target's length.
    fn cut(
        &mut self,
        audio: &[u8],
        marker: bool,
        timestamp: u32,
        target: &Target,
        now: u64,
        mut emit: impl FnMut(&[u8]),
    ) {
        let unit = target.codec.octets.as_ref().map_or(1, |octets| octets.unit);
        let audio = &audio[..audio.len() / unit * unit];
        let mut marker = marker;
        if let Some(source) = self.source.as_mut() {
            source.sequence_offset = None;
            marker |= std::mem::take(&mut source.is_new);
        }
        let mut partial = self.partial.take().unwrap_or_default();
        if partial.bridge_gap(timestamp, target) {
            partial.marker |= marker;
            partial.append(audio, timestamp, target, |timestamp, marker, octets, reached| {
                let header = self.number(timestamp, target.payload_type, marker, now);
                let mut packet = [0; HEADER_BYTES + OCTETS_MAX];
                packet[..HEADER_BYTES].copy_from_slice(&header.to_bytes());
                let end = HEADER_BYTES + octets.len();
                packet[HEADER_BYTES..end].copy_from_slice(octets);
                self.reached(reached);
                emit(&packet[..end]);
            });
        }
        self.partial = Some(partial);
    }
}

fn is_before(one: u32, other: u32) -> bool {
    (one.wrapping_sub(other) as i32) < 0
}

#[cfg(test)]
#[path = "outbound_tests.rs"]
mod tests;
