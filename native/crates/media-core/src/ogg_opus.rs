//! Opus in Ogg (RFC 3533, RFC 7845): packets become pages.
//!
//! One or two channels, each a stream of its own: what is said on one side never leaks into the
//! other, and an encoder for one channel suffices (channel mapping family 1, RFC 7845 §5.1.1.2).

use std::ops::Range;

/// Granule positions count samples of this rate, whatever the audio has (RFC 7845 §4).
pub const CLOCK_HZ: u64 = 48_000;
/// Samples of `CLOCK_HZ` in a page: what a killed process loses at most, and its one packet.
pub const PAGE_SAMPLES: u64 = CLOCK_HZ;

const HEADER_BYTES: usize = 27;
const SEGMENTS_MAX: usize = 255;
const CONTINUED: u8 = 1;
const FIRST: u8 = 2;
const LAST: u8 = 4;
/// A packet whose length no single frame could have (RFC 6716 §3.2.1).
const FRAME_BYTES_MAX: usize = 1_275;

/// What a file is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// 1 or 2.
    pub channels: u8,
    /// Of the audio before it was encoded; only told.
    pub rate_hz: u32,
    /// Samples of `CLOCK_HZ` that a player leaves out at the start: the encoder's delay.
    pub pre_skip: u16,
}

/// Makes the pages of one file, in order.
#[derive(Debug)]
pub struct Pages {
    serial: u32,
    sequence: u32,
    /// Of the end of the last packet taken, pre-skip included.
    granule: u64,
    segments: Vec<u8>,
    body: Vec<u8>,
    /// Samples in the page that is being filled.
    filled: u64,
}

impl Pages {
    /// `serial` tells the stream from others; any number will do (RFC 3533 §4).
    pub fn new(serial: u32) -> Self {
        let (segments, body) = (Vec::new(), Vec::new());
        Self { serial, sequence: 0, granule: 0, segments, body, filled: 0 }
    }

    /// The two pages at the start of a file (RFC 7845 §3).
    pub fn headers(&mut self, format: Format, into: &mut Vec<u8>) {
        self.add(&identification(format));
        self.close(FIRST, 0, into);
        self.add(&comments());
        self.close(0, 0, into);
    }

    /// Takes a packet of so many samples of `CLOCK_HZ`; appends the page that it filled, if any.
    pub fn packet(&mut self, packet: &[u8], samples: u64, into: &mut Vec<u8>) {
        if self.segments.len() + segments_of(packet.len()) > SEGMENTS_MAX {
            self.close(0, self.granule, into);
        }
        self.add(packet);
        self.granule += samples;
        self.filled += samples;
        if self.filled >= PAGE_SAMPLES {
            self.close(0, self.granule, into);
        }
    }

    /// Appends the last page: the file is over at `granule`, pre-skip included. What lies behind
    /// it in the last page is not played (RFC 7845 §4.4).
    pub fn finish(&mut self, granule: u64, into: &mut Vec<u8>) {
        self.close(LAST, granule.min(self.granule), into);
    }

    /// The end of what was taken.
    pub fn granule(&self) -> u64 {
        self.granule
    }

    /// Goes back to where a page that was made begins, at the granule position `begins`, and takes
    /// its first packets again. What comes next replaces it and what follows it.
    pub fn reopen(&mut self, page: &Page<'_>, begins: u64, packets: usize, samples: u64) {
        self.sequence = page.sequence;
        self.segments.clear();
        self.body.clear();
        let kept = page.packets().take(packets);
        self.filled = samples * kept.len() as u64;
        self.granule = begins + self.filled;
        kept.for_each(|packet| self.add(packet));
    }

    fn add(&mut self, packet: &[u8]) {
        let segments = segments_of(packet.len());
        self.segments.extend(std::iter::repeat_n(255, segments - 1));
        self.segments.push((packet.len() % 255) as u8);
        self.body.extend_from_slice(packet);
    }

    fn close(&mut self, flags: u8, granule: u64, into: &mut Vec<u8>) {
        let start = into.len();
        into.extend_from_slice(b"OggS\0");
        into.push(flags);
        into.extend_from_slice(&granule.to_le_bytes());
        into.extend_from_slice(&self.serial.to_le_bytes());
        into.extend_from_slice(&self.sequence.to_le_bytes());
        into.extend_from_slice(&[0; 4]);
        into.push(self.segments.len() as u8);
        into.append(&mut self.segments);
        into.append(&mut self.body);
        let sum = checksum(&into[start..]);
        into[start + 22..start + 26].copy_from_slice(&sum.to_le_bytes());
        self.sequence += 1;
        self.filled = 0;
    }
}

