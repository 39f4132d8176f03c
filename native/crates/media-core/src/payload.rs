//! The octets of a packet that waits, kept beside what is known of it: memory elsewhere would have to
//! be waited for.

/// 20 ms of G.711, and of most other codecs.
const SHORT_MAX: usize = 160;

/// Octets.
#[derive(Debug)]
pub enum Payload {
    /// How many, and their place.
    Short(u8, [u8; SHORT_MAX]),
    /// More of them.
    Long(Vec<u8>),
}

impl Payload {
    /// A copy; `spare` is memory for a long one.
    pub fn new(octets: &[u8], spare: &mut Vec<Vec<u8>>) -> Self {
        if octets.len() > SHORT_MAX {
            let mut long = spare.pop().unwrap_or_default();
            long.extend_from_slice(octets);
            return Self::Long(long);
        }
        let mut short = [0; SHORT_MAX];
        short[..octets.len()].copy_from_slice(octets);
        Self::Short(octets.len() as u8, short)
    }
}

impl std::ops::Deref for Payload {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Short(length, octets) => &octets[..usize::from(*length)],
            Self::Long(octets) => octets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_of_any_length_are_kept() {
        let mut spare = vec![Vec::with_capacity(1_000)];
        for length in [0, 1, SHORT_MAX, SHORT_MAX + 1, 1_000] {
            let octets: Vec<u8> = (0..length).map(|at| at as u8).collect();
            assert_eq!(*Payload::new(&octets, &mut spare), octets);
        }
        assert!(spare.is_empty(), "the first long one took it");
    }
}
