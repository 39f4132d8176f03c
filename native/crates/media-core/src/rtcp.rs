//! RTCP: sender and receiver reports, source description, BYE (RFC 3550 §6).

use crate::reception::Loss;

/// Octets of the largest packet that we send.
pub const PACKET_BYTES_MAX: usize = 128;

const VERSION: u8 = 0x80;
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const BYE: u8 = 203;
const CNAME: u8 = 1;

/// What a compound packet of ours says.
#[derive(Debug)]
pub struct Report<'a> {
    /// Us.
    pub ssrc: u32,
    /// Present when we sent audio since the last report.
    pub sender: Option<Sender>,
    /// Present when we received some.
    pub reception: Option<Block>,
    /// Names us, at most 64 octets of it.
    pub cname: &'a str,
    /// The stream is over.
    pub bye: bool,
}

/// The sender's part of a report.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// NTP time, 32.32 bits.
    pub ntp: u64,
    /// The same instant on the stream's clock.
    pub timestamp: u32,
    /// RTP packets sent.
    pub packets: u32,
    /// Payload octets sent.
    pub octets: u32,
}

/// A reception report block.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Loss and jitter.
    pub loss: Loss,
    /// The middle 32 bits of the NTP time in the last sender report; 0 without one.
    pub last_sr: u32,
    /// 65536ths of a second since that report came.
    pub delay_since_last_sr: u32,
}

/// What we take from a peer's compound packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The middle bits of the sender report's NTP time.
    pub sr_ntp: Option<u32>,
    /// `last_sr` and `delay_since_last_sr` of the block about us.
    pub echo: Option<(u32, u32)>,
}

