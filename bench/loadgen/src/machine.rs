//! How quick the machine's memory is in these minutes: in a loop, and for a program that pauses.
//!
//! A server that waits for messages finds its caches taken by whoever else runs there. What a cache
//! line costs then, not the processor's speed, decides what a call costs.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Of a program with the memory of a call server: more than a core's own cache holds.
const LINES: usize = 32 * 1_024;
/// Lines looked at between two pauses.
const BURST: usize = 8 * 1_024;
const BURSTS: usize = 400;
/// As between two messages when some hundreds come each second.
const PAUSE: Duration = Duration::from_millis(3);
/// A step that meets each line once, in an order that no processor foresees.
const MULTIPLIER: u32 = 1_664_525;
const INCREMENT: u32 = 1_013_904_223;

#[repr(align(64))]
#[derive(Clone, Copy, Default)]
struct Line {
    next: u32,
}

/// Prints nanoseconds for a line, without and with pauses.
pub fn run() {
    let lines = ring();
    burst(&lines, 0, LINES); // the pages are there then
    let in_a_loop = measured(&lines, Duration::ZERO);
    let after_pauses = measured(&lines, PAUSE);
    println!(
        r#"{{"event":"result","line_ns":{in_a_loop:.1},"line_after_pause_ns":{after_pauses:.1}}}"#
    );
}

/// Each line names the next one. The period of the sequence is the number of lines (Hull and Dobell:
/// a power of two, an odd increment, a multiplier of four and one).
fn ring() -> Vec<Line> {
    let mut lines = vec![Line::default(); LINES];
    let mut at = 0_u32;
    for _ in 0..LINES {
        let next = at.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT) % LINES as u32;
        lines[at as usize].next = next;
        at = next;
    }
    lines
}

fn burst(lines: &[Line], mut at: u32, count: usize) -> u32 {
    for _ in 0..count {
        at = lines[at as usize].next;
    }
    black_box(at)
}

/// The median of the bursts, for one line.
fn measured(lines: &[Line], pause: Duration) -> f64 {
    let mut at = 0;
    let mut times: Vec<Duration> = (0..BURSTS)
        .map(|_| {
            if !pause.is_zero() {
                std::thread::sleep(pause);
            }
            let began = Instant::now();
            at = burst(lines, at, BURST);
            began.elapsed()
        })
        .collect();
    times.sort();
    times[BURSTS / 2].as_nanos() as f64 / BURST as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_met_once() {
        let lines = ring();
        let mut met = vec![false; LINES];
        let mut at = 0;
        for _ in 0..LINES {
            assert!(!std::mem::replace(&mut met[at as usize], true));
            at = lines[at as usize].next;
        }
        assert_eq!(at, 0);
    }
}
