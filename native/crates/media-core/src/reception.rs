//! What a stream of received packets tells: loss and jitter (RFC 3550 A.1, A.3, A.8).

/// A jump forward by as much is loss; by more it is a source that began anew.
const DROPOUT_MAX: u16 = 3_000;
/// A step back by as much is a packet that was overtaken.
const MISORDER_MAX: u16 = 100;

/// Counters of one leg's reception. A change of source keeps what was counted before.
#[derive(Debug, Default)]
pub struct Reception {
    stream: Option<Stream>,
    lost_before: i64,
    jitter: u32,
    has_jitter: bool,
}

#[derive(Debug)]
struct Stream {
    ssrc: u32,
    base: u32,
    highest: u16,
    cycles: u32,
    received: u32,
    /// Where a source that began anew would go on.
    expected_after_jump: Option<u16>,
    transit: Option<u32>,
    reported_expected: u32,
    reported_received: u32,
}

/// What a report block says (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The source that is reported on.
    pub ssrc: u32,
    /// 256ths of the packets since the last report.
    pub fraction: u8,
    /// Since the source began.
    pub cumulative: i32,
    /// Highest sequence number with its cycles.
    pub highest: u32,
    /// In samples.
    pub jitter: u32,
}

impl Reception {
    /// Counts a packet.
    pub fn count(&mut self, ssrc: u32, sequence: u16) {
        match self.stream.as_mut().filter(|stream| stream.ssrc == ssrc) {
            Some(stream) => {
                if !stream.advance(sequence) {
                    self.restart(ssrc, sequence);
                }
            }
            None => self.restart(ssrc, sequence),
        }
    }

    /// Measures jitter; for audio only, because a key's packets share one timestamp.
    pub fn measure(&mut self, timestamp: u32, arrival: u64) {
        let Some(stream) = self.stream.as_mut() else { return };
        let transit = (arrival as u32).wrapping_sub(timestamp);
        if let Some(before) = stream.transit {
            let difference = (transit.wrapping_sub(before) as i32).unsigned_abs();
            // A pause of seconds is a new talkspurt, not jitter.
            if difference < 8_000 {
                self.jitter = self.jitter + difference - ((self.jitter + 8) >> 4);
                self.has_jitter = true;
            }
        }
        stream.transit = Some(transit);
    }

    /// Packets that were sent to us and did not arrive; duplicates do not make it negative.
    pub fn lost(&self) -> u64 {
        let current = self.stream.as_ref().map_or(0, Stream::lost);
        (self.lost_before + current).max(0) as u64
    }

    /// In microseconds; None before two packets.
    pub fn jitter_us(&self) -> Option<u64> {
        self.has_jitter.then(|| u64::from(self.jitter) * 125 / 16)
    }

    /// The report block's numbers since the last call; None when nothing was received.
    pub fn report(&mut self) -> Option<Loss> {
        let jitter = self.jitter >> 4;
        let stream = self.stream.as_mut()?;
        let expected = stream.expected();
        let interval = expected.wrapping_sub(stream.reported_expected);
        let received = stream.received.wrapping_sub(stream.reported_received);
        stream.reported_expected = expected;
        stream.reported_received = stream.received;
        let lost = u64::from(interval.saturating_sub(received));
        let fraction = if interval == 0 { 0 } else { (lost * 256 / u64::from(interval)).min(255) };
        Some(Loss {
            ssrc: stream.ssrc,
            fraction: fraction as u8,
            cumulative: stream.lost().clamp(-0x80_0000, 0x7f_ffff) as i32,
            highest: stream.cycles.wrapping_add(u32::from(stream.highest)),
            jitter,
        })
    }

    fn restart(&mut self, ssrc: u32, sequence: u16) {
        self.lost_before += self.stream.as_ref().map_or(0, Stream::lost);
        self.stream = Some(Stream {
            ssrc,
            base: u32::from(sequence),
            highest: sequence,
            cycles: 0,
            received: 1,
            expected_after_jump: None,
            transit: None,
            reported_expected: 0,
            reported_received: 0,
        });
    }
}

impl Stream {
    /// Counts a packet; false when the source began anew.
    fn advance(&mut self, sequence: u16) -> bool {
        let ahead = sequence.wrapping_sub(self.highest);
        if ahead < DROPOUT_MAX {
            if sequence < self.highest {
                self.cycles = self.cycles.wrapping_add(1 << 16);
            }
            self.highest = sequence;
        } else if ahead <= u16::MAX - MISORDER_MAX {
            if self.expected_after_jump == Some(sequence) {
                return false;
            }
            self.expected_after_jump = Some(sequence.wrapping_add(1));
            return true;
        }
        self.expected_after_jump = None;
        self.received = self.received.wrapping_add(1);
        true
    }

    fn expected(&self) -> u32 {
        self.cycles.wrapping_add(u32::from(self.highest)).wrapping_sub(self.base).wrapping_add(1)
    }

    fn lost(&self) -> i64 {
        i64::from(self.expected()) - i64::from(self.received)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_loss_over_the_wrap() {
        let mut reception = Reception::default();
        for sequence in [65_533, 65_534, 1, 2, 0, 3] {
            reception.count(7, sequence);
        }
        assert_eq!(reception.lost(), 1, "only 65535 is missing");
        let loss = reception.report().unwrap();
        assert_eq!((loss.highest, loss.cumulative), (65_536 + 3, 1));
        assert_eq!(loss.fraction, 256u32.div_euclid(7) as u8);
        assert_eq!(reception.report().unwrap().fraction, 0, "nothing new");
    }

    #[test]
    fn a_new_source_and_a_restart_keep_the_count() {
        let mut reception = Reception::default();
        reception.count(1, 10);
        reception.count(1, 12);
        reception.count(2, 30_000);
        assert_eq!(reception.lost(), 1);
        reception.count(2, 50);
        reception.count(2, 51);
        reception.count(2, 52);
        assert_eq!(reception.lost(), 1, "a jump far ahead is no loss");
    }

    #[test]
    fn duplicates_are_no_gain() {
        let mut reception = Reception::default();
        for _ in 0..5 {
            reception.count(1, 10);
        }
        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn jitter_of_an_even_and_an_uneven_stream() {
        let mut even = Reception::default();
        let mut uneven = Reception::default();
        for packet in 0..200u32 {
            for (reception, shift) in [(&mut even, 0), (&mut uneven, u64::from(packet % 2) * 80)] {
                reception.count(1, packet as u16);
                reception.measure(packet * 160, u64::from(packet) * 160 + shift);
            }
        }
        assert_eq!(even.jitter_us(), Some(0));
        let jitter_ms = uneven.jitter_us().unwrap() / 1_000;
        assert!((9..=10).contains(&jitter_ms), "{jitter_ms}");
        let mut short = Reception::default();
        short.count(1, 1);
        short.measure(0, 0);
        assert_eq!(short.jitter_us(), None);
    }
}
