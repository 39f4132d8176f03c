//! What a leg needs ten times a second, and the life of its recording.

use media_core::SAMPLES_PER_MS;
use media_core::recording::{Limit, Recording};

use crate::clock;
use crate::command::RecordOrder;
use crate::event::{Event, RecordEnd};
use crate::leg::Record;
use crate::reactor::Reactor;

impl Reactor {
    /// Looks after every leg: media timeout, recording, report.
    pub fn keep_house(&mut self) {
        let now = clock::samples();
        for slot in 0..self.legs.end() {
            let Some(leg) = self.legs.get(slot) else { continue };
            self.serving = Some(slot);
            leg.report_when_due(now);
            let silent = now.saturating_sub(leg.heard_at);
            if leg.timeout.is_some_and(|timeout| silent >= timeout) && !leg.is_timed_out {
                leg.is_timed_out = true;
                self.events.push(Event::MediaTimeout { leg: leg.id });
            }
            if let Some(record) = leg.record.as_mut() {
                record.line.pass_time(now);
                let samples = record.line.take_settled();
                if record.file.append(&samples) {
                    self.check_record(slot);
                } else {
                    leg.record = None;
                }
            }
        }
    }

    pub fn start_record(&mut self, slot: usize, order: RecordOrder) {
        self.end_record(slot, RecordEnd::Stopped);
        let Some(leg) = self.legs.get(slot) else { return };
        let silence =
            (order.silence_ms > 0).then_some(order.silence_ms.saturating_mul(SAMPLES_PER_MS));
        let line =
            Recording::new(clock::samples(), order.max_ms.saturating_mul(SAMPLES_PER_MS), silence);
        let file = self.recorder.begin(leg.id, order.token, order.path);
        leg.last_file = Some(file.clone());
        leg.record = Some(Box::new(Record { line, file, stop_digits: order.stop_digits }));
    }

    /// Ends the recording when it is long enough, or silent for long enough.
    pub fn check_record(&mut self, slot: usize) {
        let record = self.legs.get(slot).and_then(|leg| leg.record.as_ref());
        match record.and_then(|record| record.line.limit()) {
            Some(Limit::MaxLength) => self.end_record(slot, RecordEnd::MaxLength),
            Some(Limit::Silence) => self.end_record(slot, RecordEnd::Silence),
            None => {}
        }
    }

    /// Ends the recording, if there is one.
    pub fn end_record(&mut self, slot: usize, end: RecordEnd) {
        let Some(mut record) = self.legs.get(slot).and_then(|leg| leg.record.take()) else {
            return;
        };
        let limit = (end == RecordEnd::Silence).then_some(Limit::Silence);
        let length = record.line.length(limit);
        self.recorder.end(&record.file, &record.line.take_all(), end, length);
    }
}
