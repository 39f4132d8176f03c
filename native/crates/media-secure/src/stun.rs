//! STUN binding messages with short-term credentials (RFC 8489), as ICE uses them (RFC 8445 §7).

use std::net::{IpAddr, SocketAddr};

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

pub(crate) const HEADER_BYTES: usize = 20;
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// More than any check carries; longer messages are not looked at.
const MAX_MESSAGE_BYTES: usize = 1_280;
const INTEGRITY_BYTES: usize = 20;
const FINGERPRINT_BYTES: usize = 4;
const FINGERPRINT_MASK: u32 = 0x5354_554e;

pub(crate) mod kind {
    pub(crate) const REQUEST: u16 = 0x0001;
    pub(crate) const SUCCESS: u16 = 0x0101;
    pub(crate) const ERROR: u16 = 0x0111;
}

pub(crate) mod attribute {
    pub(crate) const USERNAME: u16 = 0x0006;
    pub(crate) const MESSAGE_INTEGRITY: u16 = 0x0008;
    pub(crate) const ERROR_CODE: u16 = 0x0009;
    pub(crate) const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
    pub(crate) const XOR_MAPPED_ADDRESS: u16 = 0x0020;
    pub(crate) const PRIORITY: u16 = 0x0024;
    pub(crate) const USE_CANDIDATE: u16 = 0x0025;
    pub(crate) const FINGERPRINT: u16 = 0x8028;
    pub(crate) const ICE_CONTROLLED: u16 = 0x8029;
    /// Types below must be understood by who receives them (RFC 8489 §14).
    pub(crate) const FIRST_OPTIONAL: u16 = 0x8000;
}

/// A well-formed message, not yet believed.
pub(crate) struct Message<'a> {
    bytes: &'a [u8],
    /// Where MESSAGE-INTEGRITY begins; what follows it is not covered, so not looked at.
    integrity_at: Option<usize>,
}

impl<'a> Message<'a> {
    /// None for what is no STUN message, is cut short, or has a wrong FINGERPRINT.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let length = usize::from(u16_at(bytes, 2)?);
        let is_stun = bytes.len() <= MAX_MESSAGE_BYTES
            && bytes.len() == HEADER_BYTES + length
            && length.is_multiple_of(4)
            && bytes[0] < 4
            && bytes[4..8] == COOKIE;
        if !is_stun {
            return None;
        }
        let mut integrity_at = None;
        let mut at = HEADER_BYTES;
        while at < bytes.len() {
            let (kind, value) = attribute_at(bytes, at)?;
            match kind {
                attribute::MESSAGE_INTEGRITY if integrity_at.is_none() => {
                    if value.len() != INTEGRITY_BYTES {
                        return None;
                    }
                    integrity_at = Some(at);
                }
                attribute::FINGERPRINT if value != fingerprint(&bytes[..at]) => return None,
                _ => {}
            }
            at += 4 + value.len().next_multiple_of(4);
        }
        Some(Self { bytes, integrity_at })
    }

    /// Class and method.
    pub(crate) fn kind(&self) -> u16 {
        u16::from_be_bytes([self.bytes[0], self.bytes[1]])
    }

    /// Cookie and transaction.
    pub(crate) fn transaction(&self) -> &'a [u8] {
        &self.bytes[4..HEADER_BYTES]
    }

    /// Types and values that MESSAGE-INTEGRITY covers; all, when there is none.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (u16, &'a [u8])> {
        let end = self.integrity_at.unwrap_or(self.bytes.len());
        let bytes = self.bytes;
        let mut at = HEADER_BYTES;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let (kind, value) = attribute_at(bytes, at)?;
            at += 4 + value.len().next_multiple_of(4);
            Some((kind, value))
        })
    }

    /// The value of the first attribute of this type.
    pub(crate) fn value(&self, kind: u16) -> Option<&'a [u8]> {
        self.attributes().find(|(found, _)| *found == kind).map(|(_, value)| value)
    }

    /// Whether who sent it knows the password; compared in constant time.
    pub(crate) fn is_authentic(&self, password: &str) -> bool {
        let Some(at) = self.integrity_at else { return false };
        let proof = &self.bytes[at + 4..at + 4 + INTEGRITY_BYTES];
        integrity(&self.bytes[..at], password).verify_slice(proof).is_ok()
    }
}

/// Writes a message; ends with `seal`.
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// `transaction` is cookie and transaction, as `Message::transaction` gives it.
    pub(crate) fn new(kind: u16, transaction: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(&kind.to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(transaction);
        Self { bytes }
    }

    pub(crate) fn put(&mut self, kind: u16, value: &[u8]) {
        self.bytes.extend_from_slice(&kind.to_be_bytes());
        self.bytes.extend_from_slice(&(value.len() as u16).to_be_bytes());
        self.bytes.extend_from_slice(value);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        let length = (self.bytes.len() - HEADER_BYTES) as u16;
        self.bytes[2..4].copy_from_slice(&length.to_be_bytes());
    }

    /// An address that no middle box rewrites (RFC 8489 §14.2).
    pub(crate) fn put_xor_address(&mut self, address: SocketAddr) {
        let mut mask = [0; 16];
        mask.copy_from_slice(&self.bytes[4..HEADER_BYTES]);
        let [high, low] = address.port().to_be_bytes();
        let mut value = vec![0, 1, high ^ mask[0], low ^ mask[1]];
        match address.ip().to_canonical() {
            IpAddr::V4(ip) => value.extend(ip.octets().iter().zip(mask).map(|(a, b)| a ^ b)),
            IpAddr::V6(ip) => {
                value[1] = 2;
                value.extend(ip.octets().iter().zip(mask).map(|(a, b)| a ^ b));
            }
        }
        self.put(attribute::XOR_MAPPED_ADDRESS, &value);
    }

    /// Adds MESSAGE-INTEGRITY and FINGERPRINT.
    pub(crate) fn seal(mut self, password: &str) -> Vec<u8> {
        let proof = integrity(&self.bytes, password).finalize().into_bytes();
        self.put(attribute::MESSAGE_INTEGRITY, &proof);
        let checksum = fingerprint(&self.bytes);
        self.put(attribute::FINGERPRINT, &checksum);
        self.bytes
    }
}

