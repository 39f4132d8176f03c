//! The I/O thread: polls sockets, obeys commands, keeps time.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

use crate::clock::{TICK_NS, ticks};
use crate::command::CommandQueue;
use crate::event::EventQueue;
use crate::legs::Legs;
use crate::recorder::Recorder;

const COMMANDS: u64 = u64::MAX;
const TIMER: u64 = u64::MAX - 1;
const READY_MAX: usize = 256;
/// Ticks that a thread which slept makes up for; what was due before is left out: 200 ms.
const LATE_TICKS_MAX: u64 = 20;
/// Datagrams in a tick from which on waking up for each of them costs more than relaying it.
const BUSY_DATAGRAMS: u64 = 40;
/// A busy thread lets datagrams gather for so long before it looks again: a tenth of the time between
/// two packets of a call.
const GATHER: Duration = Duration::from_millis(2);
const TICKS_PER_HOUSEKEEPING: u64 = 10;

/// Everything the thread owns.
pub struct Reactor {
    pub legs: Legs,
    pub events: Arc<EventQueue>,
    pub recorder: Recorder,
    /// Slots of legs that send by themselves.
    pub paced: Vec<usize>,
    pub commands: Arc<CommandQueue>,
    poll: OwnedFd,
    timer: OwnedFd,
    is_ticking: bool,
    /// Since the last tick.
    datagrams: u64,
    is_busy: bool,
    /// The leg that a defect would be blamed on.
    pub serving: Option<usize>,
    last_tick: u64,
    pub is_closing: bool,
}

impl Reactor {
    pub fn new(
        commands: Arc<CommandQueue>,
        events: Arc<EventQueue>,
        recorder: Recorder,
    ) -> io::Result<Self> {
        let poll = epoll::create(CreateFlags::CLOEXEC)?;
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        epoll::add(&poll, &timer, EventData::new_u64(TIMER), EventFlags::IN)?;
        epoll::add(&poll, &*commands, EventData::new_u64(COMMANDS), EventFlags::IN)?;
        Ok(Self {
            legs: Legs::default(),
            events,
            recorder,
            paced: Vec::new(),
            commands,
            poll,
            timer,
            is_ticking: false,
            datagrams: 0,
            is_busy: false,
            serving: None,
            last_tick: 0,
            is_closing: false,
        })
    }

    /// Runs until `Shutdown`; then every leg is closed and every file finished.
    pub fn run(&mut self) {
        let mut ready = [const { MaybeUninit::<epoll::Event>::uninit() }; READY_MAX];
        while !self.is_closing {
            if self.is_busy {
                sleep(GATHER);
            }
            let Ok((events, _)) = epoll::wait(&self.poll, &mut ready, None) else { continue };
            for event in events {
                self.serve(event.data.u64());
            }
        }
        for slot in 0..self.legs.end() {
            self.close_leg(slot);
        }
        self.recorder.close();
    }

    /// Serves what is ready.
    fn serve(&mut self, token: u64) {
        match token {
            COMMANDS => self.obey_all(),
            TIMER => self.catch_up(),
            _ => {
                let slot = (token / 2) as usize;
                self.datagrams += 1;
                self.guard(|this| {
                    this.serving = Some(slot);
                    if token % 2 == 0 { this.receive_rtp(slot) } else { this.receive_rtcp(slot) }
                });
            }
        }
    }

    /// Lets a leg's sockets wake this thread.
    pub fn watch(&mut self, slot: usize) -> io::Result<()> {
        let Some(leg) = self.legs.get(slot) else { return Ok(()) };
        let token = slot as u64 * 2;
        epoll::add(&self.poll, &leg.sockets.rtp, EventData::new_u64(token), EventFlags::IN)?;
        epoll::add(&self.poll, &leg.sockets.rtcp, EventData::new_u64(token + 1), EventFlags::IN)?;
        Ok(())
    }

    fn obey_all(&mut self) {
        for command in self.commands.take() {
            if !self.guard(|this| this.obey(command)).unwrap_or(false) {
                self.commands.ignore();
            }
        }
        self.set_timer();
    }

    /// Does the work of every tick that has passed, so that schedules keep to the clock.
    fn catch_up(&mut self) {
        // How often the timer fired does not matter, the clock says where we are.
        let _ = rustix::io::read(&self.timer, &mut [0; 8]);
        if !self.commands.is_empty() {
            self.obey_all();
        }
        let now = ticks();
        let passed = now.saturating_sub(self.last_tick).max(1);
        self.is_busy = std::mem::take(&mut self.datagrams) >= passed * BUSY_DATAGRAMS;
        self.last_tick = self.last_tick.max(now.saturating_sub(LATE_TICKS_MAX));
        while self.last_tick < now {
            self.last_tick += 1;
            let tick = self.last_tick;
            self.guard(|this| this.pace(tick));
            if tick % TICKS_PER_HOUSEKEEPING == 0 {
                self.guard(Self::keep_house);
            }
        }
    }

    /// Runs the timer while there are legs.
    fn set_timer(&mut self) {
        if self.is_ticking != self.legs.is_empty() {
            return;
        }
        if !self.commands.tick(!self.is_ticking) {
            return; // the next tick looks again
        }
        self.is_ticking = !self.is_ticking;
        self.last_tick = ticks();
        // The first tick lies on a multiple, and so do all after it.
        let first = (self.last_tick + 1) * TICK_NS;
        let nanoseconds = |ns: u64| Timespec {
            tv_sec: (ns / 1_000_000_000) as i64,
            tv_nsec: (ns % 1_000_000_000) as i64,
        };
        let spec = Itimerspec {
            it_interval: nanoseconds(if self.is_ticking { TICK_NS } else { 0 }),
            it_value: nanoseconds(if self.is_ticking { first } else { 0 }),
        };
        // It refuses malformed times only.
        let _ = timerfd_settime(&self.timer, TimerfdTimerFlags::ABSTIME, &spec);
    }

    /// A defect closes the leg that was being served and no other; it has been printed then.
    fn guard<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.serving = None;
        let done = catch_unwind(AssertUnwindSafe(|| act(self)));
        if done.is_err() {
            if let Some(slot) = self.serving {
                self.close_leg(slot);
            }
        }
        done.ok()
    }
}
