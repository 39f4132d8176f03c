//! What a leg says to its peer when it is not relayed: frames of PCM, or octets ready to go, and keys.

use media_audio::codec::{Codec, Encoder};
use media_audio::resample::Resampler;

use crate::outbound::{Outbound, Target};
use crate::rtp::HEADER_BYTES;
use crate::switch::leg::law_of;
use crate::switch::line::Line;
use crate::switch::moment::{Moment, TICK_SAMPLES};
use crate::switch::out::Out;
use crate::switch::pressing::Pressing;
use crate::telephone_event::{EVENT_BYTES, Event};

/// PCM of the longest packet, at 16,000 Hz.
const PENDING_MAX: usize = 960;

/// What is said so much later than what was said before does not go on after it: 200 ms.
const STALE_PER_S: i32 = 5;

/// The sending side of one leg. What each packet touches comes first, then what each frame does.
#[repr(C, align(64))]
pub struct Mouth {
    /// The stream's numbers.
    pub stream: Outbound,
    /// Keys on their way.
    pub pressing: Pressing,
    next_timestamp: Option<u32>,
    /// Nothing was sent before what is said next, though its time passed.
    was_silent: bool,
    encoder: Option<Encoding>,
    /// The beginning of a packet; None as long as frames are packets.
    pending: Option<Box<Pending>>,
    /// The last frame that was said, for a recording of what the peer hears.
    pub said: Vec<i16>,
    /// Of that frame.
    pub said_hz: u32,
}

/// Audio of other rates or lengths than packets have.
#[derive(Default)]
struct Pending {
    samples: Vec<i16>,
    resampler: Option<(u32, u32, Resampler)>,
}

struct Encoding {
    codec: &'static Codec,
    packet_ticks: u8,
    encoder: Box<dyn Encoder>,
}

impl Mouth {
    /// A stream that has not begun.
    pub fn new(stream: Outbound) -> Self {
        Self {
            stream,
            pressing: Pressing::default(),
            next_timestamp: None,
            was_silent: true,
            encoder: None,
            pending: None,
            said: Vec::new(),
            said_hz: 8_000,
        }
    }

    /// Reads a little of what each packet touches, so that it is there when it is needed.
    pub fn fetch(&self) -> u64 {
        u64::from(self.stream.ssrc()) ^ u64::from(self.was_silent)
    }

    /// What is said next is a new beginning.
    pub fn pause(&mut self) {
        self.keep_silent();
        self.stream.leave_source();
    }

    /// Forgets encoder and half packets: the peer agreed to something else.
    pub fn change(&mut self) {
        self.encoder = None;
        self.pause();
    }

