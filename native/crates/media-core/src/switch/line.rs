//! The way between a leg and its peer: addresses, protection, and what was counted on it.

use std::net::SocketAddr;

use media_secure::certificate::Certificate;
use media_secure::ice::{Ice, IceCredentials};

use crate::latch::Latch;
use crate::rtp::HEADER_BYTES;
use crate::switch::guard::Guard;
use crate::switch::moment::Moment;
use crate::switch::out::Out;
use crate::switch::ports::{Entry, PortId};
use crate::switch::remote::{Protection, Remote};

/// Packets of a leg.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    /// RTP from the peer.
    pub received: u64,
    /// RTP to the peer.
    pub sent: u64,
    /// Payload octets in them.
    pub octets_received: u64,
    /// Payload octets in them.
    pub octets_sent: u64,
}

/// Whether a packet was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It is not the peer's.
    Refused,
    /// It came from where packets come from.
    Known,
    /// It came from elsewhere, where the peer is now.
    Moved,
}

/// One leg's way to its peer. What each packet touches comes first.
#[repr(C, align(64))]
pub struct Line {
    /// How packets are protected.
    pub guard: Guard,
    /// Where checks say they go.
    pub ice: Option<Box<Ice>>,
    /// What came and went.
    pub counted: Counted,
    /// Where the peer's packets come in.
    pub port: PortId,
    is_muxed: bool,
    /// Checks have proven a way at some time.
    was_proven: bool,
    /// Datagrams from strangers, not RTP, or not authentic.
    pub rejected: u64,
    /// Where RTP comes from and goes to; None before signalling has said.
    latch: Option<Latch>,
    /// Where checks say RTCP goes, when it has a port of its own (RFC 8445 §13); never without `ice`.
    pub rtcp_ice: Option<Box<Ice>>,
    rtcp_latch: Option<Latch>,
    agreed: Protection,
}

impl Line {
    /// A way to nobody yet.
    pub fn new(port: PortId) -> Self {
        Self {
            guard: Guard::Clear,
            ice: None,
            counted: Counted::default(),
            port,
            is_muxed: false,
            was_proven: false,
            latch: None,
            rtcp_ice: None,
            rtcp_latch: None,
            agreed: Protection::None,
            rejected: 0,
        }
    }

    /// Takes what signalling agreed.
    pub fn agree(&mut self, remote: &Remote, certificate: &Certificate, now: Moment) {
        for (latch, place) in [(&mut self.latch, remote.rtp), (&mut self.rtcp_latch, remote.rtcp)] {
            let made = || Latch::new(place, remote.also);
            latch.get_or_insert_with(made).signal(place, remote.also);
        }
        self.is_muxed = remote.rtcp_mux;
        renew(&mut self.ice, remote.ice.as_ref());
        renew(&mut self.rtcp_ice, remote.ice.as_ref().filter(|_| !remote.rtcp_mux));
        self.guard.change(&self.agreed, &remote.protection, certificate, now);
        self.agreed = remote.protection.clone();
    }

    /// Addresses that the peer is known by at one of the ports.
    pub fn known(&self, entry: Entry) -> impl Iterator<Item = SocketAddr> {
        let latch = self.latch(entry);
        let signalled = latch.map(Latch::signalled);
        signalled.into_iter().chain(latch.and_then(Latch::destination))
    }

    /// Where signalling says that the peer is.
    pub fn signalled(&self, entry: Entry) -> Option<SocketAddr> {
        self.latch(entry).map(Latch::signalled)
    }

    /// Signalling says that somebody else is there; true when the peer was taken to be there, and
    /// had not proven it.
    pub fn leave(&mut self, entry: Entry, place: SocketAddr) -> bool {
        if self.guard.is_secret() || self.has_checks(entry) {
            return false;
        }
        let is_muxed = self.is_muxed;
        let latch = match entry {
            Entry::Rtp => self.latch.as_mut(),
            Entry::Rtcp => self.rtcp_latch.as_mut().filter(|_| !is_muxed),
        };
        latch.is_some_and(|latch| latch.leave(place))
    }

    /// Whether an unknown address at a port that others use as well may become the peer's: not when
    /// the peer was heard from where signalling said, and is only silent now. Keys and checks prove
    /// it wherever it is.
    pub fn might_move(&self, entry: Entry, from: SocketAddr, now: Moment) -> bool {
        let needs_no_place = self.guard.is_secret() || self.has_checks(entry);
        let is_settled = self.latch(entry).is_some_and(Latch::is_as_signalled);
        (needs_no_place || !is_settled) && self.might_admit(entry, from, now)
    }

    /// Whether a packet from there is the peer's, and whether that is news. What is protected
    /// proves it by itself, so ask for it after it was opened.
    pub fn admit(&mut self, entry: Entry, from: SocketAddr, now: Moment) -> Admission {
        let is_proven = self.guard.is_secret();
        if entry == Entry::Rtcp && self.is_muxed {
            // A report beside the shared port says nothing about where audio is wanted.
            let is_theirs = is_proven || self.might_admit(entry, from, now);
            return if is_theirs { Admission::Known } else { Admission::Refused };
        }
        let is_checked = self.checks(entry).map(|ice| ice.accepts(from));
        let latch = if entry == Entry::Rtp { &mut self.latch } else { &mut self.rtcp_latch };
        let Some(latch) = latch else { return Admission::Refused };
        let before = latch.latched();
        if is_proven || is_checked == Some(true) {
            latch.follow(from, now.samples);
        } else if is_checked == Some(false) || !latch.accept(from, now.samples) {
            return Admission::Refused;
        }
        if before == Some(from) { Admission::Known } else { Admission::Moved }
    }

