//! A mixing room: everyone hears the others, each pair as loud as it was set.
//!
//! Who says nothing hears the same sum as all others who say nothing, so that sum is made once and
//! told apart from frames that only one member hears: the caller encodes it once.

mod desk;

pub use desk::Desk;
use desk::{Voice, adjust, fade, narrow, samples_of};

/// As many voices are mixed at once. In a larger crowd nobody could follow more, and their noise
/// would add up.
pub const VOICES_MAX: usize = 8;
/// A gain of 1.
pub const UNITY: u16 = 256;
/// The greatest gain: 4.
pub const GAIN_MAX: u16 = 4 * UNITY;

/// A voice that is mixed is held against others that are up to twice as loud.
const HELD_BONUS: u32 = 2;
/// Loudness falls by this part of itself with each frame, so that a pause between words does not
/// give the place away.
const DECAY: u32 = 16;

/// Who hears a frame besides the member it is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Nobody speaks: all members hear zeros.
    Silence,
    /// All members that this is said of hear the very same samples in this frame.
    Everyone,
    /// Made for this member only; zeros for one who speaks alone.
    Alone,
}

/// What a member hears in one frame.
#[derive(Clone, Copy, Debug)]
pub struct Mix<'a> {
    /// As many as a frame has.
    pub samples: &'a [i16],
    /// Who else hears them.
    pub share: Share,
}

/// The members and how loud they hear each other.
#[derive(Debug)]
pub struct Room {
    rate_hz: u32,
    members: Vec<Member>,
    /// Pairs whose gain is not 1, and those on their way back to 1.
    gains: Vec<Gain>,
}

#[derive(Debug)]
struct Member {
    id: usize,
    /// Mean magnitude, at once up and slowly down.
    loudness: u32,
    is_mixed: bool,
    /// No frame was mixed since it came.
    is_new: bool,
    /// Somebody has a gain for this speaker, or this listener for somebody, that is not 1.
    has_gains: bool,
}

#[derive(Debug)]
struct Gain {
    speaker: usize,
    listener: usize,
    /// The former one until a frame has led over to the new one.
    from: u16,
    to: u16,
}

impl Room {
    /// An empty room whose audio has this rate.
    pub fn new(rate_hz: u32) -> Self {
        Self { rate_hz, members: Vec::new(), gains: Vec::new() }
    }

    /// Of all frames, in and out.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// From the next frame on everything has this rate.
    pub fn set_rate(&mut self, rate_hz: u32) {
        self.rate_hz = rate_hz;
    }

    /// Who is here, in the order of numbers.
    pub fn members(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.members.iter().map(|member| member.id)
    }

    /// Lets a member in; one that is here stays as it is.
    pub fn add(&mut self, member: usize) {
        if let Err(place) = self.place(member) {
            let entry =
                Member { id: member, loudness: 0, is_mixed: false, is_new: true, has_gains: false };
            self.members.insert(place, entry);
        }
    }

    /// Lets a member out, and forgets its gains; true when nobody is left.
    pub fn remove(&mut self, member: usize) -> bool {
        if let Ok(place) = self.place(member) {
            self.members.remove(place);
            self.gains.retain(|gain| gain.speaker != member && gain.listener != member);
            self.note_gains();
        }
        self.members.is_empty()
    }

    /// How loud `listener` hears `speaker`, in 256ths; ignored unless both are here.
    pub fn set_gain(&mut self, speaker: usize, listener: usize, gain_q8: u16) {
        let (Ok(from), Ok(into)) = (self.place(speaker), self.place(listener)) else { return };
        if from == into {
            return;
        }
        let to = gain_q8.min(GAIN_MAX);
        // Who has heard nothing yet must not hear a frame that fades away.
        let is_new = self.members[from].is_new || self.members[into].is_new;
        let known = |gain: &&mut Gain| gain.speaker == speaker && gain.listener == listener;
        if let Some(gain) = self.gains.iter_mut().find(known) {
            gain.to = to;
            gain.from = if is_new { to } else { gain.from };
        } else if to != UNITY {
            let from = if is_new { to } else { UNITY };
            self.gains.push(Gain { speaker, listener, from, to });
        }
        self.note_gains();
    }

