//! RTCP of a leg: reports out about every 5 s, what the peer's say taken in.

use crate::reported::Reported;
use crate::rtcp::{self, Block, Report, Sender, xr};
use crate::switch::chance::Chance;
use crate::switch::leg::Leg;
use crate::switch::moment::Moment;
use crate::switch::out::Out;

/// What was reported, and heard in reports.
pub struct Reports {
    due_at: u64,
    /// Packets sent when the last report was made.
    sent_before: u64,
    /// The peer's last sender report: middle of its NTP time, our NTP time when it came.
    sr_heard: Option<(u32, u64)>,
    /// The peer's last reference time, and our NTP time when it came.
    reference_heard: Option<(u32, u64)>,
    peer: u32,
    /// What the peer says of our stream.
    pub reported: Reported,
    random: u32,
}

impl Reports {
    /// Nothing was reported yet.
    pub fn new(chance: &mut Chance, now: Moment) -> Self {
        let random = chance.word();
        Self {
            due_at: now.samples + rtcp::interval(random, true),
            sent_before: 0,
            sr_heard: None,
            reference_heard: None,
            peer: 0,
            reported: Reported::default(),
            random,
        }
    }
}

impl Leg {
    /// Takes a compound packet of the peer; false when it is none.
    pub fn take_report(&mut self, packet: &[u8], now: Moment) -> bool {
        let Some(heard) = rtcp::parse(packet, self.mouth.stream.ssrc()) else { return false };
        if let Some(sr_ntp) = heard.sr_ntp {
            self.reports.sr_heard = Some((sr_ntp, now.ntp));
        }
        if let Some(reference) = heard.extended.reference {
            self.reports.reference_heard = Some((reference, now.ntp));
        }
        self.reports.peer = heard.ssrc.unwrap_or(self.reports.peer);
        self.reports.reported.hear(&heard, now.ntp, self.line.counted.sent);
        if let Some(block) = heard.block {
            self.mouth.expect_loss(block.loss.fraction);
        }
        // Whoever only listens sends no audio, but reports (RFC 3264 §5.1).
        self.heard_at = now.samples;
        self.is_timed_out = false;
        true
    }

    /// Sends a report when it is time to.
    pub fn report_when_due(&mut self, now: Moment, out: &mut Out) {
        if now.samples >= self.reports.due_at {
            let random = self.reports.random.rotate_left(7).wrapping_mul(0x9e37_79b9);
            self.reports.random = random;
            self.reports.due_at = now.samples + rtcp::interval(random, false);
            self.report(now, false, out);
        }
    }

    /// Sends a report if there is anything to tell; `bye` ends the stream.
    pub fn report(&mut self, now: Moment, bye: bool, out: &mut Out) {
        let counted = self.line.counted;
        let has_sent = counted.sent > self.reports.sent_before;
        self.reports.sent_before = counted.sent;
        let sender = has_sent.then(|| Sender {
            ntp: now.ntp,
            timestamp: self.mouth.stream.timestamp_at(now.samples),
            packets: counted.sent as u32,
            octets: counted.octets_sent as u32,
        });
        let heard = self.reports.sr_heard;
        let reception = self.reception.report().map(|loss| Block {
            loss,
            last_sr: heard.map_or(0, |(sr_ntp, _)| sr_ntp),
            // Both in 65536ths of a second.
            delay_since_last_sr: heard.map_or(0, |(_, at)| since(at, now.ntp)),
        });
        let extended = xr::Extended {
            // Who sends no audio is told its round trip this way (RFC 3611 §4.4).
            reference: sender.is_none().then_some(now.ntp),
            since: self.reports.reference_heard.map(|(last_reference, at)| xr::Since {
                ssrc: self.reports.peer,
                last_reference,
                delay: since(at, now.ntp),
            }),
            voice: self.voice_heard(),
        };
        if counted.sent == 0 && reception.is_none() {
            return;
        }
        let ssrc = self.mouth.stream.ssrc();
        let cname = format!("{ssrc:08x}@callwright");
        let mut bytes = Vec::with_capacity(rtcp::PACKET_BYTES_MAX);
        let report = Report { ssrc, sender, reception, cname: &cname, bye };
        rtcp::write_extended(&report, &extended, &mut bytes);
        // A report that is lost is followed by another.
        self.line.send_report(&bytes, out);
    }
}

/// 65536ths of a second from one NTP time to another.
fn since(then: u64, now: u64) -> u32 {
    rtcp::middle_of(now).wrapping_sub(rtcp::middle_of(then))
}
