//! What a run came to, as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use crate::call::{Call, Failure, Stage};
use crate::rtp::Counts;

/// Sums over all calls.
#[derive(Default)]
pub struct Tally {
    ok: usize,
    attempted: usize,
    failed: BTreeMap<Failure, usize>,
    setups: Vec<Duration>,
    audio: Counts,
    lost: u64,
    calls_with_loss: usize,
    has_audio: bool,
}

impl Tally {
    /// Every call was connected and ended as wanted, and every packet arrived as it was sent.
    pub fn is_good(&self, wanted: usize) -> bool {
        let is_heard = !self.has_audio || self.audio.received > 0;
        self.ok == wanted && self.lost == 0 && self.audio.wrong_tone == 0 && is_heard
    }
}

/// Adds up `calls`; those of `wanted` that were never placed are missing from `attempted`.
pub fn tally(calls: &[Call], wanted: usize) -> Tally {
    let mut tally = Tally { attempted: calls.len().min(wanted), ..Tally::default() };
    for call in calls {
        tally.setups.extend(call.setup);
        match outcome(call).and_then(|()| heard(call)) {
            Ok(()) => tally.ok += 1,
            Err(failure) => *tally.failed.entry(failure).or_default() += 1,
        }
        if let Some([carrier, phone]) = &call.streams {
            tally.has_audio = true;
            let lost = if carrier.is_served {
                0 // nobody was there to hear what callers said while they waited
            } else {
                missing(carrier.counts, phone.counts) + missing(phone.counts, carrier.counts)
            };
            tally.lost += lost;
            tally.calls_with_loss += usize::from(lost > 0);
            for counts in [carrier.counts, phone.counts] {
                tally.audio.sent += counts.sent;
                tally.audio.received += counts.received;
                tally.audio.wrong_tone += counts.wrong_tone;
                tally.audio.others += counts.others;
                tally.audio.out_of_order += counts.out_of_order;
            }
        }
    }
    tally.setups.sort_unstable();
    tally
}

/// The last line of the output.
pub fn json(
    mode: &str,
    tally: &Tally,
    wall: Duration,
    slowest_slot: Duration,
    service: Option<&str>,
) -> String {
    let failed: Vec<_> =
        tally.failed.iter().map(|(why, n)| format!("\"{}\": {n}", why.name())).collect();
    let mut text = format!(
        "{{\"event\": \"result\", \"mode\": \"{mode}\", \"attempted\": {}, \"ok\": {}, \"failed\": {{{}}}, \
         \"wall_s\": {:.3}, \"setup_ms\": {{\"p50\": {}, \"p95\": {}, \"p99\": {}, \"max\": {}}}",
        tally.attempted,
        tally.ok,
        failed.join(", "),
        wall.as_secs_f64(),
        percentile(&tally.setups, 0.50),
        percentile(&tally.setups, 0.95),
        percentile(&tally.setups, 0.99),
        percentile(&tally.setups, 1.0),
    );
    if tally.has_audio {
        let Counts { sent, received, wrong_tone, others, out_of_order } = tally.audio;
        let _ = write!(
            text,
            ", \"rtp\": {{\"sent\": {sent}, \"received\": {received}, \"lost\": {}, \"calls_with_loss\": {}, \
             \"wrong_tone\": {wrong_tone}, \"other_sound\": {others}, \"out_of_order\": {out_of_order}, \"slowest_slot_ms\": {:.2}}}",
            tally.lost,
            tally.calls_with_loss,
            slowest_slot.as_secs_f64() * 1e3,
        );
    }
    if let Some(service) = service {
        let _ = write!(text, ", \"service\": {service}");
    }
    text + "}"
}

fn outcome(call: &Call) -> Result<(), Failure> {
    match call.stage {
        Stage::Done if call.phone_ended => Ok(()),
        Stage::Done => Err(Failure::PhoneLeftUp),
        Stage::Failed(failure) => Err(failure),
        Stage::Calling | Stage::Answered | Stage::HangingUp => Err(Failure::NoAnswer),
    }
}

/// Whoever waited and then talked must have heard the other end, and been heard.
fn heard(call: &Call) -> Result<(), Failure> {
    let is_served = call.streams.as_ref().is_some_and(|[caller, _]| caller.is_served);
    if is_served && call.silence_after_answer().is_none() {
        return Err(Failure::NotHeard);
    }
    Ok(())
}

fn missing(sender: Counts, receiver: Counts) -> u64 {
    sender.sent.saturating_sub(receiver.received)
}

/// By nearest rank; `null` where nothing was measured.
pub fn percentile(sorted: &[Duration], share: f64) -> String {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .map_or("null".into(), |d| format!("{:.3}", d.as_secs_f64() * 1e3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_measured() {
        let hundred: Vec<_> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&hundred, 0.5), "50.000");
        assert_eq!(percentile(&hundred, 0.99), "99.000");
        assert_eq!(percentile(&hundred, 1.0), "100.000");
        assert_eq!(percentile(&[], 0.5), "null");
    }
}
