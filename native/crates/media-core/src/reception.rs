//! What a stream of received packets tells: loss and jitter (RFC 3550 A.1, A.3, A.8), duplicates,
//! packets that were overtaken, and how loss is spread (RFC 3611).

use crate::bursts::Bursts;

/// A jump forward by as much is loss; by more it is a source that began anew.
const DROPOUT_MAX: u16 = 3_000;
/// A step back by as much is a packet that was overtaken.
const MISORDER_MAX: u16 = 100;
/// Packets whose arrival is remembered; later than that one is neither a gain nor a duplicate.
const WINDOW: u32 = u128::BITS;

/// Counters of one leg's reception. A change of source keeps what was counted before. What each packet
/// touches comes first and fits into a cache line.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Reception {
    stream: Option<Stream>,
    clock_hz: u32,
    jitter: u32,
    jitter_max: u32,
    bursts: Bursts,
    /// Packets of the source that came again, which reports count, too.
    repeated: u32,
    reported_expected: u32,
    reported_received: u32,
    received_before: u64,
    lost_before: u64,
    duplicates: u64,
    reordered: u64,
    sources: u32,
}

#[derive(Debug)]
struct Stream {
    /// Which of the last packets came; bit 0 is the highest number.
    came: u128,
    ssrc: u32,
    base: u32,
    cycles: u32,
    /// Packets without those that came again.
    unique: u32,
    highest: u16,
    /// Jitter was measured, of this source or one before.
    has_jitter: bool,
    /// Where a source that began anew would go on.
    expected_after_jump: Option<u16>,
    transit: Option<u32>,
}

/// What a report block says (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// The source that is reported on.
    pub ssrc: u32,
    /// 256ths of the packets since the last report.
    pub fraction: u8,
    /// Since the source began.
    pub cumulative: i32,
    /// Highest sequence number with its cycles.
    pub highest: u32,
    /// In units of the source's clock.
    pub jitter: u32,
}

impl Default for Reception {
    fn default() -> Self {
        Self {
            stream: None,
            clock_hz: 8_000,
            jitter: 0,
            jitter_max: 0,
            bursts: Bursts::default(),
            repeated: 0,
            reported_expected: 0,
            reported_received: 0,
            received_before: 0,
            lost_before: 0,
            duplicates: 0,
            reordered: 0,
            sources: 0,
        }
    }
}

impl Reception {
    /// Reads a little of what each packet touches, so that it is there when it is needed.
    pub fn fetch(&self) -> u64 {
        self.clock_hz.into()
    }

    /// Counts a packet.
    pub fn count(&mut self, ssrc: u32, sequence: u16) {
        let Some(stream) = self.stream.as_mut().filter(|stream| stream.ssrc == ssrc) else {
            return self.restart(ssrc, sequence);
        };
        match stream.place(sequence) {
            Place::Ahead(steps) => stream.advance(steps, sequence, &mut self.bursts),
            Place::Behind(back) => {
                if stream.fill(back) {
                    self.reordered += 1;
                } else {
                    self.repeated = self.repeated.wrapping_add(1);
                    self.duplicates += 1;
                }
            }
            Place::Strange => {}
            Place::Anew => self.restart(ssrc, sequence),
        }
    }

    /// Says which clock timestamps are of; it may change with the codec (RFC 3551 §4.5).
    pub fn set_clock(&mut self, clock_hz: u32) {
        if clock_hz == self.clock_hz || clock_hz == 0 {
            return;
        }
        let rescaled =
            |units: u32| (u64::from(units) * u64::from(clock_hz) / u64::from(self.clock_hz)) as u32;
        (self.jitter, self.jitter_max) = (rescaled(self.jitter), rescaled(self.jitter_max));
        self.clock_hz = clock_hz;
        if let Some(stream) = self.stream.as_mut() {
            stream.transit = None;
        }
    }

    /// Measures jitter; for audio only, because a key's packets share one timestamp. `arrival` is
    /// in samples of 125 µs, `timestamp` of the clock that `set_clock` named.
    pub fn measure(&mut self, timestamp: u32, arrival: u64) {
        let Some(stream) = self.stream.as_mut() else { return };
        let clock = u64::from(self.clock_hz);
        let arrived = (arrival / 8_000).wrapping_mul(clock) + arrival % 8_000 * clock / 8_000;
        let transit = (arrived as u32).wrapping_sub(timestamp);
        if let Some(before) = stream.transit {
            let difference = (transit.wrapping_sub(before) as i32).unsigned_abs();
            // A pause of seconds is a new talkspurt, not jitter.
            if difference < self.clock_hz {
                self.jitter = self.jitter + difference - ((self.jitter + 8) >> 4);
                self.jitter_max = self.jitter_max.max(self.jitter);
                stream.has_jitter = true;
            }
        }
        stream.transit = Some(transit);
    }

    /// The packet came, and too late to be played: to a listener it is lost (RFC 3611 §4.7.1).
    /// Counts in the spread of loss only.
    pub fn discarded(&mut self, sequence: u16) {
        if let Some(stream) = self.stream.as_mut() {
            let back = u32::from(stream.highest.wrapping_sub(sequence));
            if back < WINDOW {
                stream.came &= !(1 << back);
            }
        }
    }

    /// The source that is heard now.
    pub fn ssrc(&self) -> Option<u32> {
        self.stream.as_ref().map(|stream| stream.ssrc)
    }

    /// Packets that came, without duplicates.
    pub fn received(&self) -> u64 {
        self.received_before + self.stream.as_ref().map_or(0, |stream| u64::from(stream.unique))
    }

