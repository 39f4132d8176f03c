//! One phone: what it says next, and what became of what it was told.

use crate::delays::Delays;
use crate::plan::{Expects, Plan, Sends};
use crate::sound::{Listener, PER_SECOND, Second, Sounds};

const HEADER: usize = 12;
const MAGIC: [u8; 4] = *b"load";
/// Octets of a payload that are not filler.
const STAMP: usize = 20;
/// One of so many packets is listened to; decoding all would cost more than the server spends.
const LISTENS_TO: u64 = 16;
/// Packets that a phone may send, so that their arrival can be noted.
const PACKETS_MAX: usize = 50 * 3_600;

/// Which packets count: those that were sent while the server was measured.
#[derive(Clone, Copy, Default)]
pub struct Window {
    pub first: u32,
    pub end: u32,
}

/// When a packet came, in nanoseconds after the start.
pub struct Moment {
    pub now_ns: u64,
    /// When the phone that is heard began its last burst.
    pub burst_ns: u64,
    /// The server is being measured.
    pub counts: bool,
}

#[derive(Clone, Copy, Default)]
pub struct Counts {
    pub sent: u64,
    pub received: u64,
    pub lost: u64,
    pub duplicates: u64,
    pub wrong: u64,
    pub silent: u64,
    pub listened: u64,
}

pub struct Phone {
    pub plan: Plan,
    number: u32,
    second: Second,
    listener: Option<Listener>,
    next: u32,
    came: Vec<bool>,
    was_loud: bool,
    /// When it began its last burst.
    burst_ns: u64,
    counts: Counts,
}

impl Phone {
    pub fn new(plan: Plan, number: usize, sounds: &mut Sounds) -> Self {
        let second = sounds.of(plan.codec, plan.sends, number);
        let hears = matches!(plan.expects, Expects::Sound | Expects::Bursts);
        let listener = hears.then(|| Listener::new(plan.codec));
        Self {
            plan,
            number: number as u32,
            second,
            listener,
            next: 0,
            came: Vec::new(),
            was_loud: false,
            burst_ns: 0,
            counts: Counts::default(),
        }
    }

    /// The next packet, `now_ns` after the start.
    pub fn say(&mut self, now_ns: u64) -> Option<Vec<u8>> {
        if self.plan.sends == Sends::Nothing {
            return None;
        }
        let number = self.next;
        self.next += 1;
        let place = number as usize % PER_SECOND;
        if place == 0 {
            self.burst_ns = now_ns;
        }
        let payload = &self.second[place];
        let ticks = self.plan.codec.ticks_per_10_ms() * 2;
        let mut packet = Vec::with_capacity(HEADER + payload.len() + 16);
        packet.extend_from_slice(&[0x80, self.plan.payload_type]);
        packet.extend_from_slice(&(number as u16).to_be_bytes());
        packet.extend_from_slice(&number.wrapping_mul(ticks).to_be_bytes());
        packet.extend_from_slice(&(0x1000_0000 + self.number).to_be_bytes());
        packet.extend_from_slice(payload);
        if self.plan.sends == Sends::Stamp {
            stamp(&mut packet[HEADER..], self.number, number, now_ns);
        }
        if let Some((outgoing, _)) = self.plan.keys.as_mut() {
            outgoing.protect_rtp(&mut packet, 0);
        }
        Some(packet)
    }

    /// How many it has said.
    pub fn said(&self) -> u32 {
        self.next
    }

    /// When it began its last burst.
    pub fn burst_ns(&self) -> u64 {
        self.burst_ns
    }

