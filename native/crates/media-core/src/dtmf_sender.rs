//! Keys to send as telephone events (RFC 4733 §2.5.1), paced by the caller's ticks of 10 ms.

use std::collections::VecDeque;

use crate::telephone_event::{Event, code_of};

/// Keys that may wait on one leg; more are refused.
pub const WAITING_KEYS_MAX: usize = 128;
/// Shorter presses are overheard by some gateways.
pub const PRESS_MS_MIN: u32 = 40;
/// A duration must fit into 16 bits of samples.
pub const PRESS_MS_MAX: u32 = 8_000;

const PAUSE_TICKS: u64 = 5;
const SAMPLES_PER_TICK: u16 = 80;
/// RFC 4733 §2.5.1.4: the final packet is sent three times in all.
const END_COPIES: u8 = 3;
const VOLUME: u8 = 10;

/// The keys of one leg that still have to be sent.
#[derive(Debug, Default)]
pub struct DtmfSender {
    waiting: VecDeque<Press>,
    active: Option<Active>,
    free_at_tick: u64,
}

#[derive(Debug)]
struct Press {
    code: u8,
    duration: u16,
}

#[derive(Debug)]
struct Active {
    press: Press,
    timestamp: u32,
    sent: u16,
    ends_sent: u8,
    due_tick: u64,
}

/// One packet to send.
#[derive(Debug, PartialEq, Eq)]
pub struct EventPacket {
    /// When the press began.
    pub timestamp: u32,
    /// Set on the first packet of a press.
    pub marker: bool,
    /// What the packet says.
    pub event: Event,
}

impl DtmfSender {
    /// Queues keys; returns how many were refused, being no keys or too many.
    pub fn push(&mut self, keys: &str, press_ms: u32) -> usize {
        let duration = press_ms.clamp(PRESS_MS_MIN, PRESS_MS_MAX) as u16 * 8;
        let mut refused = 0;
        for key in keys.chars() {
            match code_of(key) {
                Some(code) if self.waiting.len() < WAITING_KEYS_MAX => {
                    self.waiting.push_back(Press { code, duration });
                }
                _ => refused += 1,
            }
        }
        refused
    }

    /// A press is on its way: audio has to be silent.
    pub fn is_pressing(&self) -> bool {
        self.active.is_some()
    }

    /// Nothing is left to be sent.
    pub fn is_idle(&self) -> bool {
        self.active.is_none() && self.waiting.is_empty()
    }

    /// The packet that is due at `tick`, if any. `begin` names the timestamp of a new press;
    /// `step_ticks` is the packet time.
    pub fn step(
        &mut self,
        tick: u64,
        step_ticks: u64,
        begin: impl FnOnce() -> u32,
    ) -> Option<EventPacket> {
        if self.active.is_none() && tick >= self.free_at_tick {
            let press = self.waiting.pop_front()?;
            let timestamp = begin();
            self.active = Some(Active { press, timestamp, sent: 0, ends_sent: 0, due_tick: tick });
        }
        let active = self.active.as_mut()?;
        if tick < active.due_tick {
            return None;
        }
        let packet = active.packet(tick, step_ticks);
        if active.ends_sent == END_COPIES {
            self.active = None;
            self.free_at_tick = tick + PAUSE_TICKS;
        }
        Some(packet)
    }
}

impl Active {
    fn packet(&mut self, tick: u64, step_ticks: u64) -> EventPacket {
        let marker = self.sent == 0;
        let step = step_ticks as u16 * SAMPLES_PER_TICK;
        self.sent = self.sent.saturating_add(step).min(self.press.duration);
        let end = self.sent == self.press.duration;
        // The copies of the end follow faster than the packet time; the pause is for hearing.
        self.due_tick = tick + if end { 1 } else { step_ticks };
        self.ends_sent += u8::from(end);
        EventPacket {
            timestamp: self.timestamp,
            marker,
            event: Event { code: self.press.code, end, volume: VOLUME, duration: self.sent },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(sender: &mut DtmfSender, ticks: u64) -> Vec<(u64, EventPacket)> {
        let packets = (0..ticks).filter_map(|tick| {
            let packet = sender.step(tick, 2, || 1_000 + tick as u32 * 80)?;
            Some((tick, packet))
        });
        packets.collect()
    }

    #[test]
    fn a_press_grows_and_ends_three_times() {
        let mut sender = DtmfSender::default();
        assert_eq!(sender.push("5", 100), 0);
        let packets = run(&mut sender, 30);
        let durations: Vec<u16> = packets.iter().map(|(_, sent)| sent.event.duration).collect();
        assert_eq!(durations, [160, 320, 480, 640, 800, 800, 800]);
        let ends: Vec<bool> = packets.iter().map(|(_, sent)| sent.event.end).collect();
        assert_eq!(ends, [false, false, false, false, true, true, true]);
        assert!(packets.iter().all(|(_, sent)| sent.timestamp == 1_000 && sent.event.code == 5));
        let markers: Vec<bool> = packets.iter().map(|(_, sent)| sent.marker).collect();
        assert_eq!(markers, [true, false, false, false, false, false, false]);
        assert!(sender.is_idle());
    }

    #[test]
    fn a_pause_lies_between_keys() {
        let mut sender = DtmfSender::default();
        sender.push("1#", 40);
        let packets = run(&mut sender, 60);
        let last_of_first = packets.iter().rfind(|(_, sent)| sent.event.code == 1).unwrap().0;
        let first_of_second = packets.iter().find(|(_, sent)| sent.event.code == 11).unwrap().0;
        assert_eq!(first_of_second - last_of_first, 5);
    }

    #[test]
    fn what_is_no_key_or_too_much_is_refused() {
        let mut sender = DtmfSender::default();
        assert_eq!(sender.push("1x2 ", 100), 2);
        assert_eq!(sender.push(&"1".repeat(200), 100), 200 - (WAITING_KEYS_MAX - 2));
    }
}
