//! What the media engine does with audio itself: codecs, resampling, noise, concealment, detection.
//!
//! No packets, no clock, no threads. PCM is `i16`, mono, of 8,000 or 16,000 Hz.

pub mod codec;
pub mod comfort_noise;
pub mod concealment;
pub mod key_tone;
mod pitch;
pub mod resample;
pub mod stretch;
pub mod tone_detector;
pub mod voice_activity;
