//! Extended reports (RFC 3611): the round trip of a party that only listens, and how a voice call
//! sounds.

use super::{put_header, word_at};
use crate::bursts::{GAP_MIN, Spread};

/// Payload type.
pub(super) const EXTENDED_REPORT: u8 = 207;
const REFERENCE_TIME: u8 = 4;
const SINCE_REFERENCE: u8 = 5;
const VOICE: u8 = 7;
const VOICE_WORDS: u16 = 8;
/// Blocks of a peer's packet that are looked at.
const BLOCKS_MAX: usize = 32;
/// Of a value that was not measured (§4.7.3 to §4.7.5).
pub const UNAVAILABLE: u8 = 127;

/// What we tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extended {
    /// NTP time at which this report leaves (§4.4).
    pub reference: Option<u64>,
    /// Echoes the peer's reference time (§4.5).
    pub since: Option<Since>,
    /// How the peer sounds here (§4.7).
    pub voice: Option<Voice>,
}

/// What a peer tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The middle bits of its NTP time, to be echoed.
    pub reference: Option<u32>,
    /// Echo of ours, as `round_trip_us` takes it.
    pub echo: Option<(u32, u32)>,
    /// How we sound there.
    pub voice: Option<Voice>,
}

/// An echo of a receiver's reference time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// Who told it.
    pub ssrc: u32,
    /// The middle bits of what was told.
    pub last_reference: u32,
    /// 65536ths of a second ago.
    pub delay: u32,
}

/// The metrics of a voice call; rates in 256ths, times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voice {
    /// The source that is reported on.
    pub ssrc: u32,
    /// Packets that never came.
    pub lost: u8,
    /// Packets that came too late.
    pub discarded: u8,
    /// Where they were missing.
    pub spread: Spread,
    /// 0: not known.
    pub round_trip_ms: u16,
    /// In the system that reports, both ways.
    pub end_system_ms: u16,
    /// R factor, 0 to 100.
    pub r_factor: u8,
    /// Listening quality, MOS times ten.
    pub listening: u8,
    /// Conversational quality, MOS times ten.
    pub conversation: u8,
    /// Delay of the jitter buffer, now.
    pub buffer_ms: u16,
    /// The longest it may become.
    pub buffer_max_ms: u16,
}

/// Appends the packet, if there is anything to tell.
pub(super) fn put(ssrc: u32, extended: &Extended, bytes: &mut Vec<u8>) {
    let reference = extended.reference.map_or(0, |_| 3);
    let since = extended.since.map_or(0, |_| 4);
    let voice = extended.voice.map_or(0, |_| VOICE_WORDS + 1);
    let blocks = reference + since + voice;
    if blocks == 0 {
        return;
    }
    put_header(bytes, 0, EXTENDED_REPORT, 1 + blocks);
    bytes.extend_from_slice(&ssrc.to_be_bytes());
    if let Some(ntp) = extended.reference {
        bytes.extend_from_slice(&[REFERENCE_TIME, 0, 0, 2]);
        bytes.extend_from_slice(&ntp.to_be_bytes());
    }
    if let Some(since) = extended.since {
        bytes.extend_from_slice(&[SINCE_REFERENCE, 0, 0, 3]);
        for word in [since.ssrc, since.last_reference, since.delay] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
    }
    if let Some(voice) = extended.voice {
        put_voice(bytes, &voice);
    }
}

fn put_voice(bytes: &mut Vec<u8>, voice: &Voice) {
    // Late packets are replaced by made-up sound, and the buffer follows the network: §4.7.6.
    const CONCEALED_AND_ADAPTIVE: u8 = 0b1011_0000;
    let spread = voice.spread;
    bytes.extend_from_slice(&[VOICE, 0, 0, VOICE_WORDS as u8]);
    bytes.extend_from_slice(&voice.ssrc.to_be_bytes());
    bytes.extend_from_slice(&[voice.lost, voice.discarded]);
    bytes.extend_from_slice(&[spread.burst_density, spread.gap_density]);
    for time_ms in [spread.burst_ms, spread.gap_ms, voice.round_trip_ms, voice.end_system_ms] {
        bytes.extend_from_slice(&time_ms.to_be_bytes());
    }
    // Signal, noise and echo are not measured.
    bytes.extend_from_slice(&[UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, GAP_MIN as u8]);
    bytes.extend_from_slice(&[voice.r_factor, UNAVAILABLE, voice.listening, voice.conversation]);
    bytes.extend_from_slice(&[CONCEALED_AND_ADAPTIVE, 0]);
    for time_ms in [voice.buffer_ms, voice.buffer_max_ms, voice.buffer_max_ms] {
        bytes.extend_from_slice(&time_ms.to_be_bytes());
    }
}

