//! The files of recordings: what the switch says about them, carried out.

use std::collections::HashMap;
use std::io;

use media_core::switch::event::{Event, RecordEnd};
use media_core::switch::out::Tape;

use crate::sound_file::SoundFile;

/// Files that are being written, by whoever may wait for the disk.
#[derive(Default)]
pub struct TapeDeck {
    files: HashMap<u64, Writing>,
    /// What is to be told, in this order; the owner takes it.
    pub told: Vec<Event>,
}

struct Writing {
    leg: i64,
    token: i64,
    path: String,
    file: SoundFile,
    samples: Vec<i16>,
    /// To be told after the end.
    leg_closed: Option<Event>,
}

impl TapeDeck {
    /// No file is open.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Does a step; returns the recording that failed by it. Audio waits for `sweep` or the end.
    pub fn follow(&mut self, step: Tape) -> Option<u64> {
        match step {
            Tape::Begin { tape, leg, token, path, rate_hz, channels } => {
                let Ok(file) = SoundFile::create(&path, rate_hz, channels) else {
                    let (duration_ms, end) = (0, RecordEnd::Failed);
                    self.told.push(Event::RecordFinished { leg, token, path, duration_ms, end });
                    return Some(tape);
                };
                let (samples, leg_closed) = (Vec::new(), None);
                self.files.insert(tape, Writing { leg, token, path, file, samples, leg_closed });
            }
            Tape::Audio { tape, samples } => {
                if let Some(writing) = self.files.get_mut(&tape) {
                    writing.samples.extend_from_slice(&samples);
                }
            }
            Tape::End { tape, end, frames } => return self.end(tape, end, frames),
            Tape::LegClosed { tape, event } => match self.files.get_mut(&tape) {
                Some(writing) => writing.leg_closed = Some(event),
                None => self.told.push(event),
            },
        }
        None
    }

    /// Writes what has come; returns the recordings that failed.
    pub fn sweep(&mut self) -> Vec<u64> {
        let written = self.files.iter_mut().map(|(&tape, writing)| (tape, writing.write()));
        let failed: Vec<u64> =
            written.filter_map(|(tape, result)| result.err().map(|_| tape)).collect();
        for &tape in &failed {
            if let Some(writing) = self.files.remove(&tape) {
                self.finished(writing, RecordEnd::Failed);
            }
        }
        failed
    }

    /// Ends what nobody is left to end.
    pub fn end_all(&mut self) {
        let tapes: Vec<u64> = self.files.keys().copied().collect();
        for tape in tapes {
            self.end(tape, RecordEnd::Stopped, u64::MAX);
        }
    }

    fn end(&mut self, tape: u64, end: RecordEnd, frames: u64) -> Option<u64> {
        let mut writing = self.files.remove(&tape)?;
        let done = writing.write().and_then(|()| writing.file.finish(frames));
        let end = if done.is_ok() { end } else { RecordEnd::Failed };
        self.finished(writing, end);
        (end == RecordEnd::Failed).then_some(tape)
    }

    fn finished(&mut self, writing: Writing, end: RecordEnd) {
        let duration_ms = writing.file.duration_ms();
        let Writing { leg, token, path, leg_closed, .. } = writing;
        self.told.push(Event::RecordFinished { leg, token, path, duration_ms, end });
        self.told.extend(leg_closed);
    }
}

impl Writing {
    fn write(&mut self) -> io::Result<()> {
        let samples = std::mem::take(&mut self.samples);
        if samples.is_empty() { Ok(()) } else { self.file.append(&samples) }
    }
}
