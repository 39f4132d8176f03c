//! Lets all phones talk for a while.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::batch::{Batch, Port};
use crate::delays::Delays;
use crate::phone::{Counts, Moment, Phone, Window};
use crate::plan::Plan;
use crate::sound::Sounds;

const PACKET_NS: u64 = 20_000_000;
/// What is under way when counting ends may still come.
const DRAIN: Duration = Duration::from_millis(500);

pub struct Times {
    pub warm: Duration,
    pub counted: Duration,
}

struct Load {
    phones: Vec<Phone>,
    ports: Vec<Port>,
    /// Phones of each port; they speak at the same moment.
    of_port: Vec<Vec<usize>>,
    /// By port and the number of the remote one.
    heard_by: HashMap<(usize, u16), usize>,
    batch: Batch,
    delays: Delays,
    started: Instant,
    /// Packets due so far, over all ports.
    turn: u64,
    look: usize,
    is_counting: bool,
    is_silent: bool,
    refused: u64,
    late_ns: u64,
}

/// Plays the plan; prints events.
pub fn run(plans: Vec<Plan>, times: &Times) -> Result<(), String> {
    if plans.is_empty() {
        return Err("nobody to play".into());
    }
    let mut load = Load::new(plans)?;
    load.go_on(times.warm);
    println!(r#"{{"event":"up","phones":{}}}"#, load.phones.len());
    let first: Vec<u32> = load.phones.iter().map(Phone::said).collect();
    load.is_counting = true;
    load.late_ns = 0;
    load.go_on(times.warm + times.counted);
    println!(r#"{{"event":"ending"}}"#);
    load.is_counting = false;
    let said: Vec<u32> = load.phones.iter().map(Phone::said).collect();
    // Servers that find nobody talking end calls; and their last packets must be answered for.
    load.go_on(times.warm + times.counted + DRAIN);
    load.is_silent = true;
    load.go_on(times.warm + times.counted + 2 * DRAIN);
    let windows = first.into_iter().zip(said).map(|(first, end)| Window { first, end }).collect();
    load.print(windows, times.counted);
    Ok(())
}

impl Load {
    fn new(plans: Vec<Plan>) -> Result<Self, String> {
        let mut sounds = Sounds::default();
        let (mut ports, mut of_port, mut heard_by) = (Vec::new(), Vec::new(), HashMap::new());
        let mut places = HashMap::new();
        let mut phones = Vec::new();
        for (number, plan) in plans.into_iter().enumerate() {
            let place = match places.get(&plan.local_port) {
                Some(&place) => place,
                None => {
                    ports.push(Port::open(plan.local_port)?);
                    of_port.push(Vec::new());
                    places.insert(plan.local_port, ports.len() - 1);
                    ports.len() - 1
                }
            };
            of_port[place].push(number);
            if heard_by.insert((place, plan.remote_port), number).is_some() {
                return Err(format!(
                    "two phones share {} and {}",
                    plan.local_port, plan.remote_port
                ));
            }
            phones.push(Phone::new(plan, number, &mut sounds));
        }
        Ok(Self {
            phones,
            ports,
            of_port,
            heard_by,
            batch: Batch::new(),
            delays: Delays::new(),
            started: Instant::now(),
            turn: 0,
            look: 0,
            is_counting: false,
            is_silent: false,
            refused: 0,
            late_ns: 0,
        })
    }

    /// Until so long after the start.
    fn go_on(&mut self, until: Duration) {
        let until_ns = until.as_nanos() as u64;
        loop {
            let now_ns = self.now_ns();
            if now_ns >= until_ns {
                return;
            }
            let due_ns = self.turn * PACKET_NS / self.ports.len() as u64;
            if due_ns <= now_ns {
                self.late_ns = self.late_ns.max(now_ns - due_ns);
                self.speak((self.turn % self.ports.len() as u64) as usize);
                self.turn += 1;
            }
            // Whoever is late still listens to all.
            self.look = (self.look + 1) % self.ports.len();
            self.listen(self.look);
        }
    }

    fn speak(&mut self, place: usize) {
        let now_ns = self.now_ns();
        let mut packets = Vec::with_capacity(self.of_port[place].len());
        for &number in &self.of_port[place] {
            let phone = &mut self.phones[number];
            if let Some(packet) = phone.say(now_ns).filter(|_| !self.is_silent) {
                packets.push((phone.plan.remote_port, packet));
            }
        }
        self.refused += (packets.len() - self.batch.send(&self.ports[place], &packets)) as u64;
    }

    fn listen(&mut self, place: usize) {
        let (started, counts) = (self.started, self.is_counting);
        let (phones, heard_by, delays) = (&mut self.phones, &self.heard_by, &mut self.delays);
        self.batch.receive(&self.ports[place], |from, packet| {
            let now_ns = started.elapsed().as_nanos() as u64;
            if let Some(&number) = heard_by.get(&(place, from)) {
                let other = phones[number].plan.hears;
                let burst_ns = other.map_or(0, |other| phones[other].burst_ns());
                let at = Moment { now_ns, burst_ns, counts };
                phones[number].hear(packet, &at, counts.then_some(&mut *delays));
            }
        });
    }

    fn now_ns(&self) -> u64 {
        self.started.elapsed().as_nanos() as u64
    }

    fn print(&self, windows: Vec<Window>, counted: Duration) {
        let mut total = Counts::default();
        let mut hearing = 0;
        for phone in &self.phones {
            let window = phone.plan.hears.map(|other| windows[other]);
            let counts = phone.counts(window);
            hearing += u64::from(counts.received > 0);
            total.sent += counts.sent;
            total.received += counts.received;
            total.lost += counts.lost;
            total.duplicates += counts.duplicates;
            total.wrong += counts.wrong;
            total.silent += counts.silent;
            total.listened += counts.listened;
        }
        println!(
            r#"{{"event":"result","phones":{},"hearing":{hearing},"seconds":{},"checked":{},"received":{},"lost":{},"duplicates":{},"wrong":{},"listened":{},"silent":{},"refused":{},"late_ms":{:.1},"delay_ms":{}}}"#,
            self.phones.len(),
            counted.as_secs_f64(),
            total.sent,
            total.received,
            total.lost,
            total.duplicates,
            total.wrong,
            total.listened,
            total.silent,
            self.refused,
            self.late_ns as f64 / 1e6,
            self.delays.as_json()
        );
    }
}
