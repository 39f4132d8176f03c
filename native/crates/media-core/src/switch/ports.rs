//! Whose packet is it: legs by local port and by where the packet came from.
//!
//! Legs may share a pair of ports. A packet belongs to the leg whose peer's address it comes from,
//! be it signalled or seen; from an address that nobody knows, to the only leg that may expect it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::net::SocketAddr;

use crate::switch::line::Line;

/// Names a pair of local ports.
pub type PortId = u32;

/// What is known by pair of local ports. Every packet is looked up here, on its way in and out, and
/// the names are our own: nobody can choose them so that they collide.
pub type ByPort<T> = HashMap<PortId, T, BuildHasherDefault<PortHasher>>;

/// Spreads numbers that follow each other, with one multiplication.
#[derive(Clone, Copy, Debug, Default)]
pub struct PortHasher(u64);

impl Hasher for PortHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &octet in bytes {
            self.write_u32(octet.into());
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Where a packet came in: RTP or RTCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The first port of the pair.
    Rtp,
    /// The second one.
    Rtcp,
}

/// Addresses that one leg may be known by at one port; an ICE peer has several.
pub const ADDRESSES_MAX: usize = 16;

#[derive(Debug, Default)]
struct Port {
    legs: Vec<usize>,
    rtp: HashMap<SocketAddr, usize>,
    rtcp: HashMap<SocketAddr, usize>,
}

/// All ports in use.
#[derive(Debug, Default)]
pub struct Ports {
    ports: ByPort<Port>,
    ufrags: HashMap<Box<str>, usize>,
}

impl Ports {
    /// A leg comes in at a port.
    pub fn enter(&mut self, port: PortId, slot: usize) {
        self.ports.entry(port).or_default().legs.push(slot);
    }

    /// A leg is gone; true when nobody else is at its port.
    pub fn leave(&mut self, port: PortId, slot: usize) -> bool {
        self.ufrags.retain(|_, owner| *owner != slot);
        let Some(entry) = self.ports.get_mut(&port) else { return true };
        entry.legs.retain(|&leg| leg != slot);
        entry.rtp.retain(|_, owner| *owner != slot);
        entry.rtcp.retain(|_, owner| *owner != slot);
        let is_empty = entry.legs.is_empty();
        if is_empty {
            self.ports.remove(&port);
        }
        is_empty
    }

    /// A leg's peer is at an address. What another leg has there already stays that one's.
    pub fn expect(&mut self, port: PortId, entry: Entry, from: SocketAddr, slot: usize) {
        if let Some(table) = self.table(port, entry) {
            let known = table.values().filter(|&&owner| owner == slot).count();
            if known < ADDRESSES_MAX {
                table.entry(from).or_insert(slot);
            }
        }
    }

    /// A leg's peer was seen at an address. Without checks it is nowhere else then: where it was
    /// before may be another peer's place soon.
    pub fn follow(&mut self, line: &Line, entry: Entry, from: SocketAddr, slot: usize) {
        if line.has_checks(entry) {
            self.expect(line.port, entry, from, slot);
        } else {
            self.expect_only(line.port, entry, line.known(entry), slot);
        }
    }

    /// A leg's peer is at these addresses and nowhere else.
    pub fn expect_only(
        &mut self,
        port: PortId,
        entry: Entry,
        from: impl Iterator<Item = SocketAddr>,
        slot: usize,
    ) {
        if let Some(table) = self.table(port, entry) {
            table.retain(|_, owner| *owner != slot);
            for address in from {
                table.entry(address).or_insert(slot);
            }
        }
    }

    /// The leg that is known at an address.
    pub fn owner(&self, port: PortId, entry: Entry, from: SocketAddr) -> Option<usize> {
        let known = self.ports.get(&port)?;
        let table = if entry == Entry::Rtp { &known.rtp } else { &known.rtcp };
        table.get(&from).copied()
    }

    /// The leg that is known at an address, and when none is, the legs at the port.
    pub fn find(&self, port: PortId, entry: Entry, from: SocketAddr) -> Found<'_> {
        let Some(known) = self.ports.get(&port) else { return Found::Among(&[]) };
        if let [only] = known.legs[..] {
            return Found::Leg(only);
        }
        let table = if entry == Entry::Rtp { &known.rtp } else { &known.rtcp };
        table.get(&from).map_or(Found::Among(&known.legs), |&slot| Found::Leg(slot))
    }

    /// Checks for these user names are for this leg, and no others.
    pub fn name<'a>(&mut self, ufrags: impl Iterator<Item = &'a str>, slot: usize) {
        self.ufrags.retain(|_, owner| *owner != slot);
        for ufrag in ufrags {
            self.ufrags.entry(ufrag.into()).or_insert(slot);
        }
    }

    /// The leg that a check is for.
    pub fn named(&self, ufrag: &str) -> Option<usize> {
        self.ufrags.get(ufrag).copied()
    }

    fn table(&mut self, port: PortId, entry: Entry) -> Option<&mut HashMap<SocketAddr, usize>> {
        let port = self.ports.get_mut(&port)?;
        // A leg that is alone needs no table, until somebody joins it.
        Some(if entry == Entry::Rtp { &mut port.rtp } else { &mut port.rtcp })
    }
}

/// What is known about the source of a packet.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// It is this leg's peer, or the leg is alone at the port.
    Leg(usize),
    /// It may belong to one of these.
    Among(&'a [usize]),
}
