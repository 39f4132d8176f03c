//! RTP packets (RFC 3550 §5.1).

use std::ops::Range;

/// Octets of a header without contributing sources and extension; all that we write.
pub const HEADER_BYTES: usize = 12;

/// Where things are in a received packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// First packet after a silence.
    pub marker: bool,
    /// 0 to 127.
    pub payload_type: u8,
    /// Counts packets, wraps.
    pub sequence: u16,
    /// Samples of the source's clock, wraps.
    pub timestamp: u32,
    /// The source.
    pub ssrc: u32,
    /// Where the payload is; it starts at `HEADER_BYTES` or later.
    pub payload: Range<usize>,
}

/// Reads a packet; None when it is not RTP, or RTCP sent to the wrong port.
pub fn parse(bytes: &[u8]) -> Option<Packet> {
    let header: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
    if header[0] >> 6 != 2 || is_rtcp_type(header[1]) {
        return None;
    }
    let mut start = HEADER_BYTES + usize::from(header[0] & 0x0f) * 4;
    if header[0] & 0x10 != 0 {
        let extension = bytes.get(start..start + 4)?;
        let words = u16::from_be_bytes([extension[2], extension[3]]);
        start += 4 + usize::from(words) * 4;
    }
    let mut end = bytes.len();
    if header[0] & 0x20 != 0 {
        let padding = usize::from(*bytes.last()?);
        if padding == 0 {
            return None;
        }
        end = end.checked_sub(padding)?;
    }
    (start <= end).then(|| Packet {
        marker: header[1] & 0x80 != 0,
        payload_type: header[1] & 0x7f,
        sequence: u16::from_be_bytes([header[2], header[3]]),
        timestamp: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
        ssrc: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
        payload: start..end,
    })
}

/// What a header that we write says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// First packet after a silence.
    pub marker: bool,
    /// 0 to 127.
    pub payload_type: u8,
    /// Counts packets, wraps.
    pub sequence: u16,
    /// In samples, wraps.
    pub timestamp: u32,
    /// Us.
    pub ssrc: u32,
}

impl Header {
    /// The octets to put before the payload.
    pub fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0] = 0x80;
        bytes[1] = u8::from(self.marker) << 7 | self.payload_type;
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}

/// RFC 3550 §12.1: RTCP packet types; as RTP they would be payload types 72 to 79 with marker.
fn is_rtcp_type(octet: u8) -> bool {
    (200..=207).contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header {
        marker: true,
        payload_type: 8,
        sequence: 65_535,
        timestamp: 0x0102_0304,
        ssrc: 0xdead_beef,
    };

    fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = HEADER.to_bytes().to_vec();
        bytes[0] = first;
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn reads_what_it_writes() {
        let read = parse(&packet(0x80, b"abc")).unwrap();
        assert_eq!((read.marker, read.payload_type), (true, 8));
        assert_eq!((read.sequence, read.timestamp, read.ssrc), (65_535, 0x0102_0304, 0xdead_beef));
        assert_eq!(read.payload, 12..15);
    }

    #[test]
    fn skips_sources_extension_and_padding() {
        let rest = [&[1; 8][..], &[0, 0, 0, 1, 9, 9, 9, 9], b"audio", &[0, 0, 3]].concat();
        assert_eq!(parse(&packet(0x80 | 0x20 | 0x10 | 2, &rest)).unwrap().payload, 28..33);
    }

    #[test]
    fn refuses_what_is_not_rtp() {
        assert_eq!(parse(&[]), None);
        assert_eq!(parse(&[0x80; 11]), None);
        assert_eq!(parse(&packet(0x40, b"")), None, "version 1");
        assert_eq!(parse(&packet(0x8f, b"")), None, "sources cut off");
        assert_eq!(parse(&packet(0x90, &[0, 0, 0xff, 0xff])), None, "extension cut off");
        assert_eq!(parse(&packet(0xa0, &[200])), None, "more padding than packet");
        assert_eq!(parse(&packet(0xa0, &[0])), None, "padding without count");
        let mut report = packet(0x80, &[0; 16]);
        report[1] = 200;
        assert_eq!(parse(&report), None, "a sender report");
    }
}
