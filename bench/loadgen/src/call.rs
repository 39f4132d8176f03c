//! One call as both its ends see it.

use std::time::{Duration, Instant};

use crate::rtp::Stream;

/// RFC 3261 §17.1.1.1: the first wait for an answer, which then doubles.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
/// 64 times T1.
const GIVE_UP: Duration = Duration::from_secs(32);

/// A message that is sent until somebody reacts to it.
#[derive(Default)]
pub struct Pending {
    message: Vec<u8>,
    since: Option<Instant>,
    again_at: Option<Instant>,
    wait: Duration,
}

impl Pending {
    /// The first sending is the caller's.
    pub fn set(&mut self, message: Vec<u8>, now: Instant) {
        *self = Self { message, since: Some(now), again_at: Some(now + T1), wait: T1 };
    }

    /// The reaction came.
    pub fn clear(&mut self) {
        self.again_at = None;
    }

    /// What was last set, for a peer that asks again.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// The message, when it is time to send it again.
    pub fn due(&mut self, now: Instant) -> Option<&[u8]> {
        self.again_at.filter(|at| *at <= now)?;
        self.wait = (self.wait * 2).min(T2);
        self.again_at = Some(now + self.wait);
        Some(&self.message)
    }

    /// Nobody reacted for 32 s.
    pub fn is_hopeless(&self, now: Instant) -> bool {
        self.again_at.is_some() && self.since.is_some_and(|since| now - since > GIVE_UP)
    }
}

/// What the dialog of an end needs for its further requests.
#[derive(Default)]
pub struct Dialog {
    pub from: String,
    /// The Authorization line of an INVITE that was challenged.
    pub proof: String,
    pub to: String,
    pub target: String,
    pub route: String,
}

/// How far a call is, seen from the carrier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    Calling,
    Answered,
    HangingUp,
    /// Hung up by the carrier, and the server agreed.
    Done,
    Failed(Failure),
}

/// Why a call is not counted as good.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Failure {
    Status(u16),
    NoAnswer,
    /// The server hung up first.
    Dropped,
    /// Everything seemed fine, but the phone was never told of the end.
    PhoneLeftUp,
    /// The two ends never heard each other.
    NotHeard,
}

impl Failure {
    /// Its key in the report.
    pub fn name(self) -> String {
        match self {
            Failure::Status(status) => status.to_string(),
            Failure::NoAnswer => "no-answer".into(),
            Failure::Dropped => "dropped".into(),
            Failure::PhoneLeftUp => "phone-left-up".into(),
            Failure::NotHeard => "not-heard".into(),
        }
    }
}

/// Both ends of one call.
pub struct Call {
    pub stage: Stage,
    pub placed_at: Instant,
    /// From the first INVITE to ringing, or to its 200.
    pub setup: Option<Duration>,
    pub answered_at: Option<Instant>,
    pub carrier: Dialog,
    /// CSeq of the newest INVITE; 2: after a challenge.
    pub invites: u32,
    pub carrier_pending: Pending,
    pub phone_pending: Pending,
    /// When the first phone was rung, which answers at once.
    pub offered_at: Option<Instant>,
    /// Whose phone that was.
    pub agent: Option<usize>,
    pub phone_acked_at: Option<Instant>,
    pub phone_ended: bool,
    /// The carrier's and the phone's audio.
    pub streams: Option<[Stream; 2]>,
}

impl Call {
    /// The carrier has sent its INVITE.
    pub fn placed(now: Instant, streams: Option<[Stream; 2]>) -> Self {
        Self {
            stage: Stage::Calling,
            placed_at: now,
            setup: None,
            answered_at: None,
            carrier: Dialog::default(),
            invites: 1,
            carrier_pending: Pending::default(),
            phone_pending: Pending::default(),
            offered_at: None,
            agent: None,
            phone_acked_at: None,
            phone_ended: false,
            streams,
        }
    }

    /// Both ends know that they are connected.
    pub fn is_up(&self) -> bool {
        self.stage == Stage::Answered && self.phone_acked_at.is_some()
    }

    /// From the phone's answer until both ends had heard each other.
    pub fn silence_after_answer(&self) -> Option<Duration> {
        let [carrier, phone] = self.streams.as_ref()?;
        let heard_at = carrier.heard_at?.max(phone.heard_at?);
        Some(heard_at.saturating_duration_since(self.offered_at?))
    }

    /// Nothing more will happen at the carrier's end.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Done | Stage::Failed(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_repeated_at_doubling_intervals_until_it_is_hopeless() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut pending = Pending::default();
        pending.set(b"x".to_vec(), start);
        let sent: Vec<u64> =
            (0..8_000).step_by(100).filter(|ms| pending.due(at(*ms)).is_some()).collect();
        assert_eq!(sent, [500, 1_500, 3_500, 7_500]);
        assert!(!pending.is_hopeless(at(31_000)));
        assert!(pending.is_hopeless(at(33_000)));
        pending.clear();
        assert!(!pending.is_hopeless(at(33_000)));
    }
}
