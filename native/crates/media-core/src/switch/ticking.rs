//! What happens on ticks of 10 ms: frames of those who send by themselves, and the look after
//! every leg ten times a second.

use crate::switch::event::Event;
use crate::switch::fetching::FETCHED_MAX;
use crate::switch::leg::{FRAME_TICKS, Leg, Place};
use crate::switch::moment::Moment;
use crate::switch::out::Out;
use crate::switch::{Switch, TICKS_PER_HOUSEKEEPING};

/// A leg that ticks serve. Most ticks look no further: a leg is large, and far from the next one.
pub struct Paced {
    /// When its next frame is due.
    pub due_tick: u64,
    /// The leg.
    pub slot: u32,
    /// Every tick has something to do for it.
    pub is_watched: bool,
}

impl Paced {
    /// The leg.
    pub fn slot(&self) -> usize {
        self.slot as usize
    }
}

/// Whose frames are due in this tick. Members of rooms whose frames only the room wants are in neither.
#[derive(Default)]
pub struct Due {
    legs: Vec<usize>,
    /// Those of them that are recorded or listened to.
    overheard: Vec<usize>,
}

impl Switch {
    /// Does what is due at a tick. `now` is the tick's own time, so that schedules keep to the
    /// clock even when a thread comes late.
    pub fn tick(&mut self, now: Moment, out: &mut Out) {
        let tick = now.tick();
        self.press_keys(tick, now, out);
        self.collect_due(tick);
        let mut due = std::mem::take(&mut self.due);
        for legs in due.legs.chunks(FETCHED_MAX) {
            self.fetch_for_frames(legs);
            for &slot in legs {
                self.serving = Some(slot);
                self.listen(slot, now, out);
            }
        }
        for &slot in &due.legs {
            self.serving = Some(slot);
            self.speak(slot, now, out);
        }
        self.mix_rooms(tick, now, out);
        for &slot in &due.overheard {
            self.serving = Some(slot);
            self.tap_frame(slot, out);
            self.record_frame(slot, now, out);
        }
        due.legs.clear();
        due.overheard.clear();
        self.due = due;
        self.keep_house(tick, now, out);
    }

    /// Sends keys and repeats handshakes.
    fn press_keys(&mut self, tick: u64, now: Moment, out: &mut Out) {
        if !std::mem::take(&mut self.is_watching) {
            return;
        }
        for place in 0..self.paced.len() {
            let Paced { slot, is_watched: true, .. } = self.paced[place] else { continue };
            let slot = slot as usize;
            let Some(leg) = self.legs.get(slot) else { continue };
            self.serving = Some(slot);
            let is_shaking = leg.line.guard.is_shaking();
            if is_shaking {
                leg.line.pass_time(now, out);
            }
            if leg.mouth.pressing.has_events()
                && let Some(target) = leg.open_target()
            {
                leg.mouth.press(tick, &target, &mut leg.line, out);
            }
            let is_watched = leg.needs_every_tick();
            self.paced[place].is_watched = is_watched;
            self.is_watching |= is_watched;
            if is_shaking {
                self.settle(slot, now, out);
            }
        }
    }

    /// Finds whose frame is due; who has nothing left to do leaves the list.
    fn collect_due(&mut self, tick: u64) {
        let mut place = 0;
        while let Some(paced) = self.paced.get_mut(place) {
            place += 1;
            if paced.due_tick > tick {
                continue;
            }
            let slot = paced.slot();
            let Some(leg) = self.legs.get(slot) else { continue };
            if !leg.needs_pacing() {
                self.stop_pacing(slot);
                place -= 1;
                continue;
            }
            // On schedule, not a frame after the last one; but a thread that slept long does not make
            // up for it. Whole frames are left out, so that legs stay in step.
            let step = leg.frame_ticks();
            paced.due_tick += ((tick - paced.due_tick) / step + 1) * step;
            if leg.is_only_mixed() {
                leg.awaits_mix = true;
            } else if leg.has_frames() {
                self.due.legs.push(slot);
                if leg.is_overheard() {
                    leg.mouth.said.clear();
                    self.due.overheard.push(slot);
                }
            }
        }
    }

    /// Plays out what a peer said, for those who want it as PCM.
    fn listen(&mut self, slot: usize, now: Moment, out: &mut Out) {
        if self.legs.peek(slot).is_none_or(|leg| leg.hearing.is_none()) {
            return;
        }
        let rate_hz = self.listening_rate_hz(slot);
        let Some(leg) = self.legs.get(slot) else { return };
        let is_member = matches!(leg.place, Place::Room(_));
        let has_keys = leg.keys_are_tones();
        let id = leg.id;
        let Some(hearing) = leg.hearing.as_mut() else { return };
        let samples = rate_hz as usize / 100 * FRAME_TICKS as usize;
        hearing.pull(rate_hz, samples, now.samples);
        let noticed = hearing.notice(has_keys, is_member);
        if let Some(is_talking) = noticed.talk {
            out.events.push(Event::Talking { leg: id, is_talking });
        }
        if let Some(key) = noticed.key {
            self.pressed(slot, key, now, out);
            self.press_for_peer(slot, key, now);
        }
    }

    /// The rate at which a peer's voice is wanted: that of its room, or of the leg that takes its
    /// frames.
    fn listening_rate_hz(&self, slot: usize) -> u32 {
        let Some(leg) = self.legs.peek(slot) else { return 8_000 };
        match leg.place {
            Place::Room(room) => self.room_rate_hz(room),
            Place::Bridged(other) => {
                let takes = |other: &&Leg| other.takes_frames || other.play.is_some();
                let other = self.legs.peek(other).filter(takes);
                other.map_or(leg.rate_hz(), |other| other.rate_hz())
            }
            Place::Alone => leg.rate_hz(),
        }
    }

    /// Looks after every leg: reports, silence, consent. A part of them at each tick, so that audio
    /// does not wait for it.
    fn keep_house(&mut self, tick: u64, now: Moment, out: &mut Out) {
        let first = (tick % TICKS_PER_HOUSEKEEPING) as usize;
        for slot in (first..self.legs.end()).step_by(TICKS_PER_HOUSEKEEPING as usize) {
            let frugality = self.frugality;
            let Some(leg) = self.legs.get(slot) else { continue };
            self.serving = Some(slot);
            leg.line.pass_time(now, out);
            leg.report_when_due(now, out);
            leg.mouth.be_frugal(frugality);
            let silent = now.samples.saturating_sub(leg.heard_at);
            let is_silent = leg.timeout.is_some_and(|timeout| silent >= timeout);
            let is_gone = leg.line.has_lost_consent();
            if (is_silent || is_gone) && !leg.is_timed_out {
                leg.is_timed_out = true;
                out.events.push(Event::MediaTimeout { leg: leg.id });
            }
            leg.publish();
        }
    }
}