/// The HMAC over what comes before MESSAGE-INTEGRITY, with the length as if the message ended
/// after it (RFC 8489 §14.5).
fn integrity(before: &[u8], password: &str) -> Hmac<Sha1> {
    let mut header = [0; HEADER_BYTES];
    header.copy_from_slice(&before[..HEADER_BYTES]);
    let length = before.len() - HEADER_BYTES + 4 + INTEGRITY_BYTES;
    header[2..4].copy_from_slice(&(length as u16).to_be_bytes());
    let mut hmac =
        Hmac::<Sha1>::new_from_slice(password.as_bytes()).expect("HMAC takes keys of any length");
    hmac.update(&header);
    hmac.update(&before[HEADER_BYTES..]);
    hmac
}

/// CRC-32 of what comes before FINGERPRINT, with the length as if the message ended after it
/// (RFC 8489 §14.7).
fn fingerprint(before: &[u8]) -> [u8; FINGERPRINT_BYTES] {
    let length = before.len() - HEADER_BYTES + 4 + FINGERPRINT_BYTES;
    let [high, low] = (length as u16).to_be_bytes();
    let header = [before[0], before[1], high, low];
    let crc = crc32(header.iter().chain(&before[4..]));
    (crc ^ FINGERPRINT_MASK).to_be_bytes()
}

/// CRC-32 of ISO-HDLC (polynomial 0x04C11DB7, reflected).
fn crc32<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    const TABLE: [u32; 256] = crc32_table();
    !bytes.fold(!0, |crc, byte| (crc >> 8) ^ TABLE[usize::from(crc as u8 ^ byte)])
}

const fn crc32_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn attribute_at(bytes: &[u8], at: usize) -> Option<(u16, &[u8])> {
    let length = usize::from(u16_at(bytes, at + 2)?);
    let value = bytes.get(at + 4..at + 4 + length)?;
    bytes.get(at + 4 + length..at + 4 + length.next_multiple_of(4))?;
    Some((u16_at(bytes, at)?, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 §2.1: a request with this password.
    const SAMPLE_PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
    const SAMPLE_REQUEST: [u8; 108] = [
        0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6,
        0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74,
        0x65, 0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e,
        0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36,
        0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20,
        0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e,
        0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5,
        0x7a, 0x3b, 0xcf,
    ];

    #[test]
    fn reads_the_sample_request_of_rfc_5769() {
        let message = Message::parse(&SAMPLE_REQUEST).expect("a message");
        assert_eq!(message.kind(), kind::REQUEST);
        assert_eq!(message.value(attribute::USERNAME), Some(b"evtj:h6vY".as_slice()));
        assert_eq!(message.value(attribute::PRIORITY), Some([0x6e, 0, 1, 0xff].as_slice()));
        assert!(message.is_authentic(SAMPLE_PASSWORD));
        assert!(!message.is_authentic("VOkJxbRl1RmTxUk/WvJxBT"));
    }

    #[test]
    fn what_is_cut_or_changed_is_no_message() {
        for length in 0..SAMPLE_REQUEST.len() {
            assert!(Message::parse(&SAMPLE_REQUEST[..length]).is_none(), "{length} octets");
        }
        let end_of_integrity = SAMPLE_REQUEST.len() - 4 - FINGERPRINT_BYTES;
        for at in 0..end_of_integrity {
            let mut changed = SAMPLE_REQUEST;
            changed[at] ^= 0x10;
            let believed =
                Message::parse(&changed).is_some_and(|found| found.is_authentic(SAMPLE_PASSWORD));
            assert!(!believed, "octet {at}");
        }
    }

    #[test]
    fn the_addresses_of_rfc_5769_are_masked_as_there() {
        let cookie_and_transaction = &SAMPLE_REQUEST[4..20];
        for (address, expected) in [
            ("192.0.2.1:32853", vec![0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]),
            (
                "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
                vec![
                    0, 2, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25,
                    0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9,
                ],
            ),
        ] {
            let mut writer = Writer::new(kind::SUCCESS, cookie_and_transaction);
            writer.put_xor_address(address.parse().unwrap());
            let bytes = writer.seal(SAMPLE_PASSWORD);
            let message = Message::parse(&bytes).expect("a message");
            assert!(message.is_authentic(SAMPLE_PASSWORD));
            assert_eq!(message.value(attribute::XOR_MAPPED_ADDRESS), Some(expected.as_slice()));
        }
    }

    #[test]
    fn what_follows_the_integrity_is_not_looked_at() {
        let mut writer = Writer::new(kind::REQUEST, &SAMPLE_REQUEST[4..20]);
        let proof = integrity(&writer.bytes, SAMPLE_PASSWORD).finalize().into_bytes();
        writer.put(attribute::MESSAGE_INTEGRITY, &proof);
        writer.put(attribute::USE_CANDIDATE, &[]);
        let message = Message::parse(&writer.bytes).expect("a message");
        assert!(message.is_authentic(SAMPLE_PASSWORD));
        assert_eq!(message.value(attribute::USE_CANDIDATE), None);
    }
}
