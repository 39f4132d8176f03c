//! Counters of a leg that its thread writes and anybody reads.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A reading of a leg's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// RTP packets from the peer.
    pub packets_received: u64,
    /// RTP packets to the peer.
    pub packets_sent: u64,
    /// Octets of audio and events in them, as RTCP counts them (RFC 3550 §6.4.1).
    pub bytes_received: u64,
    /// Octets of audio and events in them.
    pub bytes_sent: u64,
    /// By sequence numbers.
    pub packets_lost: u64,
    /// From strangers, or not RTP.
    pub packets_rejected: u64,
    /// None before two packets.
    pub jitter_us: Option<u64>,
    /// None without reports.
    pub round_trip_us: Option<u64>,
}

const NOT_MEASURED: u64 = u64::MAX;

/// Only one thread writes, so that plain loads and stores suffice.
#[derive(Debug)]
pub struct Meters {
    packets_received: AtomicU64,
    packets_sent: AtomicU64,
    bytes_received: AtomicU64,
    bytes_sent: AtomicU64,
    packets_lost: AtomicU64,
    packets_rejected: AtomicU64,
    jitter_us: AtomicU64,
    round_trip_us: AtomicU64,
}

impl Meters {
    pub fn new() -> Self {
        Self {
            packets_received: AtomicU64::new(0),
            packets_sent: AtomicU64::new(0),
            bytes_received: AtomicU64::new(0),
            bytes_sent: AtomicU64::new(0),
            packets_lost: AtomicU64::new(0),
            packets_rejected: AtomicU64::new(0),
            jitter_us: AtomicU64::new(NOT_MEASURED),
            round_trip_us: AtomicU64::new(NOT_MEASURED),
        }
    }

    pub fn received(&self, payload_bytes: usize) {
        add(&self.packets_received, 1);
        add(&self.bytes_received, payload_bytes as u64);
    }

    pub fn sent(&self, payload_bytes: usize) {
        add(&self.packets_sent, 1);
        add(&self.bytes_sent, payload_bytes as u64);
    }

    pub fn rejected(&self) {
        add(&self.packets_rejected, 1);
    }

    pub fn quality(&self, lost: u64, jitter_us: Option<u64>) {
        self.packets_lost.store(lost, Relaxed);
        self.jitter_us.store(jitter_us.unwrap_or(NOT_MEASURED), Relaxed);
    }

    pub fn round_trip(&self, round_trip_us: u64) {
        self.round_trip_us.store(round_trip_us, Relaxed);
    }

    pub fn read(&self) -> Statistics {
        let measured =
            |meter: &AtomicU64| Some(meter.load(Relaxed)).filter(|&us| us != NOT_MEASURED);
        Statistics {
            packets_received: self.packets_received.load(Relaxed),
            packets_sent: self.packets_sent.load(Relaxed),
            bytes_received: self.bytes_received.load(Relaxed),
            bytes_sent: self.bytes_sent.load(Relaxed),
            packets_lost: self.packets_lost.load(Relaxed),
            packets_rejected: self.packets_rejected.load(Relaxed),
            jitter_us: measured(&self.jitter_us),
            round_trip_us: measured(&self.round_trip_us),
        }
    }
}

fn add(meter: &AtomicU64, amount: u64) {
    meter.store(meter.load(Relaxed) + amount, Relaxed);
}
