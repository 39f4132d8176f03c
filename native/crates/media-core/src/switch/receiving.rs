//! The way of a received datagram: whose is it, what does it say, who else wants it.

use std::net::SocketAddr;

use media_audio::codec::Codec;
use media_audio::codec::g711::translate;
use media_secure::demultiplex::{Kind, kind_of};
use media_secure::ice::ufrag_of;

use crate::outbound::{Media, Target};
use crate::rtp::{self, Packet};
use crate::switch::Switch;
use crate::switch::event::{Event, RecordEnd};
use crate::switch::guard::Handshake;
use crate::switch::leg::{Leg, law_of};
use crate::switch::line::Admission;
use crate::switch::moment::Moment;
use crate::switch::out::Out;
use crate::switch::ports::{Entry, Found, PortId};
use crate::telephone_event::Event as KeyEvent;

/// How long a key is pressed that is passed on anew.
const RELAYED_PRESS_MS: u32 = 120;

/// What a packet of a leg carries.
#[derive(Clone, Copy)]
enum Carried {
    Audio(&'static Codec),
    Event,
    Noise,
}

impl Switch {
    /// Takes a datagram that came in at a port.
    pub fn receive(
        &mut self,
        port: PortId,
        entry: Entry,
        from: SocketAddr,
        datagram: &mut [u8],
        now: Moment,
        out: &mut Out,
    ) {
        match (kind_of(datagram), entry) {
            (Kind::Stun, _) => self.check(port, entry, from, datagram, now, out),
            (Kind::Dtls, Entry::Rtp) => self.shake(port, from, datagram, now, out),
            (Kind::Rtcp, _) | (_, Entry::Rtcp) => {
                self.take_report(port, entry, from, datagram, now)
            }
            (_, Entry::Rtp) => self.take_packet(port, from, datagram, now, out),
        }
    }

    /// The leg that a packet from there belongs to, if it belongs to one.
    fn find(&mut self, port: PortId, entry: Entry, from: SocketAddr, now: Moment) -> Option<usize> {
        let among = match self.ports.find(port, entry, from) {
            Found::Leg(slot) => return Some(slot),
            Found::Among(legs) => legs,
        };
        let legs = &self.legs;
        let is_possible = |slot: &&usize| {
            legs.peek(**slot).is_some_and(|leg| leg.line.might_move(entry, from, now))
        };
        let mut possible = among.iter().filter(is_possible);
        let only = possible.next().copied()?;
        // Whose it is must be certain: somebody else's voice would be worse than none.
        possible.next().is_none().then_some(only)
    }

    /// The leg that a handshake from there belongs to. While somebody at the port waits to be told
    /// of its peer, an unknown address may be that one's: a handshake that was begun with somebody
    /// else cannot be mended, one that comes early is repeated after a second.
    fn find_shaking(&mut self, port: PortId, from: SocketAddr, now: Moment) -> Option<usize> {
        if let Found::Among(legs) = self.ports.find(port, Entry::Rtp, from) {
            let is_awaited = |&slot: &usize| {
                let line = self.legs.peek(slot).map(|leg| &leg.line);
                line.is_some_and(|line| line.signalled(Entry::Rtp).is_none())
            };
            if legs.iter().any(is_awaited) {
                return None;
            }
        }
        self.find(port, Entry::Rtp, from, now)
    }

    fn take_packet(
        &mut self,
        port: PortId,
        from: SocketAddr,
        datagram: &mut [u8],
        now: Moment,
        out: &mut Out,
    ) {
        let Some(slot) = self.find(port, Entry::Rtp, from, now) else { return };
        self.serving = Some(slot);
        self.fetch_for_packet(slot);
        let Some(leg) = self.legs.get(slot) else { return };
        let opened = leg.line.open(Entry::Rtp, datagram);
        let packet = opened.and_then(|length| rtp::parse(&datagram[..length]));
        let admission = match &packet {
            Some(_) => leg.line.admit(Entry::Rtp, from, now),
            None => Admission::Refused,
        };
        let Some(packet) = packet.filter(|_| admission != Admission::Refused) else {
            leg.line.rejected += 1;
            return;
        };
        if admission == Admission::Moved {
            self.ports.follow(&leg.line, Entry::Rtp, from, slot);
        }
        let Some(target) = leg.target.filter(|_| leg.receives) else { return };
        let carried = leg.carried(&packet, &target);
        let bridged = leg.bridged();
        let clock_hz = target.codec.clock_hz;
        if let (Some(other), Some(Carried::Audio(codec))) = (bridged, carried) {
            self.choose_way(other, codec, now);
        }
        let Some(leg) = self.legs.get(slot) else { return };
        leg.hear(&packet, carried, datagram, now);
        if let Some(Carried::Event) = carried {
            self.press(slot, &packet, datagram, now, out);
        }
        if let Some(other) = bridged.and_then(|other| self.legs.get(other)) {
            other.pass(datagram, &packet, carried, clock_hz, now, out);
        }
    }

