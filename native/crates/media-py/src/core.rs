//! The switch for a world whose time is simulated: who owns it says what time it is, hands in
//! datagrams and takes what is to be sent. No socket, thread or clock; recordings are files.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use media_core::switch::command::{Command, LegCommand, Reading};
use media_core::switch::console::{Console, Shelf};
use media_core::switch::event::{Event, Statistics};
use media_core::switch::{Entry, Moment, Out, Switch};
use media_io::tape_deck::TapeDeck;
use media_secure::certificate::Certificate;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::commands::Commands;
use crate::parse_ip;

/// Local port of RTP, whether it goes out at the one after it, IP and port of the receiver, octets.
type DatagramFields<'py> = (u32, bool, String, u16, Bound<'py, PyBytes>);

/// An engine that does nothing by itself. All its legs are on one host.
#[pyclass(frozen, extends = Commands)]
pub struct Core {
    desk: Arc<Desk>,
}

#[pymethods]
impl Core {
    /// `ntp`: wall time at sample 0, 32.32 bits (RFC 3550 §4).
    #[new]
    fn new(seed: u64, ntp: u64) -> PyClassInitializer<Self> {
        let desk = Arc::new(Desk::new(seed, ntp));
        Commands::initializer(Arc::clone(&desk)).add_subclass(Self { desk })
    }

    /// From now on it is so many samples of 125 µs after the beginning.
    fn pass_time(&self, samples: u64) {
        let mut state = self.desk.state();
        state.now = Moment::after(state.zero, state.ntp, samples);
    }

    /// Does what is due: once every 80 samples, while there are legs.
    fn tick(&self) {
        self.desk.state().act(|switch, now, out| switch.tick(now, out));
    }

    /// Takes what came in for the legs at a port.
    fn receive(
        &self,
        rtp_port: u16,
        is_rtcp: bool,
        from_ip: &str,
        from_port: u16,
        datagram: &[u8],
    ) -> PyResult<()> {
        let from = SocketAddr::new(parse_ip(from_ip)?, from_port);
        let entry = if is_rtcp { Entry::Rtcp } else { Entry::Rtp };
        let mut octets = datagram.to_vec();
        self.desk.state().act(|switch, now, out| {
            switch.receive(rtp_port.into(), entry, from, &mut octets, now, out);
        });
        Ok(())
    }

    /// Takes what is to be sent, in its order.
    fn take_datagrams<'py>(&self, py: Python<'py>) -> Vec<DatagramFields<'py>> {
        let out = &mut self.desk.state().out;
        let taken = out.datagrams.iter().map(|datagram| {
            let octets = PyBytes::new(py, &out.bytes[datagram.range.clone()]);
            let (ip, port) = (datagram.to.ip().to_string(), datagram.to.port());
            (datagram.port, datagram.is_rtcp, ip, port, octets)
        });
        let taken = taken.collect();
        out.clear_datagrams();
        taken
    }
}

/// The switch and everything around it.
struct Desk {
    state: Mutex<State>,
    shelf: Shelf,
    fingerprint: String,
}

struct State {
    switch: Switch,
    out: Out,
    deck: TapeDeck,
    events: VecDeque<Event>,
    legs: HashMap<i64, Reading>,
    /// When sample 0 was, in both clocks.
    zero: Instant,
    ntp: u64,
    now: Moment,
    ignored: u64,
}

impl Desk {
    fn new(seed: u64, ntp: u64) -> Self {
        let switch = Switch::new(Certificate::generate(), seed);
        let fingerprint = switch.fingerprint().to_owned();
        // An `Instant` cannot be made but by looking at a clock; nobody looks again.
        let zero = Instant::now();
        let state = State {
            switch,
            out: Out::default(),
            deck: TapeDeck::default(),
            events: VecDeque::new(),
            legs: HashMap::new(),
            zero,
            ntp,
            now: Moment::after(zero, ntp, 0),
            ignored: 0,
        };
        Self { state: Mutex::new(state), shelf: Shelf::default(), fingerprint }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Does something with the switch, and what that says about files.
    fn act<T>(&mut self, act: impl FnOnce(&mut Switch, Moment, &mut Out) -> T) -> T {
        let done = act(&mut self.switch, self.now, &mut self.out);
        self.events.extend(self.out.events.drain(..));
        if !self.out.tapes.is_empty() {
            let deck = &mut self.deck;
            let steps = self.out.tapes.drain(..);
            let mut failed: Vec<u64> = steps.filter_map(|step| deck.follow(step)).collect();
            failed.extend(deck.sweep());
            for tape in failed {
                self.switch.drop_tape(tape, self.now);
            }
            self.events.extend(self.deck.told.drain(..));
        }
        done
    }
}

impl Console for Desk {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    fn order(&self, command: Command) {
        let mut state = self.state();
        let ignored = state.act(|switch, now, out| switch.obey(command, now, out));
        state.ignored += ignored as u64;
    }

    fn ignore(&self, count: usize) {
        self.state().ignored += count as u64;
    }

    fn ignored(&self) -> u64 {
        self.state().ignored
    }

    /// Ports are named by their numbers: there is one address.
    fn open_leg(&self, leg: i64, _ip: IpAddr, rtp_port: u16) -> io::Result<()> {
        let mut state = self.state();
        if state.legs.contains_key(&leg) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let reading = Reading::default();
        state.legs.insert(leg, Arc::clone(&reading));
        let command = Command::Open { leg, port: rtp_port.into(), reading };
        state.act(|switch, now, out| switch.obey(command, now, out));
        Ok(())
    }

    fn statistics(&self, leg: i64) -> Option<Statistics> {
        let state = self.state();
        let reading = state.legs.get(&leg)?;
        Some(*reading.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn close_leg(&self, leg: i64) {
        self.state().legs.remove(&leg);
        self.order_leg(leg, LegCommand::Close);
    }

    fn take_events(&self, limit: usize) -> Vec<Event> {
        let events = &mut self.state().events;
        let count = events.len().min(limit);
        events.drain(..count).collect()
    }

    fn close(&self) {
        let mut state = self.state();
        state.legs.clear();
        state.act(|switch, now, out| switch.close(now, out));
    }
}