    /// Where packets come from is proven by checks, from several places perhaps.
    pub fn has_checks(&self, entry: Entry) -> bool {
        self.checks(entry).is_some()
    }

    /// Whether an unknown address may become the peer's, without taking it.
    pub fn might_admit(&self, entry: Entry, from: SocketAddr, now: Moment) -> bool {
        if let Some(ice) = self.checks(entry) {
            return ice.accepts(from);
        }
        self.latch(entry).is_some_and(|latch| latch.might_accept(from, now.samples))
    }

    /// Whether a handshake may come from there.
    pub fn listens_to(&self, from: SocketAddr, now: Moment) -> bool {
        self.might_admit(Entry::Rtp, from, now)
    }

    /// Begins the handshake when that is ours to do and the peer can be reached.
    pub fn begin_handshake(&mut self, now: Moment, out: &mut Out) {
        if self.destination(Entry::Rtp).is_none() {
            return;
        }
        if let Some(dtls) = self.guard.dtls() {
            dtls.start(now.instant);
            self.send_flight(None, out);
        }
    }

    /// Lets time pass: repeats of a handshake, consent that ends.
    pub fn pass_time(&mut self, now: Moment, out: &mut Out) {
        if let Some(ice) = self.ice.as_mut() {
            ice.tick(now.instant);
            self.rtcp_ice.iter_mut().for_each(|ice| ice.tick(now.instant));
        }
        if let Some(dtls) = self.guard.dtls() {
            dtls.tick(now.instant);
            self.send_flight(None, out);
        }
    }

    /// True once when the peer, who checked its way to us, has ceased to (RFC 7675 §5.1): it has left
    /// without a word.
    pub fn has_lost_consent(&mut self) -> bool {
        let Some(ice) = self.ice.as_ref() else { return false };
        let is_proven = ice.selected().is_some();
        std::mem::replace(&mut self.was_proven, is_proven) && !is_proven
    }

    /// Opens a received packet in place; None when it is not authentic, or comes too early.
    pub fn open(&mut self, entry: Entry, datagram: &mut [u8]) -> Option<usize> {
        if !self.guard.is_secret() {
            return Some(datagram.len());
        }
        let incoming = &mut self.guard.session()?.incoming;
        match entry {
            Entry::Rtp => incoming.unprotect_rtp(datagram),
            Entry::Rtcp => incoming.unprotect_rtcp(datagram),
        }
    }

    /// Where packets go; None when that is nowhere, or not known yet.
    pub fn destination(&self, entry: Entry) -> Option<SocketAddr> {
        match self.checks(entry) {
            Some(ice) => ice.selected(),
            None => self.latch(entry).and_then(Latch::destination),
        }
    }

    /// Whether a packet could go out now.
    pub fn is_open(&mut self) -> bool {
        let is_ready = !self.guard.is_secret() || self.guard.session().is_some();
        is_ready && self.destination(Entry::Rtp).is_some()
    }

    /// Sends one RTP packet.
    pub fn send(&mut self, packet: &[u8], out: &mut Out) {
        let start = out.bytes.len();
        out.bytes.extend_from_slice(packet);
        self.send_made(start, out);
    }

    /// Sends the RTP packet that was made in `out.bytes` from `start` on.
    pub fn send_made(&mut self, start: usize, out: &mut Out) {
        let Some(to) = self.destination(Entry::Rtp) else { return out.bytes.truncate(start) };
        let octets = out.bytes.len() - start - HEADER_BYTES;
        if self.guard.is_secret() {
            let Some(session) = self.guard.session() else { return out.bytes.truncate(start) };
            if !session.outgoing.protect_rtp(&mut out.bytes, start) {
                return;
            }
        }
        out.sent(self.port, false, to, start);
        self.counted.sent += 1;
        self.counted.octets_sent += octets as u64;
    }

    /// Sends one RTCP packet.
    pub fn send_report(&mut self, report: &[u8], out: &mut Out) {
        let Some(to) = self.destination(Entry::Rtcp) else { return };
        let start = out.bytes.len();
        out.bytes.extend_from_slice(report);
        if self.guard.is_secret() {
            let Some(session) = self.guard.session() else { return out.bytes.truncate(start) };
            if !session.outgoing.protect_rtcp(&mut out.bytes, start) {
                return;
            }
        }
        out.sent(self.port, !self.is_muxed, to, start);
    }

    /// Sends what a handshake has to say, to where `from` says that the peer is.
    pub fn send_flight(&mut self, from: Option<SocketAddr>, out: &mut Out) {
        let to = from.or_else(|| self.destination(Entry::Rtp));
        let (Some(to), port) = (to, self.port) else { return };
        let Some(dtls) = self.guard.dtls() else { return };
        while let Some(datagram) = dtls.take_datagram() {
            let start = out.bytes.len();
            out.bytes.extend_from_slice(&datagram);
            out.sent(port, false, to, start);
        }
    }

    fn checks(&self, entry: Entry) -> Option<&Ice> {
        let is_rtp = entry == Entry::Rtp || self.is_muxed;
        if is_rtp { self.ice.as_deref() } else { self.rtcp_ice.as_deref() }
    }

    fn latch(&self, entry: Entry) -> Option<&Latch> {
        let is_rtp = entry == Entry::Rtp || self.is_muxed;
        if is_rtp { self.latch.as_ref() } else { self.rtcp_latch.as_ref() }
    }
}

/// Takes the credentials of checks: other ones are a restart.
fn renew(ice: &mut Option<Box<Ice>>, credentials: Option<&IceCredentials>) {
    match (ice.as_mut(), credentials) {
        (Some(ice), Some(credentials)) => ice.restart(credentials.clone()),
        (_, credentials) => {
            *ice = credentials.map(|credentials| Box::new(Ice::new(credentials.clone())));
        }
    }
}
