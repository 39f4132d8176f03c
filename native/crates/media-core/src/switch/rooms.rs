//! Rooms: who is in them, and their frames.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use media_audio::codec::Codec;

use crate::room::{Desk, Room, Share};
use crate::switch::Switch;
use crate::switch::event::Event;
use crate::switch::leg::{FRAME_TICKS, Place};
use crate::switch::moment::Moment;
use crate::switch::out::Out;

/// Rate of a room in which nobody has more, and of one in which somebody has.
const NARROW_HZ: u32 = 8_000;

/// A room, and what its frames are made in.
pub struct MixingRoom {
    room: Room,
    /// What was encoded for everyone in this frame.
    shared: Vec<Encoded>,
    heard: Vec<Vec<i16>>,
}

/// A payload that several members hear.
pub struct Encoded {
    codec: &'static Codec,
    payload: Vec<u8>,
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
        let entry = self.rooms.entry(room).or_insert_with(|| MixingRoom {
            room: Room::new(NARROW_HZ),
            shared: Vec::new(),
            heard: Vec::new(),
        });
        entry.room.add(slot);
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
        if self.rooms.get_mut(&room).is_some_and(|entry| entry.room.remove(slot)) {
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
        if let Some(entry) = self.rooms.get_mut(&room) {
            entry.room.set_gain(speaker, listener, gain_q8);
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
        let Some(entry) = self.rooms.get_mut(&room) else { return };
        let rates = entry.room.members().filter_map(|slot| self.legs.peek(slot));
        let rate_hz = rates.map(|leg| leg.rate_hz()).max().unwrap_or(NARROW_HZ);
        entry.room.set_rate(rate_hz);
    }

    /// The rate of a leg's room.
    pub(super) fn room_rate_hz(&self, room: i64) -> u32 {
        self.rooms.get(&room).map_or(NARROW_HZ, |entry| entry.room.rate_hz())
    }

    /// Mixes the rooms whose frame is due, for all their members.
    pub(super) fn mix_rooms(&mut self, tick: u64, now: Moment, out: &mut Out) {
        if self.rooms.is_empty() {
            return;
        }
        let mut rooms = std::mem::take(&mut self.rooms);
        let mut desk = std::mem::take(&mut self.desk);
        // A defect while one member is served must not cost all others their rooms.
        let mixed = catch_unwind(AssertUnwindSafe(|| {
            for (&number, entry) in &mut rooms {
                if number as u64 % FRAME_TICKS == tick % FRAME_TICKS {
                    self.mix_room(entry, &mut desk, now, out);
                }
            }
        }));
        self.rooms = rooms;
        self.desk = desk;
        if let Err(defect) = mixed {
            resume_unwind(defect);
        }
    }

    fn mix_room(&mut self, entry: &mut MixingRoom, desk: &mut Desk, now: Moment, out: &mut Out) {
        let rate_hz = entry.room.rate_hz();
        let samples = rate_hz as usize / 100 * FRAME_TICKS as usize;
        entry.shared.clear();
        // The frames are lent out of the legs while the mix is made.
        let mut lent: Vec<(usize, Vec<i16>)> = Vec::with_capacity(entry.room.members().len());
        for slot in entry.room.members() {
            let hearing = self.legs.get(slot).and_then(|leg| leg.hearing.as_mut());
            let Some(hearing) = hearing.filter(|hearing| hearing.rate_hz == rate_hz) else {
                continue;
            };
            let mut frame = entry.heard.pop().unwrap_or_default();
            std::mem::swap(&mut frame, &mut hearing.frame);
            lent.push((slot, frame));
        }
        let said: Vec<(usize, &[i16])> =
            lent.iter().map(|(slot, frame)| (*slot, frame.as_slice())).collect();
        let (room, shared) = (&mut entry.room, &mut entry.shared);
        room.mix(&said, samples, desk, |slot, mix| {
            self.serving = Some(slot);
            let shared = (mix.share != Share::Alone).then_some(&mut *shared);
            self.speak_mix(slot, mix.samples, rate_hz, shared, now, out);
        });
        for (slot, mut frame) in lent {
            if let Some(hearing) = self.legs.get(slot).and_then(|leg| leg.hearing.as_mut()) {
                std::mem::swap(&mut frame, &mut hearing.frame);
            }
            entry.heard.push(frame);
        }
    }
}

/// The payload of the frame that several hear, in this codec; made once for all of them.
pub fn encoded<'a>(
    shared: &'a mut Vec<Encoded>,
    codec: &'static Codec,
    make: impl FnOnce() -> Vec<u8>,
) -> &'a [u8] {
    let known = shared.iter().position(|known| std::ptr::eq(known.codec, codec));
    let at = known.unwrap_or_else(|| {
        shared.push(Encoded { codec, payload: make() });
        shared.len() - 1
    });
    &shared[at].payload
}
