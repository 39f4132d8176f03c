//! Recordings on their way to disk, written by a thread that may wait for it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use media_core::SAMPLES_PER_MS;
use media_core::wav;

use crate::event::{Event, EventQueue, RecordEnd};

/// Audio that may wait for the disk on one leg: 10 s. More means that the disk has failed.
const WAITING_SAMPLES_MAX: usize = 80_000;
/// So often what has come is written and the header follows.
const SWEEP: Duration = Duration::from_millis(250);

/// One recording between the thread that hears it and the one that writes it.
#[derive(Debug)]
pub struct Pipe {
    leg: i64,
    token: i64,
    path: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    samples: Vec<i16>,
    /// Why, and how many samples the file keeps.
    end: Option<(RecordEnd, u64)>,
    /// `RecordFinished` was sent.
    is_done: bool,
    /// To be sent after `RecordFinished`.
    leg_closed: Option<Event>,
}

impl Pipe {
    /// Hands samples over; false when the recording has failed.
    pub fn append(&self, samples: &[i16]) -> bool {
        let mut state = lock(&self.state);
        if state.end.is_some() {
            return false;
        }
        if state.samples.len() + samples.len() > WAITING_SAMPLES_MAX {
            state.end = Some((RecordEnd::Failed, u64::MAX));
            return false;
        }
        state.samples.extend_from_slice(samples);
        true
    }

    /// Sends the leg's last event, after this recording's if that one is still to come.
    pub fn close_leg(&self, event: Event, events: &EventQueue) {
        let mut state = lock(&self.state);
        if state.is_done {
            events.push(event);
        } else {
            state.leg_closed = Some(event);
        }
    }

    fn finish(&self, end: RecordEnd, written: u64, events: &EventQueue) {
        let mut state = lock(&self.state);
        state.is_done = true;
        state.end.get_or_insert((end, written));
        events.push(Event::RecordFinished {
            leg: self.leg,
            token: self.token,
            path: self.path.clone(),
            duration_ms: written / SAMPLES_PER_MS,
            end,
        });
        if let Some(event) = state.leg_closed.take() {
            events.push(event);
        }
    }
}

/// The writing thread.
#[derive(Debug)]
pub struct Recorder {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Desk {
    orders: Mutex<Orders>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Orders {
    new: Vec<Arc<Pipe>>,
    is_urgent: bool,
    is_closing: bool,
}

impl Recorder {
    pub fn start(events: Arc<EventQueue>) -> io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let theirs = Arc::clone(&desk);
        let thread = Builder::new().name("media-files".into());
        let thread = thread.spawn(move || write_all(&theirs, &events))?;
        Ok(Self { desk, thread: Some(thread) })
    }

    /// Begins a file.
    pub fn begin(&self, leg: i64, token: i64, path: String) -> Arc<Pipe> {
        let pipe = Arc::new(Pipe { leg, token, path, state: Mutex::default() });
        let mut orders = lock(&self.desk.orders);
        orders.new.push(Arc::clone(&pipe));
        orders.is_urgent = true;
        self.desk.wake.notify_one();
        pipe
    }

    /// Ends a file that keeps `length` samples, of which `rest` were not handed over yet.
    pub fn end(&self, pipe: &Pipe, rest: &[i16], end: RecordEnd, length: u64) {
        if pipe.append(rest) {
            lock(&pipe.state).end = Some((end, length));
        }
        lock(&self.desk.orders).is_urgent = true;
        self.desk.wake.notify_one();
    }

    /// Ends the thread when all files are closed; the caller has ended every recording.
    pub fn close(&mut self) {
        lock(&self.desk.orders).is_closing = true;
        self.desk.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            // It panics only by a defect, which has been printed then.
            let _ = thread.join();
        }
    }
}

fn write_all(desk: &Desk, events: &EventQueue) {
    let mut open: Vec<Writing> = Vec::new();
    loop {
        let mut orders = lock(&desk.orders);
        while !orders.is_urgent && !orders.is_closing {
            if open.is_empty() {
                orders = desk.wake.wait(orders).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let waited = desk.wake.wait_timeout(orders, SWEEP);
            let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            orders = guard;
            if timeout.timed_out() {
                break;
            }
        }
        orders.is_urgent = false;
        let is_closing = orders.is_closing;
        open.extend(orders.new.drain(..).map(Writing::new));
        drop(orders);
        open.retain_mut(|writing| !writing.sweep(events));
        if is_closing && open.is_empty() {
            return;
        }
    }
}

/// A file of the writing thread.
struct Writing {
    pipe: Arc<Pipe>,
    file: Option<File>,
    written: u64,
}

impl Writing {
    fn new(pipe: Arc<Pipe>) -> Self {
        Self { pipe, file: None, written: 0 }
    }

    /// Writes what has come; true when the file is finished.
    fn sweep(&mut self, events: &EventQueue) -> bool {
        let mut state = lock(&self.pipe.state);
        let samples = std::mem::take(&mut state.samples);
        let end = state.end;
        drop(state);
        match self.write(&samples, end) {
            Err(_) => self.pipe.finish(RecordEnd::Failed, self.written, events),
            Ok(()) => match end {
                None => return false,
                Some((end, _)) => self.pipe.finish(end, self.written, events),
            },
        }
        true
    }

    fn write(&mut self, samples: &[i16], end: Option<(RecordEnd, u64)>) -> io::Result<()> {
        let file = match self.file.as_ref() {
            Some(file) => file,
            None => {
                let file = File::create(&self.pipe.path)?;
                file.write_all_at(&wav::header(0), 0)?;
                self.file.insert(file)
            }
        };
        if !samples.is_empty() {
            let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
            file.write_all_at(&bytes, offset_of(self.written))?;
            // The header follows the samples, so that it never promises what is not there.
            let written = self.written + samples.len() as u64;
            file.write_all_at(&wav::header(written as u32), 0)?;
            self.written = written;
        }
        if let Some((_, length)) = end {
            if length < self.written {
                file.write_all_at(&wav::header(length as u32), 0)?;
                self.written = length;
                file.set_len(offset_of(length))?;
            }
            file.sync_data()?;
        }
        Ok(())
    }
}

fn offset_of(samples: u64) -> u64 {
    wav::HEADER_BYTES as u64 + samples * 2
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
