//! Recordings on their way to disk, written by a thread that may wait for it.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use media_core::switch::event::{Event, RecordEnd};
use media_core::switch::out::Tape;

use crate::tape_deck::TapeDeck;

/// Audio of one recording that may wait for the disk: 10 s of two wideband channels. More means
/// that the disk has failed.
const WAITING_SAMPLES_MAX: usize = 320_000;
/// So often what has come is written.
const SWEEP: Duration = Duration::from_millis(250);

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
    steps: Vec<Tape>,
    /// Samples in `steps` of each recording; None: there were too many, no more are taken.
    waiting: HashMap<u64, Option<usize>>,
    failed: Vec<u64>,
    is_urgent: bool,
    is_closing: bool,
}

impl Recorder {
    /// `tell` is called on the writing thread.
    pub fn start(tell: impl Fn(Event) + Send + 'static) -> io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let theirs = Arc::clone(&desk);
        let thread = Builder::new().name("media-files".into());
        let thread = thread.spawn(move || write_all(&theirs, tell))?;
        Ok(Self { desk, thread: Some(thread) })
    }

    /// Takes steps, in their order; never waits for the disk.
    pub fn take(&self, tapes: &mut Vec<Tape>) {
        if tapes.is_empty() {
            return;
        }
        let mut orders = lock(&self.desk.orders);
        for step in tapes.drain(..) {
            orders.take(step);
        }
        if orders.is_urgent {
            self.desk.wake.notify_one();
        }
    }

    /// Recordings that failed since the last call: their audio is wanted no more. Their
    /// `RecordFinished` is on its way; an `End` about them does nothing.
    pub fn take_failed(&self) -> Vec<u64> {
        std::mem::take(&mut lock(&self.desk.orders).failed)
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

impl Orders {
    fn take(&mut self, step: Tape) {
        match &step {
            Tape::Begin { tape, .. } => {
                self.waiting.insert(*tape, Some(0));
                self.is_urgent = true;
            }
            Tape::Audio { tape, samples } => {
                // A recording that is over has no entry.
                let Some(Some(waiting)) = self.waiting.get_mut(tape) else { return };
                *waiting += samples.len();
                if *waiting > WAITING_SAMPLES_MAX {
                    let tape = *tape;
                    self.waiting.insert(tape, None);
                    self.steps.push(Tape::End { tape, end: RecordEnd::Failed, frames: u64::MAX });
                    return;
                }
            }
            Tape::End { tape, .. } => {
                self.is_urgent = true;
                if self.waiting.remove(tape) == Some(None) {
                    return; // it has failed already
                }
            }
            Tape::LegClosed { .. } => self.is_urgent = true,
        }
        self.steps.push(step);
    }
}

fn write_all(desk: &Desk, tell: impl Fn(Event)) {
    let mut deck = TapeDeck::default();
    loop {
        let mut orders = lock(&desk.orders);
        while !orders.is_urgent && !orders.is_closing {
            if deck.is_empty() {
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
        let steps = std::mem::take(&mut orders.steps);
        orders.waiting.values_mut().flatten().for_each(|waiting| *waiting = 0);
        drop(orders);
        let mut failed: Vec<u64> = steps.into_iter().filter_map(|step| deck.follow(step)).collect();
        failed.extend(deck.sweep());
        deck.told.drain(..).for_each(&tell);
        if is_closing && deck.is_empty() {
            return;
        }
        let mut orders = lock(&desk.orders);
        orders.waiting.retain(|tape, _| !failed.contains(tape));
        orders.failed.append(&mut failed);
        if is_closing && orders.steps.is_empty() {
            // Nobody is left who could end them.
            drop(orders);
            deck.end_all();
            deck.told.drain(..).for_each(&tell);
            return;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
