//! Keys to send as sound, one after the other, to a peer without telephone events.

use std::collections::VecDeque;

use media_audio::key_tone::KeyTone;

use crate::dtmf_sender::{PRESS_MS_MAX, PRESS_MS_MIN, WAITING_KEYS_MAX};
use crate::telephone_event::code_of;

/// Silence after each key.
const PAUSE_MS: usize = 50;

/// The keys of one leg that still have to be heard.
#[derive(Default)]
pub struct KeyTones {
    waiting: VecDeque<(char, u32)>,
    sounding: Option<(u32, KeyTone)>,
    pause_ms: usize,
}

impl KeyTones {
    /// Queues keys; returns how many were refused, being no keys or too many.
    pub fn push(&mut self, keys: &str, press_ms: u32) -> usize {
        let press_ms = press_ms.clamp(PRESS_MS_MIN, PRESS_MS_MAX);
        let mut refused = 0;
        for key in keys.chars() {
            if code_of(key).is_some() && self.waiting.len() < WAITING_KEYS_MAX {
                self.waiting.push_back((key, press_ms));
            } else {
                refused += 1;
            }
        }
        refused
    }

    /// Nothing is left to be heard.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.sounding.is_none() && self.pause_ms == 0
    }

    /// Fills a frame with what is to be heard now.
    pub fn fill(&mut self, rate_hz: u32, frame: &mut [i16]) {
        frame.fill(0);
        let frame_ms = frame.len() * 1_000 / rate_hz as usize;
        if self.sounding.as_ref().is_some_and(|(rate, _)| *rate != rate_hz) {
            self.sounding = None; // its clock is another one now: what is left of it is not heard
        }
        if self.sounding.is_none() {
            if self.pause_ms > 0 {
                self.pause_ms = self.pause_ms.saturating_sub(frame_ms);
                return;
            }
            let Some((key, press_ms)) = self.waiting.pop_front() else { return };
            self.sounding = KeyTone::new(key, rate_hz, press_ms).map(|tone| (rate_hz, tone));
        }
        if let Some((_, tone)) = self.sounding.as_mut() {
            tone.fill(frame);
            if tone.is_over() {
                self.sounding = None;
                self.pause_ms = PAUSE_MS;
            }
        }
    }
}
