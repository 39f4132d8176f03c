//! See `media_fuzz::dtls`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| media_fuzz::dtls::run(data));
