//! Where the parts of RTP and RTCP are that stay in clear.

/// Octets of the word that RTCP ends with: this bit, and an index of 31 (RFC 3711 §3.4).
pub(super) const WORD_BYTES: usize = 4;
/// Says that the report is encrypted.
pub(super) const IS_ENCRYPTED: u32 = 1 << 31;

/// What of an RTP header matters here.
#[derive(Clone, Copy)]
pub(super) struct RtpHeader {
    /// Octets with contributing sources and extension; the rest is encrypted.
    pub(super) length: usize,
    pub(super) sequence: u16,
    pub(super) ssrc: u32,
}

/// None when the packet is not RTP, or shorter than its header says.
pub(super) fn rtp_header(packet: &[u8]) -> Option<RtpHeader> {
    let fixed: &[u8; 12] = packet.first_chunk()?;
    if fixed[0] >> 6 != 2 {
        return None;
    }
    let mut length = fixed.len() + usize::from(fixed[0] & 0x0f) * 4;
    if fixed[0] & 0x10 != 0 {
        let extension: &[u8; 4] = packet.get(length..)?.first_chunk()?;
        length += 4 + usize::from(u16::from_be_bytes([extension[2], extension[3]])) * 4;
    }
    (length <= packet.len()).then(|| RtpHeader {
        length,
        sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
        ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
    })
}

/// The source of an RTCP packet; None when it is not RTCP.
pub(super) fn rtcp_source(packet: &[u8]) -> Option<u32> {
    let fixed: &[u8; 8] = packet.first_chunk()?;
    (fixed[0] >> 6 == 2).then(|| u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]))
}
