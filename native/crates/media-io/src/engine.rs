//! The engine as its callers see it.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use media_core::switch::Switch;
use media_core::switch::command::{Command, Reading};
use media_core::switch::console::{Console, Shelf};
use media_secure::certificate::Certificate;
use rustix::rand::{GetRandomFlags, getrandom};

use crate::event::{Event, EventQueue, Statistics};
use crate::orders::{Order, OrderQueue};
use crate::pairs::{Pairs, Place};
use crate::reactor::Reactor;
use crate::recorder::Recorder;

/// Orders in, events out. Every method may be called from any thread; none waits for the I/O
/// thread but [`Console::close`], which then waits for all threads.
#[derive(Debug)]
pub struct Engine {
    orders: Arc<OrderQueue>,
    events: Arc<EventQueue>,
    fingerprint: String,
    legs: Mutex<Legs>,
    pairs: Arc<Pairs>,
    shelf: Shelf,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The legs that are open: their readings, and where their packets come in.
type Legs = HashMap<i64, (Reading, Place)>;

impl Engine {
    /// Starts the threads.
    pub fn start() -> io::Result<Self> {
        let orders = Arc::new(OrderQueue::new()?);
        let events = Arc::new(EventQueue::new()?);
        let told = Arc::clone(&events);
        let recorder = Recorder::start(move |event| told.push(event))?;
        let mut seed = [0; 8];
        getrandom(&mut seed, GetRandomFlags::empty())?;
        let switch = Switch::new(Certificate::generate(), u64::from_ne_bytes(seed));
        let fingerprint = switch.fingerprint().to_owned();
        let pairs = Arc::new(Pairs::default());
        let (theirs, told) = (Arc::clone(&orders), Arc::clone(&events));
        let mut reactor = Reactor::new(switch, theirs, told, recorder, Arc::clone(&pairs))?;
        let thread = Builder::new().name("media-io".into()).spawn(move || reactor.run())?;
        Ok(Self {
            orders,
            events,
            fingerprint,
            legs: Mutex::default(),
            pairs,
            shelf: Shelf::default(),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Where events come out.
    pub fn events(&self) -> &EventQueue {
        &self.events
    }
}

impl Console for Engine {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    fn order(&self, command: Command) {
        self.orders.push(Order::Switch(command));
    }

    fn ignore(&self, count: usize) {
        self.orders.ignore(count);
    }

    fn ignored(&self) -> u64 {
        self.orders.ignored()
    }

    fn open_leg(&self, leg: i64, ip: IpAddr, rtp_port: u16) -> io::Result<()> {
        let mut legs = lock(&self.legs);
        if lock(&self.thread).is_none() {
            return Err(io::Error::other("the engine is closed"));
        }
        if legs.contains_key(&leg) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let place = (ip, rtp_port);
        let (port, sockets) = self.pairs.enter(place)?;
        if let Some(sockets) = sockets {
            self.orders.push(Order::Listen { port, sockets });
        }
        let reading = Reading::default();
        legs.insert(leg, (Arc::clone(&reading), place));
        self.orders.push(Order::Switch(Command::Open { leg, port, reading }));
        Ok(())
    }

    fn statistics(&self, leg: i64) -> Option<Statistics> {
        lock(&self.legs).get(&leg).map(|(reading, _)| *lock(reading))
    }

    fn close_leg(&self, leg: i64) {
        let place = lock(&self.legs).remove(&leg).map(|(_, place)| place);
        self.orders.push(Order::Close { leg, place });
    }

    fn take_events(&self, limit: usize) -> Vec<Event> {
        self.events.take(limit)
    }

    fn close(&self) {
        let Some(thread) = lock(&self.thread).take() else { return };
        lock(&self.legs).clear();
        self.orders.push(Order::Shutdown);
        // It panics only by a defect, which has been printed then.
        let _ = thread.join();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.close();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
