//! The legs of the I/O thread, by slot (for sockets) and by id (for commands).

use std::collections::HashMap;

use crate::leg::Leg;

#[derive(Default)]
pub struct Legs {
    slots: Vec<Option<Box<Leg>>>,
    free: Vec<usize>,
    by_id: HashMap<i64, usize>,
}

impl Legs {
    /// Takes a leg in and returns its slot; None when its id is in use.
    pub fn insert(&mut self, leg: Leg) -> Option<usize> {
        if self.by_id.contains_key(&leg.id) {
            return None;
        }
        let slot = self.free.pop().unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(None);
        }
        self.by_id.insert(leg.id, slot);
        self.slots[slot] = Some(Box::new(leg));
        Some(slot)
    }

    pub fn remove(&mut self, slot: usize) -> Option<Box<Leg>> {
        let leg = self.slots.get_mut(slot)?.take()?;
        self.by_id.remove(&leg.id);
        self.free.push(slot);
        Some(leg)
    }

    pub fn slot_of(&self, id: i64) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    pub fn get(&mut self, slot: usize) -> Option<&mut Leg> {
        self.slots.get_mut(slot)?.as_deref_mut()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Slots in use lie below.
    pub fn end(&self) -> usize {
        self.slots.len()
    }
}
