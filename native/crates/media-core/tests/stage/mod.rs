//! A switch, the time, and peers that send to it: what a test says happens at once.

#![allow(dead_code)] // each test file uses a part of it

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use media_audio::codec::{Codec, find};
use media_core::playback::{Playback, Prompt};
use media_core::recording::Side;
use media_core::rtp::{self, HEADER_BYTES, Header};
use media_core::switch::command::{Command, LegCommand, Reading, RecordOrder};
use media_core::switch::event::Event;
pub use media_core::switch::remote::Remote;
use media_core::switch::remote::{Format, Protection};
use media_core::switch::{Entry, Moment, Out, PortId, Switch, TICK_SAMPLES, Tape};
use media_secure::certificate::Certificate;

pub fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

/// What a leg's peer was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub port: PortId,
    pub is_rtcp: bool,
    pub to: SocketAddr,
    pub bytes: Vec<u8>,
    /// When.
    pub at: u64,
}

impl Sent {
    pub fn packet(&self) -> rtp::Packet {
        rtp::parse(&self.bytes).expect("RTP")
    }

    pub fn payload(&self) -> &[u8] {
        &self.bytes[self.packet().payload]
    }
}

pub struct Stage {
    pub switch: Switch,
    pub out: Out,
    pub samples: u64,
    pub events: Vec<Event>,
    pub tapes: Vec<Tape>,
    zero: Instant,
}

impl Stage {
    pub fn new() -> Self {
        Self {
            switch: Switch::new(Certificate::generate(), 7),
            out: Out::default(),
            samples: 80_000,
            events: Vec::new(),
            tapes: Vec::new(),
            zero: Instant::now(),
        }
    }

    pub fn now(&self) -> Moment {
        Moment::after(self.zero, 1 << 40, self.samples)
    }

    pub fn open(&mut self, leg: i64, port: PortId, remote: Remote) {
        self.obey(Command::Open { leg, port, reading: Reading::default() });
        self.tell(leg, LegCommand::SetRemote(Box::new(remote)));
    }

    pub fn obey(&mut self, command: Command) -> Vec<Sent> {
        let now = self.now();
        self.switch.obey(command, now, &mut self.out);
        self.take()
    }

    pub fn tell(&mut self, leg: i64, command: LegCommand) -> Vec<Sent> {
        self.obey(Command::ToLeg(leg, command))
    }

    pub fn bridge(&mut self, one: i64, other: i64) {
        self.obey(Command::Bridge { one, other });
    }

    pub fn play(&mut self, leg: i64, ms: usize, under_q8: u16) {
        let prompt = Arc::new(Prompt::from_samples(
            (0..ms * 8).map(|at| if at % 16 < 8 { 4_000 } else { -4_000 }),
        ));
        let playback = Box::new(Playback::new(vec![prompt], false));
        self.tell(leg, LegCommand::Play { playback, token: 1, under_q8 });
    }

    pub fn record(&mut self, leg: i64, side: Side) {
        self.tell(
            leg,
            LegCommand::Record(Box::new(RecordOrder {
                path: "nowhere.wav".into(),
                max_ms: 60_000,
                silence_ms: 0,
                stop_digits: String::new(),
                token: 2,
                side,
            })),
        );
    }

    pub fn receive(&mut self, port: PortId, from: &str, datagram: &[u8]) -> Vec<Sent> {
        self.receive_at(Entry::Rtp, port, from, datagram)
    }

    pub fn receive_at(
        &mut self,
        entry: Entry,
        port: PortId,
        from: &str,
        datagram: &[u8],
    ) -> Vec<Sent> {
        let now = self.now();
        let mut bytes = datagram.to_vec();
        self.switch.receive(port, entry, at(from), &mut bytes, now, &mut self.out);
        self.take()
    }

    /// A tick passes.
    pub fn tick(&mut self) -> Vec<Sent> {
        self.samples = (self.samples / TICK_SAMPLES + 1) * TICK_SAMPLES;
        let now = self.now();
        self.switch.tick(now, &mut self.out);
        self.take()
    }

    pub fn run(&mut self, ms: u64) -> Vec<Sent> {
        (0..ms / 10).flat_map(|_| self.tick()).collect()
    }

    pub fn take(&mut self) -> Vec<Sent> {
        let sent = self.out.datagrams.iter().map(|datagram| Sent {
            port: datagram.port,
            is_rtcp: datagram.is_rtcp,
            to: datagram.to,
            bytes: self.out.bytes[datagram.range.clone()].to_vec(),
            at: self.samples,
        });
        let sent = sent.collect();
        self.out.clear_datagrams();
        self.events.append(&mut self.out.events);
        self.tapes.append(&mut self.out.tapes);
        sent
    }
}

/// Only RTP with audio or keys.
pub fn rtp_of(sent: Vec<Sent>) -> Vec<Sent> {
    sent.into_iter().filter(|sent| !sent.is_rtcp && !(200..=207).contains(&sent.bytes[1])).collect()
}

pub fn codec(name: &str) -> &'static Codec {
    let clock_hz = if name == "OPUS" { 48_000 } else { 8_000 };
    find(name, clock_hz).unwrap()
}

pub fn format(name: &str) -> Format {
    let payload_type = match name {
        "PCMU" => 0,
        "PCMA" => 8,
        "G722" => 9,
        _ => 111,
    };
    Format { codec: codec(name), payload_type, parameters: "".into() }
}

/// A peer at an address who talks a codec; RTCP on the next port.
pub fn remote(rtp: &str, name: &str) -> Remote {
    let rtp = at(rtp);
    Remote {
        rtp,
        rtcp: SocketAddr::new(rtp.ip(), rtp.port() + 1),
        also: None,
        format: format(name),
        accepts: [].into(),
        packet_ticks: 2,
        events: Some(101),
        comfort_noise: None,
        send: true,
        receive: true,
        rtcp_mux: false,
        protection: Protection::None,
        ice: None,
    }
}

/// One peer's stream.
pub struct Talker {
    pub ssrc: u32,
    pub sequence: u16,
    pub timestamp: u32,
    pub payload_type: u8,
    pub step: u32,
    pub octets: usize,
}

impl Talker {
    /// 20 ms of G.711 or G.722 a packet.
    pub fn new(ssrc: u32, payload_type: u8) -> Self {
        Self { ssrc, sequence: 100, timestamp: 5_000, payload_type, step: 160, octets: 160 }
    }

    pub fn next(&mut self) -> Vec<u8> {
        let header = Header {
            marker: false,
            payload_type: self.payload_type,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(self.step);
        let mut bytes = header.to_bytes().to_vec();
        bytes.extend((0..self.octets).map(|at| if at % 16 < 8 { 0x90 } else { 0x10 }));
        assert_eq!(bytes.len(), HEADER_BYTES + self.octets);
        bytes
    }
}
