//! Commands on their way to the I/O thread.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use media_core::switch::PortId;
use media_core::switch::command::{Command, LegCommand};
use rustix::event::{EventfdFlags, eventfd};

use crate::pairs::Place;
use crate::sockets::Sockets;

/// Commands that may wait. So many only wait when the thread has died.
const WAITING_MAX: usize = 1_000_000;

/// What the I/O thread is told.
#[derive(Debug)]
pub enum Order {
    /// Sockets to receive on.
    Listen { port: PortId, sockets: Sockets },
    /// What the switch is told.
    Switch(Command),
    /// A leg ends; with it the sockets at its place, when nobody else uses them.
    Close { leg: i64, place: Option<Place> },
    /// Everything ends.
    Shutdown,
}

impl Order {
    /// Whether it may wait for the next command, however long: it changes nothing that can be heard.
    fn can_wait(&self) -> bool {
        matches!(
            self,
            Self::Listen { .. }
                | Self::Switch(Command::Open { .. })
                | Self::Switch(Command::ToLeg(_, LegCommand::SetTimeout { .. }))
        )
    }

    /// Whether it may wait for the next tick: nobody notices that a port is free 10 ms later, and to
    /// wake a thread for it costs more than to obey it.
    fn can_wait_a_tick(&self) -> bool {
        matches!(self, Self::Close { .. })
    }
}

/// The queue, and the count of what came to nothing.
#[derive(Debug)]
pub struct OrderQueue {
    waiting: Mutex<Waiting>,
    signal: OwnedFd,
    ignored: AtomicU64,
    /// The thread looks at every tick, without being told.
    is_ticking: AtomicBool,
}

#[derive(Debug, Default)]
struct Waiting {
    orders: Vec<Order>,
    /// The thread has been told, or is about to be, and has not come yet.
    is_signalled: bool,
}

impl OrderQueue {
    pub fn new() -> io::Result<Self> {
        let signal = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self {
            waiting: Mutex::default(),
            signal,
            ignored: AtomicU64::new(0),
            is_ticking: AtomicBool::new(false),
        })
    }

    pub fn push(&self, order: Order) {
        let mut waiting = self.lock();
        if waiting.orders.len() >= WAITING_MAX {
            self.ignore(1);
            return;
        }
        // Read under the lock that `tick` takes: nothing waits for ticks that have ended.
        let is_ticking = self.is_ticking.load(Ordering::Relaxed);
        let can_wait = order.can_wait() || (is_ticking && order.can_wait_a_tick());
        let must_signal = !waiting.is_signalled && !can_wait;
        waiting.is_signalled |= must_signal;
        waiting.orders.push(order);
        // Whoever is woken wants the lock at once.
        drop(waiting);
        if must_signal {
            // It can only fail when the counter is full, and then it is raised already.
            let _ = rustix::io::write(&self.signal, &1u64.to_ne_bytes());
        }
    }

    pub fn take(&self) -> Vec<Order> {
        let _ = rustix::io::read(&self.signal, &mut [0; 8]);
        std::mem::take(&mut *self.lock()).orders
    }

    /// Says whether the thread ticks. False when orders came meanwhile that wait for ticks: they
    /// have to be obeyed before the ticks may end.
    pub fn tick(&self, is_ticking: bool) -> bool {
        let waiting = self.lock();
        if !is_ticking && !waiting.orders.is_empty() {
            return false;
        }
        self.is_ticking.store(is_ticking, Ordering::Relaxed);
        true
    }

    pub fn is_empty(&self) -> bool {
        self.lock().orders.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts commands, or parts of them, that came to nothing.
    pub fn ignore(&self, count: usize) {
        self.ignored.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub fn ignored(&self) -> u64 {
        self.ignored.load(Ordering::Relaxed)
    }
}

impl AsFd for OrderQueue {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.signal.as_fd()
    }
}
