//! Rooms: who is in them, and their frames.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use media_audio::codec::Codec;

use crate::room::{Desk, Room, Share};
use crate::switch::Switch;
use crate::switch::event::Event;
use crate::switch::fetching::FETCHED_MAX;
use crate::switch::leg::{FRAME_TICKS, Place};
use crate::switch::moment::Moment;
use crate::switch::out::Out;

/// Rate of a room in which nobody has more, and of one in which somebody has.
const NARROW_HZ: u32 = 8_000;

/// Rooms whose memory is asked for at once.
const ROOMS_FETCHED: usize = 8;

/// What frames of rooms are made in, one room after the other: so it stays in the cache.
#[derive(Default)]
pub struct Studio {
    desk: Desk,
    shared: Shared,
    /// Frames of members.
    lent: Vec<Lent>,
    /// Memory for more of them.
    spare: Vec<Vec<i16>>,
}

/// What a member said.
struct Lent {
    slot: usize,
    frame: Vec<i16>,
    /// It was taken from the leg, which wants it back.
    is_taken: bool,
}

/// What was encoded of a frame that several members hear.
#[derive(Default)]
pub struct Shared {
    payloads: Vec<(&'static Codec, Vec<u8>)>,
    /// So many of them are of this frame.
    made: usize,
}

impl Switch {
    /// Lets a leg into a room, out of wherever it is.
    pub(super) fn join_room(&mut self, slot: usize, room: i64, now: Moment, out: &mut Out) {
        if self.legs.peek(slot).is_some_and(|leg| leg.place == Place::Room(room)) {
            return;
        }
        self.part(slot, now, out);
        let Some(leg) = self.legs.get(slot) else { return };
        leg.place = Place::Room(room);
        self.rooms.entry(room).or_insert_with(|| Room::new(NARROW_HZ)).add(slot);
        self.adjust_rate(room);
        self.adjust(slot, now);
    }

    /// Lets a leg out of its room; it hears nobody then.
    pub(super) fn leave_room(&mut self, slot: usize, now: Moment, out: &mut Out) {
        let Some(leg) = self.legs.get(slot) else { return };
        let Place::Room(room) = leg.place else { return };
        leg.forget_peer();
        let noticed = leg.hearing.as_mut().map(|hearing| hearing.notice(false, false));
        if noticed.is_some_and(|noticed| noticed.talk == Some(false)) {
            out.events.push(Event::Talking { leg: leg.id, is_talking: false });
        }
        if self.rooms.get_mut(&room).is_some_and(|room| room.remove(slot)) {
            self.rooms.remove(&room);
        } else {
            self.adjust_rate(room);
        }
        self.adjust(slot, now);
    }

    /// Sets how loud one member hears another; false unless both are in one room.
    pub(super) fn set_gain(&mut self, speaker: i64, listener: i64, gain_q8: u16) -> bool {
        let (Some(speaker), Some(listener)) =
            (self.legs.slot_of(speaker), self.legs.slot_of(listener))
        else {
            return false;
        };
        let place = |slot| self.legs.peek(slot).map(|leg| leg.place);
        let Some(Place::Room(room)) = place(speaker).filter(|_| place(speaker) == place(listener))
        else {
            return false;
        };
        if let Some(room) = self.rooms.get_mut(&room) {
            room.set_gain(speaker, listener, gain_q8);
        }
        true
    }

    /// A member may have become wideband.
    pub(super) fn adjust_room_of(&mut self, slot: usize) {
        if let Some(Place::Room(room)) = self.legs.peek(slot).map(|leg| leg.place) {
            self.adjust_rate(room);
        }
    }

    fn adjust_rate(&mut self, room: i64) {
        let Some(room) = self.rooms.get_mut(&room) else { return };
        let rates = room.members().filter_map(|slot| self.legs.peek(slot));
        let rate_hz = rates.map(|leg| leg.rate_hz()).max().unwrap_or(NARROW_HZ);
        room.set_rate(rate_hz);
    }

    /// The rate of a leg's room.
    pub(super) fn room_rate_hz(&self, room: i64) -> u32 {
        self.rooms.get(&room).map_or(NARROW_HZ, Room::rate_hz)
    }

