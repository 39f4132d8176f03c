//! What we send.

use std::fmt;

use super::derivation::Master;
use super::history::History;
use super::layout::{IS_ENCRYPTED, rtcp_source, rtp_header};
use super::profile::Profile;
use super::sources::{MAX_SOURCES_SENT, Sources};
use super::transform::{Position, RTCP_CLEAR_BYTES, Transform, Word};

/// One direction of a stream, towards the peer.
pub struct Outgoing {
    profile: Profile,
    rtp: Transform,
    rtcp: Transform,
    sources: Sources<Sent>,
}

#[derive(Clone, Copy, Default)]
struct Sent {
    packets: Option<History>,
    rtcp_index: u32,
}

impl Outgoing {
    /// With the master key and, after it, the salt; None when they have the wrong length.
    pub fn new(profile: Profile, key_and_salt: &[u8]) -> Option<Self> {
        let master = master(profile, key_and_salt)?;
        Some(Self {
            profile,
            rtp: Transform::of_rtp(profile, &master)?,
            rtcp: Transform::of_rtcp(profile, &master)?,
            sources: Sources::new(),
        })
    }

    /// Which one was agreed on.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Protects the RTP packet `buffer[start..]` in place and adds its tag at the end.
    ///
    /// False, and nothing is left after `start`, when it must not be sent: it is not RTP, its
    /// sequence number was used before, or it is of one source too many. To protect two packets with
    /// the same number would show both.
    pub fn protect_rtp(&mut self, buffer: &mut Vec<u8>, start: usize) -> bool {
        let is_protected = self.try_rtp(buffer, start).is_some();
        if !is_protected {
            buffer.truncate(start);
        }
        is_protected
    }

    /// Protects the RTCP packet `buffer[start..]`, and adds its index and tag; false as above.
    pub fn protect_rtcp(&mut self, buffer: &mut Vec<u8>, start: usize) -> bool {
        let is_protected = self.try_rtcp(buffer, start).is_some();
        if !is_protected {
            buffer.truncate(start);
        }
        is_protected
    }

    fn try_rtp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<()> {
        let packet = buffer.get_mut(start..)?;
        let header = rtp_header(packet)?;
        let index = self.next_index(header.ssrc, header.sequence)?;
        let (clear, secret) = packet.split_at_mut(header.length);
        let at = Position { ssrc: header.ssrc, index };
        let tag = self.rtp.seal(at, clear, secret, Word::Rollovers((index >> 16) as u32))?;
        buffer.extend_from_slice(&tag[..self.profile.tag_len()]);
        Some(())
    }

    fn try_rtcp(&mut self, buffer: &mut Vec<u8>, start: usize) -> Option<()> {
        let packet = buffer.get_mut(start..)?;
        let ssrc = rtcp_source(packet)?;
        let sent = self.source(ssrc)?;
        // Index zero is never used, so that a peer may begin with "greater than zero".
        let index = sent.rtcp_index + 1;
        if index >= IS_ENCRYPTED {
            return None;
        }
        sent.rtcp_index = index;
        let (clear, secret) = packet.split_at_mut(RTCP_CLEAR_BYTES);
        let at = Position { ssrc, index: u64::from(index) };
        let word = index | IS_ENCRYPTED;
        let tag = self.rtcp.seal(at, clear, secret, Word::Index(word))?;
        let tag = &tag[..self.profile.rtcp_tag_len()];
        if self.rtcp.tag_is_last() {
            buffer.extend_from_slice(&word.to_be_bytes());
            buffer.extend_from_slice(tag);
        } else {
            buffer.extend_from_slice(tag);
            buffer.extend_from_slice(&word.to_be_bytes());
        }
        Some(())
    }

    fn next_index(&mut self, ssrc: u32, sequence: u16) -> Option<u64> {
        let sent = self.source(ssrc)?;
        let Some(packets) = &mut sent.packets else {
            sent.packets = Some(History::beginning_at(u64::from(sequence)));
            return Some(u64::from(sequence));
        };
        let index = packets.index_of(sequence)?;
        packets.is_new(index).then(|| packets.note(index))?;
        Some(index)
    }

    /// None for one source too many: to forget one and meet it again would use its numbers twice.
    fn source(&mut self, ssrc: u32) -> Option<&mut Sent> {
        self.sources.get_or_add(ssrc, MAX_SOURCES_SENT)
    }
}

impl fmt::Debug for Outgoing {
    /// Without the keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Outgoing").field("profile", &self.profile).finish_non_exhaustive()
    }
}

pub(super) fn master(profile: Profile, key_and_salt: &[u8]) -> Option<Master> {
    let (key, salt) = key_and_salt.split_at_checked(profile.key_len())?;
    (salt.len() == profile.salt_len()).then(|| Master::new(key, salt))?
}
