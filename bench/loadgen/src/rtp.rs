//! One end of a call's audio: a tone out, the other end's tone in (RFC 3550 §5.1).

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Instant;

/// Samples of 20 ms, and bytes, since µ-law has one for each.
pub const FRAME: usize = 160;
const HEADER: usize = 12;
/// RFC 4733: a key, pressed for 80 ms; its end is sent three times (§2.5.1.4).
const KEY_PAYLOAD_TYPE: u8 = 101;
const KEY_PACKETS: u32 = 6;
const KEY_ENDS_AT: u32 = 3;
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
    /// Other sound before the other end was there: music, prompts.
    pub others: u64,
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
    /// Something else may be heard before the other end.
    pub is_served: bool,
    /// When the other end was first heard.
    pub heard_at: Option<Instant>,
    /// The key that is pressed, and how many packets of it are out.
    key: Option<(u8, u32)>,
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
        Ok(Self {
            socket,
            peer: None,
            packet,
            expected_hz,
            last: None,
            is_served: false,
            heard_at: None,
            key: None,
            counts: Counts::default(),
        })
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
        let is_sent = match self.key {
            Some((key, sent)) => {
                self.key = (sent + 1 < KEY_PACKETS).then_some((key, sent + 1));
                self.socket.send_to(&self.key_packet(key, sent), peer)
            }
            None => self.socket.send_to(&self.packet, peer),
        };
        self.counts.sent += u64::from(is_sent.is_ok());
    }

    /// The next packets are this key's.
    pub fn press(&mut self, key: u8) {
        self.key = Some((key, 0));
    }

    /// Packet `sent` of a key: all have the time of its beginning, and say how long it was.
    fn key_packet(&self, key: u8, sent: u32) -> [u8; HEADER + 4] {
        let mut packet = [0; HEADER + 4];
        packet[..HEADER].copy_from_slice(&self.packet[..HEADER]);
        packet[1] = KEY_PAYLOAD_TYPE | if sent == 0 { 0x80 } else { 0 };
        let began = (self.counts.sent as u32 - sent).wrapping_mul(FRAME as u32);
        packet[4..8].copy_from_slice(&began.to_be_bytes());
        let lasted = FRAME as u16 * (sent.min(KEY_ENDS_AT) as u16 + 1);
        packet[HEADER] = key;
        packet[HEADER + 1] = if sent >= KEY_ENDS_AT { 0x80 | 10 } else { 10 };
        packet[HEADER + 2..].copy_from_slice(&lasted.to_be_bytes());
        packet
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
        if is_ulaw && share_of_power(&packet[HEADER..], self.expected_hz) >= TONE_SHARE {
            self.heard_at.get_or_insert_with(Instant::now);
        } else if self.is_served && self.heard_at.is_none() {
            self.counts.others += 1;
        } else {
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
    fn a_key_begins_lasts_and_ends_as_the_rfc_says() {
        let mut port = 59_000;
        let mut stream = Stream::open(&mut port, 1, CARRIER_HZ, PHONE_HZ).unwrap();
        stream.counts.sent = 10;
        let first = stream.key_packet(7, 0);
        assert_eq!((first[1], first[12], first[13], first[15]), (0x80 | 101, 7, 10, 160));
        stream.counts.sent = 15;
        let last = stream.key_packet(7, 5);
        assert_eq!((last[1], last[13]), (101, 0x80 | 10));
        assert_eq!(u16::from_be_bytes([last[14], last[15]]), 640);
        assert_eq!(first[4..8], last[4..8]);
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