    /// One frame of `frame` samples. `said` names what members said, at most one entry each;
    /// whoever is not in it is silent, and so is the rest of an entry that is too short.
    /// `hear` is called for each member.
    pub fn mix(
        &mut self,
        said: &[(usize, &[i16])],
        frame: usize,
        desk: &mut Desk,
        mut hear: impl FnMut(usize, &Mix<'_>),
    ) {
        let voices = self.choose(said, frame, desk);
        desk.add_up(&voices, frame);
        let everyone = match voices.len() {
            0 => Share::Silence,
            _ => Share::Everyone,
        };
        for place in 0..self.members.len() {
            let own = voices.iter().position(|&(speaker, _)| speaker == place);
            let is_alone = own.is_some() || self.is_special(place, &voices);
            if !is_alone {
                let mix = Mix { samples: &desk.everyone[..frame], share: everyone };
                hear(self.members[place].id, &mix);
                continue;
            }
            self.mix_for(place, &voices, frame, desk);
            let mix = Mix { samples: &desk.alone[..frame], share: Share::Alone };
            hear(self.members[place].id, &mix);
        }
        self.settle_gains();
        for member in &mut self.members {
            member.is_new = false;
        }
    }

    fn place(&self, member: usize) -> Result<usize, usize> {
        self.members.binary_search_by_key(&member, |entry| entry.id)
    }

    fn note_gains(&mut self) {
        for member in &mut self.members {
            let id = member.id;
            member.has_gains =
                self.gains.iter().any(|gain| gain.speaker == id || gain.listener == id);
        }
    }

    /// Gains have reached what they were set to; those of 1 are no longer special.
    fn settle_gains(&mut self) {
        if self.gains.iter().any(|gain| gain.from != gain.to) {
            for gain in &mut self.gains {
                gain.from = gain.to;
            }
            self.gains.retain(|gain| gain.to != UNITY);
            self.note_gains();
        }
    }

    /// The voices of this frame, by place of their member.
    fn choose<'a>(
        &mut self,
        said: &[(usize, &'a [i16])],
        frame: usize,
        desk: &mut Desk,
    ) -> Vec<(usize, Voice<'a>)> {
        let mut heard: Vec<(usize, &'a [i16])> = Vec::with_capacity(said.len());
        for member in &mut self.members {
            member.loudness -= member.loudness.div_ceil(DECAY);
        }
        for &(id, samples) in said {
            let Ok(place) = self.place(id) else { continue };
            let samples = &samples[..samples.len().min(frame)];
            let now = loudness(samples);
            let member = &mut self.members[place];
            member.loudness = member.loudness.max(now);
            if now > 0 && self.is_heard(place) {
                heard.push((place, samples));
            }
        }
        if heard.len() <= VOICES_MAX {
            self.hold(&heard);
            return heard.into_iter().map(|(place, said)| (place, Voice::Said(said))).collect();
        }
        self.choose_loudest(heard, frame, desk)
    }

    /// False for a monitor: all others have it at 0.
    fn is_heard(&self, place: usize) -> bool {
        let speaker = &self.members[place];
        if !speaker.has_gains {
            return true;
        }
        let muted =
            self.gains.iter().filter(|it| it.speaker == speaker.id && it.from == 0 && it.to == 0);
        muted.count() + 1 < self.members.len()
    }

    fn hold(&mut self, voices: &[(usize, &[i16])]) {
        for member in &mut self.members {
            member.is_mixed = false;
        }
        for &(place, _) in voices {
            self.members[place].is_mixed = true;
        }
    }

    /// In a crowd: whoever loses or wins a place fades within the frame.
    fn choose_loudest<'a>(
        &mut self,
        mut heard: Vec<(usize, &'a [i16])>,
        frame: usize,
        desk: &mut Desk,
    ) -> Vec<(usize, Voice<'a>)> {
        let weight = |place: usize, members: &[Member]| {
            let member = &members[place];
            member.loudness.saturating_mul(if member.is_mixed { HELD_BONUS } else { 1 })
        };
        heard.sort_by_key(|&(place, _)| std::cmp::Reverse(weight(place, &self.members)));
        let mut voices = Vec::with_capacity(VOICES_MAX);
        let mut fading = 0;
        for (rank, &(place, said)) in heard.iter().enumerate() {
            let is_chosen = rank < VOICES_MAX;
            if self.members[place].is_mixed == is_chosen {
                if is_chosen {
                    voices.push((place, Voice::Said(said)));
                }
                continue;
            }
            if desk.faded.len() == fading {
                desk.faded.push(Vec::new());
            }
            fade(said, &mut desk.faded[fading], frame, is_chosen);
            voices.push((place, Voice::Faded(fading)));
            fading += 1;
        }
        heard.truncate(VOICES_MAX);
        self.hold(&heard);
        voices
    }

    /// The listener has a gain for one of the voices.
    fn is_special(&self, listener: usize, voices: &[(usize, Voice<'_>)]) -> bool {
        let listener = &self.members[listener];
        listener.has_gains
            && voices.iter().any(|&(place, _)| {
                let speaker = &self.members[place];
                speaker.has_gains && self.gain(speaker.id, listener.id).is_some()
            })
    }

    fn gain(&self, speaker: usize, listener: usize) -> Option<&Gain> {
        self.gains.iter().find(|it| it.speaker == speaker && it.listener == listener)
    }

    /// Fills `alone` with what this listener hears: the sum, corrected by what differs for it.
    fn mix_for(
        &self,
        listener: usize,
        voices: &[(usize, Voice<'_>)],
        frame: usize,
        desk: &mut Desk,
    ) {
        desk.own_sum.clear();
        desk.own_sum.extend_from_slice(&desk.sum);
        let id = self.members[listener].id;
        for &(place, voice) in voices {
            let gain = if place == listener { Some((0, 0)) } else { self.steps(place, id) };
            if let Some(gain) = gain {
                adjust(&mut desk.own_sum, samples_of(voice, &desk.faded), gain, frame);
            }
        }
        desk.alone.resize(frame.max(desk.alone.len()), 0);
        narrow(&desk.own_sum, &mut desk.alone[..frame]);
    }

    /// The gain at the beginning and at the end of this frame; None: 1.
    fn steps(&self, speaker: usize, listener: usize) -> Option<(u16, u16)> {
        let speaker = &self.members[speaker];
        if !speaker.has_gains {
            return None;
        }
        self.gain(speaker.id, listener).map(|gain| (gain.from, gain.to))
    }
}

/// Adds another frame to one, so much louder or softer, in 256ths.
pub fn blend(frame: &mut [i16], other: &[i16], gain_q8: u16) {
    let gain = i32::from(gain_q8.min(GAIN_MAX));
    for (sample, &added) in frame.iter_mut().zip(other) {
        *sample = clamp(i32::from(*sample) + ((i32::from(added) * gain) >> 8));
    }
}

/// Mean magnitude.
fn loudness(samples: &[i16]) -> u32 {
    let sum: u32 = samples.iter().map(|&sample| u32::from(sample.unsigned_abs())).sum();
    let mean = sum / samples.len().max(1) as u32;
    // A frame with anything in it is not silent.
    mean.max(u32::from(sum > 0))
}

fn clamp(sample: i32) -> i16 {
    sample.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

#[cfg(test)]
#[path = "room_tests.rs"]
mod tests;