/// Two packets of the same length in time as one that holds both streams (RFC 7845 §5.1.1: all but
/// the last are self-delimited, RFC 6716 appendix B). Both have one frame, as ours do.
pub fn join(left: &[u8], right: &[u8], into: &mut Vec<u8>) {
    let (toc, frame) = left.split_first().unwrap_or((&0, &[]));
    let frame = &frame[..frame.len().min(FRAME_BYTES_MAX)];
    into.push(*toc);
    if frame.len() < 252 {
        into.push(frame.len() as u8);
    } else {
        let first = 252 + (frame.len() & 3);
        into.extend_from_slice(&[first as u8, ((frame.len() - first) / 4) as u8]);
    }
    into.extend_from_slice(frame);
    into.extend_from_slice(right);
}

/// A page that was made before, read back.
#[derive(Debug)]
pub struct Page<'a> {
    /// Its number.
    pub sequence: u32,
    /// Of the end of its last packet.
    pub granule: u64,
    /// The last one of its stream.
    pub is_last: bool,
    /// Octets of the whole page.
    pub length: usize,
    bytes: &'a [u8],
    packets: Vec<Range<usize>>,
}

impl<'a> Page<'a> {
    /// None when a whole, undamaged page does not begin there, or packets run over its ends.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let segments = usize::from(*bytes.get(HEADER_BYTES - 1)?);
        let table = bytes.get(HEADER_BYTES..HEADER_BYTES + segments)?;
        let start = HEADER_BYTES + segments;
        let length = start + table.iter().map(|&octets| usize::from(octets)).sum::<usize>();
        let page = bytes.get(..length)?;
        let mut unsigned = page.to_vec();
        unsigned[22..26].fill(0);
        let is_whole = page.starts_with(b"OggS\0")
            && page[5] & CONTINUED == 0
            && table.last() != Some(&255)
            && page[22..26] == checksum(&unsigned).to_le_bytes();
        let mut packets = Vec::new();
        let mut packet = start..start;
        for &octets in table {
            packet.end += usize::from(octets);
            if octets < 255 {
                packets.push(packet.clone());
                packet = packet.end..packet.end;
            }
        }
        is_whole.then(|| Self {
            sequence: u32::from_le_bytes([page[18], page[19], page[20], page[21]]),
            granule: page[6..14].iter().rev().fold(0, |sum, &octet| sum << 8 | u64::from(octet)),
            is_last: page[5] & LAST != 0,
            length,
            bytes: page,
            packets,
        })
    }

    /// What it holds.
    pub fn packets(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + '_ {
        self.packets.iter().map(|range| &self.bytes[range.clone()])
    }
}

fn identification(format: Format) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.push(format.channels);
    head.extend_from_slice(&format.pre_skip.to_le_bytes());
    head.extend_from_slice(&format.rate_hz.to_le_bytes());
    head.extend_from_slice(&[0, 0]); // output gain
    match format.channels {
        1 => head.push(0),
        // Two streams, none of them coupled.
        _ => head.extend_from_slice(&[1, 2, 0, 0, 1]),
    }
    head
}

fn comments() -> Vec<u8> {
    let vendor = b"Callwright";
    let mut tags = b"OpusTags".to_vec();
    tags.extend_from_slice(&(vendor.len() as u32).to_le_bytes());
    tags.extend_from_slice(vendor);
    tags.extend_from_slice(&[0; 4]); // no comments
    tags
}

fn segments_of(octets: usize) -> usize {
    octets / 255 + 1
}

/// CRC-32 with polynomial 0x04c11db7, neither reflected nor inverted (RFC 3533 §6).
fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32, &byte: &u8| sum << 8 ^ CRC[usize::from((sum >> 24) as u8 ^ byte)];
    bytes.iter().fold(0, step)
}

static CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = (index as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            value = if value >> 31 == 1 { value << 1 ^ 0x04c1_1db7 } else { value << 1 };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    const MONO: Format = Format { channels: 1, rate_hz: 8_000, pre_skip: 312 };

    fn pages_of(mut bytes: &[u8]) -> Vec<Page<'_>> {
        let mut pages = Vec::new();
        while !bytes.is_empty() {
            pages.push(Page::read(bytes).expect("a page"));
            bytes = &bytes[pages.last().unwrap().length..];
        }
        pages
    }

    #[test]
    fn the_checksum_is_ogg_s() {
        // Of "123456789" under the parameters of RFC 3533, as catalogued for CRC-32 with them.
        assert_eq!(checksum(b"123456789"), 0x89a1_897f);
    }

    #[test]
    fn a_file_begins_with_two_headers_of_their_own() {
        let mut file = Vec::new();
        Pages::new(7).headers(MONO, &mut file);
        let pages = pages_of(&file);
        assert_eq!(pages.len(), 2);
        assert_eq!(file[5], FIRST);
        let head = pages[0].packets().next().unwrap();
        assert_eq!(&head[..12], b"OpusHead\x01\x01\x38\x01");
        assert_eq!(head.len(), 19);
        assert!(pages[1].packets().next().unwrap().starts_with(b"OpusTags"));
        assert_eq!((pages[0].granule, pages[1].granule, pages[1].sequence), (0, 0, 1));
    }

    #[test]
    fn a_page_holds_a_second_and_the_last_one_says_where_the_audio_ends() {
        let mut pages = Pages::new(7);
        let mut file = Vec::new();
        for number in 0..120 {
            pages.packet(&[number; 40], 960, &mut file);
        }
        pages.finish(115_000, &mut file);
        let made = pages_of(&file);
        let granules: Vec<u64> = made.iter().map(|page| page.granule).collect();
        assert_eq!(granules, [48_000, 96_000, 115_000]);
        let counts: Vec<usize> = made.iter().map(|page| page.packets().len()).collect();
        assert_eq!(counts, [50, 50, 20]);
        assert!(made[2].is_last && !made[1].is_last);
        assert!(made[1].packets().zip(50..).all(|(packet, number)| packet == [number; 40]));
    }

    #[test]
    fn long_packets_are_laced_and_fill_a_page_early() {
        for length in [0, 254, 255, 256, 510, 1_275] {
            let mut pages = Pages::new(7);
            let mut file = Vec::new();
            for _ in 0..50 {
                pages.packet(&vec![3; length], 960, &mut file);
            }
            pages.finish(u64::MAX, &mut file);
            let made = pages_of(&file);
            assert_eq!(made.iter().map(|page| page.packets().len()).sum::<usize>(), 50);
            assert!(made.iter().flat_map(Page::packets).all(|packet| packet.len() == length));
            assert_eq!(made.last().unwrap().granule, 48_000);
        }
    }

    #[test]
    fn a_page_can_be_made_again_with_fewer_packets() {
        let mut pages = Pages::new(7);
        let mut file = Vec::new();
        for number in 0..100 {
            pages.packet(&[number; 9], 960, &mut file);
        }
        let length = pages_of(&file)[0].length;
        let all = file.clone();
        let second = Page::read(&all[length..]).unwrap();
        pages.reopen(&second, 48_000, 3, 960);
        file.truncate(length);
        pages.finish(50_000, &mut file);
        let made = pages_of(&file);
        assert_eq!((made.len(), made[1].sequence, made[1].granule), (2, 1, 50_000));
        assert_eq!(made[1].packets().last().unwrap(), [52; 9]);
    }

    #[test]
    fn damage_is_no_page() {
        let mut pages = Pages::new(7);
        let mut file = Vec::new();
        pages.packet(&[5; 300], 960, &mut file);
        pages.finish(960, &mut file);
        assert!(Page::read(&file).is_some());
        for cut in 0..file.len() {
            assert!(Page::read(&file[..cut]).is_none());
            let mut flipped = file.clone();
            flipped[cut] ^= 4;
            assert!(Page::read(&flipped).is_none());
        }
    }

    #[test]
    fn two_streams_share_a_packet() {
        for (length, prefix) in [(3, vec![3u8]), (252, vec![252, 0]), (1_000, vec![252, 187])] {
            let left: Vec<u8> = std::iter::once(8).chain(std::iter::repeat_n(1, length)).collect();
            let mut joined = Vec::new();
            join(&left, &[8, 2, 2], &mut joined);
            let mut expected = vec![8];
            expected.extend(prefix);
            expected.extend(std::iter::repeat_n(1, length));
            expected.extend([8, 2, 2]);
            assert_eq!(joined, expected);
        }
    }
}
