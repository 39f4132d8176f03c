//! See `media_fuzz::rtp`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| media_fuzz::rtp::run(data));
