//! What it costs to protect and to open a packet of 20 ms of G.711: `cargo run --release --example
//! srtp_cost`.

use std::hint::black_box;
use std::time::Instant;

use media_secure::srtp::{Incoming, Outgoing, Profile};

const PACKETS: usize = 60_000;
const PACKET_BYTES: usize = 172;
const STREAMS: usize = 500;

fn main() {
    for profile in Profile::ALL {
        let key: Vec<u8> = (0..profile.key_len() + profile.salt_len()).map(|n| n as u8).collect();
        let mut sending: Vec<Outgoing> =
            (0..STREAMS).filter_map(|_| Outgoing::new(profile, &key)).collect();
        let mut receiving: Vec<Incoming> =
            (0..STREAMS).filter_map(|_| Incoming::new(profile, &key)).collect();
        let mut packets: Vec<Vec<u8>> = (0..PACKETS).map(|n| packet(n / STREAMS)).collect();

        let started = Instant::now();
        for (n, buffer) in packets.iter_mut().enumerate() {
            black_box(sending[n % STREAMS].protect_rtp(buffer, 0));
        }
        let protecting = started.elapsed();
        let started = Instant::now();
        for (n, packet) in packets.iter_mut().enumerate() {
            assert_eq!(receiving[n % STREAMS].unprotect_rtp(packet), Some(PACKET_BYTES));
        }
        let opening = started.elapsed();

        println!(
            "{:<24} protect {:.3} µs, unprotect {:.3} µs a packet, over {STREAMS} streams",
            profile.name(),
            protecting.as_secs_f64() * 1e6 / PACKETS as f64,
            opening.as_secs_f64() * 1e6 / PACKETS as f64,
        );
    }
}

fn packet(sequence: usize) -> Vec<u8> {
    let mut packet = Vec::with_capacity(PACKET_BYTES + 16);
    packet.extend([0x80, 0]);
    packet.extend((sequence as u16).to_be_bytes());
    packet.extend([0, 0, 0, 0, 0xca, 0x11, 0xab, 0x1e]);
    packet.resize(PACKET_BYTES, 0x55);
    packet
}
