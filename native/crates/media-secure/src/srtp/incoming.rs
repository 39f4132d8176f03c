//! What we receive.

use std::fmt;

use super::history::{History, first_indexes};
use super::layout::{IS_ENCRYPTED, RtpHeader, WORD_BYTES, rtcp_source, rtp_header};
use super::outgoing::master;
use super::profile::Profile;
use super::sources::{MAX_SOURCES_HEARD, Sources};
use super::transform::{Position, RTCP_CLEAR_BYTES, Transform, Word};

/// One direction of a stream, from the peer.
pub struct Incoming {
    profile: Profile,
    rtp: Transform,
    rtcp: Transform,
    sources: Sources<Heard>,
    replayed: u64,
    forged: u64,
}

#[derive(Clone, Copy, Default)]
struct Heard {
    packets: Option<History>,
    reports: Option<History>,
}

impl Incoming {
    /// With the master key and, after it, the salt; None when they have the wrong length.
    pub fn new(profile: Profile, key_and_salt: &[u8]) -> Option<Self> {
        let master = master(profile, key_and_salt)?;
        Some(Self {
            profile,
            rtp: Transform::of_rtp(profile, &master)?,
            rtcp: Transform::of_rtcp(profile, &master)?,
            sources: Sources::new(),
            replayed: 0,
            forged: 0,
        })
    }

    /// Which one was agreed on.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Packets that were refused because they had been there, or came too late to know.
    pub fn replayed(&self) -> u64 {
        self.replayed
    }

    /// Packets that were refused because their tag was wrong, or that had none.
    pub fn forged(&self) -> u64 {
        self.forged
    }

    /// Checks an SRTP packet and decrypts it in place; gives the length of the RTP packet.
    ///
    /// None when it is refused; then nothing is changed, neither the packet nor what we know.
    /// When more sources came than are followed, the one that was silent for longest is forgotten.
    pub fn unprotect_rtp(&mut self, packet: &mut [u8]) -> Option<usize> {
        let Some((header, end)) = self.rtp_bounds(packet) else {
            self.forged += 1;
            return None;
        };
        let known = self.sources.get(header.ssrc).and_then(|heard| heard.packets);
        let index = match known {
            Some(history) => {
                let index = history.index_of(header.sequence);
                let Some(index) = index.filter(|index| history.is_new(*index)) else {
                    self.replayed += 1;
                    return None;
                };
                self.opens_rtp(packet, header, end, index).then_some(index)
            }
            None => first_indexes(header.sequence)
                .find(|index| self.opens_rtp(packet, header, end, *index)),
        };
        let Some(index) = index else {
            self.forged += 1;
            return None;
        };
        note(&mut self.sources.get_or_replace(header.ssrc, MAX_SOURCES_HEARD).packets, index);
        Some(end)
    }

    /// As `unprotect_rtp`, for SRTCP; also takes reports that are authenticated only.
    pub fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Option<usize> {
        let Some((ssrc, word, end)) = self.rtcp_bounds(packet) else {
            self.forged += 1;
            return None;
        };
        let index = u64::from(word & !IS_ENCRYPTED);
        let known = self.sources.get(ssrc).and_then(|heard| heard.reports);
        if known.is_some_and(|history| !history.is_new(index)) {
            self.replayed += 1;
            return None;
        }
        if !self.opens_rtcp(packet, Position { ssrc, index }, word, end) {
            self.forged += 1;
            return None;
        }
        note(&mut self.sources.get_or_replace(ssrc, MAX_SOURCES_HEARD).reports, index);
        Some(end)
    }

    /// The header, and where the encrypted payload ends.
    fn rtp_bounds(&self, packet: &[u8]) -> Option<(RtpHeader, usize)> {
        let header = rtp_header(packet)?;
        let end = packet.len().checked_sub(self.profile.tag_len())?;
        (header.length <= end).then_some((header, end))
    }

    fn opens_rtp(&self, packet: &mut [u8], header: RtpHeader, end: usize, index: u64) -> bool {
        let (body, tag) = packet.split_at_mut(end);
        let (clear, secret) = body.split_at_mut(header.length);
        let at = Position { ssrc: header.ssrc, index };
        self.rtp.open(at, clear, secret, Word::Rollovers((index >> 16) as u32), tag)
    }

    /// The source, the word with the index, and where the encrypted report ends.
    fn rtcp_bounds(&self, packet: &[u8]) -> Option<(u32, u32, usize)> {
        let tag_len = self.profile.rtcp_tag_len();
        let end = packet.len().checked_sub(tag_len + WORD_BYTES)?;
        let ssrc = rtcp_source(packet.get(..end)?)?;
        let word_at = if self.rtcp.tag_is_last() { end } else { end + tag_len };
        let word = packet.get(word_at..)?.first_chunk()?;
        Some((ssrc, u32::from_be_bytes(*word), end))
    }

    fn opens_rtcp(&self, packet: &mut [u8], at: Position, word: u32, end: usize) -> bool {
        if word & IS_ENCRYPTED == 0 {
            return self.is_right_in_clear(packet, at, end);
        }
        let (body, rest) = packet.split_at_mut(end);
        let tag = if self.rtcp.tag_is_last() {
            &rest[WORD_BYTES..]
        } else {
            &rest[..rest.len() - WORD_BYTES]
        };
        let (clear, secret) = body.split_at_mut(RTCP_CLEAR_BYTES);
        self.rtcp.open(at, clear, secret, Word::Index(word), tag)
    }

    fn is_right_in_clear(&self, packet: &mut [u8], at: Position, end: usize) -> bool {
        let is_turned = !self.rtcp.tag_is_last();
        if is_turned {
            // The tag covers the report and its index, between which it stands.
            packet[end..].rotate_right(WORD_BYTES);
        }
        let (clear, tag) = packet.split_at(end + WORD_BYTES);
        let is_right = self.rtcp.is_right(at, clear, tag);
        if is_turned {
            packet[end..].rotate_left(WORD_BYTES);
        }
        is_right
    }
}

impl fmt::Debug for Incoming {
    /// Without the keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Incoming").field("profile", &self.profile).finish_non_exhaustive()
    }
}

fn note(history: &mut Option<History>, index: u64) {
    match history {
        Some(history) => history.note(index),
        None => *history = Some(History::beginning_at(index)),
    }
}