    /// Mixes the rooms whose frame is due, for all their members.
    pub(super) fn mix_rooms(&mut self, tick: u64, now: Moment, out: &mut Out) {
        if self.rooms.is_empty() {
            return;
        }
        let mut rooms = std::mem::take(&mut self.rooms);
        let mut studio = std::mem::take(&mut self.studio);
        // A defect while one member is served must not cost all others their rooms.
        let mixed = catch_unwind(AssertUnwindSafe(|| {
            let is_due = |number: i64| number as u64 % FRAME_TICKS == tick % FRAME_TICKS;
            let due = rooms.iter_mut().filter(|(number, _)| is_due(**number));
            let mut due: Vec<&mut Room> = due.map(|(_, room)| room).collect();
            for rooms in due.chunks_mut(ROOMS_FETCHED) {
                self.fetch_for_rooms(rooms);
                for room in rooms {
                    self.mix_room(room, &mut studio, now, out);
                }
            }
        }));
        self.rooms = rooms;
        self.studio = studio;
        if let Err(defect) = mixed {
            resume_unwind(defect);
        }
    }

    /// Asks for what the next frames of these rooms need.
    fn fetch_for_rooms(&self, rooms: &[&mut Room]) {
        let members = rooms.iter().flat_map(|room| room.members());
        let members: Vec<usize> = members.take(FETCHED_MAX).collect();
        self.fetch_for_frames(&members);
    }

    fn mix_room(&mut self, room: &mut Room, studio: &mut Studio, now: Moment, out: &mut Out) {
        let rate_hz = room.rate_hz();
        let samples = rate_hz as usize / 100 * FRAME_TICKS as usize;
        // A defect may have left some there.
        studio.lent.clear();
        for slot in room.members() {
            self.serving = Some(slot);
            let lent = self.lend_frame(slot, rate_hz, samples, &mut studio.spare, now, out);
            studio.lent.extend(lent);
        }
        let said: Vec<(usize, &[i16])> =
            studio.lent.iter().map(|lent| (lent.slot, lent.frame.as_slice())).collect();
        let (desk, shared) = (&mut studio.desk, &mut studio.shared);
        shared.made = 0;
        room.mix(&said, samples, desk, |slot, mix| {
            self.serving = Some(slot);
            let shared = (mix.share != Share::Alone).then_some(&mut *shared);
            self.speak_mix(slot, mix.samples, rate_hz, shared, now, out);
        });
        for Lent { slot, mut frame, is_taken } in studio.lent.drain(..) {
            let hearing = self.legs.get(slot).and_then(|leg| leg.hearing.as_mut());
            if let Some(hearing) = hearing.filter(|_| is_taken) {
                std::mem::swap(&mut frame, &mut hearing.frame);
            }
            studio.spare.push(frame);
        }
    }

    /// What a member said, out of its leg while the mix is made, or played out only now.
    fn lend_frame(
        &mut self,
        slot: usize,
        rate_hz: u32,
        samples: usize,
        spare: &mut Vec<Vec<i16>>,
        now: Moment,
        out: &mut Out,
    ) -> Option<Lent> {
        let leg = self.legs.get(slot)?;
        let is_awaited = std::mem::take(&mut leg.awaits_mix);
        let hearing = leg.hearing.as_mut()?;
        let mut frame = if is_awaited || hearing.rate_hz == rate_hz { spare.pop() } else { None };
        if is_awaited {
            let frame = frame.get_or_insert_default();
            hearing.frame.clear();
            hearing.pull_into(rate_hz, samples, now.samples, frame);
            if let Some(is_talking) = hearing.notice_talk(frame) {
                out.events.push(Event::Talking { leg: leg.id, is_talking });
            }
        } else if hearing.rate_hz == rate_hz {
            std::mem::swap(frame.get_or_insert_default(), &mut hearing.frame);
        }
        frame.map(|frame| Lent { slot, frame, is_taken: !is_awaited })
    }
}

impl Shared {
    /// The payload in this codec; made once for all who hear it.
    pub fn encoded(&mut self, codec: &'static Codec, make: impl FnOnce(&mut Vec<u8>)) -> &[u8] {
        let made = &self.payloads[..self.made];
        let known = made.iter().position(|(known, _)| std::ptr::eq(*known, codec));
        let at = known.unwrap_or_else(|| {
            if self.payloads.len() == self.made {
                self.payloads.push((codec, Vec::new()));
            }
            let (known, payload) = &mut self.payloads[self.made];
            payload.clear();
            make(payload);
            *known = codec;
            self.made += 1;
            self.made - 1
        });
        &self.payloads[at].1
    }
}
