//! The I/O thread: polls sockets, obeys orders, keeps time. What packets and commands mean is the
//! switch's business.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use media_core::switch::command::{Command, LegCommand};
use media_core::switch::{ByPort, Entry, Moment, Out, PortId, Switch};
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

use crate::batch::{Receiver, Sender};
use crate::clock::{self, TICK_NS, ticks};
use crate::event::EventQueue;
use crate::load::{Load, go_first};
use crate::orders::{Order, OrderQueue};
use crate::pairs::Pairs;
use crate::recorder::Recorder;
use crate::sockets::Sockets;

const ORDERS: u64 = u64::MAX;
const TIMER: u64 = u64::MAX - 1;
/// A socket is told of when something has arrived, not as long as something is there: to ask each
/// socket once more whether it is empty costs as much as a tenth of a relayed packet.
const ARRIVALS: EventFlags = EventFlags::IN.union(EventFlags::ET);
const READY_MAX: usize = 256;
/// Ticks that a thread which slept makes up for; what was due before is left out: 200 ms.
const LATE_TICKS_MAX: u64 = 20;
/// Datagrams in a tick from which on waking up for each of them costs more than relaying it.
const BUSY_DATAGRAMS: u64 = 40;
/// A busy thread lets datagrams gather for so long before it looks again: a twentieth of the time
/// between two packets of a call.
const GATHER: Duration = Duration::from_millis(1);
/// The same while nothing is passed on at once: all that comes waits for a tick then. Half a tick.
const GATHER_LONG: Duration = Duration::from_millis(5);
/// Octets that wait to be sent before anything else is read.
const UNSENT_BYTES: usize = 64 * 1_024;

/// Everything the thread owns.
pub struct Reactor {
    switch: Switch,
    out: Out,
    ports: ByPort<Sockets>,
    pairs: Arc<Pairs>,
    events: Arc<EventQueue>,
    recorder: Recorder,
    orders: Arc<OrderQueue>,
    poll: OwnedFd,
    timer: OwnedFd,
    is_ticking: bool,
    /// Since the last tick.
    datagrams: u64,
    is_busy: bool,
    gather: Duration,
    load: Load,
    last_tick: u64,
    is_closing: bool,
}

impl Reactor {
    pub fn new(
        switch: Switch,
        orders: Arc<OrderQueue>,
        events: Arc<EventQueue>,
        recorder: Recorder,
        pairs: Arc<Pairs>,
    ) -> io::Result<Self> {
        let poll = epoll::create(CreateFlags::CLOEXEC)?;
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        epoll::add(&poll, &timer, EventData::new_u64(TIMER), EventFlags::IN)?;
        epoll::add(&poll, &*orders, EventData::new_u64(ORDERS), EventFlags::IN)?;
        Ok(Self {
            switch,
            out: Out::default(),
            ports: ByPort::default(),
            pairs,
            events,
            recorder,
            orders,
            poll,
            timer,
            is_ticking: false,
            datagrams: 0,
            is_busy: false,
            gather: GATHER,
            load: Load::default(),
            last_tick: 0,
            is_closing: false,
        })
    }

    /// Runs until `Shutdown`; then every leg is closed and every file finished.
    pub fn run(&mut self) {
        let mut ready = [const { MaybeUninit::<epoll::Event>::uninit() }; READY_MAX];
        let (mut receiver, mut sender) = (Receiver::new(), Sender::new());
        go_first();
        while !self.is_closing {
            if self.is_busy {
                sleep(self.gather.min(clock::until_tick()));
            }
            let Ok((events, _)) = epoll::wait(&self.poll, &mut ready, None) else { continue };
            let now = clock::now();
            for event in events {
                match event.data.u64() {
                    ORDERS => self.obey_all(&mut sender),
                    TIMER => self.catch_up(&mut sender),
                    token => self.receive(token, now, &mut receiver, &mut sender),
                }
            }
            self.flush(&mut sender);
        }
        let now = clock::now();
        self.guard(now, |switch, out| switch.close(now, out));
        self.flush(&mut sender);
        self.ports.clear();
        self.recorder.close();
    }

    /// Takes what has come in at a socket.
    fn receive(&mut self, token: u64, now: Moment, receiver: &mut Receiver, sender: &mut Sender) {
        let (port, is_rtcp) = ((token / 2) as PortId, token % 2 == 1);
        let Some(sockets) = self.ports.get(&port) else { return };
        let entry = if is_rtcp { Entry::Rtcp } else { Entry::Rtp };
        let socket = if is_rtcp { &sockets.rtcp } else { &sockets.rtp };
        let (switch, out) = (&mut self.switch, &mut self.out);
        let mut count = 0;
        let is_more = receiver.take(socket, sockets.is_ipv6, |from, datagram| {
            count += 1;
            protect(switch, now, out, |switch, out| {
                switch.receive(port, entry, from, datagram, now, out);
            });
        });
        if is_more {
            // Told of again, after all others.
            let _ = epoll::modify(&self.poll, socket, EventData::new_u64(token), ARRIVALS);
        }
        self.datagrams += count;
        if self.out.bytes.len() > UNSENT_BYTES {
            self.flush(sender);
        }
    }

