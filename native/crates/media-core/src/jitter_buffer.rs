//! Puts what the network delivers back into order and time.
//!
//! All sources and clocks of a peer become one line of time, in units of 1/48,000 s. `next` is the
//! place on it that is played next. Whoever plays finds there a packet, a gap that a later packet
//! proves, or nothing: then he makes something up and the line stands still until it is known
//! whether the next packet was late (the delay grew) or others before it were lost.

use std::collections::VecDeque;

pub use crate::arrival::{Arrival, Counts};
use crate::payload::Payload;
use crate::play_delay::{MS, PlayDelay};

/// Packets kept; with the span, what a peer can make us keep.
const PACKETS_MAX: usize = 64;
const OCTETS_MAX: usize = 16 * 1_024;
/// Audio kept before its time: the longest delay, a long packet, and a burst.
const SPAN_MAX: i64 = 300 * MS;
/// RFC 3550 A.1: what is further ahead or behind belongs to another count.
const AHEAD_MAX: i64 = 3_000;
const BEHIND_MAX: i64 = 100;
/// Timestamps and arrivals that disagree by more have nothing to do with each other; nobody would
/// wait for it anyway.
const JUMP_MAX: i64 = 400 * MS;
/// Differences from the wanted delay that are not worth a change of the audio.
const TOO_LONG: i64 = 15 * MS;
const TOO_SHORT: i64 = 3 * MS;

/// What is there to be played next.
#[derive(Debug)]
pub enum Next {
    /// A packet.
    Packet {
        /// As it was put in.
        format: u8,
        /// To be given back.
        payload: Payload,
        /// Units at its start that were played already.
        skip: i64,
        /// As it was put in.
        duration: i64,
    },
    /// Nothing before a later packet.
    Gap {
        /// Until there.
        duration: i64,
        /// Whether a packet was sent for it.
        is_lost: bool,
        /// Of the later packet.
        following: i64,
    },
    /// Nothing yet.
    Starved,
}

/// The packets of one peer that wait for their time. In three cache lines what a packet touches on its
/// way in, in two of them what it touches on its way out.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct JitterBuffer {
    packets: VecDeque<Packet>,
    next: i64,
    /// When `next` is played.
    plays_at: i64,
    /// Units made up since the last packet was played, for which `next` did not go on.
    starved: i64,
    /// Number of the packet played last.
    played: i64,
    source: Option<Source>,
    /// Units between two looks.
    piece: i32,
    octets: u32,
    delay: PlayDelay,
    counts: Counts,
    /// Buffers of long packets that were played, to be used again.
    spare: Vec<Vec<u8>>,
}

#[derive(Debug)]
#[repr(align(64))]
struct Packet {
    at: i64,
    number: i64,
    duration: u32,
    format: u8,
    payload: Payload,
}

/// Whose packets these are, and the newest of them.
#[derive(Debug)]
struct Source {
    ssrc: u32,
    /// A tick of its clock; 0 when timestamps have no relation to those before.
    units: u16,
    /// The sequence number, continued without wrapping and over changes of the source.
    number: i64,
    sequence: u16,
    timestamp: u32,
    at: i64,
    arrived: i64,
    /// Bit n: the packet n before the newest has come.
    seen: u128,
    /// What would prove that a packet out of line was the first of a new stream.
    stray: Option<(u32, u16)>,
}

impl Default for JitterBuffer {
    fn default() -> Self {
        Self {
            packets: VecDeque::new(),
            next: 0,
            plays_at: 0,
            starved: 0,
            played: -1,
            source: None,
            piece: 10 * MS as i32,
            octets: 0,
            delay: PlayDelay::new(),
            counts: Counts::default(),
            spare: Vec::new(),
        }
    }
}

impl JitterBuffer {
    /// Reads a little of each cache line, so that it is there when it is needed.
    pub fn fetch(&self) -> u64 {
        let source = self.source.as_ref().map_or(0, |source| source.ssrc);
        self.next as u64 ^ u64::from(source ^ self.octets)
    }

