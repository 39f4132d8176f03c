//! Comfort noise (RFC 3389): the level and the colour of silence in a few octets, and noise again.

/// Reflection coefficients that are read; more of them are ignored (RFC 3389 §3 allows it).
const ORDER_MAX: usize = 10;
/// The quietest level there is: 127 dB below overload.
const QUIETEST_DBOV: u8 = 127;
/// Samples in which a new level is reached, so that the noise does not step.
const BLEND: f32 = 400.0;
/// Coefficients are kept away from 1, where the filter rings for ever.
const REFLECTION_MAX: f32 = 0.98;
/// RMS of a uniform random number in -1..1.
const UNIFORM_RMS: f32 = 0.577_350_26;
/// RMS of the loudest possible signal, a square wave: 0 dBov.
const OVERLOAD: f32 = 32_767.0;

/// Appends the payload that describes a piece of background noise: its level, and its slope by one
/// reflection coefficient. `pcm` should hold 10 ms or more; of nothing the quietest noise is told.
pub fn encode_sid(pcm: &[i16], payload: &mut Vec<u8>) {
    let energy: f64 = pcm.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum();
    if energy == 0.0 {
        payload.extend([QUIETEST_DBOV, 127]);
        return;
    }
    let lagged: f64 = pcm.windows(2).map(|pair| f64::from(pair[0]) * f64::from(pair[1])).sum();
    let rms = (energy / pcm.len() as f64).sqrt();
    let level_dbov = -20.0 * (rms / f64::from(OVERLOAD)).log10();
    payload.push(level_dbov.round().clamp(0.0, f64::from(QUIETEST_DBOV)) as u8);
    payload.push(quantized(-lagged / energy));
}

/// RFC 3389 §3.2: 127 is 0, a step is 258/32768.
fn quantized(reflection: f64) -> u8 {
    (reflection * 32_768.0 / 258.0 + 127.0).round().clamp(0.0, 254.0) as u8
}

fn unquantized(octet: u8) -> f32 {
    ((f32::from(octet) - 127.0) * 258.0 / 32_768.0).clamp(-REFLECTION_MAX, REFLECTION_MAX)
}

/// Makes the noise that the last payload described.
pub struct Generator {
    seed: u32,
    reflections: [f32; ORDER_MAX],
    order: usize,
    /// Backward errors of the lattice filter.
    memory: [f32; ORDER_MAX],
    gain: f32,
    gain_wanted: f32,
}

impl Generator {
    /// Silent until a payload comes. The `seed` makes noises of several legs differ.
    pub fn new(seed: u32) -> Self {
        Self {
            seed,
            reflections: [0.0; ORDER_MAX],
            order: 0,
            memory: [0.0; ORDER_MAX],
            gain: 0.0,
            gain_wanted: 0.0,
        }
    }

    /// Takes a payload; false, and nothing changes, for a malformed one.
    pub fn update(&mut self, payload: &[u8]) -> bool {
        let Some((&level, coefficients)) = payload.split_first() else { return false };
        if level > QUIETEST_DBOV {
            return false;
        }
        self.order = coefficients.len().min(ORDER_MAX);
        let mut remaining = 1.0;
        for (reflection, &octet) in self.reflections.iter_mut().zip(coefficients) {
            *reflection = unquantized(octet);
            remaining *= 1.0 - *reflection * *reflection;
        }
        // The filter amplifies by the inverse of what prediction would remove.
        let rms = OVERLOAD * 10f32.powf(-f32::from(level) / 20.0);
        self.gain_wanted = rms / UNIFORM_RMS * f32::sqrt(remaining);
        if self.gain == 0.0 {
            self.gain = self.gain_wanted;
        }
        true
    }

    /// Describes noise of an even spectrum without a packet, by its level below overload in dB.
    pub fn set_level(&mut self, level_dbov: u8) {
        self.update(&[level_dbov.min(QUIETEST_DBOV)]);
    }

    /// Appends `samples` of noise.
    pub fn generate(&mut self, samples: usize, pcm: &mut Vec<i16>) {
        pcm.reserve(samples);
        for _ in 0..samples {
            self.gain += (self.gain_wanted - self.gain) / BLEND;
            let excitation = self.gain * self.uniform();
            let sample = self.filter(excitation);
            pcm.push(sample.round_ties_even() as i16); // the cast clips
        }
    }

