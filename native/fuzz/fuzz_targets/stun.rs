//! See `media_fuzz::stun`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| media_fuzz::stun::run(data));
