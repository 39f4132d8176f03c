//! The engine as its callers see it, whoever drives the switch: a thread beside sockets, or a world
//! whose time is simulated.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::SAMPLES_PER_MS;
use crate::playback::{Playback, Prompt};
use crate::switch::command::{Command, LegCommand, RecordOrder};
use crate::switch::event::{Event, Statistics};
use crate::switch::remote::Remote;
use crate::tone;

/// Tones that are kept encoded; the plan of a country has a handful.
const TONES_MAX: usize = 64;

/// Commands in, events out. What is asked of a leg that is gone is counted and comes to nothing.
pub trait Console {
    /// SHA-256 of the certificate that handshakes show: upper-case hex pairs with colons.
    fn fingerprint(&self) -> &str;

    /// Where prompts and tones are.
    fn shelf(&self) -> &Shelf;

    /// Carries a command out, now or soon.
    fn order(&self, command: Command);

    /// Counts commands, or parts of them, that came to nothing.
    fn ignore(&self, count: usize);

    /// Commands, or parts of them, that came to nothing.
    fn ignored(&self) -> u64;

    /// Receives RTP on `rtp_port` and RTCP on the next one, which other legs may use, too.
    fn open_leg(&self, leg: i64, ip: IpAddr, rtp_port: u16) -> io::Result<()>;

    /// A reading of a live leg, a tenth of a second old at most.
    fn statistics(&self, leg: i64) -> Option<Statistics>;

    /// Ends a leg; `LegClosed` follows when its ports are free.
    fn close_leg(&self, leg: i64);

    /// Takes up to `limit` events, in the order in which they happened.
    fn take_events(&self, limit: usize) -> Vec<Event>;

    /// Ends every leg. Events that are left can still be taken.
    fn close(&self);

    /// Names the peer.
    fn set_remote(&self, leg: i64, remote: Remote) {
        self.order_leg(leg, LegCommand::SetRemote(Box::new(remote)));
    }

    /// Lets two legs hear each other.
    fn bridge(&self, one: i64, other: i64) {
        self.order(Command::Bridge { one, other });
    }

    /// Ends a leg's bridge.
    fn unbridge(&self, leg: i64) {
        self.order_leg(leg, LegCommand::Unbridge);
    }

    /// Mixes a leg with the members of a room.
    fn join_room(&self, leg: i64, room: i64) {
        self.order_leg(leg, LegCommand::JoinRoom(room));
    }

    /// Takes a leg out of its room.
    fn leave_room(&self, leg: i64) {
        self.order_leg(leg, LegCommand::LeaveRoom);
    }

    /// How loud a member hears another, in 256ths.
    fn set_gain(&self, speaker: i64, listener: i64, gain_q8: u16) {
        self.order(Command::SetGain { speaker, listener, gain_q8 });
    }

    /// Plays prompts one after the other from `start_ms` on; unknown ones are left out and counted.
    /// `under_q8`: how loud the peers stay, in 256ths.
    fn play(
        &self,
        leg: i64,
        prompts: &[i64],
        loops: bool,
        token: i64,
        start_ms: u64,
        under_q8: u16,
    ) {
        let known = self.shelf().prompts(prompts);
        self.ignore(prompts.len() - known.len());
        let mut playback = Playback::new(known, loops);
        playback.skip(start_ms.saturating_mul(SAMPLES_PER_MS));
        self.order_leg(leg, LegCommand::Play { playback: Box::new(playback), token, under_q8 });
    }

    /// Ends the play.
    fn stop_play(&self, leg: i64) {
        self.order_leg(leg, LegCommand::StopPlay);
    }

    /// Plays a sine, 0 ms for ever.
    fn tone(&self, leg: i64, frequency_hz: u16, duration_ms: u64, token: i64) {
        let left = (duration_ms > 0).then_some(duration_ms.saturating_mul(SAMPLES_PER_MS));
        let playback = Box::new(Playback::tone(self.shelf().second_of(frequency_hz), left));
        self.order_leg(leg, LegCommand::Play { playback, token, under_q8: 0 });
    }

    /// Sends keys, as events or as sound.
    fn send_dtmf(&self, leg: i64, keys: String, press_ms: u32) {
        self.order_leg(leg, LegCommand::SendDtmf { keys, press_ms });
    }

    /// Writes what the leg says, and hears if the side says so.
    fn record(&self, leg: i64, order: RecordOrder) {
        self.order_leg(leg, LegCommand::Record(Box::new(order)));
    }

    /// Leaves out what is said from now on.
    fn pause_record(&self, leg: i64) {
        self.order_leg(leg, LegCommand::PauseRecord);
    }

    /// Goes on with the recording.
    fn resume_record(&self, leg: i64) {
        self.order_leg(leg, LegCommand::ResumeRecord);
    }

    /// Ends the recording.
    fn stop_record(&self, leg: i64) {
        self.order_leg(leg, LegCommand::StopRecord);
    }

    /// Tells a listener what the leg says.
    fn listen(&self, leg: i64, token: i64) {
        self.order_leg(leg, LegCommand::Listen(Some(token)));
    }

    /// Nobody listens any more.
    fn stop_listening(&self, leg: i64) {
        self.order_leg(leg, LegCommand::Listen(None));
    }

    /// None switches it off.
    fn set_media_timeout(&self, leg: i64, timeout_ms: Option<u64>) {
        let samples = timeout_ms.map(|timeout_ms| timeout_ms.saturating_mul(SAMPLES_PER_MS));
        self.order_leg(leg, LegCommand::SetTimeout { samples });
    }

    /// What concerns one leg.
    fn order_leg(&self, leg: i64, command: LegCommand) {
        self.order(Command::ToLeg(leg, command));
    }
}

/// Prompts and tones, encoded once for all listeners.
#[derive(Debug, Default)]
pub struct Shelf {
    prompts: Mutex<HashMap<i64, Arc<Prompt>>>,
    tones: Mutex<HashMap<u16, Arc<Prompt>>>,
}

impl Shelf {
    /// Encodes audio (s16le, 8000 Hz, mono) and keeps it.
    pub fn load(&self, prompt: i64, pcm: &[u8]) {
        let encoded = Arc::new(Prompt::from_pcm(pcm));
        lock(&self.prompts).insert(prompt, encoded);
    }

    /// Forgets a prompt; who listens to it hears it to its end.
    pub fn unload(&self, prompt: i64) {
        lock(&self.prompts).remove(&prompt);
    }

    /// Those that are known.
    fn prompts(&self, names: &[i64]) -> Vec<Arc<Prompt>> {
        let loaded = lock(&self.prompts);
        names.iter().filter_map(|prompt| loaded.get(prompt).map(Arc::clone)).collect()
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
