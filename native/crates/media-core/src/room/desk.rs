//! Where voices are summed up: the buffers of a frame, and what is done to samples in them.

use super::{UNITY, clamp};

/// Where frames are mixed, one room after the other: it stays in the cache then.
#[derive(Debug, Default)]
pub struct Desk {
    pub(super) sum: Vec<i32>,
    pub(super) own_sum: Vec<i32>,
    pub(super) everyone: Vec<i16>,
    pub(super) alone: Vec<i16>,
    pub(super) faded: Vec<Vec<i16>>,
}

/// A voice of this frame.
#[derive(Clone, Copy)]
pub(super) enum Voice<'a> {
    Said(&'a [i16]),
    /// Comes or goes within this frame; the number is its place in `faded`.
    Faded(usize),
}

impl Desk {
    /// Sums up what everyone hears.
    pub(super) fn add_up(&mut self, voices: &[(usize, Voice<'_>)], frame: usize) {
        self.sum.clear();
        self.sum.resize(frame, 0);
        self.everyone.resize(frame.max(self.everyone.len()), 0);
        for &(_, voice) in voices {
            let said = samples_of(voice, &self.faded);
            for (sum, &sample) in self.sum.iter_mut().zip(said) {
                *sum += i32::from(sample);
            }
        }
        narrow(&self.sum, &mut self.everyone[..frame]);
    }
}

/// The samples of a voice.
pub(super) fn samples_of<'a>(voice: Voice<'a>, faded: &'a [Vec<i16>]) -> &'a [i16] {
    match voice {
        Voice::Said(said) => said,
        Voice::Faded(number) => &faded[number],
    }
}

/// Takes from the sum what this gain leaves out of a voice.
pub(super) fn adjust(sum: &mut [i32], said: &[i16], (from, to): (u16, u16), frame: usize) {
    let (from, to) = (i32::from(from), i32::from(to));
    let unity = i32::from(UNITY);
    if from == 0 && to == 0 {
        // Exactly all of it: no rounding may be left over.
        for (sum, &sample) in sum.iter_mut().zip(said) {
            *sum -= i32::from(sample);
        }
        return;
    }
    let frame = frame as i32;
    for (index, (sum, &sample)) in sum.iter_mut().zip(said).enumerate() {
        let gain = from + (to - from) * (index as i32 + 1) / frame;
        *sum += (i32::from(sample) * (gain - unity)) >> 8;
    }
}

/// A copy that comes from silence or goes into it.
pub(super) fn fade(said: &[i16], into: &mut Vec<i16>, frame: usize, is_coming: bool) {
    let frame = frame.max(1) as i32;
    into.clear();
    into.extend(said.iter().enumerate().map(|(index, &sample)| {
        let come = index as i32 + 1;
        let part = if is_coming { come } else { frame - come };
        (i32::from(sample) * part / frame) as i16
    }));
}

/// Sums as samples.
pub(super) fn narrow(sums: &[i32], into: &mut [i16]) {
    for (sample, &sum) in into.iter_mut().zip(sums) {
        *sample = clamp(sum);
    }
}
