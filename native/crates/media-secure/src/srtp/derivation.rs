//! Session keys from the master key (RFC 3711 §4.3, with a derivation rate of zero).

use aes::{Aes128Enc, Aes256Enc, Block};
use hmac::KeyInit;

use super::keystream::keystream;

/// What a derived key is for: the label of RFC 3711 §4.3.1.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    RtpCipher = 0,
    RtpMac = 1,
    RtpSalt = 2,
    RtcpCipher = 3,
    RtcpMac = 4,
    RtcpSalt = 5,
}

/// Octets of the salt in the derivation; the shorter salt of GCM is filled up with zeros
/// (RFC 7714 §11).
const SALT_BYTES: usize = 14;
/// Where the label meets the salt: it stands above 48 bits of index.
const LABEL_AT: usize = 7;

/// The key that both sides agreed on.
pub(super) struct Master {
    key: Key,
    salt: [u8; SALT_BYTES],
}

enum Key {
    Aes128([u8; 16]),
    Aes256([u8; 32]),
}

impl Master {
    /// None unless the key has 16 or 32 octets and the salt at most 14.
    pub(super) fn new(key: &[u8], salt: &[u8]) -> Option<Self> {
        let key = match key.len() {
            16 => Key::Aes128(key.try_into().ok()?),
            _ => Key::Aes256(key.try_into().ok()?),
        };
        let mut filled = [0; SALT_BYTES];
        filled.get_mut(..salt.len())?.copy_from_slice(salt);
        Some(Self { key, salt: filled })
    }

    /// The first `N` octets of the pseudo-random function for `purpose`; AES-256 is RFC 6188 §3.
    pub(super) fn derive<const N: usize>(&self, purpose: Purpose) -> [u8; N] {
        let mut derived = [0; N];
        let start = start(&self.salt, purpose);
        match self.key {
            Key::Aes128(key) => keystream(&Aes128Enc::new(&key.into()), start, &mut derived),
            Key::Aes256(key) => keystream(&Aes256Enc::new(&key.into()), start, &mut derived),
        }
        derived
    }
}

fn start(salt: &[u8; SALT_BYTES], purpose: Purpose) -> Block {
    let mut block = Block::default();
    block[..SALT_BYTES].copy_from_slice(salt);
    block[LABEL_AT] ^= purpose as u8;
    block
}

#[cfg(test)]
mod tests {
    use super::super::test_bytes::hex;
    use super::*;

    /// RFC 3711 appendix B.3.
    #[test]
    fn derives_the_keys_of_the_rfc() {
        let key = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
        let salt = hex("0EC675AD498AFEEBB6960B3AABE6");
        let master = Master::new(&key, &salt).unwrap();

        assert_eq!(
            master.derive::<16>(Purpose::RtpCipher).to_vec(),
            hex("C61E7A93744F39EE10734AFE3FF7A087")
        );
        assert_eq!(
            master.derive::<14>(Purpose::RtpSalt).to_vec(),
            hex("30CBBC08863D8C85D49DB34A9AE1")
        );
        assert_eq!(
            master.derive::<94>(Purpose::RtpMac).to_vec(),
            hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE\
                 E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25\
                 6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2")
        );
    }

    /// RFC 6188 §7.4.
    #[test]
    fn derives_the_256_bit_keys_of_the_rfc() {
        let key = hex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6");
        let salt = hex("3b04803de51ee7c96423ab5b78d2");
        let master = Master::new(&key, &salt).unwrap();

        assert_eq!(
            master.derive::<32>(Purpose::RtpCipher).to_vec(),
            hex("5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4")
        );
        assert_eq!(
            master.derive::<14>(Purpose::RtpSalt).to_vec(),
            hex("fa31791685ca444a9e07c6c64e93")
        );
        assert_eq!(
            master.derive::<20>(Purpose::RtpMac).to_vec(),
            hex("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05")
        );
    }

    #[test]
    fn takes_no_key_of_another_length() {
        assert!(Master::new(&[0; 24], &[0; 14]).is_none());
        assert!(Master::new(&[0; 16], &[0; 15]).is_none());
    }
}
