//! See `media_fuzz::switch`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| media_fuzz::switch::run(data));
