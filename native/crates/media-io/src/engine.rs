//! The engine as its callers see it.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use media_core::switch::command::{Command, Reading};
use media_core::switch::console::{Console, Shelf};
use media_core::switch::{PortId, Switch};
use media_secure::certificate::Certificate;
use rustix::rand::{GetRandomFlags, getrandom};

use crate::event::{Event, EventQueue, Statistics};
use crate::orders::{Order, OrderQueue};
use crate::reactor::Reactor;
use crate::recorder::Recorder;
use crate::sockets::Sockets;

/// Orders in, events out. Every method may be called from any thread; none waits for the I/O
/// thread but [`Console::close`], which then waits for all threads.
#[derive(Debug)]
pub struct Engine {
    orders: Arc<OrderQueue>,
    events: Arc<EventQueue>,
    fingerprint: String,
    legs: Mutex<Legs>,
    shelf: Shelf,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// The legs that are open, and the pairs of ports that they share.
#[derive(Debug, Default)]
struct Legs {
    open: HashMap<i64, (Reading, (IpAddr, u16))>,
    ports: HashMap<(IpAddr, u16), Pair>,
    last_port: PortId,
}

#[derive(Debug)]
struct Pair {
    id: PortId,
    legs: usize,
}

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
        let mut reactor = Reactor::new(switch, Arc::clone(&orders), Arc::clone(&events), recorder)?;
        let thread = Builder::new().name("media-io".into()).spawn(move || reactor.run())?;
        Ok(Self {
            orders,
            events,
            fingerprint,
            legs: Mutex::default(),
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
        if legs.open.contains_key(&leg) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let place = (ip, rtp_port);
        let port = match legs.ports.get_mut(&place) {
            Some(pair) => {
                pair.legs += 1;
                pair.id
            }
            None => {
                let sockets = Sockets::bind(ip, rtp_port)?;
                legs.last_port = legs.last_port.wrapping_add(1);
                let id = legs.last_port;
                legs.ports.insert(place, Pair { id, legs: 1 });
                self.orders.push(Order::Listen { port: id, sockets });
                id
            }
        };
        let reading = Reading::default();
        legs.open.insert(leg, (Arc::clone(&reading), place));
        self.orders.push(Order::Switch(Command::Open { leg, port, reading }));
        Ok(())
    }

    fn statistics(&self, leg: i64) -> Option<Statistics> {
        lock(&self.legs).open.get(&leg).map(|(reading, _)| *lock(reading))
    }

    fn close_leg(&self, leg: i64) {
        let mut legs = lock(&self.legs);
        let unused = legs.open.remove(&leg).and_then(|(_, place)| legs.leave(place));
        self.orders.push(Order::Close { leg, unused });
    }

    fn take_events(&self, limit: usize) -> Vec<Event> {
        self.events.take(limit)
    }

    fn close(&self) {
        let Some(thread) = lock(&self.thread).take() else { return };
        *lock(&self.legs) = Legs::default();
        self.orders.push(Order::Shutdown);
        // It panics only by a defect, which has been printed then.
        let _ = thread.join();
    }
}

impl Legs {
    /// A leg leaves its pair of ports; returns the pair when nobody else uses it.
    fn leave(&mut self, place: (IpAddr, u16)) -> Option<PortId> {
        let pair = self.ports.get_mut(&place)?;
        pair.legs -= 1;
        if pair.legs > 0 {
            return None;
        }
        self.ports.remove(&place).map(|pair| pair.id)
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