    /// Packets that were sent to us and did not arrive; duplicates do not make up for them.
    pub fn lost(&self) -> u64 {
        self.lost_before + self.stream.as_ref().map_or(0, Stream::missing)
    }

    /// Packets that came again.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Packets that came after later ones.
    pub fn reordered(&self) -> u64 {
        self.reordered
    }

    /// How many sources there were: more than one after a change of SSRC or a restart.
    pub fn sources(&self) -> u32 {
        self.sources
    }

    /// How loss is spread until now.
    pub fn bursts(&self) -> Bursts {
        let mut bursts = self.bursts;
        if let Some(stream) = &self.stream {
            stream.settle(&mut bursts);
        }
        bursts
    }

    /// In microseconds; None before two packets.
    pub fn jitter_us(&self) -> Option<u64> {
        self.has_jitter().then(|| self.as_us(self.jitter))
    }

    /// The largest that it was.
    pub fn jitter_max_us(&self) -> Option<u64> {
        self.has_jitter().then(|| self.as_us(self.jitter_max))
    }

    /// The report block's numbers since the last call; None when nothing was received.
    pub fn report(&mut self) -> Option<Loss> {
        let jitter = self.jitter >> 4;
        let stream = self.stream.as_ref()?;
        let expected = stream.expected();
        let received = stream.unique.wrapping_add(self.repeated);
        let interval = expected.wrapping_sub(self.reported_expected);
        let since = received.wrapping_sub(self.reported_received);
        self.reported_expected = expected;
        self.reported_received = received;
        let lost = u64::from(interval.saturating_sub(since));
        let fraction = if interval == 0 { 0 } else { (lost * 256 / u64::from(interval)).min(255) };
        let cumulative = i64::from(expected) - i64::from(received);
        Some(Loss {
            ssrc: stream.ssrc,
            fraction: fraction as u8,
            cumulative: cumulative.clamp(-0x80_0000, 0x7f_ffff) as i32,
            highest: stream.cycles.wrapping_add(u32::from(stream.highest)),
            jitter,
        })
    }

    fn has_jitter(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.has_jitter)
    }

    fn as_us(&self, sixteenths: u32) -> u64 {
        u64::from(sixteenths) * 1_000_000 / 16 / u64::from(self.clock_hz)
    }

    fn restart(&mut self, ssrc: u32, sequence: u16) {
        let has_jitter = self.has_jitter();
        if let Some(before) = self.stream.take() {
            self.received_before += u64::from(before.unique);
            self.lost_before += before.missing();
            before.settle(&mut self.bursts);
        }
        (self.repeated, self.reported_expected, self.reported_received) = (0, 0, 0);
        self.sources = self.sources.saturating_add(1);
        self.stream = Some(Stream {
            ssrc,
            base: u32::from(sequence),
            highest: sequence,
            cycles: 0,
            unique: 1,
            came: 1,
            has_jitter,
            expected_after_jump: None,
            transit: None,
        });
    }
}

enum Place {
    /// So many numbers after the highest one.
    Ahead(u16),
    /// So many before it, or it again.
    Behind(u16),
    /// Far away: not counted until the next one confirms it.
    Strange,
    /// The source began anew.
    Anew,
}

impl Stream {
    fn place(&mut self, sequence: u16) -> Place {
        let ahead = sequence.wrapping_sub(self.highest);
        let back = self.highest.wrapping_sub(sequence);
        let place = match (ahead, back) {
            (1..DROPOUT_MAX, _) => Place::Ahead(ahead),
            (_, 0..=MISORDER_MAX) => Place::Behind(back),
            _ if self.expected_after_jump == Some(sequence) => return Place::Anew,
            _ => {
                self.expected_after_jump = Some(sequence.wrapping_add(1));
                return Place::Strange;
            }
        };
        self.expected_after_jump = None;
        place
    }

    /// Goes on to a later packet; what leaves the window is settled.
    fn advance(&mut self, steps: u16, sequence: u16, bursts: &mut Bursts) {
        if sequence < self.highest {
            self.cycles = self.cycles.wrapping_add(1 << 16);
        }
        let known = self.known();
        for step in 1..=u32::from(steps) {
            // The oldest packet leaves once the window is full.
            if known + step > WINDOW {
                let came = self.came & (1 << (WINDOW - 1)) != 0;
                if came { bursts.came(1) } else { bursts.lost() }
            }
            self.came <<= 1;
        }
        self.came |= 1;
        self.highest = sequence;
        self.unique = self.unique.wrapping_add(1);
    }

    /// An earlier packet: true when it had been missing.
    fn fill(&mut self, back: u16) -> bool {
        let bit = 1 << back;
        // Before the first packet is nothing that could be missing.
        let is_new = self.came & bit == 0 && u32::from(back) < self.known();
        if is_new {
            self.came |= bit;
            self.unique = self.unique.wrapping_add(1);
        }
        is_new
    }

    /// How many packets the window speaks of.
    fn known(&self) -> u32 {
        self.expected().min(WINDOW)
    }

    fn settle(&self, bursts: &mut Bursts) {
        let mut left = self.known();
        while left > 0 {
            let came = (self.came << (WINDOW - left)).leading_ones().min(left);
            bursts.came(came);
            left -= came;
            if left > 0 {
                bursts.lost();
                left -= 1;
            }
        }
    }

    fn expected(&self) -> u32 {
        self.cycles.wrapping_add(u32::from(self.highest)).wrapping_sub(self.base).wrapping_add(1)
    }

    fn missing(&self) -> u64 {
        u64::from(self.expected().saturating_sub(self.unique))
    }
}