    /// Says a frame of PCM; packets leave when they are full.
    #[allow(clippy::too_many_arguments)] // what is said, to whom, when and where it goes
    pub fn say<'p>(
        &mut self,
        pcm: &[i16],
        rate_hz: u32,
        parameters: impl Fn() -> &'p str,
        target: &Target,
        line: &mut Line,
        now: Moment,
        out: &mut Out,
    ) {
        let ticks = usize::from(target.packet_ticks);
        let samples = target.codec.samples_per_10_ms() * ticks;
        let mut say = |this: &mut Self, pcm: &[i16]| {
            let start = begin_packet(out);
            match law_of(target.codec) {
                // It needs no state, and so none is looked for.
                Some(law) => law.compress(pcm, &mut out.bytes),
                None => this.encoder_for(target, &parameters).encode(pcm, &mut out.bytes),
            }
            this.finish(start, target, line, now, out);
        };
        if pcm.len() == samples && rate_hz == target.codec.rate_hz && self.is_even() {
            return say(self, pcm);
        }
        let mut pending = self.pending.take().unwrap_or_default();
        pending.take(pcm, rate_hz, target.codec.rate_hz);
        while pending.samples.len() >= samples {
            say(self, &pending.samples[..samples]);
            pending.samples.drain(..samples);
        }
        self.pending = Some(pending);
    }

    /// Says a packet whose payload is ready, in the target's codec and length.
    pub fn say_ready(
        &mut self,
        payload: &[u8],
        target: &Target,
        line: &mut Line,
        now: Moment,
        out: &mut Out,
    ) {
        let start = begin_packet(out);
        out.bytes.extend_from_slice(payload);
        self.finish(start, target, line, now, out);
    }

    /// Prepares for loss, of which the peer reports so many 256ths.
    pub fn expect_loss(&mut self, fraction: u8) {
        if let Some(made) = self.encoder.as_mut() {
            made.encoder.expect_loss((u32::from(fraction) * 100).div_ceil(256) as u8);
        }
    }

    /// Saves CPU: 0 none, 10 as much as possible.
    pub fn be_frugal(&mut self, level: u8) {
        if let Some(made) = self.encoder.as_mut() {
            made.encoder.be_frugal(level);
        }
    }

    /// Nothing waits to fill a packet.
    pub fn is_even(&self) -> bool {
        self.pending.as_ref().is_none_or(|pending| pending.samples.is_empty())
    }

    /// A frame passes that nobody may hear now; what follows goes on after it.
    pub fn pass_frame(&mut self, target: &Target, now: Moment) {
        let begin = self.next_timestamp.unwrap_or_else(|| self.stream.begin(now.samples));
        self.next_timestamp = Some(begin.wrapping_add(target.step()));
        self.was_silent = true;
    }

    /// What is said next begins anew, by the clock.
    pub fn keep_silent(&mut self) {
        self.next_timestamp = None;
        if let Some(pending) = self.pending.as_mut() {
            pending.samples.clear();
        }
    }

    /// Sends the packet of a pressed key that is due.
    pub fn press(&mut self, tick: u64, target: &Target, line: &mut Line, out: &mut Out) {
        let Some(keys) = self.pressing.events() else { return };
        let now = tick * TICK_SAMPLES;
        let stream = &self.stream;
        let step = u64::from(target.packet_ticks);
        let Some(key) = keys.step(tick, step, || stream.begin(now)) else { return };
        let Some(payload_type) = target.events else { return };
        self.next_timestamp = None;
        let multiple = self.stream.clock_hz() / 8_000;
        let duration = (u32::from(key.event.duration) * multiple).min(u32::from(u16::MAX));
        let event = Event { duration: duration as u16, ..key.event };
        let header = self.stream.own(key.timestamp, payload_type, key.marker, now);
        self.stream.reached(key.timestamp.wrapping_add(duration));
        let mut packet = [0; HEADER_BYTES + EVENT_BYTES];
        packet[..HEADER_BYTES].copy_from_slice(&header.to_bytes());
        packet[HEADER_BYTES..].copy_from_slice(&event.to_bytes());
        line.send(&packet, out);
    }

    fn encoder_for<'p>(
        &mut self,
        target: &Target,
        parameters: impl Fn() -> &'p str,
    ) -> &mut dyn Encoder {
        let fits = self.encoder.as_ref().is_some_and(|known| {
            std::ptr::eq(known.codec, target.codec) && known.packet_ticks == target.packet_ticks
        });
        if !fits {
            self.encoder = None;
        }
        let made = self.encoder.get_or_insert_with(|| Encoding {
            codec: target.codec,
            packet_ticks: target.packet_ticks,
            encoder: (target.codec.new_encoder)(parameters(), u32::from(target.packet_ticks) * 10),
        });
        &mut *made.encoder
    }

    /// Numbers the packet that begins at `start` and sends it; its time passes even when the encoder
    /// had nothing to say.
    fn finish(
        &mut self,
        start: usize,
        target: &Target,
        line: &mut Line,
        now: Moment,
        out: &mut Out,
    ) {
        let begin = self.stream.begin(now.samples);
        let gap = |next: u32| begin.wrapping_sub(next) as i32;
        let stale = self.stream.clock_hz() as i32 / STALE_PER_S;
        let goes_on =
            self.next_timestamp.filter(|&next| gap(next) < stale && !self.stream.has_reached(next));
        self.was_silent |= goes_on.is_none();
        let timestamp = goes_on.unwrap_or(begin);
        let next = timestamp.wrapping_add(target.step());
        self.next_timestamp = Some(next);
        let payload = start + HEADER_BYTES;
        if out.bytes.len() == payload {
            self.was_silent = true;
            return out.bytes.truncate(start);
        }
        let is_first = std::mem::take(&mut self.was_silent);
        let header = self.stream.own(timestamp, target.payload_type, is_first, now.samples);
        out.bytes[start..payload].copy_from_slice(&header.to_bytes());
        self.stream.reached(next);
        line.send_made(start, out);
    }
}

impl Pending {
    fn take(&mut self, pcm: &[i16], from_hz: u32, to_hz: u32) {
        if self.samples.len() > PENDING_MAX {
            self.samples.clear();
        }
        if from_hz == to_hz {
            return self.samples.extend_from_slice(pcm);
        }
        let fits =
            matches!(&self.resampler, Some((from, to, _)) if (*from, *to) == (from_hz, to_hz));
        if !fits {
            self.resampler = Some((from_hz, to_hz, Resampler::new(from_hz, to_hz)));
        }
        if let Some((_, _, resampler)) = self.resampler.as_mut() {
            resampler.process(pcm, &mut self.samples);
        }
    }
}

/// Where a packet begins whose payload is going to be appended: behind a header still to be written.
fn begin_packet(out: &mut Out) -> usize {
    let start = out.bytes.len();
    out.bytes.extend_from_slice(&[0; HEADER_BYTES]);
    start
}
