//! What a leg sends by itself, on multiples of 10 ms of the monotonic clock.

use media_core::outbound::FRAME_SAMPLES_MAX;
use media_core::rtp::HEADER_BYTES;
use media_core::telephone_event::EVENT_BYTES;

use crate::clock::TICK_SAMPLES;
use crate::event::{Event, EventQueue};
use crate::leg::Leg;
use crate::reactor::Reactor;

/// A frame when nobody has said yet how long packets are: 20 ms.
const FRAME_DEFAULT: usize = 160;

impl Reactor {
    /// Sends what is due; legs with nothing left to send leave the list.
    pub fn pace(&mut self, tick: u64) {
        let mut index = 0;
        while let Some(&slot) = self.paced.get(index) {
            self.serving = Some(slot);
            if self.legs.get(slot).is_some_and(|leg| leg.pace(tick, &self.events)) {
                index += 1;
            } else {
                self.paced.swap_remove(index);
            }
        }
    }

    /// Puts a leg on the list of those that ticks serve.
    pub fn start_pacing(&mut self, slot: usize) {
        if let Some(leg) = self.legs.get(slot).filter(|leg| !leg.is_paced && leg.needs_pacing()) {
            leg.is_paced = true;
            self.paced.push(slot);
        }
    }
}

impl Leg {
    /// Sends what is due; false when nothing is left to send.
    fn pace(&mut self, tick: u64, events: &EventQueue) -> bool {
        self.send_key(tick);
        self.send_frame(tick, events);
        self.is_paced = self.needs_pacing();
        self.is_paced
    }

    fn frame_samples(&self) -> usize {
        self.peer.as_ref().map_or(FRAME_DEFAULT, |peer| peer.remote.target.frame)
    }

    fn send_key(&mut self, tick: u64) {
        if self.keys_out.is_idle() {
            return;
        }
        let now = tick * TICK_SAMPLES;
        let step_ticks = self.frame_samples() as u64 / TICK_SAMPLES;
        let out = &self.out;
        let Some(key) = self.keys_out.step(tick, step_ticks, || out.begin(now)) else { return };
        let events = self.peer.as_ref().and_then(|peer| peer.remote.target.events);
        let Some(payload_type) = events.filter(|_| self.can_send()) else { return };
        let header = self.out.own(key.timestamp, payload_type, key.marker, now);
        self.out.reached(key.timestamp.wrapping_add(u32::from(key.event.duration)));
        let mut packet = [0; HEADER_BYTES + EVENT_BYTES];
        packet[..HEADER_BYTES].copy_from_slice(&header.to_bytes());
        packet[HEADER_BYTES..].copy_from_slice(&key.event.to_bytes());
        self.send(&packet);
    }

    fn send_frame(&mut self, tick: u64, events: &EventQueue) {
        let Some(play) = self.play.as_ref().filter(|play| play.due_tick <= tick) else { return };
        if play.playback.is_over() {
            events.push(Event::PlayFinished { leg: self.id, token: play.token });
            self.play = None;
            return;
        }
        let samples = self.frame_samples();
        let step_ticks = samples as u64 / TICK_SAMPLES;
        let can_send = self.can_send() && !self.keys_out.is_pressing();
        let now = tick * TICK_SAMPLES;
        let begin = self.out.begin(now);
        let Some(play) = self.play.as_mut() else { return };
        let marker = play.timestamp.is_none();
        let timestamp = play.timestamp.unwrap_or(begin);
        let next = timestamp.wrapping_add(samples as u32);
        play.timestamp = Some(next);
        // On schedule, not a packet time after the last one; but a thread that slept long does not
        // make up for it.
        play.due_tick = (play.due_tick + step_ticks).max(tick + 1);
        let mut packet = [0; HEADER_BYTES + FRAME_SAMPLES_MAX];
        let frame = &mut packet[..HEADER_BYTES + samples];
        let codec = self.peer.as_ref().map_or(DEFAULT_CODEC, |peer| peer.remote.target.codec);
        play.playback.fill(codec, &mut frame[HEADER_BYTES..]);
        if can_send {
            let header = self.out.own(timestamp, codec.payload_type(), marker, now);
            frame[..HEADER_BYTES].copy_from_slice(&header.to_bytes());
            self.out.reached(next);
            self.send(frame);
        }
    }
}

/// Nothing is sent in it: a play before the peer is known only passes its time.
const DEFAULT_CODEC: media_core::g711::Codec = media_core::g711::Codec::Pcmu;
