//! The path of a received packet: whose is it, what does it say, who else wants it.

use std::net::SocketAddr;

use media_core::g711::Codec;
use media_core::outbound::Media;
use media_core::rtp::{self, HEADER_BYTES, Packet};
use media_core::telephone_event::Event as KeyEvent;

use crate::clock;
use crate::event::{Event, RecordEnd};
use crate::leg::Leg;
use crate::reactor::Reactor;

/// RTP over Ethernet has 1500 octets at most; longer datagrams are cut and then refused or useless.
pub const DATAGRAM_BYTES_MAX: usize = 2_048;

impl Reactor {
    /// Reads one datagram from a leg's RTP socket; the poll comes back while there are more.
    pub fn receive_rtp(&mut self, slot: usize) {
        let mut bytes = [0; DATAGRAM_BYTES_MAX];
        let Some(leg) = self.legs.get(slot) else { return };
        let Ok((length, from)) = leg.sockets.rtp.recv_from(&mut bytes) else { return };
        let datagram = &mut bytes[..length];
        let now = clock::samples();
        let Some(packet) = rtp::parse(datagram).filter(|_| leg.admits(from, now)) else {
            leg.meters.rejected();
            return;
        };
        if !leg.peer.as_ref().is_some_and(|peer| peer.remote.receive) {
            return;
        }
        let media = leg.media_of(&packet);
        leg.hear(&packet, media, now);
        let bridged = leg.bridged;
        match media {
            Some(Media::Event) => self.press(slot, &packet, datagram),
            Some(Media::Audio(codec)) => self.listen(slot, &packet, codec, datagram, now),
            None => {}
        }
        if let Some(other) = bridged.and_then(|slot| self.legs.get(slot)) {
            other.relay(datagram, &packet, media, now);
        }
    }

    fn press(&mut self, slot: usize, packet: &Packet, datagram: &[u8]) {
        let Some(leg) = self.legs.get(slot) else { return };
        let Some(event) = KeyEvent::parse(&datagram[packet.payload.clone()]) else { return };
        let Some(key) = leg.keys_in.receive(packet.ssrc, packet.timestamp, event) else { return };
        let stops = leg.record.as_ref().is_some_and(|record| record.stop_digits.contains(key));
        self.events.push(Event::Dtmf { leg: leg.id, key });
        if stops {
            self.end_record(slot, RecordEnd::Dtmf);
        }
    }

    fn listen(&mut self, slot: usize, packet: &Packet, codec: Codec, datagram: &[u8], now: u64) {
        let Some(leg) = self.legs.get(slot) else { return };
        if let Some(record) = leg.record.as_mut() {
            let payload = &datagram[packet.payload.clone()];
            record.line.audio(packet.ssrc, packet.timestamp, codec, payload, now);
            self.check_record(slot);
        }
    }
}

impl Leg {
    fn admits(&mut self, from: SocketAddr, now: u64) -> bool {
        self.peer.as_mut().is_some_and(|peer| peer.rtp.accept(from, now))
    }

    fn hear(&mut self, packet: &Packet, media: Option<Media>, now: u64) {
        self.reception.count(packet.ssrc, packet.sequence);
        if matches!(media, Some(Media::Audio(_))) {
            self.reception.measure(packet.timestamp, now);
        }
        self.meters.received(packet.payload.len());
        self.meters.quality(self.reception.lost(), self.reception.jitter_us());
        self.heard_at = now;
        self.is_timed_out = false;
    }

    fn media_of(&self, packet: &Packet) -> Option<Media> {
        let events = self.peer.as_ref()?.remote.target.events;
        if packet.payload.is_empty() {
            None
        } else if events == Some(packet.payload_type) {
            Some(Media::Event)
        } else {
            Codec::from_payload_type(packet.payload_type).map(Media::Audio)
        }
    }

    /// Sends on what the other leg received, unless something else is to be heard here.
    fn relay(&mut self, datagram: &mut [u8], packet: &Packet, media: Option<Media>, now: u64) {
        if self.play.is_some() || !self.can_send() {
            return;
        }
        let Some(peer) = self.peer.as_ref() else { return };
        let Some(media) = media.filter(|_| !self.keys_out.is_pressing()) else {
            return self.out.skip(packet);
        };
        let target = peer.remote.target;
        let destination = peer.rtp.destination();
        let (socket, meters) = (&self.sockets.rtp, &self.meters);
        self.out.relay(datagram, packet, media, &target, now, |bytes| {
            if destination.is_some_and(|to| socket.send_to(bytes, to).is_ok()) {
                meters.sent(bytes.len() - HEADER_BYTES);
            }
        });
    }
}
