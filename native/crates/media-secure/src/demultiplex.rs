//! What a datagram of a media port is (RFC 7983 §7, RFC 5761 §4).

/// What a datagram is, by its first octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A STUN message with the magic cookie: ICE's checks.
    Stun,
    /// A DTLS record.
    Dtls,
    /// RTP or SRTP.
    Rtp,
    /// RTCP or SRTCP.
    Rtcp,
    /// Nothing that we take: ZRTP, TURN channels, QUIC, or too short for what it says it is.
    Unknown,
}

const STUN_HEADER_BYTES: usize = 20;
const STUN_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const DTLS_RECORD_HEADER_BYTES: usize = 13;
const RTP_HEADER_BYTES: usize = 12;
const RTCP_HEADER_BYTES: usize = 8;

/// What `datagram` is; where the ranges end is in RFC 7983 §7.
///
/// STUN is taken with the magic cookie only (RFC 8489 §5), as all of ICE has it.
pub fn kind_of(datagram: &[u8]) -> Kind {
    let (kind, at_least) = match datagram {
        [0..=3, _, _, _, cookie @ ..] if cookie.starts_with(&STUN_COOKIE) => {
            (Kind::Stun, STUN_HEADER_BYTES)
        }
        [20..=63, ..] => (Kind::Dtls, DTLS_RECORD_HEADER_BYTES),
        // RFC 5761 §4: the types of RTCP are those that no RTP payload type with its marker uses.
        [128..=191, 192..=223, ..] => (Kind::Rtcp, RTCP_HEADER_BYTES),
        [128..=191, ..] => (Kind::Rtp, RTP_HEADER_BYTES),
        _ => (Kind::Unknown, 0),
    };
    if datagram.len() < at_least { Kind::Unknown } else { kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starting(first: &[u8], length: usize) -> Vec<u8> {
        let mut bytes = first.to_vec();
        bytes.resize(length, 0);
        bytes
    }

    #[test]
    fn tells_the_protocols_of_one_port_apart() {
        let binding_request = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
        assert_eq!(kind_of(&starting(&binding_request, 20)), Kind::Stun);
        assert_eq!(kind_of(&starting(&[22, 254, 253], 64)), Kind::Dtls);
        assert_eq!(kind_of(&starting(&[0x80, 0], 172)), Kind::Rtp);
        assert_eq!(kind_of(&starting(&[0x80, 0x80 | 111], 172)), Kind::Rtp);
        for sender_report_to_extended in 200..=207 {
            assert_eq!(kind_of(&starting(&[0x81, sender_report_to_extended], 28)), Kind::Rtcp);
        }
    }

    #[test]
    fn takes_nothing_else() {
        assert_eq!(kind_of(&[]), Kind::Unknown);
        assert_eq!(kind_of(&starting(&[0, 1, 0, 0], 20)), Kind::Unknown, "no cookie");
        for first in [4, 16, 19, 64, 79, 80, 127, 192, 255] {
            assert_eq!(kind_of(&starting(&[first], 100)), Kind::Unknown, "{first}");
        }
    }

    #[test]
    fn a_datagram_too_short_for_what_it_says_is_nothing() {
        let binding_request = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
        assert_eq!(kind_of(&starting(&binding_request, 19)), Kind::Unknown);
        assert_eq!(kind_of(&starting(&[22], 12)), Kind::Unknown);
        assert_eq!(kind_of(&starting(&[0x80, 0], 11)), Kind::Unknown);
        assert_eq!(kind_of(&starting(&[0x80, 200], 7)), Kind::Unknown);
    }
}
