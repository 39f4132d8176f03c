//! What is done to one packet: encrypt and tag, or check the tag and decrypt.

use aes::cipher::BlockCipherEncrypt;
use aes::cipher::consts::{U12, U16};
use aes::{Aes128Enc, Aes256Enc, Block};
use aes_gcm::aead::AeadInOut;
use aes_gcm::{AesGcm, Nonce, Tag};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::derivation::{Master, Purpose};
use super::keystream::keystream;
use super::layout::WORD_BYTES;
use super::profile::Profile;

/// Octets of the longest tag.
pub(super) const MAX_TAG_BYTES: usize = 16;
/// Octets that stand in clear at the head of RTCP.
pub(super) const RTCP_CLEAR_BYTES: usize = 8;
const MAC_KEY_BYTES: usize = 20;

/// Which packet this is; no two of one key are the same.
#[derive(Clone, Copy)]
pub(super) struct Position {
    pub(super) ssrc: u32,
    /// 48 bits of RTP, 31 of RTCP.
    pub(super) index: u64,
}

/// The cipher of one direction of one stream, RTP or RTCP.
pub(super) enum Transform {
    Counter(Box<Counter>),
    Galois128(Box<Galois<Aes128Enc>>),
    Galois256(Box<Galois<Aes256Enc>>),
}

/// AES-CM with HMAC-SHA1 (RFC 3711 §4.1.1, §4.2.1).
pub(super) struct Counter {
    cipher: Aes128Enc,
    mac: Hmac<Sha1>,
    salt: [u8; 14],
    tag_len: usize,
}

/// AES-GCM (RFC 7714).
pub(super) struct Galois<C> {
    cipher: AesGcm<C, U12>,
    salt: [u8; 12],
}

impl Transform {
    /// For RTP.
    pub(super) fn of_rtp(profile: Profile, master: &Master) -> Option<Self> {
        let purposes = [Purpose::RtpCipher, Purpose::RtpMac, Purpose::RtpSalt];
        Self::new(profile, master, purposes, profile.tag_len())
    }

    /// For RTCP.
    pub(super) fn of_rtcp(profile: Profile, master: &Master) -> Option<Self> {
        let purposes = [Purpose::RtcpCipher, Purpose::RtcpMac, Purpose::RtcpSalt];
        Self::new(profile, master, purposes, profile.rtcp_tag_len())
    }

    fn new(
        profile: Profile,
        master: &Master,
        [cipher, mac, salt]: [Purpose; 3],
        tag_len: usize,
    ) -> Option<Self> {
        Some(match profile {
            Profile::AesCm128HmacSha1_80 | Profile::AesCm128HmacSha1_32 => {
                let mac: [u8; MAC_KEY_BYTES] = master.derive(mac);
                Self::Counter(Box::new(Counter {
                    cipher: Aes128Enc::new_from_slice(&master.derive::<16>(cipher)).ok()?,
                    mac: Hmac::new_from_slice(&mac).ok()?,
                    salt: master.derive(salt),
                    tag_len,
                }))
            }
            Profile::AeadAes128Gcm => Self::Galois128(Box::new(Galois {
                cipher: AesGcm::new_from_slice(&master.derive::<16>(cipher)).ok()?,
                salt: master.derive(salt),
            })),
            Profile::AeadAes256Gcm => Self::Galois256(Box::new(Galois {
                cipher: AesGcm::new_from_slice(&master.derive::<32>(cipher)).ok()?,
                salt: master.derive(salt),
            })),
        })
    }

    /// Whether the tag of RTCP stands after its index, as with HMAC, not before.
    pub(super) fn tag_is_last(&self) -> bool {
        matches!(self, Self::Counter(_))
    }

    /// Encrypts `secret` in place; gives the tag, of which the profile's length counts.
    ///
    /// `word` is what is authenticated without standing here: the rollover counter of RTP with
    /// HMAC, the index of RTCP.
    pub(super) fn seal(
        &self,
        at: Position,
        clear: &[u8],
        secret: &mut [u8],
        word: Word,
    ) -> Option<[u8; MAX_TAG_BYTES]> {
        match self {
            Self::Counter(counter) => Some(counter.seal(at, clear, secret, word)),
            Self::Galois128(galois) => galois.seal(at, clear, secret, word),
            Self::Galois256(galois) => galois.seal(at, clear, secret, word),
        }
    }

