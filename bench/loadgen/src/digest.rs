//! MD5 (RFC 1321) and the digest answer to a challenge (RFC 7616 §3.4), which is what phones use.

use crate::sha256::sha256_hex;

const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// In lower-case hexadecimal.
pub fn md5_hex(input: &str) -> String {
    let mut padded = input.as_bytes().to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - input.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let end = padded.len() - 8;
    padded[end..].copy_from_slice(&(input.len() as u64 * 8).to_le_bytes());
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded.chunks_exact(64) {
        mix(&mut state, block);
    }
    state.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("{byte:02x}")).collect()
}

fn mix(state: &mut [u32; 4], block: &[u8]) {
    let word = |i: usize| u32::from_le_bytes(block[i * 4..i * 4 + 4].try_into().unwrap());
    let [mut a, mut b, mut c, mut d] = *state;
    for i in 0..64 {
        let (mixed, from) = match i / 16 {
            0 => ((b & c) | (!b & d), i),
            1 => ((d & b) | (!d & c), (5 * i + 1) % 16),
            2 => (b ^ c ^ d, (3 * i + 5) % 16),
            _ => (c ^ (b | !d), 7 * i % 16),
        };
        let constant = (((i + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
        let sum = a.wrapping_add(mixed).wrapping_add(constant).wrapping_add(word(from));
        (a, d, c) = (d, c, b);
        b = b.wrapping_add(sum.rotate_left(SHIFTS[i / 16][i % 4]));
    }
    for (total, part) in state.iter_mut().zip([a, b, c, d]) {
        *total = total.wrapping_add(part);
    }
}

/// What a challenge asks and who answers it.
pub struct Login<'a> {
    pub user: &'a str,
    pub password: &'a str,
    pub method: &'a str,
    pub uri: &'a str,
}

/// How a proof is made (RFC 8760).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Algorithm {
    /// What every phone can do.
    Md5,
    /// What newer ones can.
    Sha256,
}

impl Algorithm {
    /// By its name in a challenge.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "MD5" => Some(Self::Md5),
            "SHA-256" => Some(Self::Sha256),
            _ => None,
        }
    }

    /// Whether this challenge asks for it.
    pub fn is_of(self, challenge: &str) -> bool {
        let parameters = challenge.strip_prefix("Digest ").unwrap_or(challenge);
        Self::named(parameter(parameters, "algorithm").unwrap_or("MD5")) == Some(self)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn hex(self, text: &str) -> String {
        match self {
            Self::Md5 => md5_hex(text),
            Self::Sha256 => sha256_hex(text),
        }
    }
}

impl Login<'_> {
    /// The value of Authorization; None when the challenge is not MD5's.
    pub fn answer(&self, challenge: &str) -> Option<String> {
        self.prove(challenge, Algorithm::Md5, 1)
    }

    /// The same with any algorithm, for the `count`th use of a nonce.
    pub fn prove(&self, challenge: &str, algorithm: Algorithm, count: u32) -> Option<String> {
        let parameters = challenge.strip_prefix("Digest ")?;
        if !algorithm.is_of(challenge) {
            return None;
        }
        let realm = parameter(parameters, "realm")?;
        let nonce = parameter(parameters, "nonce")?;
        let Login { user, password, method, uri } = self;
        let secret = algorithm.hex(&format!("{user}:{realm}:{password}"));
        let request = algorithm.hex(&format!("{method}:{uri}"));
        let has_qop = parameter(parameters, "qop").is_some();
        let middle = if has_qop { format!("{count:08x}:c0ffee:auth:") } else { String::new() };
        let response = algorithm.hex(&format!("{secret}:{nonce}:{middle}{request}"));
        let mut answer = format!(
            "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm={}",
            algorithm.name(),
        );
        if has_qop {
            answer.push_str(&format!(", qop=auth, nc={count:08x}, cnonce=\"c0ffee\""));
        }
        if let Some(opaque) = parameter(parameters, "opaque") {
            answer.push_str(&format!(", opaque=\"{opaque}\""));
        }
        Some(answer)
    }
}

fn parameter<'a>(list: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = list;
    while let Some((key, tail)) = rest.split_once('=') {
        let (value, after) = match tail.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => tail.split_at(tail.find(',').unwrap_or(tail.len())),
        };
        if key.trim_matches([' ', ',']).eq_ignore_ascii_case(name) {
            return Some(value.trim());
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn md5_of_rfc_1321() {
        assert_eq!(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(md5_hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        let digits = "1234567890".repeat(8);
        assert_eq!(md5_hex(&digits), "57edf4a22be3c955ac49da2e2107b67a");
        let boundary = "a".repeat(56);
        assert_eq!(md5_hex(&boundary), "3b0c8ac703f828b04c6c197006d17218");
    }

    #[test]
    fn digest_without_qop_and_other_algorithms() {
        let login = Login { user: "u", password: "p", method: "REGISTER", uri: "sip:d" };
        let answer = login.answer("Digest realm=\"a, b=c\", nonce=\"n\"").unwrap();
        let secret = md5_hex("u:a, b=c:p");
        let expected = md5_hex(&format!("{secret}:n:{}", md5_hex("REGISTER:sip:d")));
        assert!(answer.contains(&format!("response=\"{expected}\"")));
        assert!(login.answer("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256").is_none());
    }
}