/// Reads the blocks about `ssrc`; what is malformed ends the reading.
pub(super) fn take(mut blocks: &[u8], ssrc: u32, heard: &mut Heard) {
    for _ in 0..BLOCKS_MAX {
        let Some(header) = blocks.first_chunk::<4>() else { return };
        let length = 4 + usize::from(u16::from_be_bytes([header[2], header[3]])) * 4;
        let Some((block, rest)) = blocks.split_at_checked(length) else { return };
        match header[0] {
            REFERENCE_TIME => heard.reference = word_at(block, 6).or(heard.reference),
            SINCE_REFERENCE => heard.echo = echo_for(ssrc, block).or(heard.echo),
            VOICE => heard.voice = voice_of(block).filter(|v| v.ssrc == ssrc).or(heard.voice),
            _ => {}
        }
        blocks = rest;
    }
}

fn echo_for(ssrc: u32, block: &[u8]) -> Option<(u32, u32)> {
    let ours = block[4..].chunks_exact(12).find(|echo| word_at(echo, 0) == Some(ssrc))?;
    Some((word_at(ours, 4)?, word_at(ours, 8)?))
}

fn voice_of(block: &[u8]) -> Option<Voice> {
    let block: &[u8; 36] = block.first_chunk()?;
    let short = |at: usize| u16::from_be_bytes([block[at], block[at + 1]]);
    Some(Voice {
        ssrc: word_at(block, 4)?,
        lost: block[8],
        discarded: block[9],
        spread: Spread {
            burst_density: block[10],
            gap_density: block[11],
            burst_ms: short(12),
            gap_ms: short(14),
        },
        round_trip_ms: short(16),
        end_system_ms: short(18),
        r_factor: block[24],
        listening: block[26],
        conversation: block[27],
        buffer_ms: short(30),
        buffer_max_ms: short(34),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtcp::{PACKET_BYTES_MAX, Report, parse, round_trip_us, write_extended};

    const VOICE_HEARD: Voice = Voice {
        ssrc: 9,
        lost: 12,
        discarded: 3,
        spread: Spread { burst_density: 128, gap_density: 2, burst_ms: 140, gap_ms: 9_000 },
        round_trip_ms: 81,
        end_system_ms: 60,
        r_factor: 88,
        listening: 42,
        conversation: 41,
        buffer_ms: 40,
        buffer_max_ms: 200,
    };

    fn packet(extended: &Extended, bye: bool) -> Vec<u8> {
        let cname = "x".repeat(64);
        let report = Report { ssrc: 5, sender: None, reception: None, cname: &cname, bye };
        let mut bytes = Vec::new();
        write_extended(&report, extended, &mut bytes);
        bytes
    }

    #[test]
    fn all_blocks_are_read_back() {
        let ntp = 0x0102_0304_0506_0708;
        let since = Since { ssrc: 9, last_reference: 0x2222, delay: 33 };
        let extended =
            Extended { reference: Some(ntp), since: Some(since), voice: Some(VOICE_HEARD) };
        let bytes = packet(&extended, true);
        assert!(bytes.len() <= PACKET_BYTES_MAX && bytes.len().is_multiple_of(4));
        let heard = parse(&bytes, 9).unwrap();
        assert_eq!(heard.extended.reference, Some(0x0304_0506));
        assert_eq!(heard.extended.echo, Some((0x2222, 33)));
        assert_eq!(heard.extended.voice, Some(VOICE_HEARD));
        assert!(heard.bye);
        let of_others = parse(&bytes, 4).unwrap().extended;
        assert_eq!((of_others.echo, of_others.voice), (None, None));
    }

    #[test]
    fn a_party_that_only_listens_learns_the_round_trip() {
        let sent = 5_000_u64 << 32;
        let middle = super::super::middle_of(sent);
        let since = Since { ssrc: 5, last_reference: middle, delay: 6_554 };
        let bytes = packet(&Extended { since: Some(since), ..Extended::default() }, false);
        let echo = parse(&bytes, 5).unwrap().extended.echo.unwrap();
        let us = round_trip_us(sent + (180 << 32) / 1_000, echo).unwrap();
        assert!((79_000..81_000).contains(&us), "{us}");
    }

    #[test]
    fn cut_off_and_unknown_blocks_are_left_out() {
        let whole = packet(&Extended { voice: Some(VOICE_HEARD), ..Extended::default() }, false);
        let at = whole.len() - 36;
        let mut unknown = whole.clone();
        unknown[at] = 99;
        assert_eq!(parse(&unknown, 9).unwrap().extended, Heard::default());
        let mut too_long = whole.clone();
        too_long[at + 3] = 200;
        assert_eq!(parse(&too_long, 9).unwrap().extended, Heard::default());
        let mut too_short = whole;
        too_short[at + 3] = 1;
        assert_eq!(parse(&too_short, 9).unwrap().extended.voice, None);
    }
}
