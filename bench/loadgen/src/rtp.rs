//! One end of a call's audio: a tone out, the other end's tone in (RFC 3550 §5.1).

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

/// Samples of 20 ms, and bytes, since µ-law has one for each.
pub const FRAME: usize = 160;
const HEADER: usize = 12;
const PORTS: std::ops::Range<u16> = 30_000..60_000;
const RATE_HZ: f64 = 8_000.0;
/// Whole cycles in 20 ms, so that every packet of a tone is alike.
pub const CARRIER_HZ: f64 = 500.0;
/// Not a multiple of the other.
pub const PHONE_HZ: f64 = 800.0;
/// Of a frame's power that must lie at the expected frequency; µ-law's own noise is 1:4000.
const TONE_SHARE: f64 = 0.9;

/// What one end counted.
#[derive(Default, Clone, Copy)]
pub struct Counts {
    pub sent: u64,
    pub received: u64,
    pub wrong_tone: u64,
    pub out_of_order: u64,
}

/// One end: a socket of its own, as a phone has.
pub struct Stream {
    socket: UdpSocket,
    /// Where to send, once signalling said so.
    pub peer: Option<SocketAddr>,
    packet: Vec<u8>,
    expected_hz: f64,
    last: Option<u16>,
    /// So far.
    pub counts: Counts,
}

impl Stream {
    /// Takes the next free even port after `port` and moves it on.
    pub fn open(port: &mut u16, ssrc: u32, tone_hz: f64, expected_hz: f64) -> Result<Self, Error> {
        let socket = loop {
            if !PORTS.contains(port) {
                return Err(Error::new(ErrorKind::AddrInUse, "no free port for RTP"));
            }
            let tried = UdpSocket::bind((Ipv4Addr::LOCALHOST, *port));
            *port += 2;
            match tried {
                Ok(socket) => break socket,
                Err(error) if error.kind() == ErrorKind::AddrInUse => {}
                Err(error) => return Err(error),
            }
        };
        socket.set_nonblocking(true)?;
        let mut packet = vec![0x80, 0, 0, 0, 0, 0, 0, 0];
        packet.extend(ssrc.to_be_bytes());
        packet.extend(tone(tone_hz));
        Ok(Self { socket, peer: None, packet, expected_hz, last: None, counts: Counts::default() })
    }

    /// Where the other end sends.
    pub fn address(&self) -> Result<SocketAddr, Error> {
        self.socket.local_addr()
    }

    /// One packet; a full socket buffer is a packet that was not sent.
    pub fn send(&mut self) {
        let Some(peer) = self.peer else { return };
        let number = self.counts.sent as u32;
        self.packet[2..4].copy_from_slice(&(number as u16).to_be_bytes());
        self.packet[4..8].copy_from_slice(&(number.wrapping_mul(FRAME as u32)).to_be_bytes());
        if self.socket.send_to(&self.packet, peer).is_ok() {
            self.counts.sent += 1;
        }
    }

    /// Takes and checks what has arrived.
    pub fn receive(&mut self) {
        let mut packet = [0u8; 512];
        while let Ok(length) = self.socket.recv(&mut packet) {
            let is_rtcp = (200..=204).contains(&packet[1]);
            if length >= HEADER && !is_rtcp {
                self.take(&packet[..length]);
            }
        }
    }

    fn take(&mut self, packet: &[u8]) {
        let number = u16::from_be_bytes([packet[2], packet[3]]);
        self.counts.received += 1;
        if self.last.is_some_and(|last| number != last.wrapping_add(1)) {
            self.counts.out_of_order += 1;
        }
        self.last = Some(number);
        let is_ulaw = packet[1] & 0x7f == 0;
        if !is_ulaw || share_of_power(&packet[HEADER..], self.expected_hz) < TONE_SHARE {
            self.counts.wrong_tone += 1;
        }
    }
}

fn tone(hz: f64) -> impl Iterator<Item = u8> {
    let step = std::f64::consts::TAU * hz / RATE_HZ;
    (0..FRAME).map(move |i| encode((8_000.0 * (step * i as f64).sin()) as i32))
}

/// How much of the frame's power lies at the frequency (Goertzel's filter): 0 to 1.
fn share_of_power(payload: &[u8], hz: f64) -> f64 {
    let turn = 2.0 * (std::f64::consts::TAU * hz / RATE_HZ).cos();
    let (mut now, mut before, mut power) = (0.0, 0.0, 0.0);
    for &byte in payload {
        let sample = f64::from(decode(byte));
        power += sample * sample;
        (now, before) = (sample + turn * now - before, now);
    }
    let at_hz = now * now + before * before - turn * now * before;
    if power == 0.0 { 0.0 } else { 2.0 * at_hz / (power * payload.len() as f64) }
}

/// µ-law (ITU-T G.711), from 16 bits.
fn encode(sample: i32) -> u8 {
    let size = sample.abs().min(32_635) + 132;
    let segment = 24 - size.leading_zeros() as i32;
    let sign = if sample < 0 { 0x80 } else { 0 };
    !(sign | (segment << 4) | ((size >> (segment + 3)) & 15)) as u8
}

fn decode(byte: u8) -> i32 {
    let code = i32::from(!byte);
    let size = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132;
    if code & 0x80 != 0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mulaw_comes_back_within_its_step() {
        for sample in (-32_000i32..32_000).step_by(7) {
            let step = sample.abs() / 16 + 8;
            assert!((decode(encode(sample)) - sample).abs() <= step, "{sample}");
        }
    }

    #[test]
    fn a_tone_is_told_from_another_and_from_silence() {
        let frame: Vec<u8> = tone(PHONE_HZ).collect();
        assert!(share_of_power(&frame, PHONE_HZ) > 0.99);
        assert!(share_of_power(&frame, CARRIER_HZ) < 0.01);
        assert!(share_of_power(&[0xff; FRAME], PHONE_HZ) < 0.01);
    }

    #[test]
    fn two_ends_hear_each_other_and_count_what_is_missing() {
        let mut port = 58_000;
        let mut one = Stream::open(&mut port, 1, CARRIER_HZ, PHONE_HZ).unwrap();
        let mut other = Stream::open(&mut port, 2, PHONE_HZ, CARRIER_HZ).unwrap();
        one.peer = Some(other.address().unwrap());
        one.send();
        one.send();
        one.counts.sent += 1;
        one.send();
        other.receive();
        assert_eq!(other.counts.received, 3);
        assert_eq!(other.counts.out_of_order, 1);
        assert_eq!(other.counts.wrong_tone, 0);
    }
}