    /// Decrypts `secret` in place when `tag` is right; else leaves it as it is and returns false.
    pub(super) fn open(
        &self,
        at: Position,
        clear: &[u8],
        secret: &mut [u8],
        word: Word,
        tag: &[u8],
    ) -> bool {
        match self {
            Self::Counter(counter) => counter.open(at, clear, secret, word, tag),
            Self::Galois128(galois) => galois.open(at, clear, secret, word, tag),
            Self::Galois256(galois) => galois.open(at, clear, secret, word, tag),
        }
    }

    /// Whether `tag` is right for RTCP that is not encrypted; `clear` includes its index.
    pub(super) fn is_right(&self, at: Position, clear: &[u8], tag: &[u8]) -> bool {
        match self {
            Self::Counter(counter) => counter.is_right(&[clear], tag),
            Self::Galois128(galois) => galois.open_with(at, clear, &mut [], tag),
            Self::Galois256(galois) => galois.open_with(at, clear, &mut [], tag),
        }
    }
}

/// Four octets that the tag covers beside the packet.
#[derive(Clone, Copy)]
pub(super) enum Word {
    /// The rollover counter of RTP; GCM has it in its nonce.
    Rollovers(u32),
    /// The index of RTCP, with the bit that says it is encrypted.
    Index(u32),
}

impl Counter {
    fn seal(
        &self,
        at: Position,
        clear: &[u8],
        secret: &mut [u8],
        word: Word,
    ) -> [u8; MAX_TAG_BYTES] {
        self.crypt(at, secret);
        let mac = self.mac_of(&[clear, secret, &word.octets()]).finalize().into_bytes();
        let mut tag = [0; MAX_TAG_BYTES];
        tag.copy_from_slice(&mac[..MAX_TAG_BYTES]);
        tag
    }

    fn open(&self, at: Position, clear: &[u8], secret: &mut [u8], word: Word, tag: &[u8]) -> bool {
        let is_right = self.is_right(&[clear, secret, &word.octets()], tag);
        if is_right {
            self.crypt(at, secret);
        }
        is_right
    }

    fn is_right(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        // A truncated comparison takes any length, so the length must be ours.
        tag.len() == self.tag_len && self.mac_of(parts).verify_truncated_left(tag).is_ok()
    }

    fn mac_of(&self, parts: &[&[u8]]) -> Hmac<Sha1> {
        let mut mac = self.mac.clone();
        for part in parts {
            mac.update(part);
        }
        mac
    }

    fn crypt(&self, at: Position, secret: &mut [u8]) {
        let mut start = Block::default();
        start[..14].copy_from_slice(&nonce(self.salt, at));
        keystream(&self.cipher, start, secret);
    }
}

impl<C> Galois<C>
where
    C: BlockCipherEncrypt<BlockSize = U16>,
{
    fn seal(
        &self,
        at: Position,
        clear: &[u8],
        secret: &mut [u8],
        word: Word,
    ) -> Option<[u8; MAX_TAG_BYTES]> {
        let mut joined = [0; RTCP_CLEAR_BYTES + WORD_BYTES];
        let clear = word.joined(clear, &mut joined)?;
        let nonce = Nonce::from(nonce(self.salt, at));
        self.cipher.encrypt_inout_detached(&nonce, clear, secret.into()).ok().map(Into::into)
    }

    fn open(&self, at: Position, clear: &[u8], secret: &mut [u8], word: Word, tag: &[u8]) -> bool {
        let mut joined = [0; RTCP_CLEAR_BYTES + WORD_BYTES];
        word.joined(clear, &mut joined).is_some_and(|clear| self.open_with(at, clear, secret, tag))
    }

    fn open_with(&self, at: Position, clear: &[u8], secret: &mut [u8], tag: &[u8]) -> bool {
        let nonce = Nonce::from(nonce(self.salt, at));
        <&Tag>::try_from(tag).is_ok_and(|tag| {
            self.cipher.decrypt_inout_detached(&nonce, clear, secret.into(), tag).is_ok()
        })
    }
}

impl Word {
    fn octets(self) -> [u8; WORD_BYTES] {
        let (Self::Rollovers(word) | Self::Index(word)) = self;
        word.to_be_bytes()
    }

