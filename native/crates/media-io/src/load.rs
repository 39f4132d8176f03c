//! How busy the media thread is, and how much CPU encoders shall save for it.

use crate::clock::{TICK_NS, thread_cpu_ns};

/// Between two looks: a second.
const TICKS: u64 = 100;
/// Percent of a core from which encoders save more, and below which they save less.
const BUSY_PERCENT: u64 = 70;
const IDLE_PERCENT: u64 = 50;
const FRUGALITY_MAX: u8 = 10;

/// Before everybody who works longer at a time.
const NICENESS: i32 = -10;

/// Lets this thread run before others where the system grants that; audio that comes late is lost.
pub fn go_first() {
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

/// Follows one thread.
#[derive(Debug, Default)]
pub struct Load {
    last_tick: u64,
    last_cpu_ns: u64,
    frugality: u8,
}

impl Load {
    /// Looks at a tick; the new frugality when it has changed.
    pub fn look(&mut self, tick: u64) -> Option<u8> {
        let ticks = tick.saturating_sub(self.last_tick);
        if ticks < TICKS {
            return None;
        }
        let cpu_ns = thread_cpu_ns();
        let percent = cpu_ns.saturating_sub(self.last_cpu_ns) * 100 / (ticks * TICK_NS);
        (self.last_tick, self.last_cpu_ns) = (tick, cpu_ns);
        self.weigh(percent)
    }

    fn weigh(&mut self, percent: u64) -> Option<u8> {
        let before = self.frugality;
        if percent > BUSY_PERCENT {
            self.frugality = (before + 2).min(FRUGALITY_MAX);
        } else if percent < IDLE_PERCENT {
            self.frugality = before.saturating_sub(1);
        }
        (self.frugality != before).then_some(self.frugality)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_thread_saves_and_an_idle_one_spends() {
        let mut load = Load::default();
        assert_eq!(load.weigh(60), None);
        assert_eq!(load.weigh(90), Some(2));
        assert_eq!(load.weigh(60), None, "between the two nothing changes");
        assert_eq!(load.weigh(40), Some(1));
        for _ in 0..20 {
            load.weigh(100);
        }
        assert_eq!(load.weigh(100), None);
        assert_eq!(load.weigh(0), Some(9));
    }
}
