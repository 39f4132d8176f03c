use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};

use media_core::switch::event::Statistics;

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

struct Room {
    recorder: Recorder,
    events: Receiver<Event>,
    folder: PathBuf,
}

impl Room {
    fn new(name: &str) -> Self {
        let (sender, events) = channel();
        let folder = std::env::temp_dir().join(format!("callwright-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let tell = move |event| sender.send(event).unwrap();
        Self { recorder: Recorder::start(tell).unwrap(), events, folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().into()
    }

    fn take(&self, steps: impl IntoIterator<Item = Tape>) {
        self.recorder.take(&mut steps.into_iter().collect());
    }

    fn begin(&self, tape: u64, path: &str) {
        let (path, token) = (path.into(), tape as i64 * 10);
        self.take([Tape::Begin { tape, leg: 7, token, path, rate_hz: 8_000, channels: 1 }]);
    }

    fn event(&self) -> Event {
        self.events.recv_timeout(PATIENCE).unwrap()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn audio(tape: u64, samples: usize) -> Tape {
    Tape::Audio { tape, samples: vec![1_000; samples] }
}

fn end(tape: u64, frames: u64) -> Tape {
    Tape::End { tape, end: RecordEnd::Stopped, frames }
}

fn closed() -> Event {
    Event::LegClosed { leg: 7, statistics: Statistics::default() }
}

fn finished(tape: u64, path: &str, duration_ms: u64, end: RecordEnd) -> Event {
    let (token, path) = (tape as i64 * 10, path.into());
    Event::RecordFinished { leg: 7, token, path, duration_ms, end }
}

#[test]
fn a_recording_is_on_disk_before_its_end_is_told_and_the_leg_s_end_comes_last() {
    let mut room = Room::new("order");
    let path = room.path("said.wav");
    room.begin(1, &path);
    room.take([audio(1, 1_600), audio(1, 800)]);
    room.take([end(1, 2_000), Tape::LegClosed { tape: 1, event: closed() }]);
    assert_eq!(room.event(), finished(1, &path, 250, RecordEnd::Stopped));
    assert_eq!(std::fs::read(&path).unwrap().len(), 44 + 4_000);
    assert_eq!(room.event(), closed());
    room.take([Tape::LegClosed { tape: 1, event: closed() }]);
    assert_eq!(room.event(), closed(), "also when the recording is long over");
    room.recorder.close();
}

#[test]
fn what_cannot_be_written_fails_once_and_the_others_go_on() {
    let mut room = Room::new("fails");
    let (missing, good) = (room.path("missing/said.wav"), room.path("good.opus"));
    room.begin(1, &missing);
    room.begin(2, "/dev/full");
    room.begin(3, &good);
    let failures = [room.event(), room.event()];
    assert!(failures.contains(&finished(1, &missing, 0, RecordEnd::Failed)));
    assert!(failures.contains(&finished(2, "/dev/full", 0, RecordEnd::Failed)));
    room.take([audio(1, 160), audio(2, 160), audio(3, 160), end(1, 160), end(2, 160), end(3, 160)]);
    assert_eq!(room.event(), finished(3, &good, 20, RecordEnd::Stopped));
    let mut failed = room.recorder.take_failed();
    failed.sort_unstable();
    assert_eq!(failed, [1, 2]);
    assert!(room.recorder.take_failed().is_empty());
    room.recorder.close();
    assert!(room.events.try_recv().is_err());
}

#[test]
fn audio_that_the_disk_does_not_take_in_time_fails_and_what_came_before_stays() {
    let room = Room::new("slow");
    let path = room.path("slow.wav");
    room.begin(1, &path);
    let too_much = WAITING_SAMPLES_MAX / 8_000 + 1;
    room.take((0..too_much).map(|_| audio(1, 8_000)));
    room.take([audio(1, 8_000), end(1, u64::MAX)]);
    let kept_ms = (too_much as u64 - 1) * 1_000;
    assert_eq!(room.event(), finished(1, &path, kept_ms, RecordEnd::Failed));
    assert!(room.events.try_recv().is_err());
}

#[test]
fn a_recording_that_nobody_ended_is_whole_after_the_close() {
    let mut room = Room::new("open");
    let path = room.path("open.opus");
    room.begin(1, &path);
    room.take([audio(1, 8_000)]);
    room.recorder.close();
    assert_eq!(room.event(), finished(1, &path, 1_000, RecordEnd::Stopped));
}

#[test]
fn what_came_is_written_soon() {
    let room = Room::new("soon");
    let path = room.path("soon.wav");
    room.begin(1, &path);
    room.take([audio(1, 1_600)]);
    let begun = std::time::Instant::now();
    while std::fs::metadata(&path).map_or(0, |it| it.len()) < 44 + 3_200 {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
}
