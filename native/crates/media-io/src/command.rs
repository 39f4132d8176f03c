//! Commands on their way to the I/O thread.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use media_core::outbound::Target;
use media_core::playback::Playback;
use rustix::event::{EventfdFlags, eventfd};

use crate::meters::Meters;
use crate::sockets::Sockets;

/// Commands that may wait. So many only wait when the thread has died.
const WAITING_MAX: usize = 1_000_000;

/// What signalling agreed for a leg.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Where RTP goes, until something arrives from elsewhere.
    pub rtp: SocketAddr,
    /// Where RTCP goes, until something arrives from elsewhere.
    pub rtcp: SocketAddr,
    /// Another address that packets may come from.
    pub also: Option<IpAddr>,
    /// How to send.
    pub target: Target,
    /// Whether to send.
    pub send: bool,
    /// Whether to listen.
    pub receive: bool,
}

/// What a recording was asked to be.
#[derive(Debug)]
pub struct RecordOrder {
    pub path: String,
    pub max_ms: u64,
    pub silence_ms: u64,
    pub stop_digits: String,
    pub token: i64,
}

#[derive(Debug)]
pub enum Command {
    Open { leg: i64, sockets: Sockets, meters: Arc<Meters> },
    Bridge { one: i64, other: i64 },
    ToLeg(i64, LegCommand),
    Shutdown,
}

/// What concerns one leg.
#[derive(Debug)]
pub enum LegCommand {
    SetRemote(Box<Remote>),
    Unbridge,
    Play { playback: Playback, token: i64 },
    StopPlay,
    SendDtmf { keys: String, press_ms: u32 },
    Record(Box<RecordOrder>),
    StopRecord,
    SetTimeout { samples: Option<u64> },
    Close,
}

impl Command {
    /// Whether it may wait for the next command, however long: it changes nothing that can be heard.
    fn can_wait(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::ToLeg(_, LegCommand::SetTimeout { .. }))
    }

    /// Whether it may wait for the next tick: nobody notices that a port is free 10 ms later, and to
    /// wake a thread for it costs more than to obey it.
    fn can_wait_a_tick(&self) -> bool {
        matches!(self, Self::ToLeg(_, LegCommand::Close))
    }
}

/// The queue, and the count of what came to nothing.
#[derive(Debug)]
pub struct CommandQueue {
    waiting: Mutex<Waiting>,
    signal: OwnedFd,
    ignored: AtomicU64,
    /// The thread looks at every tick, without being told.
    is_ticking: AtomicBool,
}

#[derive(Debug, Default)]
struct Waiting {
    commands: Vec<Command>,
    /// The thread has been told, or is about to be, and has not come yet.
    is_signalled: bool,
}

impl CommandQueue {
    pub fn new() -> io::Result<Self> {
        let signal = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self {
            waiting: Mutex::default(),
            signal,
            ignored: AtomicU64::new(0),
            is_ticking: AtomicBool::new(false),
        })
    }

    pub fn push(&self, command: Command) {
        let mut waiting = self.lock();
        if waiting.commands.len() >= WAITING_MAX {
            self.ignore();
            return;
        }
        // Read under the lock that `tick` takes: nothing waits for ticks that have ended.
        let is_ticking = self.is_ticking.load(Ordering::Relaxed);
        let can_wait = command.can_wait() || (is_ticking && command.can_wait_a_tick());
        let must_signal = !waiting.is_signalled && !can_wait;
        waiting.is_signalled |= must_signal;
        waiting.commands.push(command);
        // Whoever is woken wants the lock at once.
        drop(waiting);
        if must_signal {
            // It can only fail when the counter is full, and then it is raised already.
            let _ = rustix::io::write(&self.signal, &1u64.to_ne_bytes());
        }
    }

    pub fn take(&self) -> Vec<Command> {
        let _ = rustix::io::read(&self.signal, &mut [0; 8]);
        std::mem::take(&mut *self.lock()).commands
    }

    /// Says whether the thread ticks. False when commands came meanwhile that wait for ticks: they
    /// have to be obeyed before the ticks may end.
    pub fn tick(&self, is_ticking: bool) -> bool {
        let waiting = self.lock();
        if !is_ticking && !waiting.commands.is_empty() {
            return false;
        }
        self.is_ticking.store(is_ticking, Ordering::Relaxed);
        true
    }

    pub fn is_empty(&self) -> bool {
        self.lock().commands.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a command, or a part of one, that came to nothing.
    pub fn ignore(&self) {
        self.ignored.fetch_add(1, Ordering::Relaxed);
    }

    pub fn ignored(&self) -> u64 {
        self.ignored.load(Ordering::Relaxed)
    }
}

impl AsFd for CommandQueue {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.signal.as_fd()
    }
}
