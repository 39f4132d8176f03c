//! The header of a WAV file: PCM of 16 bits.

/// Octets before the samples.
pub const HEADER_BYTES: usize = 44;

const BYTES_PER_SAMPLE: u16 = 2;

/// The header of a file that holds so many frames (a sample of each channel) so far. Sizes stay at
/// what 32 bits can say when there are more.
pub fn header(rate_hz: u32, channels: u16, frames: u64) -> [u8; HEADER_BYTES] {
    let frame = channels * BYTES_PER_SAMPLE;
    let data = frames.saturating_mul(u64::from(frame));
    let data = u32::try_from(data).unwrap_or(u32::MAX).min(u32::MAX - HEADER_BYTES as u32);
    let mut bytes = [0; HEADER_BYTES];
    bytes[0..4].copy_from_slice(b"RIFF");
    bytes[4..8].copy_from_slice(&(data + HEADER_BYTES as u32 - 8).to_le_bytes());
    bytes[8..16].copy_from_slice(b"WAVEfmt ");
    bytes[16..20].copy_from_slice(&16u32.to_le_bytes());
    bytes[20..22].copy_from_slice(&1u16.to_le_bytes());
    bytes[22..24].copy_from_slice(&channels.to_le_bytes());
    bytes[24..28].copy_from_slice(&rate_hz.to_le_bytes());
    bytes[28..32].copy_from_slice(&(rate_hz * u32::from(frame)).to_le_bytes());
    bytes[32..34].copy_from_slice(&frame.to_le_bytes());
    bytes[34..36].copy_from_slice(&(BYTES_PER_SAMPLE * 8).to_le_bytes());
    bytes[36..40].copy_from_slice(b"data");
    bytes[40..44].copy_from_slice(&data.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8], at: usize) -> u32 {
        u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
    }

    #[test]
    fn sizes_are_where_readers_look() {
        let bytes = header(16_000, 2, 8_000);
        assert_eq!(&bytes[0..4], b"RIFF");
        assert_eq!(number(&bytes, 4), 32_036);
        assert_eq!((bytes[22], number(&bytes, 24), number(&bytes, 28)), (2, 16_000, 64_000));
        assert_eq!((bytes[32], bytes[34]), (4, 16));
        assert_eq!(number(&bytes, 40), 32_000);
        assert_eq!(number(&header(8_000, 1, u64::MAX), 40), u32::MAX - 44);
    }
}
