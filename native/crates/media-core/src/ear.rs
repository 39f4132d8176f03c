//! Listens to one peer: packets in whenever they come, sound out whenever it is wanted.

mod format;

use media_audio::codec::Codec;
use media_audio::comfort_noise::Generator;
use media_audio::resample::Resampler;
use media_audio::stretch;

use format::{Format, units_of};

use crate::jitter_buffer::{Arrival, Counts, JitterBuffer, Next};
use crate::play_delay::MS;

/// Units of a sample of 8,000 Hz, which is also the engine's unit of time.
const UNITS: i64 = 6;
/// Peers change among a few formats; the one not used for longest makes room.
const FORMATS_MAX: usize = 4;
/// Names packets that describe noise.
const NOISE: u8 = u8::MAX;
/// No format has longer packets (RFC 6716 §2.1.4).
const PACKET_MAX: i64 = 120 * MS;
/// Made up at once when nothing is there.
const PIECE: i64 = 10 * MS;
/// Decoders are asked for no more of what is missing; some never get silent by themselves.
const CONCEALED_MAX: i64 = 500 * MS;
/// The audio's length is changed so often at most.
const STRETCH_EVERY: i64 = 30 * MS;
/// The longest period that it is changed by.
const STRETCH_MAX: i64 = 10 * MS;
/// By so much delay too much anything is better than more of it.
const URGENT: i64 = 80 * MS;
/// Two decoders blend over so many milliseconds.
const BLEND_MS: usize = 4;
/// More than any pull needs; ends it whatever a decoder does.
const STEPS_MAX: usize = 1_000;

/// Shortens or lengthens audio in place; says by how many samples.
type Stretch = fn(&mut Vec<i16>, usize, u32, usize, bool) -> usize;

/// One peer's audio, decoded, in order, without holes. What each packet and each pull touches comes
/// first: a cache line, and those of the buffer.
#[repr(C, align(64))]
pub struct Ear {
    formats: Vec<Format>,
    /// Ready to be pulled.
    staged: Vec<i16>,
    /// The rate that was pulled last.
    rate_hz: u32,
    /// Made up since the last packet.
    made_up: u32,
    since_stretch: u32,
    /// The formats that packets come in, and which was played last.
    incoming: u8,
    playing: u8,
    /// Packets that wait refer to formats by their tags.
    next_tag: u8,
    is_noise: bool,
    buffer: JitterBuffer,
    /// What comes out of the decoder, while that has another rate.
    decoded: Vec<i16>,
    /// From there to `rate_hz`, when they differ.
    resampler: Option<Resampler>,
    noise: Generator,
}

impl Ear {
    /// For a peer that sends `codec`, with the parameters that we told it.
    pub fn new(codec: &'static Codec, fmtp: &str) -> Self {
        Self {
            formats: vec![Format::new(0, codec, fmtp)],
            staged: Vec::new(),
            rate_hz: codec.rate_hz,
            made_up: CONCEALED_MAX as u32, // there is nothing yet to go on with
            since_stretch: 0,
            incoming: 0,
            playing: 0,
            next_tag: 1,
            is_noise: false,
            buffer: JitterBuffer::default(),
            decoded: Vec::new(),
            resampler: None,
            noise: Generator::new(0x5eed),
        }
    }

    /// Reads a little of what each packet and each pull touches, so that it is there when it is needed.
    pub fn fetch(&self) -> u64 {
        u64::from(self.made_up) ^ self.buffer.fetch()
    }

    /// The same of what the next packet is in and decoded by.
    pub fn fetch_next(&self) -> u64 {
        let format = self.formats.get(usize::from(self.playing));
        self.buffer.fetch_next() ^ format.map_or(0, |format| u64::from(format.tag))
    }

    /// Packets from now on are in that format. Cheap when they were before; those waiting are still
    /// decoded as what they are.
    pub fn expect(&mut self, codec: &'static Codec, fmtp: &str) {
        let is_same = |format: &Format| {
            // Asked for each packet; most formats have no parameters.
            let is_bare = format.fmtp.is_empty() && fmtp.is_empty();
            std::ptr::eq(format.codec, codec) && (is_bare || *format.fmtp == *fmtp)
        };
        if is_same(self.incoming()) {
            return;
        }
        self.incoming = match self.formats.iter().position(is_same) {
            Some(known) => known as u8,
            None => self.add(codec, fmtp) as u8,
        };
    }

    /// Takes a packet of audio that arrived `now`.
    pub fn put(
        &mut self,
        sequence: u16,
        timestamp: u32,
        ssrc: u32,
        marker: bool,
        payload: &[u8],
        now: u64,
    ) {
        let format = self.incoming();
        let samples = format.decoder.samples_in(payload) as i64;
        let duration = samples * format.units();
        if duration == 0 || duration > PACKET_MAX {
            self.buffer.discard();
            return self.pass_over(sequence, ssrc);
        }
        let (format, clock_hz) = (format.tag, format.codec.clock_hz);
        let arrival =
            Arrival { sequence, timestamp, ssrc, marker, clock_hz, format, duration, payload };
        self.buffer.put(&arrival, units_at(now));
    }

