//! The legs, by slot (for the way of packets) and by id (for commands).

use std::collections::HashMap;

use crate::switch::leg::Leg;

/// All legs.
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

    /// Takes a leg out.
    pub fn remove(&mut self, slot: usize) -> Option<Box<Leg>> {
        let leg = self.slots.get_mut(slot)?.take()?;
        self.by_id.remove(&leg.id);
        self.free.push(slot);
        Some(leg)
    }

    /// Where a leg is.
    pub fn slot_of(&self, id: i64) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// The leg of a slot.
    pub fn get(&mut self, slot: usize) -> Option<&mut Leg> {
        self.slots.get_mut(slot)?.as_deref_mut()
    }

    /// The leg of a slot, to look at.
    pub fn peek(&self, slot: usize) -> Option<&Leg> {
        self.slots.get(slot)?.as_deref()
    }

    /// The legs of two slots; None unless both are there and differ.
    pub fn pair(&mut self, one: usize, other: usize) -> Option<(&mut Leg, &mut Leg)> {
        let (low, high) = (one.min(other), one.max(other));
        let (before, from_high) = self.slots.split_at_mut_checked(high)?;
        let low = before.get_mut(low)?.as_deref_mut()?;
        let high = from_high.first_mut()?.as_deref_mut()?;
        Some(if one < other { (low, high) } else { (high, low) })
    }

    /// Nobody is here.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Slots in use lie below.
    pub fn end(&self) -> usize {
        self.slots.len()
    }
}
