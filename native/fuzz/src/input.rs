//! Reads a story from octets: what is missing at the end is nought.

/// Steps of a story; more teach nothing new and take long.
pub const STEPS_MAX: usize = 200;
/// A datagram is not longer.
const DATAGRAM_MAX: usize = 1_500;

/// The octets that are left.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    pub fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound
    }

    pub fn is(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// Two octets of length, then as many octets as there are.
    pub fn datagram(&mut self) -> &'a [u8] {
        let length = usize::from(self.word()).min(DATAGRAM_MAX).min(self.0.len());
        let (datagram, rest) = self.0.split_at(length);
        self.0 = rest;
        datagram
    }
}

/// A step that `Input::datagram` reads back.
pub fn framed(head: &[u8], datagram: &[u8]) -> Vec<u8> {
    let mut bytes = head.to_vec();
    bytes.extend_from_slice(&(datagram.len() as u16).to_be_bytes());
    bytes.extend_from_slice(datagram);
    bytes
}
