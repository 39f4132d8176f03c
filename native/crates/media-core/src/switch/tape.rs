//! The life of a recording: what is pushed into it frame by frame, and what becomes of the file.

use media_audio::resample::Resampler;

use crate::SAMPLES_PER_MS;
use crate::recording::{Limit, Recording};
use crate::switch::Switch;
use crate::switch::command::RecordOrder;
use crate::switch::event::RecordEnd;
use crate::switch::moment::Moment;
use crate::switch::out::{Out, Tape};

/// Audio gathers for so many samples before it is handed to the file: 250 ms at 8,000 Hz.
const GATHERED_SAMPLES: usize = 2_000;

/// A recording on its way.
pub struct Record {
    /// What belongs into it.
    pub recording: Recording,
    /// Names it for whoever writes the file.
    pub tape: u64,
    /// Keys that end it.
    pub stop_digits: String,
    said: Rated,
    heard: Rated,
}

/// Brings a side to the rate of the file.
#[derive(Default)]
struct Rated {
    resampler: Option<(u32, Resampler)>,
    samples: Vec<i16>,
}

impl Rated {
    fn take<'a>(&'a mut self, frame: &'a [i16], from_hz: u32, to_hz: u32) -> &'a [i16] {
        if from_hz == to_hz {
            return frame;
        }
        if self.resampler.as_ref().is_some_and(|(from, _)| *from != from_hz) {
            self.resampler = None;
        }
        let (_, resampler) =
            self.resampler.get_or_insert_with(|| (from_hz, Resampler::new(from_hz, to_hz)));
        self.samples.clear();
        resampler.process(frame, &mut self.samples);
        &self.samples
    }
}

impl Record {
    /// Takes a frame of both sides, each with its rate.
    pub fn push(&mut self, said: (&[i16], u32), heard: Option<(&[i16], u32)>) {
        let rate_hz = self.recording.rate_hz();
        let said = self.said.take(said.0, said.1, rate_hz);
        let heard = heard.map(|(frame, from_hz)| self.heard.take(frame, from_hz, rate_hz));
        self.recording.push(said, heard);
    }
}

impl Switch {
    /// Begins a recording; a former one of the leg ends.
    pub fn start_record(&mut self, slot: usize, order: RecordOrder, out: &mut Out) {
        self.end_record(slot, RecordEnd::Stopped, out);
        self.tapes += 1;
        let tape = self.tapes;
        let Some(leg) = self.legs.get(slot) else { return };
        let silence =
            (order.silence_ms > 0).then(|| order.silence_ms.saturating_mul(SAMPLES_PER_MS));
        let max = order.max_ms.saturating_mul(SAMPLES_PER_MS);
        let recording = Recording::new(order.side, leg.rate_hz(), max, silence);
        out.tapes.push(Tape::Begin {
            tape,
            leg: leg.id,
            token: order.token,
            path: order.path,
            rate_hz: recording.rate_hz(),
            channels: order.side.channels(),
        });
        leg.last_tape = Some(tape);
        leg.recorded = Some(order.side);
        leg.record = Some(Box::new(Record {
            recording,
            tape,
            stop_digits: order.stop_digits,
            said: Rated::default(),
            heard: Rated::default(),
        }));
    }

    /// Takes the leg's latest frame into its recording, and ends that when it is long enough.
    pub fn record_frame(&mut self, slot: usize, now: Moment, out: &mut Out) {
        let Some(leg) = self.legs.peek(slot).filter(|leg| leg.recorded.is_some()) else { return };
        // Nothing is heard of a peer whose packets are passed on undecoded while a play hides it.
        let hears_peer = leg.play.is_none() && !leg.takes_frames;
        let other = leg.bridged().filter(|_| hears_peer);
        let (leg, other) = match other {
            Some(other) => self.legs.pair(slot, other).map(|(leg, other)| (leg, Some(&*other))),
            None => self.legs.get(slot).map(|leg| (leg, None)),
        }
        .unzip();
        let Some(leg) = leg else { return };
        let heard = other.flatten().and_then(|other| other.hearing.as_ref());
        let heard = heard.map(|hearing| (hearing.frame.as_slice(), hearing.rate_hz));
        let (Some(record), Some(hearing)) = (leg.record.as_mut(), leg.hearing.as_ref()) else {
            return;
        };
        let spoken = (leg.mouth.said.as_slice(), leg.mouth.said_hz);
        let heard = record.recording.side().needs_heard().then_some(heard.unwrap_or(spoken));
        record.push((&hearing.frame, hearing.rate_hz), heard);
        if record.recording.pending().len() >= GATHERED_SAMPLES {
            out.tapes.push(Tape::Audio { tape: record.tape, samples: record.recording.take() });
        }
        let end = match record.recording.limit() {
            Some(Limit::MaxLength) => RecordEnd::MaxLength,
            Some(Limit::Silence) => RecordEnd::Silence,
            None => return,
        };
        self.end_record(slot, end, out);
        self.adjust_with_peer(slot, now);
    }

    /// Forgets a recording whose file has failed: that was told already.
    pub fn drop_tape(&mut self, tape: u64, now: Moment) {
        for slot in 0..self.legs.end() {
            let Some(leg) = self.legs.get(slot) else { continue };
            if leg.record.take_if(|record| record.tape == tape).is_some() {
                leg.recorded = None;
                self.adjust_with_peer(slot, now);
            }
        }
    }

    /// Ends the recording, if there is one.
    pub fn end_record(&mut self, slot: usize, end: RecordEnd, out: &mut Out) {
        let Some(leg) = self.legs.get(slot) else { return };
        let Some(mut record) = leg.record.take() else { return };
        leg.recorded = None;
        let limit = (end == RecordEnd::Silence).then_some(Limit::Silence);
        let frames = record.recording.frames(limit);
        let samples = record.recording.take();
        if !samples.is_empty() {
            out.tapes.push(Tape::Audio { tape: record.tape, samples });
        }
        out.tapes.push(Tape::End { tape: record.tape, end, frames });
    }
}
