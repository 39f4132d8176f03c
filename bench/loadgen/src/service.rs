//! What callers of a queue or an attendant meet: who is offered to whom, how soon, in which order.

use std::time::{Duration, Instant};

use crate::call::Call;
use crate::report::percentile;

/// The agents' side of a run.
#[derive(Default)]
pub struct Service {
    /// When each agent's caller left, until the next one is offered.
    freed_at: Vec<Option<Instant>>,
    idle: Vec<Duration>,
    /// Calls in the order in which they were offered.
    order: Vec<usize>,
}

impl Service {
    /// Nobody was offered yet.
    pub fn new(agents: usize) -> Self {
        Self { freed_at: vec![None; agents], ..Self::default() }
    }

    /// An agent's phone was rung for a call.
    pub fn offered(&mut self, number: usize, agent: usize, now: Instant) {
        self.order.push(number);
        if let Some(freed_at) = self.freed_at.get_mut(agent).and_then(Option::take) {
            self.idle.push(now - freed_at);
        }
    }

    /// The agent's caller hung up; `is_wanted`: somebody waits.
    pub fn freed(&mut self, agent: usize, is_wanted: bool, now: Instant) {
        if let Some(station) = self.freed_at.get_mut(agent) {
            *station = is_wanted.then_some(now);
        }
    }

    /// Callers who were offered after somebody who had come later.
    pub fn overtaken(&self) -> usize {
        let mut latest = 0;
        let is_late = |number: &&usize| {
            latest = latest.max(**number);
            **number < latest
        };
        self.order.iter().filter(is_late).count()
    }

    /// Its part of the result.
    pub fn json(&self, calls: &[Call]) -> String {
        let mut idle = self.idle.clone();
        idle.sort_unstable();
        let mut silence: Vec<_> = calls.iter().filter_map(Call::silence_after_answer).collect();
        silence.sort_unstable();
        format!(
            "{{\"overtaken\": {}, \"offers_to_idle\": {}, \"idle_ms\": {{\"p50\": {}, \"p99\": {}}}, \
             \"heard\": {}, \"silence_ms\": {{\"p50\": {}, \"p99\": {}, \"max\": {}}}}}",
            self.overtaken(),
            idle.len(),
            percentile(&idle, 0.50),
            percentile(&idle, 0.99),
            silence.len(),
            percentile(&silence, 0.50),
            percentile(&silence, 0.99),
            percentile(&silence, 1.0),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_overtaken_by_one_who_came_later() {
        let mut service = Service::new(2);
        let now = Instant::now();
        for number in [0, 1, 3, 2, 4] {
            service.offered(number, 0, now);
        }
        assert_eq!(service.overtaken(), 1);
    }

    #[test]
    fn an_agent_is_idle_from_the_hang_up_to_the_next_offer() {
        let mut service = Service::new(2);
        let now = Instant::now();
        service.offered(0, 1, now);
        service.freed(1, true, now);
        service.offered(1, 1, now + Duration::from_millis(5));
        service.freed(1, false, now);
        assert_eq!(service.idle, [Duration::from_millis(5)]);
        assert!(service.json(&[]).contains("\"offers_to_idle\": 1"));
    }
}
