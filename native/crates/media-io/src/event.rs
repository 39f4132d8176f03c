//! Events on their way to the caller: a queue with a file descriptor that its loop can watch.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::event::{EventfdFlags, eventfd};

pub use media_core::switch::event::{Event, Quality, RecordEnd, Statistics};

/// What peers cause may wait so often; more of it is dropped. Other events are bounded by the
/// commands that cause them and never dropped.
pub const UNASKED_EVENTS_MAX: usize = 65_536;

/// Pieces of audio that wait beyond this are dropped and counted: a second for 80 listeners, 1.3 MB.
pub const AUDIO_EVENTS_MAX: usize = 2_048;

/// Events in the order in which they happened.
#[derive(Debug)]
pub struct EventQueue {
    events: Mutex<VecDeque<Event>>,
    dropped_audio: AtomicU64,
    signal: OwnedFd,
}

impl EventQueue {
    pub(crate) fn new() -> io::Result<Self> {
        let signal = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self { events: Mutex::default(), dropped_audio: AtomicU64::new(0), signal })
    }

    /// Becomes readable when there are events; `take` makes it unreadable again.
    pub fn descriptor(&self) -> RawFd {
        self.signal.as_raw_fd()
    }

    pub(crate) fn push(&self, event: Event) {
        self.push_all(&mut vec![event]);
    }

    pub(crate) fn push_all(&self, new: &mut Vec<Event>) {
        if new.is_empty() {
            return;
        }
        let mut events = self.lock();
        let was_empty = events.is_empty();
        for event in new.drain(..) {
            let is_audio = matches!(event, Event::Audio { .. });
            if is_audio && events.len() >= AUDIO_EVENTS_MAX {
                self.dropped_audio.fetch_add(1, Ordering::Relaxed);
            } else if !is_unasked(&event) || events.len() < UNASKED_EVENTS_MAX {
                events.push_back(event);
            }
        }
        // Whoever is woken wants the lock at once.
        drop(events);
        if was_empty {
            self.raise();
        }
    }

    /// Pieces of audio that nobody took in time.
    pub fn dropped_audio(&self) -> u64 {
        self.dropped_audio.load(Ordering::Relaxed)
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

fn is_unasked(event: &Event) -> bool {
    matches!(event, Event::Dtmf { .. } | Event::MediaTimeout { .. } | Event::Talking { .. })
}
