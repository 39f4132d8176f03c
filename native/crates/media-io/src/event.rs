//! Events on their way to the caller: a queue with a file descriptor that its loop can watch.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::event::{EventfdFlags, eventfd};

pub use crate::meters::Statistics;

/// Keys and time-outs that may wait; further ones are dropped. Other events are bounded by the
/// commands that cause them and never dropped.
pub const UNASKED_EVENTS_MAX: usize = 65_536;

/// What happened on a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed.
    Dtmf {
        /// Where.
        leg: i64,
        /// 0-9, *, #, A-D.
        key: char,
    },
    /// A play ran to its end.
    PlayFinished {
        /// Where.
        leg: i64,
        /// The play's.
        token: i64,
    },
    /// A recording is closed and on disk.
    RecordFinished {
        /// Where.
        leg: i64,
        /// The recording's.
        token: i64,
        /// The file.
        path: String,
        /// Of the audio in the file.
        duration_ms: u64,
        /// Why.
        end: RecordEnd,
    },
    /// Nothing arrived for the leg's timeout.
    MediaTimeout {
        /// Where.
        leg: i64,
    },
    /// The last event of a leg.
    LegClosed {
        /// Which.
        leg: i64,
        /// Its final counters.
        statistics: Statistics,
    },
}

/// Why a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordEnd {
    /// By command, or replaced by another one.
    Stopped,
    /// The greatest length is reached.
    MaxLength,
    /// Nobody spoke.
    Silence,
    /// A key was pressed.
    Dtmf,
    /// The leg is gone.
    LegClosed,
    /// The file could not be written.
    Failed,
}

/// Events in the order in which they happened.
#[derive(Debug)]
pub struct EventQueue {
    events: Mutex<VecDeque<Event>>,
    signal: OwnedFd,
}

impl EventQueue {
    pub(crate) fn new() -> io::Result<Self> {
        let signal = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self { events: Mutex::new(VecDeque::new()), signal })
    }

    /// Becomes readable when there are events; `take` makes it unreadable again.
    pub fn descriptor(&self) -> RawFd {
        self.signal.as_raw_fd()
    }

    pub(crate) fn push(&self, event: Event) {
        let mut events = self.lock();
        let is_unasked = matches!(event, Event::Dtmf { .. } | Event::MediaTimeout { .. });
        if is_unasked && events.len() >= UNASKED_EVENTS_MAX {
            return;
        }
        events.push_back(event);
        let is_first = events.len() == 1;
        // Whoever is woken wants the lock at once.
        drop(events);
        if is_first {
            self.raise();
        }
    }

    /// Takes up to `limit` events; the descriptor stays readable when more are left.
    pub fn take(&self, limit: usize) -> Vec<Event> {
        let mut events = self.lock();
        // The signal counts nothing; when it was not raised there is nothing to read.
        let _ = rustix::io::read(&self.signal, &mut [0; 8]);
        let count = events.len().min(limit);
        let taken = events.drain(..count).collect();
        if !events.is_empty() {
            self.raise();
        }
        taken
    }

    fn raise(&self) {
        // It can only fail when the counter is full, and then it is raised already.
        let _ = rustix::io::write(&self.signal, &1u64.to_ne_bytes());
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