    /// What comes in a leg's codec, or in the other law of G.711, is passed on to it as it is; of
    /// anything else it takes frames.
    fn choose_way(&mut self, slot: usize, codec: &'static Codec, now: Moment) {
        let Some(other) = self.legs.get(slot) else { return };
        let Some(wanted) = other.target.map(|target| target.codec) else { return };
        let is_its_own = std::ptr::eq(codec, wanted);
        let takes_frames = !is_its_own && (law_of(codec).is_none() || law_of(wanted).is_none());
        if takes_frames != other.takes_frames {
            other.takes_frames = takes_frames;
            other.mouth.pause();
            self.adjust_with_peer(slot, now);
        }
    }

    fn press(&mut self, slot: usize, packet: &Packet, datagram: &[u8], now: Moment, out: &mut Out) {
        let Some(leg) = self.legs.get(slot) else { return };
        let Some(event) = KeyEvent::parse(&datagram[packet.payload.clone()]) else { return };
        let Some(key) = leg.keys_in.receive(packet.ssrc, packet.timestamp, event) else { return };
        let clock_hz = leg.target.map_or(8_000, |target| target.codec.clock_hz);
        let bridged = leg.bridged();
        self.pressed(slot, key, now, out);
        let other = bridged.and_then(|other| Some((other, self.legs.get(other)?)));
        if let Some((slot, other)) = other
            && !other.passes_events(clock_hz)
        {
            self.send_keys(slot, key.encode_utf8(&mut [0; 4]), RELAYED_PRESS_MS, now);
        }
    }

    /// A key was heard as a tone: a bridged peer that has telephone events listens for those only.
    /// Others hear the tone itself.
    pub(super) fn press_for_peer(&mut self, slot: usize, key: char, now: Moment) {
        let Some(other) = self.legs.peek(slot).and_then(|leg| leg.bridged()) else { return };
        let target = self.legs.peek(other).and_then(|leg| leg.target);
        if target.is_some_and(|target| target.events.is_some()) {
            self.send_keys(other, key.encode_utf8(&mut [0; 4]), RELAYED_PRESS_MS, now);
        }
    }

    /// Tells of a key, however it came; it may end a recording.
    pub(super) fn pressed(&mut self, slot: usize, key: char, now: Moment, out: &mut Out) {
        let Some(leg) = self.legs.get(slot) else { return };
        out.events.push(Event::Dtmf { leg: leg.id, key });
        if leg.record.as_ref().is_some_and(|record| record.stop_digits.contains(key)) {
            self.end_record(slot, RecordEnd::Dtmf, out);
            self.adjust_with_peer(slot, now);
        }
    }

    fn take_report(
        &mut self,
        port: PortId,
        entry: Entry,
        from: SocketAddr,
        datagram: &mut [u8],
        now: Moment,
    ) {
        let Some(slot) = self.find(port, entry, from, now) else { return };
        self.serving = Some(slot);
        let Some(leg) = self.legs.get(slot) else { return };
        let Some(length) = leg.line.open(Entry::Rtcp, datagram) else {
            leg.line.rejected += 1;
            return;
        };
        // An address is believed only when a report came from it.
        if !leg.line.might_admit(entry, from, now) || !leg.take_report(&datagram[..length], now) {
            return;
        }
        if leg.line.admit(entry, from, now) == Admission::Moved {
            self.ports.follow(&leg.line, entry, from, slot);
        }
    }

    /// Takes a connectivity check and answers it.
    fn check(
        &mut self,
        port: PortId,
        entry: Entry,
        from: SocketAddr,
        datagram: &[u8],
        now: Moment,
        out: &mut Out,
    ) {
        let Some(slot) = ufrag_of(datagram).and_then(|ufrag| self.ports.named(ufrag)) else {
            return;
        };
        self.serving = Some(slot);
        let Some(leg) = self.legs.get(slot).filter(|leg| leg.line.port == port) else { return };
        let line = &mut leg.line;
        let ice = if entry == Entry::Rtp { line.ice.as_mut() } else { line.rtcp_ice.as_mut() };
        let Some(ice) = ice else { return };
        let is_genuine = ice.receive(datagram, from, now.instant);
        while let Some((to, answer)) = ice.take_datagram() {
            let start = out.bytes.len();
            out.bytes.extend_from_slice(&answer);
            out.sent(port, entry == Entry::Rtcp, to, start);
        }
        if is_genuine {
            self.ports.expect(port, entry, from, slot);
            leg.line.begin_handshake(now, out);
        } else {
            leg.line.rejected += 1;
        }
    }

