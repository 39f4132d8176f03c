//! What an ear costs: CPU per pulled frame of 20 ms, key detection, and memory with 200 ms waiting.

use std::fs::read_to_string;
use std::time::Instant;

use media_audio::codec::g711::PCMU;
use media_audio::tone_detector::ToneDetector;
use media_core::ear::Ear;

const EARS: usize = 1_000;
const FRAMES: u32 = 500;

fn resident_kb() -> usize {
    let status = read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

fn put(ear: &mut Ear, frame: u32, late: u64) {
    let payload: [u8; 160] = std::array::from_fn(|at| (at as u32 * 37 + frame * 11) as u8);
    ear.put(frame as u16, frame * 160, 1, frame == 0, &payload, u64::from(frame) * 160 + late);
}

fn main() {
    let before = resident_kb();
    let mut ears: Vec<Box<Ear>> = (0..EARS).map(|_| Box::new(Ear::new(&PCMU, ""))).collect();
    let mut heard = Vec::new();
    for (rate_hz, frames) in [(8_000, 0..FRAMES), (16_000, FRAMES..2 * FRAMES)] {
        let start = Instant::now();
        for frame in frames {
            for ear in &mut ears {
                put(ear, frame, 0);
                ear.pull(rate_hz, rate_hz as usize / 50, u64::from(frame) * 160 + 1, &mut heard);
            }
        }
        let each_us = start.elapsed().as_secs_f64() * 1e6 / (EARS as f64 * f64::from(FRAMES));
        println!("put and pull of 20 ms G.711 at {rate_hz} Hz: {each_us:.2} µs");
    }
    for frame in 2 * FRAMES..2 * FRAMES + 10 {
        ears.iter_mut().for_each(|ear| put(ear, frame, 0));
    }
    let each_bytes = (resident_kb() - before) * 1_024 / EARS;
    println!("memory of an ear with 200 ms waiting: {each_bytes} bytes");

    let mut detector = ToneDetector::new(8_000);
    let pcm: Vec<i16> = (0..160).map(|at| (at * 7_919 % 20_000) as i16 - 10_000).collect();
    let start = Instant::now();
    let keys = (0..100_000).filter_map(|_| detector.feed(&pcm)).count();
    let each_us = start.elapsed().as_secs_f64() * 1e6 / 100_000.0;
    println!("key detection in 20 ms at 8000 Hz: {each_us:.2} µs ({keys} keys)");
}