    /// Takes a packet that came while somebody looked; `delays`: where to note how long things
    /// took, while that counts.
    pub fn hear(&mut self, packet: &mut [u8], at: &Moment, delays: Option<&mut Delays>) {
        // Reports on the port of the audio are none of ours.
        if packet.len() < HEADER || (200..=207).contains(&packet[1]) {
            return;
        }
        let length = match self.plan.keys.as_mut() {
            None => Some(packet.len()),
            Some((_, incoming)) => incoming.unprotect_rtp(packet),
        };
        let Some(payload) = length.and_then(|length| packet.get(HEADER..length)) else {
            self.counts.wrong += 1;
            return;
        };
        match self.plan.expects {
            Expects::Stamp => self.check_stamp(payload, at, delays),
            Expects::Bursts => self.check_onset(payload, at, delays),
            Expects::Sound if at.counts => self.check_sound(payload),
            Expects::Nothing if at.counts => self.counts.wrong += 1,
            _ => {}
        }
        self.counts.received += u64::from(at.counts);
    }

    fn check_stamp(&mut self, payload: &[u8], at: &Moment, delays: Option<&mut Delays>) {
        let expected = self.plan.hears.map(|other| other as u32);
        let Some((number, sent_ns)) = stamped(payload, expected) else {
            self.counts.wrong += 1;
            return;
        };
        let place = number as usize;
        if place >= PACKETS_MAX {
            return;
        }
        if self.came.len() <= place {
            self.came.resize(place + 1, false);
        }
        self.counts.duplicates += u64::from(std::mem::replace(&mut self.came[place], true));
        if let Some(delays) = delays {
            delays.note(at.now_ns.saturating_sub(sent_ns));
        }
    }

    /// From the start of the packet in which a burst begins to the start of the burst as it is
    /// heard. Both packets are complete when they leave, so that their length does not count.
    fn check_onset(&mut self, payload: &[u8], at: &Moment, delays: Option<&mut Delays>) {
        let onset = self.listener.as_mut().and_then(|listener| listener.onset_ns(payload));
        if let (Some(onset_ns), false, Some(delays)) = (onset, self.was_loud, delays) {
            delays.note((at.now_ns + onset_ns).saturating_sub(at.burst_ns));
        }
        self.was_loud = onset.is_some();
    }

    fn check_sound(&mut self, payload: &[u8]) {
        if !self.counts.received.is_multiple_of(LISTENS_TO) {
            return;
        }
        self.counts.listened += 1;
        let onset = self.listener.as_mut().and_then(|listener| listener.onset_ns(payload));
        self.counts.silent += u64::from(onset.is_none());
    }

    /// What was counted; `window`: packets of the phone that it hears.
    pub fn counts(&self, window: Option<Window>) -> Counts {
        let mut counts = self.counts;
        if let Some(Window { first, end }) = window.filter(|_| self.plan.expects == Expects::Stamp)
        {
            let came = |number: u32| self.came.get(number as usize).copied().unwrap_or(false);
            counts.sent = u64::from(end - first);
            counts.lost = (first..end).filter(|&number| !came(number)).count() as u64;
        }
        counts
    }
}

fn stamp(payload: &mut [u8], phone: u32, number: u32, now_ns: u64) {
    let (head, filler) = payload.split_at_mut(STAMP);
    head[..4].copy_from_slice(&MAGIC);
    head[4..8].copy_from_slice(&phone.to_be_bytes());
    head[8..12].copy_from_slice(&number.to_be_bytes());
    head[12..].copy_from_slice(&now_ns.to_be_bytes());
    filler.fill((phone ^ number) as u8);
}

/// Number and time of the packet, if it is whole and from the expected phone.
fn stamped(payload: &[u8], expected: Option<u32>) -> Option<(u32, u64)> {
    let (head, filler) = payload.split_at_checked(STAMP)?;
    let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let (phone, number) = (word(4), word(8));
    let is_whole =
        head[..4] == MAGIC && filler.iter().all(|&octet| octet == (phone ^ number) as u8);
    let is_expected = expected.is_none_or(|other| other == phone);
    let sent_ns = u64::from(word(12)) << 32 | u64::from(word(16));
    (is_whole && is_expected).then_some((number, sent_ns))
}
