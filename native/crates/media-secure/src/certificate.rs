//! The certificate that our DTLS handshakes show: self-signed, believed by its fingerprint.

use std::sync::Arc;

use dimpl::{Config, DtlsCertificate};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::elliptic_curve::Generate;
use p256::pkcs8::{EncodePrivateKey, EncodePublicKey};
use sha2::{Digest, Sha256};

/// A key and the certificate over it. Made once per engine: it takes a while, and peers see the
/// same fingerprint in each of our descriptions. Clones share it.
#[derive(Clone)]
pub struct Certificate {
    pub(crate) identity: Arc<DtlsCertificate>,
    pub(crate) config: Arc<Config>,
    fingerprint: Arc<str>,
}

impl Certificate {
    /// A new P-256 key (each WebRTC peer takes it, RFC 8827 §6.5) from the system's random source.
    ///
    /// # Panics
    /// When the system has no random source, as nothing secret can be made then.
    pub fn generate() -> Self {
        let key = SigningKey::generate();
        let certificate = self_signed(&key);
        let private_key =
            key.to_pkcs8_der().expect("a new key has an encoding").as_bytes().to_vec();
        Self {
            fingerprint: fingerprint_of(&certificate).into(),
            identity: Arc::new(DtlsCertificate { certificate, private_key }),
            config: Arc::new(crate::dtls::config()),
        }
    }

    /// SHA-256 in the form of `a=fingerprint` (RFC 8122 §5): "AB:CD:..".
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// SHA-256 of a DER certificate, as upper-case hex pairs with colons.
pub(crate) fn fingerprint_of(certificate: &[u8]) -> String {
    let pairs: Vec<String> =
        Sha256::digest(certificate).iter().map(|octet| format!("{octet:02X}")).collect();
    pairs.join(":")
}

/// An X.509 version 3 certificate with nothing but what every verifier asks for (RFC 5280 §4.1).
///
/// It begins before any clock of today and never ends (§4.1.2.5): who checks it knows it by its
/// fingerprint, and a server that ran for long must not fail on a date.
fn self_signed(key: &SigningKey) -> Vec<u8> {
    let mut serial = <[u8; 16]>::generate();
    serial[0] = serial[0] & 0x7f | 0x40; // positive, and of one length
    let public_key =
        key.verifying_key().to_public_key_der().expect("a public key has an encoding").into_vec();
    let body = sequence(&[
        tagged(EXPLICIT_0, &tagged(INTEGER, &[2])),
        tagged(INTEGER, &serial),
        algorithm(),
        name(),
        sequence(&[
            tagged(UTC_TIME, b"200101000000Z"),
            tagged(GENERALIZED_TIME, b"99991231235959Z"),
        ]),
        name(),
        public_key,
    ]);
    let signature: DerSignature = key.sign(&body);
    let mut bits = vec![0]; // no unused bits
    bits.extend_from_slice(signature.as_bytes());
    sequence(&[body, algorithm(), tagged(BIT_STRING, &bits)])
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const EXPLICIT_0: u8 = 0xa0;
/// 1.2.840.10045.4.3.2 (RFC 5758 §3.2).
const ECDSA_WITH_SHA256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// 2.5.4.3 (RFC 5280 appendix A.1).
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

fn algorithm() -> Vec<u8> {
    sequence(&[tagged(OBJECT_IDENTIFIER, &ECDSA_WITH_SHA256)])
}

fn name() -> Vec<u8> {
    let common_name =
        sequence(&[tagged(OBJECT_IDENTIFIER, &COMMON_NAME), tagged(UTF8_STRING, b"callwright")]);
    sequence(&[tagged(SET, &common_name)])
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tagged(SEQUENCE, &parts.concat())
}

/// DER: tag, length in its shortest form, content (X.690 §8.1.3).
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("certificates are small");
    let [high, low] = length.to_be_bytes();
    let mut der = match length {
        ..128 => vec![tag, low],
        128..256 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    der.extend_from_slice(content);
    der
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_fingerprint_has_the_form_that_sdp_gives_it() {
        let certificate = Certificate::generate();
        let pairs: Vec<&str> = certificate.fingerprint().split(':').collect();
        assert_eq!(pairs.len(), 32);
        assert!(pairs.iter().all(|pair| pair.len() == 2 && u8::from_str_radix(pair, 16).is_ok()));
        assert_eq!(certificate.fingerprint(), certificate.fingerprint().to_uppercase());
        assert_eq!(certificate.fingerprint(), certificate.clone().fingerprint());
        assert_ne!(certificate.fingerprint(), Certificate::generate().fingerprint());
    }

    #[test]
    fn lengths_take_their_shortest_form() {
        assert_eq!(tagged(SEQUENCE, &[7; 127])[..2], [0x30, 127]);
        assert_eq!(tagged(SEQUENCE, &[7; 128])[..3], [0x30, 0x81, 128]);
        assert_eq!(tagged(SEQUENCE, &[7; 256])[..4], [0x30, 0x82, 1, 0]);
    }

    #[test]
    fn openssl_verifies_the_signature_and_agrees_on_the_fingerprint() {
        let directory = std::env::temp_dir().join(format!("callwright-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join("certificate.der");
        let certificate = Certificate::generate();
        std::fs::write(&path, &certificate.identity.certificate).unwrap();
        let shown = Command::new("openssl")
            .args(["x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256", "-in"])
            .arg(&path)
            .stdin(Stdio::null())
            .output();
        let Ok(shown) = shown else { return }; // no openssl on this machine
        let pem = directory.join("certificate.pem");
        let convert = ["x509", "-inform", "DER", "-in"];
        Command::new("openssl").args(convert).arg(&path).arg("-out").arg(&pem).output().unwrap();
        let verified = Command::new("openssl")
            .args(["verify", "-check_ss_sig", "-CAfile"])
            .args([&pem, &pem])
            .output()
            .unwrap();
        std::fs::remove_dir_all(&directory).unwrap();
        assert!(String::from_utf8_lossy(&shown.stdout).contains(certificate.fingerprint()));
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    }
}
