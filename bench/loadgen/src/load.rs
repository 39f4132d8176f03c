//! The run: one loop that serves both ends, a millisecond at a time.

use std::io::Error;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::call::{Call, Stage};
use crate::carrier::{Carrier, did};
use crate::options::{Mode, Options};
use crate::phones::Phones;
use crate::report;
use crate::rtp::{CARRIER_HZ, PHONE_HZ, Stream};
use crate::service::Service;
use crate::sip::Message;

const REGISTER_WITHIN: Duration = Duration::from_secs(10);
const SETTLE: Duration = Duration::from_millis(100);
/// Before the hang-up everybody is silent, so that what was sent has time to arrive and be counted.
const SILENCE: Duration = Duration::from_millis(300);
/// A caller has heard a bit of the menu, and knows what to press.
const LISTENS: Duration = Duration::from_millis(500);
const KEYS: usize = 10;
const LINGER: Duration = Duration::from_secs(3);
const NAP: Duration = Duration::from_micros(200);
const RETRY_EVERY: Duration = Duration::from_millis(50);
/// 20 ms of packets are spread over as many slots.
const SLOTS: usize = 20;

/// Everything that a run changes.
struct Load<'a> {
    options: &'a Options,
    carrier: Carrier,
    phones: Phones,
    service: Service,
    sockets: [UdpSocket; 2],
    calls: Vec<Call>,
    next_port: u16,
    start: Instant,
    retry_at: Instant,
    keys_pressed: usize,
    slots_done: usize,
    slowest_slot: Duration,
    all_up_at: Option<Instant>,
    is_ending: bool,
}

/// Returns whether every call was good; fails where sockets do, or when phones cannot register.
pub fn run(options: &Options) -> Result<bool, Error> {
    let mut load = Load::new(options)?;
    load.register()?;
    println!("{{\"event\": \"registered\", \"phones\": {}}}", load.phones.registered());
    load.start = Instant::now();
    load.retry_at = load.start;
    while !load.is_finished() {
        load.step()?;
    }
    let wall = load.start.elapsed();
    let tally = report::tally(&load.calls, options.calls);
    let service = options.is_service().then(|| load.service.json(&load.calls));
    let name = options.mode.name();
    println!("{}", report::json(name, &tally, wall, load.slowest_slot, service.as_deref()));
    Ok(tally.is_good(options.calls))
}

impl<'a> Load<'a> {
    fn new(options: &'a Options) -> Result<Self, Error> {
        let [calling, answering] = options.ends();
        let carrier = socket(calling)?;
        let phones = socket(answering)?;
        let run = std::process::id();
        let now = Instant::now();
        Ok(Self {
            options,
            sockets: [carrier.try_clone()?, phones.try_clone()?],
            carrier: Carrier::new(carrier, options.target, run, login_domain(options))?,
            phones: Phones::new(
                phones,
                options.target,
                &options.domain,
                options.registering(),
                run,
            )?,
            service: Service::new(options.users),
            calls: Vec::with_capacity(options.calls),
            next_port: 30_000,
            start: now,
            retry_at: now,
            keys_pressed: 0,
            slots_done: 0,
            slowest_slot: Duration::ZERO,
            all_up_at: None,
            is_ending: false,
        })
    }

