//! What the switch wants done: datagrams, events, audio for files. Whoever owns the switch takes
//! them after each step.

use std::net::SocketAddr;
use std::ops::Range;

use crate::switch::event::{Event, RecordEnd};
use crate::switch::ports::PortId;

/// One datagram to send; its octets lie in `Out::bytes`.
#[derive(Clone, Debug)]
pub struct Datagram {
    /// From which pair of ports.
    pub port: PortId,
    /// From the second one of the pair.
    pub is_rtcp: bool,
    /// Where to.
    pub to: SocketAddr,
    /// Its octets.
    pub range: Range<usize>,
}

/// A step of a recording.
#[derive(Debug)]
pub enum Tape {
    /// A file begins.
    Begin {
        /// Names the recording for the steps that follow.
        tape: u64,
        /// Of which leg.
        leg: i64,
        /// Its name for the caller.
        token: i64,
        /// The file.
        path: String,
        /// Samples in a second.
        rate_hz: u32,
        /// 1 or 2, interleaved.
        channels: u16,
    },
    /// Audio follows.
    Audio {
        /// Which recording.
        tape: u64,
        /// Interleaved.
        samples: Vec<i16>,
    },
    /// The file ends.
    End {
        /// Which recording.
        tape: u64,
        /// Why.
        end: RecordEnd,
        /// Frames that the file keeps.
        frames: u64,
    },
    /// The leg is gone: its last event follows those of its recordings.
    LegClosed {
        /// The recording whose end it waits for.
        tape: u64,
        /// What to say then.
        event: Event,
    },
}

/// What is to be done.
#[derive(Debug, Default)]
pub struct Out {
    /// Octets of all datagrams.
    pub bytes: Vec<u8>,
    /// In the order in which they are to be sent.
    pub datagrams: Vec<Datagram>,
    /// In the order in which they happened.
    pub events: Vec<Event>,
    /// In the order in which they are to be written.
    pub tapes: Vec<Tape>,
    /// Packets that were passed on as they came: how late they came in is heard.
    pub relayed: u64,
}

impl Out {
    /// Takes a datagram whose octets were appended to `bytes` from `start` on.
    pub fn sent(&mut self, port: PortId, is_rtcp: bool, to: SocketAddr, start: usize) {
        let range = start..self.bytes.len();
        self.datagrams.push(Datagram { port, is_rtcp, to, range });
    }

    /// Forgets the datagrams: they are sent.
    pub fn clear_datagrams(&mut self) {
        self.bytes.clear();
        self.datagrams.clear();
    }
}
