//! The engine without sockets, threads and clocks: legs, what connects them, commands and packets
//! in, packets and events out.
//!
//! Whoever owns it hands in datagrams (`receive`), commands (`obey`) and every tick of 10 ms
//! (`tick`), each with the time, and does what `Out` says. So it runs in a thread beside sockets
//! as well as in a world whose time is simulated.

mod bridging;
mod chance;
pub mod command;
mod commanding;
pub mod console;
pub mod event;
mod fetching;
mod guard;
mod hearing;
mod key_tones;
mod leg;
mod legs;
mod line;
mod moment;
mod mouth;
pub mod out;
mod ports;
mod pressing;
mod receiving;
pub mod remote;
mod reports;
mod rooms;
mod speaking;
mod statistics;
mod tap;
mod tape;
mod ticking;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use media_secure::certificate::Certificate;

pub use moment::{Moment, TICK_SAMPLES};
pub use out::{Datagram, Out, Tape};
pub use ports::{ByPort, Entry, PortId};

use chance::Chance;
use legs::Legs;
use ports::Ports;
use rooms::Studio;
use ticking::{Due, Paced};

use crate::room::Room;

/// Ticks between two looks after a leg: 100 ms.
const TICKS_PER_HOUSEKEEPING: u64 = 10;

/// All legs and what connects them.
pub struct Switch {
    legs: Legs,
    ports: Ports,
    /// In an order, so that a run can be repeated.
    rooms: BTreeMap<i64, Room>,
    /// Legs that ticks serve.
    paced: Vec<Paced>,
    /// One of them may need every tick.
    is_watching: bool,
    due: Due,
    /// Where frames are made.
    frame: Vec<i16>,
    studio: Studio,
    certificate: Certificate,
    chance: Chance,
    /// Recordings so far.
    tapes: u64,
    /// How much CPU encoders shall save: 0 none, 10 as much as possible.
    frugality: u8,
    /// The leg that is being served: a defect would be blamed on it.
    serving: Option<usize>,
}

impl Switch {
    /// Without any legs. `seed` is where numbers begin that begin at random.
    pub fn new(certificate: Certificate, seed: u64) -> Self {
        Self {
            legs: Legs::default(),
            ports: Ports::default(),
            rooms: BTreeMap::new(),
            paced: Vec::new(),
            is_watching: false,
            due: Due::default(),
            frame: Vec::new(),
            studio: Studio::default(),
            certificate,
            chance: Chance::new(seed),
            tapes: 0,
            frugality: 0,
            serving: None,
        }
    }

    /// SHA-256 of the certificate that handshakes show.
    pub fn fingerprint(&self) -> &str {
        self.certificate.fingerprint()
    }

    /// Whether ticks are of no use: no leg is there.
    pub fn is_empty(&self) -> bool {
        self.legs.is_empty()
    }

    /// How much CPU encoders shall save: 0 none, 10 as much as possible.
    pub fn be_frugal(&mut self, level: u8) {
        self.frugality = level.min(10);
    }

    /// Closes the leg that a defect is blamed on.
    pub fn drop_served(&mut self, now: Moment, out: &mut Out) {
        if let Some(slot) = self.serving.take() {
            self.close_leg(slot, now, out);
        }
    }

    /// Forgets who is being served, before somebody else is.
    pub fn begin_serving(&mut self) {
        self.serving = None;
    }

    /// Ends every leg.
    pub fn close(&mut self, now: Moment, out: &mut Out) {
        for slot in 0..self.legs.end() {
            self.close_leg(slot, now, out);
        }
    }
}