    /// Takes a datagram of a handshake and answers it.
    fn shake(
        &mut self,
        port: PortId,
        from: SocketAddr,
        datagram: &[u8],
        now: Moment,
        out: &mut Out,
    ) {
        let Some(slot) = self.find_shaking(port, from, now) else { return };
        self.serving = Some(slot);
        let Some(leg) = self.legs.get(slot).filter(|leg| leg.line.listens_to(from, now)) else {
            return;
        };
        let Some(dtls) = leg.line.guard.dtls() else { return };
        dtls.receive(datagram, now.instant);
        leg.line.send_flight(Some(from), out);
        self.settle(slot, now, out);
    }

    /// Tells when a handshake is over.
    pub(super) fn settle(&mut self, slot: usize, now: Moment, out: &mut Out) {
        let Some(leg) = self.legs.get(slot) else { return };
        let is_established = match leg.line.guard.settle() {
            Handshake::Pending => return,
            Handshake::Established => true,
            Handshake::Failed => false,
        };
        out.events.push(Event::Protection { leg: leg.id, is_established });
        self.adjust(slot, now);
    }
}

impl Leg {
    /// What a packet of the peer carries; None when nothing that was agreed.
    fn carried(&self, packet: &Packet, target: &Target) -> Option<Carried> {
        let payload_type = packet.payload_type;
        if packet.payload.is_empty() {
            None
        } else if target.events == Some(payload_type) {
            Some(Carried::Event)
        } else if target.payload_type == payload_type {
            Some(Carried::Audio(target.codec))
        } else if let Some(format) = self.remote.as_ref()?.codec_of(payload_type) {
            Some(Carried::Audio(format.codec))
        } else {
            (target.comfort_noise == Some(payload_type)).then_some(Carried::Noise)
        }
    }

    fn hear(&mut self, packet: &Packet, carried: Option<Carried>, datagram: &[u8], now: Moment) {
        let payload = &datagram[packet.payload.clone()];
        self.reception.count(packet.ssrc, packet.sequence);
        self.line.counted.received += 1;
        self.line.counted.octets_received += payload.len() as u64;
        self.heard_at = now.samples;
        self.is_timed_out = false;
        if let Some(Carried::Audio(codec)) = carried {
            self.reception.set_clock(codec.clock_hz);
            self.reception.measure(packet.timestamp, now.samples);
        }
        let Some(hearing) = self.hearing.as_mut() else { return };
        match carried {
            Some(Carried::Audio(_)) => {
                let format = || self.remote.as_ref()?.codec_of(packet.payload_type);
                hearing.put(format, packet, payload, now.samples);
            }
            Some(Carried::Noise) => hearing.put_noise(packet, payload, now.samples),
            _ => hearing.pass_over(packet),
        }
    }

    /// Events of a stream with this clock can be passed on as they are.
    fn passes_events(&self, clock_hz: u32) -> bool {
        !self.takes_frames
            && self
                .target
                .is_some_and(|target| target.events.is_some() && target.codec.clock_hz == clock_hz)
    }

    /// Sends on what the other leg received, unless something else is to be heard here.
    fn pass(
        &mut self,
        datagram: &mut [u8],
        packet: &Packet,
        carried: Option<Carried>,
        clock_hz: u32,
        now: Moment,
        out: &mut Out,
    ) {
        if self.play.is_some() || self.takes_frames {
            return;
        }
        let Some(target) = self.open_target() else { return };
        let mut translated = None;
        let media = match carried {
            Some(Carried::Audio(codec)) if std::ptr::eq(codec, target.codec) => Some(Media::Audio),
            Some(Carried::Audio(codec)) => {
                translated = law_of(codec);
                Some(Media::Audio)
            }
            Some(Carried::Event) => self.passes_events(clock_hz).then_some(Media::Event),
            Some(Carried::Noise) => Some(Media::Noise),
            None => None,
        };
        let Some(media) = media.filter(|_| !self.is_pressing()) else {
            return self.mouth.stream.skip(packet);
        };
        if let Some(law) = translated {
            translate(law, &mut datagram[packet.payload.clone()]);
        }
        out.relayed += 1;
        let line = &mut self.line;
        let send = |bytes: &[u8]| line.send(bytes, out);
        self.mouth.stream.relay(datagram, packet, media, &target, now.samples, send);
    }
}
