//! The header of a WAV file: PCM, 16 bits, 8000 Hz, mono.

/// Octets before the samples.
pub const HEADER_BYTES: usize = 44;

const RATE: u32 = 8_000;
const BYTES_PER_SAMPLE: u16 = 2;

/// The header of a file that holds `samples` samples so far.
pub fn header(samples: u32) -> [u8; HEADER_BYTES] {
    let data = samples.saturating_mul(u32::from(BYTES_PER_SAMPLE));
    let mut bytes = [0; HEADER_BYTES];
    bytes[0..4].copy_from_slice(b"RIFF");
    bytes[4..8].copy_from_slice(&data.saturating_add(HEADER_BYTES as u32 - 8).to_le_bytes());
    bytes[8..16].copy_from_slice(b"WAVEfmt ");
    bytes[16..20].copy_from_slice(&16u32.to_le_bytes());
    bytes[20..22].copy_from_slice(&1u16.to_le_bytes());
    bytes[22..24].copy_from_slice(&1u16.to_le_bytes());
    bytes[24..28].copy_from_slice(&RATE.to_le_bytes());
    bytes[28..32].copy_from_slice(&(RATE * u32::from(BYTES_PER_SAMPLE)).to_le_bytes());
    bytes[32..34].copy_from_slice(&BYTES_PER_SAMPLE.to_le_bytes());
    bytes[34..36].copy_from_slice(&(BYTES_PER_SAMPLE * 8).to_le_bytes());
    bytes[36..40].copy_from_slice(b"data");
    bytes[40..44].copy_from_slice(&data.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_where_readers_look() {
        let bytes = header(8_000);
        assert_eq!(&bytes[0..4], b"RIFF");
        assert_eq!(u32::from_le_bytes(bytes[4..8].try_into().unwrap()), 16_036);
        assert_eq!(u32::from_le_bytes(bytes[40..44].try_into().unwrap()), 16_000);
    }
}
