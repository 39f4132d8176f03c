//! Somebody listens to what a leg says: its frames, gathered into pieces.

use crate::switch::Switch;
use crate::switch::event::Event;
use crate::switch::out::Out;

/// A piece is 40 ms, so that who listens knows soon when somebody ceased to speak.
const PIECES_PER_S: usize = 25;

/// What a listener was not told yet.
pub struct Tap {
    token: i64,
    rate_hz: u32,
    samples: Vec<i16>,
}

impl Tap {
    /// For the listener of this name.
    pub fn new(token: i64) -> Self {
        Self { token, rate_hz: 0, samples: Vec::new() }
    }

    /// Takes a frame; returns a piece when there is one. What was gathered at another rate is told
    /// first.
    fn take(&mut self, leg: i64, frame: &[i16], rate_hz: u32) -> [Option<Event>; 2] {
        let former = (self.rate_hz != rate_hz).then(|| self.piece(leg)).flatten();
        self.rate_hz = rate_hz;
        self.samples.extend_from_slice(frame);
        let is_whole = self.samples.len() >= rate_hz as usize / PIECES_PER_S;
        [former, is_whole.then(|| self.piece(leg)).flatten()]
    }

    fn piece(&mut self, leg: i64) -> Option<Event> {
        let samples = std::mem::take(&mut self.samples);
        let (token, rate_hz) = (self.token, self.rate_hz);
        (!samples.is_empty()).then_some(Event::Audio { leg, token, rate_hz, samples })
    }
}

impl Switch {
    /// Tells the leg's listener of its latest frame.
    pub(super) fn tap_frame(&mut self, slot: usize, out: &mut Out) {
        let Some(leg) = self.legs.get(slot) else { return };
        if let (Some(tap), Some(hearing)) = (leg.tap.as_mut(), leg.hearing.as_ref()) {
            let told = tap.take(leg.id, &hearing.frame, hearing.rate_hz);
            out.events.extend(told.into_iter().flatten());
        }
    }
}
