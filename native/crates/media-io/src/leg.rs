//! One leg's state, owned by the I/O thread.

use std::io;
use std::sync::Arc;

use media_core::dtmf_receiver::DtmfReceiver;
use media_core::dtmf_sender::DtmfSender;
use media_core::latch::Latch;
use media_core::outbound::Outbound;
use media_core::playback::Playback;
use media_core::reception::Reception;
use media_core::recording::Recording;
use media_core::rtp::HEADER_BYTES;
use rustix::rand::{GetRandomFlags, getrandom};

use crate::clock;
use crate::command::Remote;
use crate::meters::Meters;
use crate::recorder::Pipe;
use crate::sockets::Sockets;

/// RFC 3550 §6.2: the interval of reports, 5 s.
pub const REPORT_SAMPLES: u64 = 5 * 8_000;

pub struct Leg {
    pub id: i64,
    pub sockets: Sockets,
    pub meters: Arc<Meters>,
    pub peer: Option<Peer>,
    /// Slot of the leg on the other side of the bridge.
    pub bridged: Option<usize>,
    pub out: Outbound,
    pub reception: Reception,
    pub keys_in: DtmfReceiver,
    pub keys_out: DtmfSender,
    pub play: Option<Play>,
    pub record: Option<Box<Record>>,
    /// The last recording's file; it may still be waiting for the disk.
    pub last_file: Option<Arc<Pipe>>,
    pub timeout: Option<u64>,
    pub heard_at: u64,
    pub is_timed_out: bool,
    pub is_paced: bool,
    pub reports: Reports,
}

/// The other end, once signalling has named it.
pub struct Peer {
    pub remote: Remote,
    pub rtp: Latch,
    pub rtcp: Latch,
}

pub struct Play {
    pub playback: Playback,
    pub token: i64,
    pub due_tick: u64,
    /// Timestamp of the next frame; None before the first.
    pub timestamp: Option<u32>,
}

pub struct Record {
    pub line: Recording,
    pub file: Arc<Pipe>,
    pub stop_digits: String,
}

pub struct Reports {
    pub due_at: u64,
    /// Packets sent when the last report was made.
    pub sent_before: u64,
    /// The peer's last sender report: middle of its NTP time, our NTP time when it came.
    pub sr_heard: Option<(u32, u64)>,
}

impl Leg {
    pub fn open(id: i64, sockets: Sockets, meters: Arc<Meters>) -> io::Result<Self> {
        let now = clock::samples();
        let mut random = [0u8; 12];
        getrandom(&mut random, GetRandomFlags::empty())?;
        let word = |at: usize| {
            u32::from_ne_bytes([random[at], random[at + 1], random[at + 2], random[at + 3]])
        };
        Ok(Self {
            id,
            sockets,
            meters,
            peer: None,
            bridged: None,
            out: Outbound::new(word(0), word(4) as u16, word(8), now),
            reception: Reception::default(),
            keys_in: DtmfReceiver::default(),
            keys_out: DtmfSender::default(),
            play: None,
            record: None,
            last_file: None,
            timeout: None,
            heard_at: now,
            is_timed_out: false,
            is_paced: false,
            reports: Reports { due_at: now + REPORT_SAMPLES, sent_before: 0, sr_heard: None },
        })
    }

    pub fn set_remote(&mut self, remote: Remote) {
        if !remote.send {
            self.out.leave_source();
        }
        match self.peer.as_mut() {
            Some(peer) => {
                peer.rtp.signal(remote.rtp, remote.also);
                peer.rtcp.signal(remote.rtcp, remote.also);
                peer.remote = remote;
            }
            None => {
                let rtp = Latch::new(remote.rtp, remote.also);
                let rtcp = Latch::new(remote.rtcp, remote.also);
                self.peer = Some(Peer { remote, rtp, rtcp });
            }
        }
    }

    /// Whether audio can go out, and so whether it is worth making.
    pub fn can_send(&self) -> bool {
        self.peer.as_ref().is_some_and(|peer| peer.remote.send && peer.rtp.destination().is_some())
    }

    /// Sends one RTP packet. What the network does not take is lost, as packets may be.
    pub fn send(&self, bytes: &[u8]) {
        let destination = self.peer.as_ref().and_then(|peer| peer.rtp.destination());
        if let Some(to) = destination {
            if self.sockets.rtp.send_to(bytes, to).is_ok() {
                self.meters.sent(bytes.len() - HEADER_BYTES);
            }
        }
    }

    /// Starts a play; its first frame leaves on the next tick.
    pub fn start_play(&mut self, playback: Playback, token: i64, tick: u64) {
        self.out.leave_source();
        self.play = Some(Play { playback, token, due_tick: tick + 1, timestamp: None });
    }

    /// Whether ticks have anything to do here.
    pub fn needs_pacing(&self) -> bool {
        self.play.is_some() || !self.keys_out.is_idle()
    }
}
