//! A peer that speaks over a network of our making, and an ear that listens.

#![allow(dead_code, reason = "each test that includes this uses its own part of it")]

use std::f64::consts::TAU;

use media_audio::codec::Codec;
use media_core::ear::Ear;

/// Engine time of a millisecond.
pub const MS: u64 = 8;

/// A packet on its way.
#[derive(Clone)]
pub struct Packet {
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub marker: bool,
    pub payload: Vec<u8>,
    pub arrives: u64,
}

/// Encodes `pcm`, which is at the codec's rate. Packets arrive when their last sample was spoken.
pub fn packets(codec: &Codec, pcm: &[i16], ptime_ms: u32, fmtp: &str) -> Vec<Packet> {
    let mut encoder = (codec.new_encoder)(fmtp, ptime_ms);
    encoder.expect_loss(10);
    let frame = (codec.rate_hz / 1_000 * ptime_ms) as usize;
    let mut packets: Vec<Packet> = Vec::new();
    for (index, piece) in (0u32..).zip(pcm.chunks_exact(frame)) {
        let mut payload = Vec::new();
        encoder.encode(piece, &mut payload);
        packets.push(Packet {
            sequence: 65_500u16.wrapping_add(index as u16),
            timestamp: (u32::MAX - 40_000)
                .wrapping_add(index * ptime_ms * (codec.clock_hz / 1_000)),
            ssrc: 0xcafe,
            marker: index == 0,
            payload,
            arrives: u64::from((index + 1) * ptime_ms) * MS,
        });
    }
    packets
}

/// What the ear hears when the packets arrive as they say, pulled every `pull_ms` until `until_ms`.
pub fn listen(
    ear: &mut Ear,
    packets: &[Packet],
    rate_hz: u32,
    pull_ms: u64,
    until_ms: u64,
) -> Vec<i16> {
    listen_from(ear, packets, rate_hz, pull_ms, 0..until_ms)
}

pub fn listen_from(
    ear: &mut Ear,
    packets: &[Packet],
    rate_hz: u32,
    pull_ms: u64,
    ms: std::ops::Range<u64>,
) -> Vec<i16> {
    let mut order: Vec<&Packet> = packets.iter().collect();
    order.sort_by_key(|packet| packet.arrives);
    let mut order = order.into_iter().peekable();
    let (mut heard, mut piece) = (Vec::new(), Vec::new());
    for now_ms in ms.step_by(pull_ms as usize) {
        while let Some(packet) = order.next_if(|packet| packet.arrives <= now_ms * MS) {
            let Packet { sequence, timestamp, ssrc, marker, .. } = *packet;
            ear.put(sequence, timestamp, ssrc, marker, &packet.payload, packet.arrives);
        }
        let samples = (u64::from(rate_hz) / 1_000 * pull_ms) as usize;
        ear.pull(rate_hz, samples, now_ms * MS, &mut piece);
        assert_eq!(piece.len(), samples);
        heard.extend_from_slice(&piece);
    }
    heard
}

/// A tone of -13 dBm0.
pub fn tone(frequency_hz: f64, rate_hz: u32, ms: u32) -> Vec<i16> {
    let step = TAU * frequency_hz / f64::from(rate_hz);
    (0..rate_hz / 1_000 * ms).map(|at| (5_000.0 * (step * f64::from(at)).sin()) as i16).collect()
}

/// Root mean square.
pub fn level(pcm: &[i16]) -> f64 {
    let square: f64 = pcm.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    (square / pcm.len().max(1) as f64).sqrt()
}

/// How much of the sound is a tone, 0 to 1.
pub fn purity(pcm: &[i16], frequency_hz: f64, rate_hz: u32) -> f64 {
    let step = TAU * frequency_hz / f64::from(rate_hz);
    let part = |wave: fn(f64) -> f64| -> f64 {
        pcm.iter().zip(0..).map(|(&s, at)| f64::from(s) * wave(step * f64::from(at))).sum()
    };
    let amplitude = 2.0 * part(f64::sin).hypot(part(f64::cos)) / pcm.len() as f64;
    amplitude / (2f64.sqrt() * level(pcm)).max(1.0)
}

/// The hardest bend: a click is one, a tone bends softly.
pub fn hardest_bend(pcm: &[i16]) -> i32 {
    let bend = |s: &[i16]| (i32::from(s[0]) - 2 * i32::from(s[1]) + i32::from(s[2])).abs();
    pcm.windows(3).map(bend).max().unwrap_or(0)
}

/// Random numbers, the same each time.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
