//! The pairs of ports that are bound, and how many legs are at each: known to whoever opens legs and
//! to the thread that closes them, so that a pair whose last leg is on its way out can be used again.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use media_core::switch::PortId;

use crate::sockets::Sockets;

/// Where a pair is: an address and the port of RTP.
pub type Place = (IpAddr, u16);

/// All pairs of an engine.
#[derive(Debug, Default)]
pub struct Pairs(Mutex<Bound>);

#[derive(Debug, Default)]
struct Bound {
    pairs: HashMap<Place, Pair>,
    last: PortId,
}

#[derive(Debug)]
struct Pair {
    id: PortId,
    legs: usize,
}

impl Pairs {
    /// A leg comes to a pair. Its sockets are there when they are new.
    pub fn enter(&self, place: Place) -> io::Result<(PortId, Option<Sockets>)> {
        let mut bound = self.lock();
        if let Some(pair) = bound.pairs.get_mut(&place) {
            pair.legs += 1;
            return Ok((pair.id, None));
        }
        let sockets = Sockets::bind(place.0, place.1)?;
        bound.last = bound.last.wrapping_add(1);
        let id = bound.last;
        bound.pairs.insert(place, Pair { id, legs: 1 });
        Ok((id, Some(sockets)))
    }

    /// A leg is gone from a pair; returns the pair when nobody else is there.
    pub fn leave(&self, place: Place) -> Option<PortId> {
        let mut bound = self.lock();
        let pair = bound.pairs.get_mut(&place)?;
        pair.legs -= 1;
        if pair.legs > 0 {
            return None;
        }
        bound.pairs.remove(&place).map(|pair| pair.id)
    }

    fn lock(&self) -> MutexGuard<'_, Bound> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
