//! See `media_fuzz::srtp`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| media_fuzz::srtp::run(data));
