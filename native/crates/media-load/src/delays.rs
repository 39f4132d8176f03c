//! How long things took: counted in steps of 10 µs.

const STEP_NS: u64 = 10_000;
/// Longer ones count as so long.
const LONGEST_STEPS: usize = 200_000;

/// Counts, and the longest one.
pub struct Delays {
    counts: Vec<u32>,
    total: u64,
    longest_ns: u64,
}

impl Delays {
    pub fn new() -> Self {
        Self { counts: vec![0; LONGEST_STEPS], total: 0, longest_ns: 0 }
    }

    pub fn note(&mut self, delay_ns: u64) {
        let step = (delay_ns / STEP_NS) as usize;
        self.counts[step.min(LONGEST_STEPS - 1)] += 1;
        self.total += 1;
        self.longest_ns = self.longest_ns.max(delay_ns);
    }

    /// `null` without any.
    pub fn as_json(&self) -> String {
        if self.total == 0 {
            return "null".into();
        }
        let at = |share: f64| self.quantile_ms(share);
        format!(
            r#"{{"count":{},"p50":{:.3},"p90":{:.3},"p99":{:.3},"p999":{:.3},"max":{:.3}}}"#,
            self.total,
            at(0.5),
            at(0.9),
            at(0.99),
            at(0.999),
            self.longest_ns as f64 / 1e6
        )
    }

    fn quantile_ms(&self, share: f64) -> f64 {
        let wanted = (self.total as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (step, &count) in self.counts.iter().enumerate() {
            seen += u64::from(count);
            if seen >= wanted {
                return (step as f64 + 0.5) * STEP_NS as f64 / 1e6;
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_what_was_noted() {
        let mut delays = Delays::new();
        assert_eq!(delays.as_json(), "null");
        (1..=1_000).for_each(|step| delays.note(step * 100_000));
        assert!((delays.quantile_ms(0.5) - 50.0).abs() < 0.1);
        assert!((delays.quantile_ms(0.99) - 99.0).abs() < 0.1);
        assert!(delays.as_json().contains(r#""count":1000"#));
        delays.note(u64::MAX);
        assert!(delays.quantile_ms(1.0) > 1_999.0);
    }
}