/// The middle 32 bits of an NTP time: 65536ths of a second.
pub fn middle_of(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// Round trip in microseconds from an echo heard at `ntp` (RFC 3550 §6.4.1); None when the peer's
/// numbers make no sense.
pub fn round_trip_us(ntp: u64, echo: (u32, u32)) -> Option<u64> {
    let (last_sr, delay) = echo;
    if last_sr == 0 {
        return None;
    }
    let ticks = middle_of(ntp).wrapping_sub(last_sr).wrapping_sub(delay);
    // Clocks of 15 µs resolution may come out a little below zero.
    let ticks = if ticks > u32::MAX - 64 { 0 } else { ticks };
    let is_plausible = ticks < 60 << 16;
    is_plausible.then(|| u64::from(ticks) * 1_000_000 / 65_536)
}

/// Writes a compound packet into `bytes`, which it clears.
pub fn write(report: &Report, bytes: &mut Vec<u8>) {
    bytes.clear();
    let blocks = u8::from(report.reception.is_some());
    let kind = if report.sender.is_some() { SENDER_REPORT } else { RECEIVER_REPORT };
    let words = 1 + if report.sender.is_some() { 5 } else { 0 } + u16::from(blocks) * 6;
    put_header(bytes, blocks, kind, words);
    bytes.extend_from_slice(&report.ssrc.to_be_bytes());
    if let Some(sender) = report.sender {
        bytes.extend_from_slice(&sender.ntp.to_be_bytes());
        bytes.extend_from_slice(&sender.timestamp.to_be_bytes());
        bytes.extend_from_slice(&sender.packets.to_be_bytes());
        bytes.extend_from_slice(&sender.octets.to_be_bytes());
    }
    if let Some(block) = report.reception {
        put_block(bytes, &block);
    }
    put_description(bytes, report);
    if report.bye {
        put_header(bytes, 1, BYE, 1);
        bytes.extend_from_slice(&report.ssrc.to_be_bytes());
    }
}

fn put_header(bytes: &mut Vec<u8>, count: u8, kind: u8, words: u16) {
    bytes.extend_from_slice(&[VERSION | count, kind]);
    bytes.extend_from_slice(&words.to_be_bytes());
}

fn put_block(bytes: &mut Vec<u8>, block: &Block) {
    let loss = block.loss;
    bytes.extend_from_slice(&loss.ssrc.to_be_bytes());
    bytes.push(loss.fraction);
    bytes.extend_from_slice(&loss.cumulative.to_be_bytes()[1..]);
    bytes.extend_from_slice(&loss.highest.to_be_bytes());
    bytes.extend_from_slice(&loss.jitter.to_be_bytes());
    bytes.extend_from_slice(&block.last_sr.to_be_bytes());
    bytes.extend_from_slice(&block.delay_since_last_sr.to_be_bytes());
}

fn put_description(bytes: &mut Vec<u8>, report: &Report) {
    let name = &report.cname.as_bytes()[..report.cname.len().min(64)];
    // An item list ends with one to four zero octets, at a word boundary.
    let chunk = 4 + 2 + name.len();
    let padded = (chunk / 4 + 1) * 4;
    put_header(bytes, 1, SOURCE_DESCRIPTION, (padded / 4) as u16);
    bytes.extend_from_slice(&report.ssrc.to_be_bytes());
    bytes.extend_from_slice(&[CNAME, name.len() as u8]);
    bytes.extend_from_slice(name);
    bytes.resize(bytes.len() + padded - chunk, 0);
}

/// Reads a compound packet as far as it concerns `ssrc`; None when it is not RTCP.
pub fn parse(mut bytes: &[u8], ssrc: u32) -> Option<Heard> {
    let mut heard = Heard::default();
    while !bytes.is_empty() {
        let header: &[u8; 4] = bytes.first_chunk()?;
        let length = 4 + usize::from(u16::from_be_bytes([header[2], header[3]])) * 4;
        if header[0] >> 6 != 2 || !(192..=223).contains(&header[1]) || length > bytes.len() {
            return None;
        }
        let (packet, rest) = bytes.split_at(length);
        let blocks_at = match header[1] {
            SENDER_REPORT => {
                heard.sr_ntp = Some(word_at(packet, 10)?);
                28
            }
            RECEIVER_REPORT => 8,
            _ => packet.len(),
        };
        for block in packet.get(blocks_at..)?.chunks_exact(24).take(usize::from(header[0] & 31)) {
            if word_at(block, 0)? == ssrc {
                heard.echo = Some((word_at(block, 16)?, word_at(block, 20)?));
            }
        }
        bytes = rest;
    }
    Some(heard)
}

fn word_at(bytes: &[u8], offset: usize) -> Option<u32> {
    let word = bytes.get(offset..offset + 4)?;
    Some(u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss() -> Loss {
        Loss { ssrc: 9, fraction: 64, cumulative: 3, highest: 70_000, jitter: 12 }
    }

    #[test]
    fn a_report_is_read_back() {
        let block = Block { loss: loss(), last_sr: 0x0304_0506, delay_since_last_sr: 77 };
        let sender = Sender { ntp: 0x0102_0304_0506_0708, timestamp: 160, packets: 2, octets: 320 };
        let report = Report {
            ssrc: 5,
            sender: Some(sender),
            reception: Some(block),
            cname: "abc@callwright",
            bye: true,
        };
        let mut bytes = Vec::new();
        write(&report, &mut bytes);
        assert!(bytes.len() % 4 == 0 && bytes.len() <= PACKET_BYTES_MAX);
        let heard = parse(&bytes, 9).unwrap();
        assert_eq!(heard.sr_ntp, Some(0x0304_0506));
        assert_eq!(heard.echo, Some((0x0304_0506, 77)));
        assert_eq!(parse(&bytes, 5).unwrap().echo, None, "nobody reported on that source");
    }

    #[test]
    fn names_of_every_length_keep_words() {
        for length in 0..70 {
            let cname = "x".repeat(length);
            let report =
                Report { ssrc: 5, sender: None, reception: None, cname: &cname, bye: false };
            let mut bytes = Vec::new();
            write(&report, &mut bytes);
            assert!(bytes.len() % 4 == 0);
            assert_eq!(parse(&bytes, 1), Some(Heard::default()));
            assert_eq!(bytes.last(), Some(&0));
        }
    }

    #[test]
    fn round_trips() {
        let sent = 1_000_u64 << 32;
        let heard_at = sent + (150 << 32) / 1_000;
        let echo = (middle_of(sent), 50 * 65_536 / 1_000);
        let round_trip = round_trip_us(heard_at, echo).unwrap();
        assert!((99_900..=100_100).contains(&round_trip), "{round_trip}");
        assert_eq!(round_trip_us(heard_at, (0, 0)), None, "the peer has not heard a report");
        assert_eq!(round_trip_us(sent, (middle_of(sent), 1)), Some(0), "rounding");
        assert_eq!(round_trip_us(sent, (middle_of(sent) ^ 0x4000_0000, 0)), None, "nonsense");
    }

    #[test]
    fn refuses_what_is_not_rtcp() {
        for bytes in [&[0x80u8, 200, 0][..], &[0x80, 200, 0, 9, 1, 2], &[0x80, 0, 0, 0], &[0; 8]] {
            assert_eq!(parse(bytes, 1), None);
        }
        assert_eq!(parse(&[0x81, 200, 0, 1, 0, 0, 0, 5], 1), None, "a cut off sender report");
    }
}
