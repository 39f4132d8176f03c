//! The engine as its callers see it.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use media_core::SAMPLES_PER_MS;
use media_core::playback::{Playback, Prompt};
use media_core::tone;

use crate::command::{Command, CommandQueue, LegCommand, RecordOrder, Remote};
use crate::event::{EventQueue, Statistics};
use crate::meters::Meters;
use crate::reactor::Reactor;
use crate::recorder::Recorder;
use crate::sockets::Sockets;

/// Tones that are kept encoded; the plan of a country has a handful.
const TONES_MAX: usize = 64;

/// Commands in, events out. Every method may be called from any thread; none waits for the I/O
/// thread but [`Engine::close`].
#[derive(Debug)]
pub struct Engine {
    commands: Arc<CommandQueue>,
    events: Arc<EventQueue>,
    meters: Mutex<HashMap<i64, Arc<Meters>>>,
    prompts: Mutex<HashMap<i64, Arc<Prompt>>>,
    tones: Mutex<HashMap<u16, Arc<Prompt>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Starts the threads.
    pub fn start() -> io::Result<Self> {
        let commands = Arc::new(CommandQueue::new()?);
        let events = Arc::new(EventQueue::new()?);
        let recorder = Recorder::start(Arc::clone(&events))?;
        let mut reactor = Reactor::new(Arc::clone(&commands), Arc::clone(&events), recorder)?;
        let thread = Builder::new().name("media-io".into()).spawn(move || reactor.run())?;
        Ok(Self {
            commands,
            events,
            meters: Mutex::default(),
            prompts: Mutex::default(),
            tones: Mutex::default(),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Where events come out.
    pub fn events(&self) -> &EventQueue {
        &self.events
    }

    /// Binds RTP to `rtp_port` and RTCP to the next one, or neither.
    pub fn open_leg(&self, leg: i64, ip: IpAddr, rtp_port: u16) -> io::Result<()> {
        let mut meters = lock(&self.meters);
        if lock(&self.thread).is_none() {
            return Err(io::Error::other("the engine is closed"));
        }
        if meters.contains_key(&leg) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let sockets = Sockets::bind(ip, rtp_port)?;
        let counters = Arc::new(Meters::new());
        meters.insert(leg, Arc::clone(&counters));
        self.commands.push(Command::Open { leg, sockets, meters: counters });
        Ok(())
    }

    /// Names the peer.
    pub fn set_remote(&self, leg: i64, remote: Remote) {
        self.order(leg, LegCommand::SetRemote(Box::new(remote)));
    }

    /// Relays between two legs.
    pub fn bridge(&self, one: i64, other: i64) {
        self.commands.push(Command::Bridge { one, other });
    }

    /// Ends a leg's bridge.
    pub fn unbridge(&self, leg: i64) {
        self.order(leg, LegCommand::Unbridge);
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

    /// Plays prompts one after the other; unknown ones are left out and counted.
    pub fn play(&self, leg: i64, prompts: &[i64], loops: bool, token: i64) {
        let loaded = lock(&self.prompts);
        let known: Vec<_> =
            prompts.iter().filter_map(|prompt| loaded.get(prompt).map(Arc::clone)).collect();
        drop(loaded);
        (known.len()..prompts.len()).for_each(|_| self.commands.ignore());
        let playback = Playback::new(known, loops);
        self.order(leg, LegCommand::Play { playback, token });
    }

    /// Ends the play.
    pub fn stop_play(&self, leg: i64) {
        self.order(leg, LegCommand::StopPlay);
    }

    /// Plays a sine, 0 ms for ever.
    pub fn tone(&self, leg: i64, frequency_hz: u16, duration_ms: u64, token: i64) {
        let left = (duration_ms > 0).then_some(duration_ms.saturating_mul(SAMPLES_PER_MS));
        let playback = Playback::tone(self.second_of(frequency_hz), left);
        self.order(leg, LegCommand::Play { playback, token });
    }

    /// Sends keys as telephone events.
    pub fn send_dtmf(&self, leg: i64, keys: String, press_ms: u32) {
        self.order(leg, LegCommand::SendDtmf { keys, press_ms });
    }

    /// Writes what the leg says; 0 ms of silence never ends it.
    pub fn record(
        &self,
        leg: i64,
        path: String,
        max_ms: u64,
        silence_ms: u64,
        stop_digits: String,
        token: i64,
    ) {
        let order = RecordOrder { path, max_ms, silence_ms, stop_digits, token };
        self.order(leg, LegCommand::Record(Box::new(order)));
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

    /// A reading of a live leg.
    pub fn statistics(&self, leg: i64) -> Option<Statistics> {
        lock(&self.meters).get(&leg).map(|meters| meters.read())
    }

    /// Ends a leg; `LegClosed` follows when its ports are free.
    pub fn close_leg(&self, leg: i64) {
        lock(&self.meters).remove(&leg);
        self.order(leg, LegCommand::Close);
    }

    /// Commands, or parts of them, that came to nothing.
    pub fn ignored(&self) -> u64 {
        self.commands.ignored()
    }

    /// Ends every leg and waits for the threads. Events that are left can still be taken.
    pub fn close(&self) {
        let Some(thread) = lock(&self.thread).take() else { return };
        lock(&self.meters).clear();
        self.commands.push(Command::Shutdown);
        // It panics only by a defect, which has been printed then.
        let _ = thread.join();
    }

    fn order(&self, leg: i64, command: LegCommand) {
        self.commands.push(Command::ToLeg(leg, command));
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

impl Drop for Engine {
    fn drop(&mut self) {
        self.close();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