    /// The same of the packet to be played next.
    pub fn fetch_next(&self) -> u64 {
        let payload = self.peek().map_or(&[][..], |(_, payload)| payload);
        payload
            .iter()
            .step_by(64)
            .chain(payload.last())
            .fold(0, |read, &octet| read ^ u64::from(octet))
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether anything ever came.
    pub fn has_source(&self) -> bool {
        // Whoever has packets need not look further.
        !self.packets.is_empty() || self.source.is_some()
    }

    /// A packet that cannot be played.
    pub fn discard(&mut self) {
        self.counts.discarded += 1;
    }

    /// Takes a packet that arrived `now`, in units.
    pub fn put(&mut self, arrival: &Arrival<'_>, now: i64) {
        let Some((number, is_newest)) = self.number_of(arrival.ssrc, arrival.sequence) else {
            return;
        };
        let at = self.place_of(arrival, is_newest, now);
        if is_newest {
            self.note_newest(arrival, number, at, now);
        }
        self.delay.arrived(now - at, now);
        if at + arrival.duration <= self.next && arrival.duration > 0 {
            self.counts.late += 1;
            return;
        }
        self.end_starvation(at, number, arrival.marker);
        self.insert(arrival, at, number);
    }

    /// A packet of the same source that is no audio, so that its number is no loss.
    pub fn pass_over(&mut self, ssrc: u32, sequence: u16) {
        if self.source.as_ref().is_none_or(|source| source.ssrc != ssrc) {
            return;
        }
        let Some((number, is_newest)) = self.number_of(ssrc, sequence) else { return };
        if let Some(source) = self.source.as_mut().filter(|_| is_newest) {
            source.number = number;
            source.sequence = sequence;
        }
    }

    /// Takes what is at `next`; a packet is played by that, a gap is not.
    pub fn take(&mut self) -> Next {
        let Some(first) = self.packets.front() else { return Next::Starved };
        let gap = first.at - self.next;
        if gap > 0 {
            let is_lost = self.is_loss_before(first.number);
            return Next::Gap { duration: gap, is_lost, following: i64::from(first.duration) };
        }
        let Some(packet) = self.packets.pop_front() else { return Next::Starved };
        let skip = -gap;
        self.octets -= packet.payload.len() as u32;
        self.next = self.next.max(packet.end());
        self.played = self.played.max(packet.number);
        let Packet { format, payload, .. } = packet;
        let duration = i64::from(packet.duration);
        Next::Packet { format, payload, skip: skip.min(duration), duration }
    }

    /// The payload and format of the packet to be played next, in time or after a gap.
    pub fn peek(&self) -> Option<(u8, &[u8])> {
        self.packets.front().map(|packet| (packet.format, &packet.payload[..]))
    }

    /// Gives back what a packet that was taken was kept in.
    pub fn give_back(&mut self, payload: Payload) {
        if let Payload::Long(mut octets) = payload
            && self.spare.len() < 4
        {
            octets.clear();
            self.spare.push(octets);
        }
    }

    /// Goes on in a gap.
    pub fn go_on(&mut self, duration: i64, is_lost: bool) {
        self.next += duration;
        if is_lost {
            self.counts.concealed += duration;
        }
    }

    /// Nothing was there and something was made up.
    pub fn starve(&mut self, duration: i64) {
        self.starved += duration;
    }

    /// `next` is going to be played at that instant; `piece` units are fetched at once.
    pub fn set_plays_at(&mut self, plays_at: i64, piece: i64) {
        (self.plays_at, self.piece) = (plays_at, piece as i32);
    }

    /// How long the fastest packets wait now.
    pub fn depth(&self) -> i64 {
        self.delay.fastest().map_or(0, |fastest| self.plays_at - self.next - self.starved - fastest)
    }

    /// By how much packets wait longer than they have to; negative when they should wait longer; 0
    /// when it is about right.
    pub fn surplus(&self) -> i64 {
        if self.delay.fastest().is_none() {
            return 0;
        }
        let surplus = self.depth() - self.wanted();
        if (-TOO_SHORT..=TOO_LONG).contains(&surplus) { 0 } else { surplus }
    }

    fn wanted(&self) -> i64 {
        self.delay.wanted(self.piece.into())
    }

    /// The packet's number and whether it is the newest. None, and counted, when it is to be
    /// dropped.
    fn number_of(&mut self, ssrc: u32, sequence: u16) -> Option<(i64, bool)> {
        let Some(source) = self.source.as_mut() else { return Some((0, true)) };
        let ahead = i64::from(sequence.wrapping_sub(source.sequence) as i16);
        if source.ssrc != ssrc || !(-BEHIND_MAX..=AHEAD_MAX).contains(&ahead) {
            if source.stray != Some((ssrc, sequence)) {
                source.stray = Some((ssrc, sequence.wrapping_add(1)));
                self.counts.discarded += 1;
                return None;
            }
            source.ssrc = ssrc;
            source.stray = None;
            source.seen = 1;
            source.units = 0; // its timestamps have no relation to those before
            return Some((source.number + 1, true));
        }
        source.stray = None;
        if ahead > 0 {
            source.seen = source.seen.checked_shl(ahead as u32).unwrap_or(0) | 1;
            return Some((source.number + ahead, true));
        }
        let bit = 1 << -ahead;
        if source.seen & bit != 0 {
            self.counts.duplicates += 1;
            return None;
        }
        source.seen |= bit;
        Some((source.number + ahead, false))
    }

    /// Where on the line of time the packet belongs.
    fn place_of(&mut self, arrival: &Arrival<'_>, is_newest: bool, now: i64) -> i64 {
        if let Some(source) = &self.source {
            let elapsed = arrival.timestamp.wrapping_sub(source.timestamp) as i32;
            let elapsed = i64::from(elapsed) * i64::from(arrival.units());
            let disagreement = now - source.arrived - elapsed;
            let is_plausible = !is_newest || (elapsed >= 0 && disagreement.abs() <= JUMP_MAX);
            if source.units == arrival.units() && is_plausible {
                return source.at + elapsed;
            }
        }
        // A new beginning: it will have waited just long enough.
        self.starved = 0;
        self.delay.restart();
        let wanted = self.wanted();
        let waits = (now + wanted - self.plays_at).clamp(0, wanted + 10 * MS);
        (self.next + waits).max(self.end())
    }

    fn note_newest(&mut self, arrival: &Arrival<'_>, number: i64, at: i64, now: i64) {
        let (seen, stray) =
            self.source.as_ref().map_or((1, None), |source| (source.seen, source.stray));
        self.source = Some(Source {
            ssrc: arrival.ssrc,
            units: arrival.units(),
            number,
            sequence: arrival.sequence,
            timestamp: arrival.timestamp,
            at,
            arrived: now,
            seen,
            stray,
        });
    }

    /// A packet tells what the time was in which nothing was there: as far as the packet is later
    /// on the line it passed, the rest is delay.
    fn end_starvation(&mut self, at: i64, number: i64, marker: bool) {
        if self.starved == 0 {
            return;
        }
        let passed = self.starved.min((at - self.next).max(0));
        let delayed = self.starved - passed;
        self.next += passed;
        self.starved = 0;
        if self.is_loss_before(number) {
            self.counts.concealed += passed;
        }
        if !marker {
            self.counts.concealed += delayed;
        } else if self.delay.fastest().is_some() {
            // Before a talk spurt more silence is the cheapest way to more delay.
            let wanted = self.wanted();
            self.next -= (wanted - self.depth()).clamp(0, wanted);
        }
    }

    /// Whether a packet between the one played last and this one has not come.
    fn is_loss_before(&self, number: i64) -> bool {
        let Some(source) = &self.source else { return false };
        (self.played + 1..number).any(|missing| match u32::try_from(source.number - missing) {
            Ok(bit @ 0..=127) => source.seen >> bit & 1 == 0,
            _ => true,
        })
    }

    fn insert(&mut self, arrival: &Arrival<'_>, at: i64, number: i64) {
        let payload = Payload::new(arrival.payload, &mut self.spare);
        self.octets += payload.len() as u32;
        let (duration, format) = (arrival.duration as u32, arrival.format);
        let place =
            self.packets.iter().rposition(|packet| packet.at <= at).map_or(0, |last| last + 1);
        self.packets.insert(place, Packet { at, number, duration, format, payload });
        while self.packets.len() > PACKETS_MAX || self.octets as usize > OCTETS_MAX {
            self.drop_oldest();
        }
        while self.end() - self.next > SPAN_MAX {
            let Some(first) = self.packets.front() else { break };
            let gap = (first.at - self.next).min(self.end() - self.next - SPAN_MAX);
            if gap > 0 {
                self.next += gap;
            } else {
                self.drop_oldest();
            }
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(packet) = self.packets.pop_front() {
            self.counts.discarded += 1;
            self.octets -= packet.payload.len() as u32;
            self.next = self.next.max(packet.end());
            self.played = self.played.max(packet.number);
            self.give_back(packet.payload);
        }
    }

    /// Where on the line nothing follows.
    fn end(&self) -> i64 {
        self.packets.back().map_or(self.next, |last| self.next.max(last.end()))
    }
}

impl Packet {
    fn end(&self) -> i64 {
        self.at + i64::from(self.duration)
    }
}
