//! Makes a piece of audio a little shorter or longer without changing its pitch: by one period.

use crate::pitch::period;
use crate::voice_activity::level_dbov;

/// Below it nobody notices what is cut.
const QUIET_DBOV: i8 = -50;
/// What repeats itself less is better left alone.
const LIKENESS_MIN: f32 = 0.7;
/// In eighths of a millisecond: 2.5 and 10 ms.
const SHORTEST_EIGHTHS: usize = 20;
const LONGEST_EIGHTHS: usize = 80;
/// Of a piece, the newest part is worked on: 40 ms.
const PIECE_MS_MAX: usize = 40;

/// Takes a period, of at most `at_most` samples, out of `pcm[start..]`; what is before and behind
/// joins as it did. Returns the samples taken out: none when it would be heard, unless `is_urgent`.
pub fn shorten(
    pcm: &mut Vec<i16>,
    start: usize,
    rate_hz: u32,
    at_most: usize,
    is_urgent: bool,
) -> usize {
    let Some(place) = place_for(pcm, start, rate_hz, at_most, is_urgent) else { return 0 };
    let end = pcm.len();
    let from = end - place.blend - place.lag;
    for index in 0..place.blend {
        let into = pcm[from + place.lag + index];
        pcm[from + index] = blended(pcm[from + index], into, index, place.blend);
    }
    pcm.truncate(end - place.lag);
    place.lag
}

/// Puts a period, of at most `at_most` samples, into `pcm[start..]`, as `shorten` takes it out.
pub fn lengthen(
    pcm: &mut Vec<i16>,
    start: usize,
    rate_hz: u32,
    at_most: usize,
    is_urgent: bool,
) -> usize {
    let Some(place) = place_for(pcm, start, rate_hz, at_most, is_urgent) else { return 0 };
    let end = pcm.len();
    pcm.extend_from_within(end - place.lag..);
    // From the back, because what is read must not be blended yet.
    for index in (0..place.blend).rev() {
        let at = end - place.blend + index;
        pcm[at] = blended(pcm[at], pcm[at - place.lag], index, place.blend);
    }
    place.lag
}

struct Place {
    lag: usize,
    /// Samples at the end of the piece that are blended.
    blend: usize,
}

fn place_for(
    pcm: &[i16],
    start: usize,
    rate_hz: u32,
    at_most: usize,
    is_urgent: bool,
) -> Option<Place> {
    let ms = rate_hz as usize / 1_000;
    let piece = &pcm[start.max(pcm.len().saturating_sub(PIECE_MS_MAX * ms))..];
    let shortest = SHORTEST_EIGHTHS * ms / 8;
    let longest = (LONGEST_EIGHTHS * ms / 8).min(piece.len() / 2).min(at_most);
    if longest < shortest {
        return None;
    }
    let blend = longest;
    if level_dbov(piece) <= QUIET_DBOV {
        return Some(Place { lag: longest, blend });
    }
    let found = period(piece, blend, shortest, longest);
    (is_urgent || found.likeness >= LIKENESS_MIN).then_some(Place { lag: found.lag, blend })
}

fn blended(from: i16, into: i16, index: usize, blend: usize) -> i16 {
    let (from, into) = (i32::from(from), i32::from(into));
    (from + (into - from) * (index as i32 + 1) / (blend as i32 + 1)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn voice(amplitude: f64, samples: i32) -> Vec<i16> {
        let at = |index: i32| (amplitude * (TAU * f64::from(index) / 50.0).sin()) as i16;
        (0..samples).map(at).collect()
    }

    fn steepest(pcm: &[i16]) -> i32 {
        let step = |pair: &[i16]| (i32::from(pair[1]) - i32::from(pair[0])).abs();
        pcm.windows(2).map(step).max().unwrap()
    }

    #[test]
    fn a_period_less_and_a_period_more_sound_the_same() {
        let pcm = voice(8_000.0, 400);
        let mut shorter = pcm[..320].to_vec();
        assert_eq!(shorten(&mut shorter, 160, 8_000, 80, false), 50);
        assert_eq!(shorter.len(), 270);
        let mut longer = pcm[..320].to_vec();
        assert_eq!(lengthen(&mut longer, 160, 8_000, 80, false), 50);
        assert_eq!(longer.len(), 370);
        for changed in [shorter, longer] {
            let error = changed.iter().zip(&pcm).map(|(a, b)| (a - b).abs()).max();
            assert!(error < Some(200), "{error:?}");
        }
    }

    #[test]
    fn what_has_no_period_is_left_alone_unless_it_must_be() {
        let mut seed = 1u32;
        let noise: Vec<i16> = (0..320)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 18) as i16 - 8_192
            })
            .collect();
        let mut pcm = noise.clone();
        assert_eq!(shorten(&mut pcm, 0, 16_000, 160, false), 0);
        assert_eq!(lengthen(&mut pcm, 0, 16_000, 160, false), 0);
        assert_eq!(pcm, noise);
        let removed = shorten(&mut pcm, 0, 16_000, 160, true);
        assert!((40..=160).contains(&removed) && pcm.len() == 320 - removed);
    }

    #[test]
    fn quiet_is_cut_by_as_much_as_is_wished() {
        let mut pcm = voice(40.0, 320);
        assert_eq!(shorten(&mut pcm, 0, 8_000, 77, false), 77);
        assert_eq!(lengthen(&mut pcm, 0, 8_000, 55, false), 55);
        assert!(steepest(&pcm) <= 12);
        assert_eq!(shorten(&mut pcm, 0, 8_000, 19, true), 0, "shorter than any period");
        assert_eq!(shorten(&mut pcm, 270, 8_000, 80, true), 0, "too short a piece");
    }
}
