//! Whose packet is it: legs by local port and by where the packet came from.
//!
//! Legs may share a pair of ports. A packet belongs to the leg whose peer's address it comes from,
//! be it signalled or seen; from an address that nobody knows, to the only leg that may expect it.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::net::SocketAddr;

use crate::switch::line::Line;

/// Names a pair of local ports.
pub type PortId = u32;

/// What is known by pair of local ports. Every packet is looked up here, on its way in and out, and
/// the names are our own: nobody can choose them so that they collide.
pub type ByPort<T> = HashMap<PortId, T, BuildHasherDefault<FoldHasher>>;

/// Legs by the addresses of their peers. Every packet is looked up here, too.
type ByAddress = HashMap<SocketAddr, usize, Secretly>;

/// Strangers choose addresses, and cannot know which of them collide.
#[derive(Clone, Copy, Debug)]
struct Secretly(u64);

impl Default for Secretly {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for Secretly {
    type Hasher = FoldHasher;

    fn build_hasher(&self) -> FoldHasher {
        FoldHasher(self.0)
    }
}

/// Spreads numbers, with one multiplication for each eight octets.
#[derive(Clone, Copy, Debug, Default)]
pub struct FoldHasher(u64);

impl Hasher for FoldHasher {
    fn write(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..piece.len()].copy_from_slice(piece);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, number: u64) {
        // Both halves of the product, so that every bit of the number moves every bit of the result.
        let product = u128::from(self.0 ^ number) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(number.into());
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
    rtp: ByAddress,
    rtcp: ByAddress,
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

    fn table(&mut self, port: PortId, entry: Entry) -> Option<&mut ByAddress> {
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::{BuildHasher, BuildHasherDefault};

    use super::*;

    /// Tables go by the lowest bits: of 128 numbers with 128 places some share one, but not most.
    fn places(numbers: impl Iterator<Item = u64>) -> usize {
        numbers.map(|number| number % 128).collect::<HashSet<_>>().len()
    }

    #[test]
    fn whatever_differs_in_addresses_spreads_them() {
        let build = BuildHasherDefault::<FoldHasher>::default();
        let octets: [fn(u8) -> [u8; 4]; 4] =
            [|n| [n, 0, 0, 1], |n| [10, n, 0, 1], |n| [10, 0, n, 1], |n| [10, 0, 0, n]];
        for place in octets {
            let addresses = (0..128).map(|n| SocketAddr::from((place(n), 5_004)));
            assert!(places(addresses.map(|address| build.hash_one(address))) > 64);
        }
        let ports = (0..128).map(|n| SocketAddr::from(([10, 0, 0, 1], 16_384 + 2 * n)));
        assert!(places(ports.map(|address| build.hash_one(address))) > 64);
        assert!(places((1..129u32).map(|port| build.hash_one(port))) > 64);
    }
}
