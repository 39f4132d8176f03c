//! RTCP: reports out every 5 s, round trips from the peer's.

use media_core::rtcp::{self, Block, Report, Sender};

use crate::clock;
use crate::leg::{Leg, REPORT_SAMPLES};
use crate::packets::DATAGRAM_BYTES_MAX;
use crate::reactor::Reactor;

impl Reactor {
    /// Reads one datagram from a leg's RTCP socket.
    pub fn receive_rtcp(&mut self, slot: usize) {
        let mut bytes = [0; DATAGRAM_BYTES_MAX];
        let Some(leg) = self.legs.get(slot) else { return };
        let Ok((length, from)) = leg.sockets.rtcp.recv_from(&mut bytes) else { return };
        let Some(heard) = rtcp::parse(&bytes[..length], leg.out.ssrc()) else { return };
        let now = clock::samples();
        if !leg.peer.as_mut().is_some_and(|peer| peer.rtcp.accept(from, now)) {
            return;
        }
        let ntp = clock::ntp();
        if let Some(sr_ntp) = heard.sr_ntp {
            leg.reports.sr_heard = Some((sr_ntp, ntp));
        }
        if let Some(round_trip_us) = heard.echo.and_then(|echo| rtcp::round_trip_us(ntp, echo)) {
            leg.meters.round_trip(round_trip_us);
        }
    }
}

impl Leg {
    pub fn report_when_due(&mut self, now: u64) {
        if now >= self.reports.due_at {
            self.reports.due_at = now + REPORT_SAMPLES;
            self.report(now, false);
        }
    }

    /// Sends a report if there is anything to tell; `bye` ends the stream.
    pub fn report(&mut self, now: u64, bye: bool) {
        let Some(to) = self.peer.as_ref().and_then(|peer| peer.rtcp.destination()) else { return };
        let counted = self.meters.read();
        let ntp = clock::ntp();
        let has_sent = counted.packets_sent > self.reports.sent_before;
        self.reports.sent_before = counted.packets_sent;
        let sender = has_sent.then(|| Sender {
            ntp,
            timestamp: self.out.timestamp_at(now),
            packets: counted.packets_sent as u32,
            octets: counted.bytes_sent as u32,
        });
        let heard = self.reports.sr_heard;
        let reception = self.reception.report().map(|loss| Block {
            loss,
            last_sr: heard.map_or(0, |(sr_ntp, _)| sr_ntp),
            // Both in 65536ths of a second.
            delay_since_last_sr: heard
                .map_or(0, |(_, at)| rtcp::middle_of(ntp).wrapping_sub(rtcp::middle_of(at))),
        });
        if counted.packets_sent == 0 && reception.is_none() {
            return;
        }
        let cname = format!("{:08x}@callwright", self.out.ssrc());
        let report = Report { ssrc: self.out.ssrc(), sender, reception, cname: &cname, bye };
        let mut bytes = Vec::with_capacity(rtcp::PACKET_BYTES_MAX);
        rtcp::write(&report, &mut bytes);
        // A report that is lost is followed by another.
        let _ = self.sockets.rtcp.send_to(&bytes, to);
    }
}