    /// Takes a packet that describes the noise until the next audio (RFC 3389).
    pub fn comfort_noise(
        &mut self,
        sequence: u16,
        timestamp: u32,
        ssrc: u32,
        payload: &[u8],
        now: u64,
    ) {
        let arrival = Arrival {
            sequence,
            timestamp,
            ssrc,
            marker: false,
            clock_hz: self.incoming().codec.clock_hz,
            format: NOISE,
            duration: 0,
            payload: &payload[..payload.len().min(16)],
        };
        self.buffer.put(&arrival, units_at(now));
    }

    /// A packet of the same stream that is no audio, such as a key: without it we would take its
    /// number for a loss.
    pub fn pass_over(&mut self, sequence: u16, ssrc: u32) {
        self.buffer.pass_over(ssrc, sequence);
    }

    /// Makes `frame` the next `samples` at 8,000 or 16,000 Hz, to be played `now`: what was said, what
    /// was likely said, noise or silence.
    pub fn pull(&mut self, rate_hz: u32, samples: usize, now: u64, frame: &mut Vec<i16>) {
        let (now, piece) = (units_at(now), samples as i64 * units_of(rate_hz));
        frame.clear();
        if self.buffer.has_source() {
            self.set_rate(rate_hz);
            // Made where the frame is wanted: what is left over is little, and often nothing.
            let mut left = std::mem::replace(&mut self.staged, std::mem::take(frame));
            self.staged.extend_from_slice(&left);
            self.note_time(now, piece);
            for _ in 0..STEPS_MAX {
                if self.staged.len() >= samples {
                    break;
                }
                self.step(now, piece);
            }
            left.clear();
            left.extend_from_slice(self.staged.get(samples..).unwrap_or_default());
            self.staged.truncate(samples);
            *frame = std::mem::replace(&mut self.staged, left);
        }
        frame.resize(samples, 0);
        self.since_stretch = self.since_stretch.saturating_add(piece as u32);
        self.note_time(now + piece, piece);
    }

    /// Packets that came too late to be played.
    pub fn late(&self) -> u64 {
        self.buffer.counts().late
    }

    /// Packets that came and were dropped all the same.
    pub fn discarded(&self) -> u64 {
        self.buffer.counts().discarded
    }

    /// All that happened to packets.
    pub fn counts(&self) -> Counts {
        self.buffer.counts()
    }

    /// How long packets that were fast on their way wait for being played.
    pub fn delay_ms(&self) -> u32 {
        (self.buffer.depth().max(0) / MS) as u32
    }

    /// Audio made up for packets that were lost or late.
    pub fn concealed_ms(&self) -> u64 {
        (self.buffer.counts().concealed / MS) as u64
    }

    fn incoming(&self) -> &Format {
        &self.formats[usize::from(self.incoming)]
    }

    fn add(&mut self, codec: &'static Codec, fmtp: &str) -> usize {
        let format = Format::new(self.next_tag, codec, fmtp);
        while self.formats.iter().chain([&format]).any(|known| known.tag == self.next_tag) {
            self.next_tag = (self.next_tag + 1) % NOISE;
        }
        if self.formats.len() < FORMATS_MAX {
            self.formats.push(format);
            return self.formats.len() - 1;
        }
        let in_use = [self.playing, self.incoming].map(usize::from);
        let unused = (0..FORMATS_MAX).find(|at| !in_use.contains(at));
        let place = unused.unwrap_or(0);
        self.formats[place] = format;
        place
    }

    fn set_rate(&mut self, rate_hz: u32) {
        if rate_hz == self.rate_hz {
            return;
        }
        let waiting = std::mem::take(&mut self.staged);
        Resampler::new(self.rate_hz, rate_hz).process(&waiting, &mut self.staged);
        self.rate_hz = rate_hz;
        self.resampler = None;
    }

    fn note_time(&mut self, now: i64, piece: i64) {
        let staged = self.staged.len() as i64 * units_of(self.rate_hz);
        self.buffer.set_plays_at(now + staged, piece);
    }

    /// Gets a little more staged, or at least ahead.
    fn step(&mut self, now: i64, piece: i64) {
        match self.buffer.take() {
            Next::Packet { format: NOISE, payload, .. } => {
                self.is_noise |= self.noise.update(&payload);
                self.buffer.give_back(payload);
            }
            Next::Packet { format, payload, skip, duration } => {
                self.play(format, &payload, skip, duration);
                self.buffer.give_back(payload);
                self.note_time(now, piece);
                self.adapt();
            }
            Next::Gap { duration, is_lost: true, following } => self.bridge(duration, following),
            Next::Gap { duration, is_lost: false, .. } => {
                // Silence is where a change of the delay costs nothing.
                let surplus = self.buffer.surplus();
                if surplus > 0 {
                    self.buffer.go_on(surplus.min(duration), false);
                } else {
                    self.make_up(duration.min(PIECE), false);
                    if surplus == 0 {
                        self.buffer.go_on(duration.min(PIECE), false);
                    }
                }
                self.note_time(now, piece);
            }
            Next::Starved => {
                self.make_up(PIECE, false);
                self.buffer.starve(PIECE);
            }
        }
    }