    /// A random number in -1..1 of a linear congruential generator, whose high bits are good.
    fn uniform(&mut self) -> f32 {
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.seed as i32) as f32 / 2_147_483_648.0
    }

    /// The all-pole lattice 1/A(z), stable because every coefficient is below 1.
    fn filter(&mut self, excitation: f32) -> f32 {
        let mut forward = excitation;
        for stage in (0..self.order).rev() {
            let reflection = self.reflections[stage];
            forward -= reflection * self.memory[stage];
            let backward = self.memory[stage] + reflection * forward;
            if let Some(next) = self.memory.get_mut(stage + 1) {
                *next = backward;
            }
        }
        self.memory[0] = forward;
        forward
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rms(pcm: &[i16]) -> f64 {
        (pcm.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / pcm.len() as f64).sqrt()
    }

    fn level_dbov(pcm: &[i16]) -> f64 {
        -20.0 * (rms(pcm) / 32_767.0).log10()
    }

    fn noise(payload: &[u8]) -> Vec<i16> {
        let (mut generator, mut pcm) = (Generator::new(1), Vec::new());
        assert!(generator.update(payload));
        generator.generate(16_000, &mut pcm);
        pcm
    }

    fn correlation(pcm: &[i16]) -> f64 {
        let lagged: f64 = pcm.windows(2).map(|p| f64::from(p[0]) * f64::from(p[1])).sum();
        lagged / (rms(pcm).powi(2) * pcm.len() as f64)
    }

    #[test]
    fn noise_has_the_level_that_was_told() {
        for level in [20, 30, 45, 60] {
            for colour in [&[][..], &[40], &[127], &[220], &[40, 160, 100, 127, 140]] {
                let payload = [&[level], colour].concat();
                let heard = level_dbov(&noise(&payload));
                assert!((heard - f64::from(level)).abs() < 1.0, "{payload:?}: {heard}");
            }
        }
    }

    #[test]
    fn what_was_generated_is_described_as_it_was() {
        for payload in [[40, 30], [40, 127], [55, 200]] {
            let mut again = Vec::new();
            encode_sid(&noise(&payload), &mut again);
            assert!(again[0].abs_diff(payload[0]) <= 1, "{payload:?} {again:?}");
            assert!(again[1].abs_diff(payload[1]) <= 4, "{payload:?} {again:?}");
        }
    }

    #[test]
    fn a_low_coefficient_is_dull_noise_and_a_high_one_is_bright() {
        assert!(correlation(&noise(&[40, 30])) > 0.7);
        assert!(correlation(&noise(&[40, 127])).abs() < 0.05);
        assert!(correlation(&noise(&[40, 224])) < -0.7);
    }

    #[test]
    fn silence_is_the_quietest_noise() {
        let mut payload = Vec::new();
        encode_sid(&[0; 160], &mut payload);
        assert_eq!(payload, [127, 127]);
        assert!(noise(&payload).iter().all(|&sample| sample == 0));
    }

    #[test]
    fn malformed_payloads_change_nothing() {
        let mut generator = Generator::new(1);
        assert!(!generator.update(&[]));
        assert!(!generator.update(&[0x80, 127]));
        let mut pcm = Vec::new();
        generator.generate(100, &mut pcm);
        assert_eq!(pcm, [0; 100]);
    }

    #[test]
    fn the_wildest_payload_stays_bounded_and_ends() {
        let mut generator = Generator::new(1);
        assert!(generator.update(&[[0u8].as_slice(), &[0xff; 60]].concat()));
        let mut pcm = Vec::new();
        generator.generate(8_000, &mut pcm);
        assert!(generator.update(&[60]));
        generator.generate(8_000, &mut pcm);
        assert!((level_dbov(&pcm[12_000..]) - 60.0).abs() < 1.0);
    }

    #[test]
    fn a_new_level_is_reached_without_a_step() {
        let mut generator = Generator::new(1);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        generator.set_level(60);
        generator.generate(800, &mut before);
        generator.set_level(40);
        generator.generate(4_000, &mut after);
        assert!(level_dbov(&after[..40]) > 50.0);
        assert!((level_dbov(&after[3_000..]) - 40.0).abs() < 1.0);
    }
}
