//! Commands: what legs shall do.

use std::sync::{Arc, Mutex};

use crate::playback::Playback;
use crate::recording::Side;
use crate::switch::event::Statistics;
use crate::switch::ports::PortId;
use crate::switch::remote::Remote;

/// A leg's statistics where others can read them.
pub type Reading = Arc<Mutex<Statistics>>;

/// What the switch is told.
#[derive(Debug)]
pub enum Command {
    /// A leg begins.
    Open {
        /// Its name.
        leg: i64,
        /// Where its packets come in.
        port: PortId,
        /// Where its statistics are put.
        reading: Reading,
    },
    /// Two legs hear each other.
    Bridge {
        /// One.
        one: i64,
        /// The other.
        other: i64,
    },
    /// How loud a member of a room hears another, in 256ths.
    SetGain {
        /// Who speaks.
        speaker: i64,
        /// Who hears.
        listener: i64,
        /// 256: as it is.
        gain_q8: u16,
    },
    /// What concerns one leg.
    ToLeg(i64, LegCommand),
}

/// What concerns one leg.
#[derive(Debug)]
pub enum LegCommand {
    /// Names the peer.
    SetRemote(Box<Remote>),
    /// Ends the bridge.
    Unbridge,
    /// Enters a room.
    JoinRoom(i64),
    /// Leaves its room.
    LeaveRoom,
    /// Plays.
    Play {
        /// What.
        playback: Box<Playback>,
        /// Its name.
        token: i64,
        /// How loud the peers stay, in 256ths.
        under_q8: u16,
    },
    /// Ends the play.
    StopPlay,
    /// Presses keys.
    SendDtmf {
        /// Which.
        keys: String,
        /// How long each.
        press_ms: u32,
    },
    /// Records.
    Record(Box<RecordOrder>),
    /// Leaves out what is said from now on.
    PauseRecord,
    /// Goes on with it.
    ResumeRecord,
    /// Ends the recording.
    StopRecord,
    /// Tells what the leg says to a listener of this name; None: to nobody any more.
    Listen(Option<i64>),
    /// Reports silence of so many samples.
    SetTimeout {
        /// None: never.
        samples: Option<u64>,
    },
    /// Ends the leg.
    Close,
}

/// What a recording was asked to be.
#[derive(Debug)]
pub struct RecordOrder {
    /// The file.
    pub path: String,
    /// Ends it.
    pub max_ms: u64,
    /// Silence of such length ends it; 0: never.
    pub silence_ms: u64,
    /// Keys that end it.
    pub stop_digits: String,
    /// Its name.
    pub token: i64,
    /// Whose voice.
    pub side: Side,
}
