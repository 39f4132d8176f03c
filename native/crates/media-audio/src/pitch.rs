//! The period of voiced speech, for whoever lengthens, shortens or continues it.

/// Samples of the longest piece that periods are looked for in: 40 ms of 16,000 Hz.
const PIECE_SAMPLES_MAX: usize = 640;
/// Products of two numbers of so many bits can be added up `PIECE_SAMPLES_MAX` times in 32 bits.
const BITS: u32 = 10;

/// A period and how well the signal repeats itself with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Period {
    /// In samples.
    pub lag: usize,
    /// 1 when it repeats exactly, 0 when not at all.
    pub likeness: f32,
}

/// The lag among `shortest..=longest` after which the end of `pcm`, `template` samples, is most
/// alike to what precedes it. `pcm` is at least `template + longest` samples.
pub(crate) fn period(pcm: &[i16], template: usize, shortest: usize, longest: usize) -> Period {
    let piece = scaled(&pcm[pcm.len() - (template + longest)..]);
    let piece = &piece[..template + longest];
    let at = |lag: usize| likeness(piece, template, lag);
    let best = |lags: &mut dyn Iterator<Item = usize>| {
        lags.map(|lag| Period { lag, likeness: at(lag) })
            .max_by(|one, other| one.likeness.total_cmp(&other.likeness))
            .unwrap_or(Period { lag: longest, likeness: 0.0 })
    };
    let coarse = best(&mut (shortest..=longest).step_by(2)).lag;
    best(&mut (coarse.saturating_sub(1).max(shortest)..=(coarse + 1).min(longest)))
}

/// The piece with its loudest sample brought to `BITS` bits.
fn scaled(pcm: &[i16]) -> [i16; PIECE_SAMPLES_MAX] {
    let peak = pcm.iter().fold(0, |peak, sample| peak | sample.unsigned_abs());
    let shift = (u16::BITS - peak.leading_zeros()).saturating_sub(BITS);
    let mut piece = [0; PIECE_SAMPLES_MAX];
    for (to, &from) in piece.iter_mut().zip(pcm) {
        *to = from >> shift;
    }
    piece
}

fn likeness(piece: &[i16], template: usize, lag: usize) -> f32 {
    let start = piece.len() - template;
    let (end, before) = (&piece[start..], &piece[start - lag..piece.len() - lag]);
    let product = dot(end, before);
    if product <= 0 {
        return 0.0;
    }
    product as f32 / (dot(end, end) as f32 * dot(before, before) as f32).sqrt()
}

fn dot(one: &[i16], other: &[i16]) -> i32 {
    one.iter().zip(other).map(|(&one, &other)| i32::from(one) * i32::from(other)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn finds_the_period_of_a_harmonic_sound_however_loud() {
        for amplitude in [20.0, 1_000.0, 16_000.0] {
            let pcm: Vec<i16> = (0..280)
                .map(|index| {
                    let phase = TAU * f64::from(index) / 73.0;
                    (amplitude * (phase.sin() + 0.5 * (2.0 * phase).sin())) as i16
                })
                .collect();
            let found = period(&pcm, 160, 40, 120);
            assert_eq!(found.lag, 73, "{amplitude}");
            assert!(found.likeness > 0.95);
        }
    }

    #[test]
    fn silence_has_none() {
        assert_eq!(period(&[0; 280], 160, 40, 120).likeness, 0.0);
    }
}
