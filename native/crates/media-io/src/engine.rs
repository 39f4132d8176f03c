//! The engine as its callers see it.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use media_core::SAMPLES_PER_MS;
use media_core::playback::{Playback, Prompt};
use media_core::switch::command::{Command, LegCommand, Reading, RecordOrder};
use media_core::switch::remote::Remote;
use media_core::switch::{PortId, Switch};
use media_core::tone;
use media_secure::certificate::Certificate;
use rustix::rand::{GetRandomFlags, getrandom};

use crate::event::{EventQueue, Statistics};
use crate::orders::{Order, OrderQueue};
use crate::reactor::Reactor;
use crate::recorder::Recorder;
use crate::sockets::Sockets;

/// Tones that are kept encoded; the plan of a country has a handful.
const TONES_MAX: usize = 64;

/// Orders in, events out. Every method may be called from any thread; none waits for the I/O
/// thread but [`Engine::close`].
#[derive(Debug)]
pub struct Engine {
    orders: Arc<OrderQueue>,
    events: Arc<EventQueue>,
    fingerprint: String,
    legs: Mutex<Legs>,
    prompts: Mutex<HashMap<i64, Arc<Prompt>>>,
    tones: Mutex<HashMap<u16, Arc<Prompt>>>,
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
            prompts: Mutex::default(),
            tones: Mutex::default(),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Where events come out.
    pub fn events(&self) -> &EventQueue {
        &self.events
    }

    /// SHA-256 of the certificate that handshakes show: upper-case hex pairs with colons.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Receives RTP on `rtp_port` and RTCP on the next one, which other legs may use, too.
    pub fn open_leg(&self, leg: i64, ip: IpAddr, rtp_port: u16) -> io::Result<()> {
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

    /// Names the peer.
    pub fn set_remote(&self, leg: i64, remote: Remote) {
        self.order(leg, LegCommand::SetRemote(Box::new(remote)));
    }

    /// Lets two legs hear each other.
    pub fn bridge(&self, one: i64, other: i64) {
        self.orders.push(Order::Switch(Command::Bridge { one, other }));
    }

    /// Ends a leg's bridge.
    pub fn unbridge(&self, leg: i64) {
        self.order(leg, LegCommand::Unbridge);
    }

    /// Mixes a leg with the members of a room.
    pub fn join_room(&self, leg: i64, room: i64) {
        self.order(leg, LegCommand::JoinRoom(room));
    }

    /// Takes a leg out of its room.
    pub fn leave_room(&self, leg: i64) {
        self.order(leg, LegCommand::LeaveRoom);
    }

    /// How loud a member hears another, in 256ths.
    pub fn set_gain(&self, speaker: i64, listener: i64, gain_q8: u16) {
        self.orders.push(Order::Switch(Command::SetGain { speaker, listener, gain_q8 }));
    }

    /// Encodes audio (s16le, 8000 Hz, mono) and keeps it.
    pub fn load_prompt(&self, prompt: i64, pcm: &[u8]) {
        let encoded = Arc::new(Prompt::from_pcm(pcm));
        lock(&self.prompts).insert(prompt, encoded);
    }

    /// Forgets a prompt; whoever is listening to it hears its end.
    pub fn unload_prompt(&self, prompt: i64) {
        lock(&self.prompts).remove(&prompt);
    }

    /// Plays prompts one after the other from `start_ms` on; unknown ones are left out and counted.
    /// `under_q8`: how loud the peers stay, in 256ths.
    pub fn play(
        &self,
        leg: i64,
        prompts: &[i64],
        loops: bool,
        token: i64,
        start_ms: u64,
        under_q8: u16,
    ) {
        let loaded = lock(&self.prompts);
        let known: Vec<_> =
            prompts.iter().filter_map(|prompt| loaded.get(prompt).map(Arc::clone)).collect();
        drop(loaded);
        self.orders.ignore(prompts.len() - known.len());
        let mut playback = Playback::new(known, loops);
        playback.skip(start_ms.saturating_mul(SAMPLES_PER_MS));
        self.order(leg, LegCommand::Play { playback: Box::new(playback), token, under_q8 });
    }

    /// Ends the play.
    pub fn stop_play(&self, leg: i64) {
        self.order(leg, LegCommand::StopPlay);
    }

    /// Plays a sine, 0 ms for ever.
    pub fn tone(&self, leg: i64, frequency_hz: u16, duration_ms: u64, token: i64) {
        let left = (duration_ms > 0).then_some(duration_ms.saturating_mul(SAMPLES_PER_MS));
        let playback = Box::new(Playback::tone(self.second_of(frequency_hz), left));
        self.order(leg, LegCommand::Play { playback, token, under_q8: 0 });
    }

    /// Sends keys, as events or as sound.
    pub fn send_dtmf(&self, leg: i64, keys: String, press_ms: u32) {
        self.order(leg, LegCommand::SendDtmf { keys, press_ms });
    }

    /// Writes what the leg says, and hears if the side says so.
    pub fn record(&self, leg: i64, order: RecordOrder) {
        self.order(leg, LegCommand::Record(Box::new(order)));
    }

    /// Leaves out what is said from now on.
    pub fn pause_record(&self, leg: i64) {
        self.order(leg, LegCommand::PauseRecord);
    }

    /// Goes on with the recording.
    pub fn resume_record(&self, leg: i64) {
        self.order(leg, LegCommand::ResumeRecord);
    }

    /// Ends the recording.
    pub fn stop_record(&self, leg: i64) {
        self.order(leg, LegCommand::StopRecord);
    }

    /// None switches it off.
    pub fn set_media_timeout(&self, leg: i64, timeout_ms: Option<u64>) {
        let samples = timeout_ms.map(|timeout_ms| timeout_ms.saturating_mul(SAMPLES_PER_MS));
        self.order(leg, LegCommand::SetTimeout { samples });
    }

    /// A reading of a live leg, a tenth of a second old at most.
    pub fn statistics(&self, leg: i64) -> Option<Statistics> {
        lock(&self.legs).open.get(&leg).map(|(reading, _)| *lock(reading))
    }

    /// Ends a leg; `LegClosed` follows when its ports are free.
    pub fn close_leg(&self, leg: i64) {
        let mut legs = lock(&self.legs);
        let unused = legs.open.remove(&leg).and_then(|(_, place)| legs.leave(place));
        self.orders.push(Order::Close { leg, unused });
    }

    /// Commands, or parts of them, that came to nothing.
    pub fn ignored(&self) -> u64 {
        self.orders.ignored()
    }

    /// Ends every leg and waits for the threads. Events that are left can still be taken.
    pub fn close(&self) {
        let Some(thread) = lock(&self.thread).take() else { return };
        *lock(&self.legs) = Legs::default();
        self.orders.push(Order::Shutdown);
        // It panics only by a defect, which has been printed then.
        let _ = thread.join();
    }

    fn order(&self, leg: i64, command: LegCommand) {
        self.orders.push(Order::Switch(Command::ToLeg(leg, command)));
    }

    fn second_of(&self, frequency_hz: u16) -> Arc<Prompt> {
        let mut tones = lock(&self.tones);
        if let Some(known) = tones.get(&frequency_hz) {
            return Arc::clone(known);
        }
        let samples = tone::second_of(frequency_hz);
        let second = Arc::new(Prompt::from_samples(samples.into_iter()));
        if tones.len() < TONES_MAX {
            tones.insert(frequency_hz, Arc::clone(&second));
        }
        second
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
