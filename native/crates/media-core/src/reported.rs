//! What a peer's reports say about the stream that we send (RFC 3550 §6.4.4).

use crate::rtcp::{self, Heard, xr::Voice};

/// The last report's numbers, and the sums of former reporters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reported {
    reporter: Option<u32>,
    now: Option<Counted>,
    before: Counted,
    jitter: u32,
    round_trip_us: Option<u64>,
    voice: Option<Voice>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    sent: u64,
    lost: u64,
}

impl Reported {
    /// Takes what a peer told at `ntp`, when we had sent so many packets.
    pub fn hear(&mut self, heard: &Heard, ntp: u64, packets_sent: u64) {
        let echo = heard.echo.or(heard.extended.echo);
        if let Some(round_trip_us) = echo.and_then(|echo| rtcp::round_trip_us(ntp, echo)) {
            self.round_trip_us = Some(round_trip_us);
        }
        self.voice = heard.extended.voice.or(self.voice);
        let Some(block) = heard.block else { return };
        if self.reporter != heard.ssrc {
            // Another one took over the stream, and counts from there.
            let last = self.now.unwrap_or_default();
            self.before.lost += last.lost;
            self.before.sent += last.sent;
            self.reporter = heard.ssrc;
        }
        let sent = packets_sent.saturating_sub(self.before.sent);
        let lost = u64::try_from(block.loss.cumulative).unwrap_or(0).min(sent);
        self.now = Some(Counted { sent, lost });
        self.jitter = block.loss.jitter;
    }

    /// Packets that the reports speak of; None without reports.
    pub fn packets(&self) -> Option<u64> {
        self.now.map(|now| now.sent + self.before.sent)
    }

    /// Of them lost on their way.
    pub fn lost(&self) -> Option<u64> {
        self.now.map(|now| now.lost + self.before.lost)
    }

    /// Of a stream whose timestamps count `clock_hz`.
    pub fn jitter_us(&self, clock_hz: u32) -> Option<u64> {
        self.now.map(|_| u64::from(self.jitter) * 1_000_000 / u64::from(clock_hz.max(1)))
    }

    /// The last one that was measured.
    pub fn round_trip_us(&self) -> Option<u64> {
        self.round_trip_us
    }

    /// How we sound there, of a peer that says so (RFC 3611 §4.7).
    pub fn voice(&self) -> Option<Voice> {
        self.voice
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reception::Loss;
    use crate::rtcp::Block;

    fn heard(ssrc: u32, cumulative: i32) -> Heard {
        let loss = Loss { ssrc: 1, fraction: 0, cumulative, highest: 0, jitter: 96 };
        let block = Block { loss, last_sr: 0, delay_since_last_sr: 0 };
        Heard { ssrc: Some(ssrc), block: Some(block), ..Heard::default() }
    }

    #[test]
    fn nothing_is_known_without_reports() {
        let mut reported = Reported::default();
        reported.hear(&Heard { ssrc: Some(3), ..Heard::default() }, 0, 100);
        assert_eq!((reported.packets(), reported.lost()), (None, None));
        assert_eq!((reported.jitter_us(8_000), reported.round_trip_us()), (None, None));
    }

    #[test]
    fn the_last_report_counts_and_a_new_reporter_goes_on() {
        let mut reported = Reported::default();
        reported.hear(&heard(3, 2), 0, 250);
        reported.hear(&heard(3, 5), 0, 500);
        assert_eq!((reported.packets(), reported.lost()), (Some(500), Some(5)));
        assert_eq!(reported.jitter_us(8_000), Some(12_000));
        assert_eq!(reported.jitter_us(48_000), Some(2_000));
        reported.hear(&heard(4, 1), 0, 750);
        assert_eq!((reported.packets(), reported.lost()), (Some(750), Some(6)));
    }

    #[test]
    fn nonsense_is_bounded_by_what_was_sent() {
        let mut reported = Reported::default();
        reported.hear(&heard(3, i32::MAX), 0, 10);
        assert_eq!(reported.lost(), Some(10));
        reported.hear(&heard(3, -7), 0, 20);
        assert_eq!(reported.lost(), Some(0));
    }
}
