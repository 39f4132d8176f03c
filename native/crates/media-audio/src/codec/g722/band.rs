//! One band of G.722: the adaptive step and the adaptive predictor (ITU-T G.722 §3.5, 3.6, 6.2).

use super::tables::ANTILOGARITHM;

/// What encoder and decoder both keep of a band, in the fixed-point numbers of the Recommendation.
pub struct Band {
    /// What the next sample is predicted to be (`sl`, `sh`).
    pub estimate: i32,
    /// The quantizer's step (`detl`, `deth`).
    pub step: i32,
    /// The step's logarithm (`nbl`, `nbh`).
    log_step: i32,
    log_step_max: i32,
    log_step_shift: i32,
    /// The zeros' part of the estimate (`szl`, `szh`).
    zeros_estimate: i32,
    /// The predictor's poles and zeros (`al`, `bl`; `ah`, `bh`).
    poles: [i32; 2],
    zeros: [i32; 6],
    /// The newest differences, reconstructed samples and partly reconstructed ones; newest first.
    differences: [i32; 6],
    reconstructed: i32,
    partial: [i32; 2],
}

/// Clips to 16 bits.
pub fn saturated(value: i32) -> i32 {
    value.clamp(-32_768, 32_767)
}

fn is_negative(value: i32) -> bool {
    value < 0
}

impl Band {
    /// The lower band at the beginning.
    pub fn low() -> Self {
        Self::new(32, 18_432, 8)
    }

    /// The higher band at the beginning.
    pub fn high() -> Self {
        Self::new(8, 22_528, 10)
    }

    fn new(step: i32, log_step_max: i32, log_step_shift: i32) -> Self {
        Self {
            estimate: 0,
            step,
            log_step: 0,
            log_step_max,
            log_step_shift,
            zeros_estimate: 0,
            poles: [0; 2],
            zeros: [0; 6],
            differences: [0; 6],
            reconstructed: 0,
            partial: [0; 2],
        }
    }

    /// Takes the quantized difference of a sample from its estimate, and makes the next estimate.
    pub fn adapt(&mut self, difference: i32, log_step_change: i32) {
        self.adapt_step(log_step_change);
        let reconstructed = saturated(self.estimate + difference);
        let partial = saturated(self.zeros_estimate + difference);
        self.adapt_poles(partial);
        self.adapt_zeros(difference);
        self.partial = [partial, self.partial[0]];
        self.differences.copy_within(..5, 1);
        self.differences[0] = difference;
        self.predict(reconstructed);
    }

    /// LOGSCL, SCALEL and LOGSCH, SCALEH.
    fn adapt_step(&mut self, change: i32) {
        self.log_step = (((self.log_step * 127) >> 7) + change).clamp(0, self.log_step_max);
        let power = ANTILOGARITHM[((self.log_step >> 6) & 31) as usize];
        let shift = self.log_step_shift - (self.log_step >> 11);
        self.step = (if shift < 0 { power << -shift } else { power >> shift }) << 2;
    }

    /// UPPOL2 and UPPOL1.
    fn adapt_poles(&mut self, partial: i32) {
        let sign = is_negative(partial);
        let is_like_last = sign == is_negative(self.partial[0]);
        let is_like_one_before = sign == is_negative(self.partial[1]);

        let first = saturated(self.poles[0] << 2);
        let first = if is_like_last { (-first).min(32_767) } else { first };
        let second = (first >> 7)
            + if is_like_one_before { 128 } else { -128 }
            + ((self.poles[1] * 32_512) >> 15);
        let second = second.clamp(-12_288, 12_288);

        let first = if is_like_last { 192 } else { -192 } + ((self.poles[0] * 32_640) >> 15);
        let bound = 15_360 - second;
        self.poles = [first.clamp(-bound, bound), second];
    }

    /// UPZERO.
    fn adapt_zeros(&mut self, difference: i32) {
        let gain = if difference == 0 { 0 } else { 128 };
        let sign = is_negative(difference);
        for (zero, &older) in self.zeros.iter_mut().zip(&self.differences) {
            let change = if sign == is_negative(older) { gain } else { -gain };
            *zero = saturated(change + ((*zero * 32_640) >> 15));
        }
    }

    /// FILTEP, FILTEZ and PREDIC.
    fn predict(&mut self, reconstructed: i32) {
        let newest = (self.poles[0] * saturated(2 * reconstructed)) >> 15;
        let older = (self.poles[1] * saturated(2 * self.reconstructed)) >> 15;
        self.reconstructed = reconstructed;
        let zeros = self.zeros.iter().zip(&self.differences);
        let sum: i32 = zeros.map(|(&zero, &older)| (zero * saturated(2 * older)) >> 15).sum();
        self.zeros_estimate = saturated(sum);
        self.estimate = saturated(saturated(newest + older) + self.zeros_estimate);
    }
}