    fn obey_all(&mut self, sender: &mut Sender) {
        for order in self.orders.take() {
            self.obey(order, sender);
        }
        self.set_timer();
    }

    fn obey(&mut self, order: Order, sender: &mut Sender) {
        let now = clock::now();
        match order {
            Order::Listen { port, sockets } => self.listen(port, sockets),
            Order::Switch(command) => {
                let ignored = self.guard(now, |switch, out| switch.obey(command, now, out));
                self.orders.ignore(ignored.unwrap_or(1));
            }
            Order::Close { leg, place } => {
                let command = Command::ToLeg(leg, LegCommand::Close);
                let ignored = self.guard(now, |switch, out| switch.obey(command, now, out));
                self.orders.ignore(ignored.unwrap_or(1));
                if let Some(port) = place.and_then(|place| self.pairs.leave(place)) {
                    // A last report goes out by the sockets that are closed now, and whoever is
                    // told that the leg is gone may have its ports.
                    self.send(sender);
                    self.ports.remove(&port);
                }
            }
            Order::Shutdown => self.is_closing = true,
        }
    }

    /// Lets a pair of sockets wake this thread.
    fn listen(&mut self, port: PortId, sockets: Sockets) {
        let token = u64::from(port) * 2;
        // Only a system without memory refuses; the leg is deaf then and its timeout says so.
        let _ = epoll::add(&self.poll, &sockets.rtp, EventData::new_u64(token), ARRIVALS);
        let _ = epoll::add(&self.poll, &sockets.rtcp, EventData::new_u64(token + 1), ARRIVALS);
        self.ports.insert(port, sockets);
    }

    /// Does the work of every tick that has passed, so that schedules keep to the clock.
    fn catch_up(&mut self, sender: &mut Sender) {
        // How often the timer fired does not matter, the clock says where we are.
        let _ = rustix::io::read(&self.timer, &mut [0; 8]);
        if !self.orders.is_empty() {
            self.obey_all(sender);
        }
        let now = ticks();
        let passed = now.saturating_sub(self.last_tick).max(1);
        self.is_busy = std::mem::take(&mut self.datagrams) >= passed * BUSY_DATAGRAMS;
        let relayed = std::mem::take(&mut self.out.relayed);
        self.gather = if relayed > 0 { GATHER } else { GATHER_LONG };
        self.last_tick = self.last_tick.max(now.saturating_sub(LATE_TICKS_MAX));
        while self.last_tick < now {
            self.last_tick += 1;
            let moment = clock::at_tick(self.last_tick);
            self.guard(moment, |switch, out| switch.tick(moment, out));
            self.flush(sender);
        }
        if let Some(level) = self.load.look(now) {
            self.switch.be_frugal(level);
        }
        for tape in self.recorder.take_failed() {
            self.switch.drop_tape(tape, clock::now());
        }
    }

    /// Runs the timer while there are legs.
    fn set_timer(&mut self) {
        if self.is_ticking != self.switch.is_empty() {
            return;
        }
        if !self.orders.tick(!self.is_ticking) {
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

    /// Sends what is to be sent, and tells what happened.
    fn flush(&mut self, sender: &mut Sender) {
        self.send(sender);
        self.recorder.take(&mut self.out.tapes);
        self.events.push_all(&mut self.out.events);
    }

    fn send(&mut self, sender: &mut Sender) {
        let ports = &self.ports;
        sender.send(&mut self.out, |datagram| {
            let sockets = ports.get(&datagram.port)?;
            Some(if datagram.is_rtcp { &sockets.rtcp } else { &sockets.rtp })
        });
    }

    fn guard<T>(&mut self, now: Moment, act: impl FnOnce(&mut Switch, &mut Out) -> T) -> Option<T> {
        protect(&mut self.switch, now, &mut self.out, act)
    }
}

/// A defect closes the leg that was being served and no other; it has been printed then.
fn protect<T>(
    switch: &mut Switch,
    now: Moment,
    out: &mut Out,
    act: impl FnOnce(&mut Switch, &mut Out) -> T,
) -> Option<T> {
    switch.begin_serving();
    let done = catch_unwind(AssertUnwindSafe(|| act(switch, out)));
    if done.is_err() {
        // What it was in the middle of saying is not sent.
        out.bytes.truncate(out.datagrams.last().map_or(0, |last| last.range.end));
        let _ = catch_unwind(AssertUnwindSafe(|| switch.drop_served(now, out)));
    }
    done.ok()
}
