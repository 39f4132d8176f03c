//! Two legs that hear each other, and what each leg needs for what it is in.

use crate::switch::Switch;
use crate::switch::hearing::Hearing;
use crate::switch::leg::{FRAME_TICKS, Place};
use crate::switch::moment::Moment;
use crate::switch::out::Out;
use crate::switch::ticking::Paced;

impl Switch {
    /// Lets two legs hear each other; false when one is unknown.
    pub(super) fn bridge(&mut self, one: i64, other: i64, now: Moment, out: &mut Out) -> bool {
        let (Some(one), Some(other)) = (self.legs.slot_of(one), self.legs.slot_of(other)) else {
            return false;
        };
        if one == other {
            return false;
        }
        for slot in [one, other] {
            self.part(slot, now, out);
        }
        for (slot, opposite) in [(one, other), (other, one)] {
            if let Some(leg) = self.legs.get(slot) {
                leg.play = None;
                leg.forget_peer();
                leg.place = Place::Bridged(opposite);
            }
        }
        self.adjust_with_peer(one, now);
        true
    }

    /// Takes a leg out of whatever it is in.
    pub(super) fn part(&mut self, slot: usize, now: Moment, out: &mut Out) {
        self.unbridge(slot, now);
        self.leave_room(slot, now, out);
    }

    /// Ends a leg's bridge for both sides.
    pub(super) fn unbridge(&mut self, slot: usize, now: Moment) {
        let Some(other) = self.legs.peek(slot).and_then(|leg| leg.bridged()) else { return };
        for slot in [slot, other] {
            if let Some(leg) = self.legs.get(slot) {
                leg.forget_peer();
            }
            self.adjust(slot, now);
        }
    }

    /// Gives a leg and the one it is bridged with what they need now.
    pub(super) fn adjust_with_peer(&mut self, slot: usize, now: Moment) {
        let other = self.legs.peek(slot).and_then(|leg| leg.bridged());
        self.adjust(slot, now);
        if let Some(other) = other {
            self.adjust(other, now);
        }
    }

    /// Gives a leg what it needs now and takes what it does not: PCM of its peer, ticks.
    pub(super) fn adjust(&mut self, slot: usize, now: Moment) {
        let is_heard = self.is_heard_as_pcm(slot);
        let Some(leg) = self.legs.get(slot) else { return };
        if !is_heard {
            leg.hearing = None;
        } else if leg.hearing.is_none() {
            leg.hearing = leg.remote.as_ref().map(|remote| Box::new(Hearing::new(remote)));
        }
        self.start_pacing(slot, now);
    }

    /// Whether somebody wants a leg's voice as PCM.
    fn is_heard_as_pcm(&self, slot: usize) -> bool {
        let Some(leg) = self.legs.peek(slot) else { return false };
        if leg.target.is_none() {
            return false;
        }
        if leg.is_overheard()
            || matches!(leg.place, Place::Room(_))
            || (leg.keys_are_tones() && leg.receives)
        {
            return true;
        }
        let other = leg.bridged().and_then(|other| self.legs.peek(other));
        other.is_some_and(|other| {
            other.takes_frames
                || other.records_heard()
                || other.play.as_ref().is_some_and(|play| play.under_q8 > 0)
        })
    }

    /// Puts a leg on the list of those that ticks serve.
    pub(super) fn start_pacing(&mut self, slot: usize, now: Moment) {
        let phase = self.phase_of(slot);
        let Some(leg) = self.legs.get(slot).filter(|leg| leg.needs_pacing()) else { return };
        let next = now.tick() + 1;
        let due = next + (next ^ phase) % FRAME_TICKS;
        let is_watched = leg.needs_every_tick();
        if let Some(paced) = leg.paced.and_then(|place| self.paced.get_mut(place)) {
            paced.is_watched = is_watched;
            paced.due_tick += u64::from(paced.due_tick % FRAME_TICKS != phase);
        } else {
            leg.paced = Some(self.paced.len());
            self.paced.push(Paced { due_tick: due, slot: slot as u32, is_watched });
        }
        self.is_watching |= is_watched;
    }

    /// Takes a leg off that list.
    pub(super) fn stop_pacing(&mut self, slot: usize) {
        let Some(place) = self.legs.get(slot).and_then(|leg| leg.paced.take()) else { return };
        self.paced.swap_remove(place);
        let moved = self.paced.get(place).map(Paced::slot);
        if let Some(leg) = moved.and_then(|slot| self.legs.get(slot)) {
            leg.paced = Some(place);
        }
    }

    /// On which ticks of two a leg's frames are due: all members of a room on the same, and both
    /// sides of a bridge; else evenly spread.
    fn phase_of(&self, slot: usize) -> u64 {
        let number = match self.legs.peek(slot).map(|leg| leg.place) {
            Some(Place::Room(room)) => room as u64,
            Some(Place::Bridged(other)) => slot.min(other) as u64,
            _ => slot as u64,
        };
        number % FRAME_TICKS
    }
}