    fn register(&mut self) -> Result<(), Error> {
        while self.phones.registered() < self.options.registering() {
            if self.start.elapsed() > REGISTER_WITHIN {
                let count = self.phones.registered();
                return Err(Error::other(format!(
                    "{count} of {} phones could register",
                    self.options.users
                )));
            }
            self.phones.register_missing(Instant::now());
            self.receive();
            std::thread::sleep(NAP);
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), Error> {
        let is_quiet = !self.receive();
        self.place_due()?;
        self.serve_streams();
        if Instant::now() >= self.retry_at {
            self.retry_at = Instant::now() + RETRY_EVERY;
            self.serve_calls();
        }
        if is_quiet {
            std::thread::sleep(NAP);
        }
        Ok(())
    }

    /// Takes what came to both SIP sockets; whether anything did.
    fn receive(&mut self) -> bool {
        let mut datagram = [0u8; 65_536];
        let mut is_any = false;
        for end in 0..2 {
            while let Ok((length, from)) = self.sockets[end].recv_from(&mut datagram) {
                is_any = true;
                let Some(message) = Message::parse(&datagram[..length]) else {
                    continue;
                };
                let now = Instant::now();
                match end {
                    0 => self.carrier.receive(&message, &mut self.calls, now),
                    _ => self.phones.receive(&message, from, &mut self.calls, now),
                }
            }
        }
        for (number, user) in self.phones.offers.drain(..) {
            self.service.offered(number, user, Instant::now());
            self.calls[number].agent = Some(user);
        }
        is_any
    }

    fn place_due(&mut self) -> Result<(), Error> {
        let due = (self.start.elapsed().as_secs_f64() * self.options.rate) as usize + 1;
        while self.calls.len() < due.min(self.options.calls) {
            let number = self.calls.len();
            let is_heard = self.options.is_heard();
            let streams = is_heard.then(|| self.open_streams(number as u32)).transpose()?;
            let now = Instant::now();
            let mut call = Call::placed(now, streams);
            let user = number % self.options.users.max(1);
            if self.options.is_service() {
                self.carrier.place(number, user, &self.options.number, &mut call, now);
            } else {
                self.carrier.place(number, user, &did(user), &mut call, now);
            }
            self.calls.push(call);
        }
        Ok(())
    }

    fn open_streams(&mut self, number: u32) -> Result<[Stream; 2], Error> {
        let mut streams = [
            Stream::open(&mut self.next_port, 2 * number, CARRIER_HZ, PHONE_HZ)?,
            Stream::open(&mut self.next_port, 2 * number + 1, PHONE_HZ, CARRIER_HZ)?,
        ];
        for stream in &mut streams {
            stream.is_served = self.options.is_service();
        }
        Ok(streams)
    }

    /// Call n sends in slot n of each 20 ms. A slot that comes late is made up for, as a phone would.
    fn serve_streams(&mut self) {
        if !self.options.is_heard() {
            return;
        }
        let due = self.start.elapsed().as_millis() as usize;
        while self.slots_done < due {
            let began = Instant::now();
            for call in self.calls.iter_mut().skip(self.slots_done % SLOTS).step_by(SLOTS) {
                let is_talking = if self.options.is_service() {
                    call.stage == Stage::Answered
                } else {
                    call.is_up()
                        && !self.is_ending
                        && call.phone_acked_at.is_some_and(|at| at + SETTLE <= began)
                };
                for stream in call.streams.iter_mut().flatten() {
                    stream.receive();
                    if is_talking {
                        stream.send();
                    }
                }
            }
            self.slots_done += 1;
            self.slowest_slot = self.slowest_slot.max(began.elapsed());
        }
    }

    /// Repeats what was lost, and ends what has been held long enough.
    fn serve_calls(&mut self) {
        let now = Instant::now();
        self.note_all_up(now);
        let all_end_at = self.all_up_at.map(|at| at + self.options.hold + SILENCE);
        let mut leaving = Vec::new();
        for (number, call) in self.calls.iter_mut().enumerate() {
            self.carrier.retry(call, now);
            self.phones.retry(call, now);
            let end_at = match self.options.mode {
                Mode::Signal | Mode::Digest => call.answered_at.map(|at| at + self.options.hold),
                Mode::Queue | Mode::Attendant => {
                    call.phone_acked_at.map(|at| at + self.options.hold)
                }
                Mode::Media | Mode::Memory => all_end_at,
            };
            if call.stage == Stage::Answered && end_at.is_some_and(|at| at <= now) {
                self.carrier.hang_up(number, call, now);
                leaving.extend(call.agent);
            }
        }
        let is_wanted = self.calls.iter().any(|c| c.answered_at.is_some() && c.agent.is_none());
        for agent in leaving {
            self.service.freed(agent, is_wanted, now);
        }
        self.press_keys(now);
    }

    /// Caller n presses key n, once, when the attendant has begun to speak.
    fn press_keys(&mut self, now: Instant) {
        if self.options.mode != Mode::Attendant {
            return;
        }
        for (number, call) in self.calls.iter_mut().enumerate().skip(self.keys_pressed) {
            if call.is_over() {
                self.keys_pressed += 1;
                continue;
            }
            if call.answered_at.is_none_or(|at| at + LISTENS > now) {
                break;
            }
            if let Some([caller, _]) = &mut call.streams {
                caller.press((number % KEYS) as u8);
            }
            self.keys_pressed += 1;
        }
    }

    /// Tells whoever measures when the calls stand, and when they are about to end.
    fn note_all_up(&mut self, now: Instant) {
        if self.options.is_signalled() || self.options.is_service() {
            return;
        }
        let is_placed = self.calls.len() == self.options.calls;
        if self.all_up_at.is_none()
            && is_placed
            && self.calls.iter().all(|c| c.is_up() || c.is_over())
        {
            self.all_up_at = Some(now);
            let up = self.calls.iter().filter(|call| call.is_up()).count();
            println!("{{\"event\": \"up\", \"calls\": {up}}}");
        }
        if !self.is_ending && self.all_up_at.is_some_and(|at| at + self.options.hold <= now) {
            self.is_ending = true;
            println!("{{\"event\": \"ending\"}}");
        }
    }

    fn is_finished(&self) -> bool {
        let is_over =
            self.calls.len() == self.options.calls && self.calls.iter().all(Call::is_over);
        // Phones hear of the end a moment later than the carrier.
        let is_told =
            || self.calls.iter().all(|call| call.phone_ended || call.phone_acked_at.is_none());
        let last = || self.calls.iter().filter_map(|c| c.phone_acked_at.or(c.answered_at)).max();
        is_over
            && (is_told()
                || last().is_none_or(|at| at.elapsed() > self.options.hold + SILENCE + LINGER))
    }
}

/// The users' domain, where it is users who call.
fn login_domain(options: &Options) -> Option<String> {
    (options.mode == Mode::Digest).then(|| options.domain.clone())
}

fn socket(address: SocketAddr) -> Result<UdpSocket, Error> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
