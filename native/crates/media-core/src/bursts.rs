//! How loss is spread over a stream: bursts and gaps (RFC 3611 §4.7.2), and runs of lost packets.

/// So many packets in a row that came end a burst (RFC 3611 §4.7.2).
pub const GAP_MIN: u32 = 16;

/// Takes one packet after the other, in the order of their numbers; counters, and no memory of
/// single packets.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Bursts {
    /// Packets that came since the last one that did not: the only field that most packets touch.
    came: u32,
    /// Losses since the last gap: one is a burst only when a second one is near.
    losses: u32,
    runs: u32,
    lost: u32,
    bursts: u32,
    gap_came: u32,
    gap_lost: u32,
    burst_came: u32,
    burst_lost: u32,
}

/// RFC 3611 §4.7.2: densities in 256ths, durations in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Share of lost packets within bursts.
    pub burst_density: u8,
    /// Share of lost packets between bursts.
    pub gap_density: u8,
    /// Mean length of a burst.
    pub burst_ms: u16,
    /// Mean length of a gap.
    pub gap_ms: u16,
}

impl Bursts {
    /// The next packets came, so many in a row.
    pub fn came(&mut self, packets: u32) {
        add(&mut self.came, packets);
    }

    /// The next packet was lost, or came too late to be heard. Rarely so: to look for its counters
    /// beforehand would cost each packet.
    #[cold]
    #[inline(never)]
    pub fn lost(&mut self) {
        if self.came > 0 || self.runs == 0 {
            add(&mut self.runs, 1);
        }
        add(&mut self.lost, 1);
        if self.losses == 0 || self.came >= GAP_MIN {
            self.end_burst();
        } else {
            add(&mut self.burst_came, self.came);
            self.came = 0;
        }
        add(&mut self.losses, 1);
    }

    /// How loss is spread over what was counted; `packet_ms`: audio in one packet.
    pub fn spread(&self, packet_ms: u32) -> Spread {
        let mut whole = *self;
        whole.end_burst();
        let gap = u64::from(whole.gap_came) + u64::from(whole.gap_lost);
        let burst = u64::from(whole.burst_came) + u64::from(whole.burst_lost);
        let bursts = u64::from(whole.bursts);
        let share = |lost: u32, of: u64| (u64::from(lost) * 256 / of.max(1)).min(255) as u8;
        let mean_ms = |packets: u64, of: u64| {
            (packets * u64::from(packet_ms) / of.max(1)).min(u16::MAX.into()) as u16
        };
        Spread {
            burst_density: share(whole.burst_lost, burst),
            gap_density: share(whole.gap_lost, gap),
            burst_ms: mean_ms(burst, bursts),
            gap_ms: mean_ms(gap, bursts + 1),
        }
    }

    /// Mean length of a run of losses, over what it would be if each packet were lost by chance
    /// (BurstR of ITU-T G.107 §7.5): 1.0 for random loss, more for bursts. `share` of all packets
    /// is lost.
    pub fn ratio(&self, share: f64) -> f64 {
        if self.runs == 0 {
            return 1.0;
        }
        let run = f64::from(self.lost) / f64::from(self.runs);
        (run * (1.0 - share.clamp(0.0, 1.0))).max(1.0)
    }

    /// A gap lies behind: what was lost before it was a burst, or a single packet.
    fn end_burst(&mut self) {
        match self.losses {
            0 => {}
            1 => add(&mut self.gap_lost, 1),
            losses => {
                add(&mut self.burst_lost, losses);
                add(&mut self.bursts, 1);
            }
        }
        add(&mut self.gap_came, self.came);
        (self.losses, self.came) = (0, 0);
    }
}

fn add(counter: &mut u32, amount: u32) {
    *counter = counter.saturating_add(amount);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(pattern: impl IntoIterator<Item = bool>) -> Bursts {
        let mut bursts = Bursts::default();
        for came in pattern {
            if came { bursts.came(1) } else { bursts.lost() }
        }
        bursts
    }

    #[test]
    fn without_loss_all_is_gap() {
        let spread = heard([true; 500]).spread(20);
        assert_eq!(
            spread,
            Spread { burst_density: 0, gap_density: 0, burst_ms: 0, gap_ms: 10_000 }
        );
        assert_eq!(heard([true; 500]).ratio(0.0), 1.0);
    }

    #[test]
    fn single_losses_far_apart_are_no_burst() {
        let spread = heard((0..1_000).map(|at| at % 50 != 25)).spread(20);
        assert_eq!((spread.burst_density, spread.burst_ms), (0, 0));
        assert_eq!(spread.gap_density, 5, "one in fifty, in 256ths");
    }

    #[test]
    fn a_burst_has_its_length_and_density() {
        // 10 bursts of 4 lost packets with one that came in their middle, 95 apart.
        let pattern = (0..1_000).map(|at| !matches!(at % 100, 50 | 51 | 53 | 54));
        let bursts = heard(pattern);
        let spread = bursts.spread(20);
        assert_eq!(spread.burst_ms, 100, "five packets, four of them lost");
        assert_eq!(spread.burst_density, 204, "four of five");
        assert_eq!(spread.gap_density, 0);
        assert_eq!(spread.gap_ms, 950 * 20 / 11);
        assert!((1.9..=2.0).contains(&bursts.ratio(0.04)), "runs of two");
    }

    #[test]
    fn everything_lost_is_one_burst() {
        let spread = heard([false; 200]).spread(20);
        assert_eq!(spread.burst_density, 255);
        assert_eq!(spread.burst_ms, 4_000);
    }

    #[test]
    fn random_loss_has_the_ratio_of_random_loss() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % 100
        };
        let bursts = heard((0..200_000).map(|_| random() >= 10));
        let ratio = bursts.ratio(f64::from(bursts.lost) / 200_000.0);
        assert!((1.0..1.02).contains(&ratio), "{ratio}");
    }
}
