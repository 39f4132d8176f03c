//! See `media_fuzz::codec`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| media_fuzz::codec::run(data));