    /// Makes up what was lost: the packet just before the next one with what that knows about it.
    fn bridge(&mut self, duration: i64, following: i64) {
        let is_next_to_it = following > 0 && duration <= following;
        let piece = match is_next_to_it {
            true => duration,
            false => (duration - following).min(PIECE),
        };
        self.make_up(piece, is_next_to_it);
        self.buffer.go_on(piece, true);
    }

    fn make_up(&mut self, duration: i64, is_next_to_it: bool) {
        let format = &mut self.formats[usize::from(self.playing)];
        let samples = (duration / format.units()).max(1) as usize;
        if self.is_noise {
            self.noise.generate(samples, &mut self.decoded);
        } else if i64::from(self.made_up) < CONCEALED_MAX {
            let next = self.buffer.peek().filter(|(tag, _)| is_next_to_it && *tag == format.tag);
            format.decoder.conceal(samples, next.map(|(_, payload)| payload), &mut self.decoded);
        }
        self.decoded.resize(samples, 0);
        self.stage();
        self.made_up = self.made_up.saturating_add(duration as u32);
    }

    fn play(&mut self, tag: u8, payload: &[u8], skip: i64, duration: i64) {
        let Some(place) = self.formats.iter().position(|format| format.tag == tag) else {
            return; // pushed out by newer ones
        };
        let leftover =
            if place == usize::from(self.playing) { Vec::new() } else { self.switch_to(place) };
        let format = &mut self.formats[usize::from(self.playing)];
        let start = self.staged.len();
        let is_staged = format.codec.rate_hz == self.rate_hz;
        let into = if is_staged { &mut self.staged } else { &mut self.decoded };
        let begin = into.len();
        if !format.decoder.decode(payload, into) {
            into.truncate(begin);
            return self.make_up(duration, false);
        }
        let skipped = (skip / format.units()) as usize;
        into.drain(begin..into.len().min(begin + skipped));
        if !is_staged {
            self.stage();
        }
        blend_into(&mut self.staged[start..], &leftover);
        self.is_noise = false;
        self.made_up = 0;
    }

    /// Moves what was decoded to where it is pulled from.
    fn stage(&mut self) {
        let (from_hz, to_hz) =
            (self.formats[usize::from(self.playing)].codec.rate_hz, self.rate_hz);
        if from_hz == to_hz {
            self.staged.append(&mut self.decoded);
            return;
        }
        let resampler = self.resampler.get_or_insert_with(|| Resampler::new(from_hz, to_hz));
        resampler.process(&self.decoded, &mut self.staged);
        self.decoded.clear();
    }

    /// Plays another format from now on. Returns how the former one would have gone on.
    fn switch_to(&mut self, place: usize) -> Vec<i16> {
        let start = self.staged.len();
        let made_up = self.made_up;
        self.make_up(PIECE, false);
        self.made_up = made_up;
        let mut leftover = self.staged.split_off(start);
        leftover.truncate(self.rate_hz as usize / 1_000 * BLEND_MS);
        self.playing = place as u8;
        self.resampler = None;
        leftover
    }

    /// Changes the delay towards the one wanted by making audio shorter or longer.
    fn adapt(&mut self) {
        let surplus = self.buffer.surplus();
        if surplus == 0 || i64::from(self.since_stretch) < STRETCH_EVERY {
            return;
        }
        let rate_hz = self.rate_hz;
        let (stretch, at_most): (Stretch, _) = match surplus > 0 {
            true => (stretch::shorten, surplus),
            // A period too many is no harm yet, one too few is.
            false => (stretch::lengthen, STRETCH_MAX - surplus),
        };
        let at_most = (at_most / units_of(rate_hz)) as usize;
        if stretch(&mut self.staged, 0, rate_hz, at_most, surplus.abs() > URGENT) > 0 {
            self.since_stretch = 0;
        }
    }
}

fn units_at(now: u64) -> i64 {
    now as i64 * UNITS
}

/// The start of `pcm` comes out of `from`.
fn blend_into(pcm: &mut [i16], from: &[i16]) {
    let steps = from.len().min(pcm.len()) as i32;
    for ((sample, &from), step) in pcm.iter_mut().zip(from).zip(1..) {
        let (from, into) = (i32::from(from), i32::from(*sample));
        *sample = (from + (into - from) * step / (steps + 1)) as i16;
    }
}
