//! Legs come, are bridged, and go.

use std::sync::Arc;

use crate::clock;
use crate::event::{Event, RecordEnd};
use crate::leg::Leg;
use crate::meters::Meters;
use crate::reactor::Reactor;
use crate::sockets::Sockets;

impl Reactor {
    /// Takes a leg in; false when that cannot be.
    pub fn open_leg(&mut self, id: i64, sockets: Sockets, meters: Arc<Meters>) -> bool {
        let Ok(leg) = Leg::open(id, sockets, meters) else { return false };
        let Some(slot) = self.legs.insert(leg) else { return false };
        let is_watched = self.watch(slot).is_ok();
        if !is_watched {
            self.close_leg(slot);
        }
        is_watched
    }

    /// Relays between two legs; false when one is unknown.
    pub fn bridge(&mut self, one: i64, other: i64) -> bool {
        let (Some(one), Some(other)) = (self.legs.slot_of(one), self.legs.slot_of(other)) else {
            return false;
        };
        if one == other {
            return false;
        }
        for (slot, opposite) in [(one, other), (other, one)] {
            self.unbridge(slot);
            if let Some(leg) = self.legs.get(slot) {
                leg.play = None;
                leg.out.leave_source();
                leg.bridged = Some(opposite);
            }
        }
        true
    }

    /// Ends a leg's bridge for both sides.
    pub fn unbridge(&mut self, slot: usize) {
        let Some(other) = self.legs.get(slot).and_then(|leg| leg.bridged.take()) else { return };
        for slot in [slot, other] {
            if let Some(leg) = self.legs.get(slot) {
                leg.bridged = None;
                leg.out.leave_source();
            }
        }
    }

    /// Ends everything about a leg. Its ports are free when `LegClosed` is seen.
    pub fn close_leg(&mut self, slot: usize) {
        self.unbridge(slot);
        self.end_record(slot, RecordEnd::LegClosed);
        let Some(mut leg) = self.legs.remove(slot) else { return };
        if leg.is_paced {
            self.paced.retain(|&paced| paced != slot);
        }
        leg.report(clock::samples(), true);
        let event = Event::LegClosed { leg: leg.id, statistics: leg.meters.read() };
        let last_file = leg.last_file.take();
        drop(leg);
        match last_file {
            Some(file) => file.close_leg(event, &self.events),
            None => self.events.push(event),
        }
    }
}