    /// What GCM authenticates beside the secret (RFC 7714 §8.2, §9.2).
    fn joined<'a>(
        self,
        clear: &'a [u8],
        joined: &'a mut [u8; RTCP_CLEAR_BYTES + WORD_BYTES],
    ) -> Option<&'a [u8]> {
        if let Self::Index(_) = self {
            let (head, tail) = joined.split_at_mut(RTCP_CLEAR_BYTES);
            head.copy_from_slice(clear.get(..RTCP_CLEAR_BYTES)?);
            tail.copy_from_slice(&self.octets());
            return Some(joined);
        }
        Some(clear)
    }
}

/// The salt with the source and the index added at its end (RFC 3711 §4.1.1, RFC 7714 §8.1, §9.1).
fn nonce<const N: usize>(mut salt: [u8; N], at: Position) -> [u8; N] {
    let (ssrc, index) = (at.ssrc.to_be_bytes(), at.index.to_be_bytes());
    let added = ssrc.iter().chain(&index[2..]);
    for (octet, added) in salt[N - 10..].iter_mut().zip(added) {
        *octet ^= added;
    }
    salt
}

#[cfg(test)]
mod tests {
    use super::super::test_bytes::hex;
    use super::*;

    const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const SALT: &str = "517569642070726f2071756f";
    const RTP: &str =
        "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120
                       696e2070 61727465 73207472 6573";
    const RTCP: &str = "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
                        deadbeef deadbeef deadbeef deadbeef deadbeef";

    /// With session keys, as RFC 7714 §16 and §17 give them.
    fn galois128() -> Transform {
        Transform::Galois128(Box::new(Galois {
            cipher: AesGcm::new_from_slice(&hex(KEY)[..16]).unwrap(),
            salt: hex(SALT).try_into().unwrap(),
        }))
    }

    fn galois256() -> Transform {
        Transform::Galois256(Box::new(Galois {
            cipher: AesGcm::new_from_slice(&hex(KEY)).unwrap(),
            salt: hex(SALT).try_into().unwrap(),
        }))
    }

    fn check(
        transform: &Transform,
        at: Position,
        plain: &str,
        clear: usize,
        word: Word,
        wire: &str,
    ) {
        let mut packet = hex(plain);
        let (head, secret) = packet.split_at_mut(clear);

        let tag = transform.seal(at, head, secret, word).unwrap();
        assert_eq!([&packet[..], &tag].concat(), hex(wire));

        let (head, secret) = packet.split_at_mut(clear);
        assert!(transform.open(at, head, secret, word, &tag));
        assert_eq!(packet, hex(plain));
    }

    /// RFC 7714 §16.1 and §16.2.
    #[test]
    fn rtp_is_as_the_rfc_has_it() {
        let at = Position { ssrc: 0x5501_a0b2, index: 0xf17b };
        check(
            &galois128(),
            at,
            RTP,
            12,
            Word::Rollovers(0),
            "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f
             42a5f47a 51c7d19b 36de3adf 8833 899d7f27 beb16a91 52cf765e e4390cce",
        );
        check(
            &galois256(),
            at,
            RTP,
            12,
            Word::Rollovers(0),
            "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3
             b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
        );
    }

    /// RFC 7714 §17.1 and §17.2.
    #[test]
    fn rtcp_is_as_the_rfc_has_it() {
        let at = Position { ssrc: 0x4d61_7273, index: 0x5d4 };
        check(
            &galois128(),
            at,
            RTCP,
            8,
            Word::Index(0x8000_05d4),
            "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1
             730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade",
        );
        check(
            &galois256(),
            at,
            RTCP,
            8,
            Word::Index(0x8000_05d4),
            "81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1
             110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be",
        );
    }

    /// RFC 7714 §17.3.
    #[test]
    fn rtcp_in_clear_is_as_the_rfc_has_it() {
        let at = Position { ssrc: 0x4d61_7273, index: 0x5d4 };
        let covered = hex(&format!("{RTCP} 000005d4"));
        let tag = hex("841dd968 3dd78ec9 2ae58790 125f62b3");

        assert!(galois128().is_right(at, &covered, &tag));
        assert!(!galois256().is_right(at, &covered, &tag));
        assert!(!galois128().is_right(at, &covered[1..], &tag));
        assert!(!galois128().is_right(at, &covered, &tag[1..]));
    }
}
