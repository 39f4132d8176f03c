//! RTCP: sender and receiver reports, source description, BYE (RFC 3550 §6), extended reports
//! (RFC 3611). What a peer sends may be of reduced size (RFC 5506).

pub mod xr;

use crate::reception::Loss;

/// Octets of the largest packet that we send.
pub const PACKET_BYTES_MAX: usize = 256;
/// Between two reports, in samples of 125 µs (RFC 3550 §6.2): 5 s.
pub const INTERVAL_SAMPLES: u64 = 40_000;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Who speaks.
    pub ssrc: Option<u32>,
    /// What it sent so far.
    pub sender: Option<Sender>,
    /// The middle bits of the sender report's NTP time.
    pub sr_ntp: Option<u32>,
    /// What it received of us.
    pub block: Option<Block>,
    /// `last_sr` and `delay_since_last_sr` of the block about us.
    pub echo: Option<(u32, u32)>,
    /// Its extended reports.
    pub extended: xr::Heard,
    /// It leaves.
    pub bye: bool,
}

/// When the next report is due, counted from this one (RFC 3550 §6.2): 2.5 to 7.5 s by chance, half
/// of that for the first one. Two parties need no more of the algorithm, nor its compensation.
pub fn interval(random: u32, is_first: bool) -> u64 {
    let middle = if is_first { INTERVAL_SAMPLES / 2 } else { INTERVAL_SAMPLES };
    middle / 2 + ((middle * u64::from(random)) >> 32)
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
    write_extended(report, &xr::Extended::default(), bytes);
}

/// The same with extended reports, as far as there are any.
pub fn write_extended(report: &Report, extended: &xr::Extended, bytes: &mut Vec<u8>) {
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
    xr::put(report.ssrc, extended, bytes);
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
        let packet = without_padding(packet)?;
        match header[1] {
            SENDER_REPORT => {
                let sender = sender_of(packet)?;
                heard.ssrc = word_at(packet, 4);
                heard.sr_ntp = Some(middle_of(sender.ntp));
                heard.sender = Some(sender);
                take_blocks(packet.get(28..)?, header[0] & 31, ssrc, &mut heard)?;
            }
            RECEIVER_REPORT => {
                heard.ssrc = Some(word_at(packet, 4)?);
                take_blocks(packet.get(8..)?, header[0] & 31, ssrc, &mut heard)?;
            }
            xr::EXTENDED_REPORT => {
                heard.ssrc = Some(word_at(packet, 4)?);
                xr::take(packet.get(8..)?, ssrc, &mut heard.extended);
            }
            BYE => heard.bye = true,
            _ => {}
        }
        bytes = rest;
    }
    Some(heard)
}

/// RFC 3550 §6.4.1: the last octet says how many are to be ignored.
fn without_padding(packet: &[u8]) -> Option<&[u8]> {
    if packet[0] & 0x20 == 0 {
        return Some(packet);
    }
    let padding = usize::from(*packet.last()?);
    let is_possible = padding > 0 && padding % 4 == 0 && padding <= packet.len() - 4;
    is_possible.then(|| &packet[..packet.len() - padding])
}

fn sender_of(packet: &[u8]) -> Option<Sender> {
    let ntp = u64::from(word_at(packet, 8)?) << 32 | u64::from(word_at(packet, 12)?);
    Some(Sender {
        ntp,
        timestamp: word_at(packet, 16)?,
        packets: word_at(packet, 20)?,
        octets: word_at(packet, 24)?,
    })
}

fn take_blocks(bytes: &[u8], count: u8, ssrc: u32, heard: &mut Heard) -> Option<()> {
    for block in bytes.chunks_exact(24).take(count.into()) {
        if word_at(block, 0)? != ssrc {
            continue;
        }
        let lost = word_at(block, 4)?;
        let loss = Loss {
            ssrc,
            fraction: (lost >> 24) as u8,
            // 24 bits with a sign.
            cumulative: (lost << 8) as i32 >> 8,
            highest: word_at(block, 8)?,
            jitter: word_at(block, 12)?,
        };
        let (last_sr, delay_since_last_sr) = (word_at(block, 16)?, word_at(block, 20)?);
        heard.echo = Some((last_sr, delay_since_last_sr));
        heard.block = Some(Block { loss, last_sr, delay_since_last_sr });
    }
    Some(())
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
        assert_eq!((heard.ssrc, heard.sender, heard.block), (Some(5), Some(sender), Some(block)));
        assert!(heard.bye);
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
            assert_eq!(parse(&bytes, 1), Some(Heard { ssrc: Some(5), ..Heard::default() }));
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
    fn more_packets_than_were_sent_are_a_negative_loss() {
        let loss = Loss { cumulative: -3, ..loss() };
        let reception = Some(Block { loss, last_sr: 0, delay_since_last_sr: 0 });
        let report = Report { ssrc: 5, sender: None, reception, cname: "a", bye: false };
        let mut bytes = Vec::new();
        write(&report, &mut bytes);
        assert_eq!(parse(&bytes, 9).unwrap().block.unwrap().loss, loss);
    }

    #[test]
    fn padding_is_no_report_and_reduced_size_is_one() {
        let mut bytes = vec![0xa0, 201, 0, 2, 0, 0, 0, 7, 0, 0, 0, 4];
        assert_eq!(parse(&bytes, 1), Some(Heard { ssrc: Some(7), ..Heard::default() }));
        for wrong in [0, 3, 12] {
            *bytes.last_mut().unwrap() = wrong;
            assert_eq!(parse(&bytes, 1), None, "{wrong} octets of padding");
        }
        assert!(parse(&[0x81, BYE, 0, 1, 0, 0, 0, 7], 1).unwrap().bye);
    }

    #[test]
    fn reports_are_spread_in_time() {
        let range = |is_first| interval(0, is_first)..=interval(u32::MAX, is_first);
        assert_eq!(range(false), 20_000..=59_999);
        assert_eq!(range(true), 10_000..=29_999);
        assert_eq!(interval(1 << 31, false), INTERVAL_SAMPLES);
    }

    #[test]
    fn refuses_what_is_not_rtcp() {
        for bytes in [&[0x80u8, 200, 0][..], &[0x80, 200, 0, 9, 1, 2], &[0x80, 0, 0, 0], &[0; 8]] {
            assert_eq!(parse(bytes, 1), None);
        }
        assert_eq!(parse(&[0x81, 200, 0, 1, 0, 0, 0, 5], 1), None, "a cut off sender report");
    }
}
