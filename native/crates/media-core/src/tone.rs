//! Sine tones.

use std::f64::consts::TAU;

/// Peak of a sine of -10 dBm0; full scale is +3.14 dBm0 in A-law (G.711 §4).
const PEAK: f64 = 7_218.0;
const RATE: usize = 8_000;

/// One second of a tone. Whole hertz have whole periods in it, so it can be looped.
pub fn second_of(frequency_hz: u16) -> Vec<i16> {
    let step = TAU * f64::from(frequency_hz) / RATE as f64;
    (0..RATE).map(|sample| (PEAK * (step * sample as f64).sin()).round() as i16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_and_frequency() {
        let samples = second_of(425);
        let square: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
        let peak = (2.0 * square / 8_000.0).sqrt();
        let below_full_scale_db = 20.0 * (32_768.0 / peak).log10();
        assert!((below_full_scale_db - 13.14).abs() < 0.05, "{below_full_scale_db} dB");
        let rises = samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((424..=425).contains(&rises));
    }
}
