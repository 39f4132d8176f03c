//! The payload of a telephone event (RFC 4733 §2.3).

/// Octets of one event.
pub const EVENT_BYTES: usize = 4;

/// One event as a packet carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// 0 to 15 are keys.
    pub code: u8,
    /// The event is over.
    pub end: bool,
    /// -dBm0, 0 to 63.
    pub volume: u8,
    /// Samples since the packet's timestamp.
    pub duration: u16,
}

const KEYS: &[u8; 16] = b"0123456789*#ABCD";

impl Event {
    /// Reads a payload; None when it is cut off.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let bytes: &[u8; EVENT_BYTES] = payload.first_chunk()?;
        Some(Self {
            code: bytes[0],
            end: bytes[1] & 0x80 != 0,
            volume: bytes[1] & 0x3f,
            duration: u16::from_be_bytes([bytes[2], bytes[3]]),
        })
    }

    /// The payload to send.
    pub fn to_bytes(self) -> [u8; EVENT_BYTES] {
        let [high, low] = self.duration.to_be_bytes();
        [self.code, u8::from(self.end) << 7 | self.volume, high, low]
    }
}

/// The key of an event code; None for flash and everything above.
pub fn key_of(code: u8) -> Option<char> {
    KEYS.get(usize::from(code)).map(|&key| char::from(key))
}

/// The event code of a key: 0-9, *, #, A-D in either case.
pub fn code_of(key: char) -> Option<u8> {
    let upper = key.to_ascii_uppercase();
    let position = KEYS.iter().position(|&known| char::from(known) == upper)?;
    u8::try_from(position).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let event = Event { code: 11, end: true, volume: 10, duration: 1_600 };
        assert_eq!(event.to_bytes(), [11, 0x8a, 6, 64]);
        assert_eq!(Event::parse(&event.to_bytes()), Some(event));
        assert_eq!(Event::parse(&[1, 2, 3]), None);
    }

    #[test]
    fn keys_and_codes() {
        for (code, key) in "0123456789*#ABCD".chars().enumerate() {
            assert_eq!(key_of(code as u8), Some(key));
            assert_eq!(code_of(key), Some(code as u8));
        }
        assert_eq!(code_of('d'), Some(15));
        assert_eq!((key_of(16), code_of('x')), (None, None));
    }
}
