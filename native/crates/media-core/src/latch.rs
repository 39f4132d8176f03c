//! Where a leg's packets come from and go to: symmetric RTP (RFC 4961) with a latch.

use std::net::{IpAddr, SocketAddr};

/// After so long without a packet from the latched address another one may take its place: 2 s.
pub const RELATCH_SAMPLES: u64 = 2 * 8_000;

/// The addresses that signalling named, and the one that packets really come from.
/// What each packet touches comes first.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct Latch {
    latched: Option<Latched>,
    signalled: SocketAddr,
    also: Option<IpAddr>,
}

/// Where packets come from.
#[derive(Clone, Copy, Debug)]
#[repr(C)] // an IPv4 address is a small part of its place, which is at its beginning
struct Latched {
    /// When the last one came.
    at: u64,
    address: SocketAddr,
}

impl Latch {
    /// Nothing has arrived yet.
    pub fn new(signalled: SocketAddr, also: Option<IpAddr>) -> Self {
        Self { signalled, also: also.map(|ip| ip.to_canonical()), latched: None }
    }

    /// Takes what a new offer or answer said; a changed address latches anew.
    pub fn signal(&mut self, signalled: SocketAddr, also: Option<IpAddr>) {
        let is_same = signalled == self.signalled && self.allows_like(also);
        if !is_same {
            *self = Self::new(signalled, also);
        }
    }

    /// Whether a packet from there belongs to the stream; latches when it does.
    pub fn accept(&mut self, from: SocketAddr, now: u64) -> bool {
        if let Some(latched) = self.latched.as_mut() {
            if latched.address == from {
                latched.at = now;
                return true;
            }
            let is_silent = now.saturating_sub(latched.at) >= RELATCH_SAMPLES;
            // The port that was signalled outranks one that was only seen.
            if !is_silent && from != self.signalled {
                return false;
            }
        }
        let ip = from.ip().to_canonical();
        let is_allowed = ip == self.signalled.ip().to_canonical() || Some(ip) == self.also;
        if is_allowed {
            self.follow(from, now);
        }
        is_allowed
    }

    /// Whether a packet from there would be accepted now.
    pub fn might_accept(&self, from: SocketAddr, now: u64) -> bool {
        self.clone().accept(from, now)
    }

    /// Latches to where a packet came from that proved itself by its keys.
    pub fn follow(&mut self, from: SocketAddr, now: u64) {
        self.latched = Some(Latched { at: now, address: from });
    }

    /// Whoever was seen there is somebody else's peer; true when that changed something.
    pub fn leave(&mut self, place: SocketAddr) -> bool {
        let was_seen = self.latched() == Some(place) && self.signalled != place;
        if was_seen {
            self.latched = None;
        }
        was_seen
    }

    /// Packets come from where signalling said that they would.
    pub fn is_as_signalled(&self) -> bool {
        self.latched() == Some(self.signalled)
    }

    /// Where packets come from.
    pub fn latched(&self) -> Option<SocketAddr> {
        self.latched.as_ref().map(|latched| latched.address)
    }

    /// The address that signalling named.
    pub fn signalled(&self) -> SocketAddr {
        self.signalled
    }

    /// Where to send; None when signalling named no place (0.0.0.0 or port 0).
    pub fn destination(&self) -> Option<SocketAddr> {
        let to = self.latched().unwrap_or(self.signalled);
        (!to.ip().is_unspecified() && to.port() != 0).then_some(to)
    }

    fn allows_like(&self, also: Option<IpAddr>) -> bool {
        also.map(|ip| ip.to_canonical()) == self.also
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn latch() -> Latch {
        Latch::new(at("10.0.0.1:4000"), Some(at("192.0.2.7:1").ip()))
    }

    #[test]
    fn sends_where_signalled_until_something_arrives() {
        let mut latch = latch();
        assert_eq!(latch.destination(), Some(at("10.0.0.1:4000")));
        assert!(latch.accept(at("192.0.2.7:61000"), 0));
        assert_eq!(latch.destination(), Some(at("192.0.2.7:61000")));
    }

    #[test]
    fn strangers_are_refused() {
        let mut latch = latch();
        assert!(!latch.accept(at("192.0.2.8:4000"), 0));
        assert!(latch.accept(at("10.0.0.1:5000"), 0));
        assert!(!latch.accept(at("192.0.2.7:61000"), 100), "latched elsewhere");
        assert!(latch.accept(at("192.0.2.7:61000"), RELATCH_SAMPLES), "the former is silent");
    }

    #[test]
    fn the_signalled_port_outranks_a_seen_one() {
        let mut latch = latch();
        assert!(latch.accept(at("10.0.0.1:5000"), 0));
        assert!(latch.accept(at("10.0.0.1:4000"), 1));
        assert!(!latch.accept(at("10.0.0.1:5000"), 2));
    }

    #[test]
    fn a_changed_address_latches_anew() {
        let mut latch = latch();
        let also = Some(at("192.0.2.7:1").ip());
        latch.accept(at("10.0.0.1:5000"), 0);
        latch.signal(at("10.0.0.1:4000"), also);
        assert_eq!(latch.destination(), Some(at("10.0.0.1:5000")), "nothing changed");
        latch.signal(at("10.0.0.1:4002"), also);
        assert_eq!(latch.destination(), Some(at("10.0.0.1:4002")));
    }

    #[test]
    fn nowhere_is_nowhere() {
        assert_eq!(Latch::new(at("0.0.0.0:4000"), None).destination(), None);
        assert_eq!(Latch::new(at("10.0.0.1:0"), None).destination(), None);
    }
}
