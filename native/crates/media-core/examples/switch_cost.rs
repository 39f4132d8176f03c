//! What the switch itself costs, without sockets: microseconds of CPU for each second of a call, and
//! the longest tick.
//!
//!     cargo run --release -p media-core --example switch_cost

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use media_audio::codec::find;
use media_core::playback::{Playback, Prompt};
use media_core::rtp::Header;
use media_core::switch::command::{Command, LegCommand, Reading};
use media_core::switch::remote::{Format, Protection, Remote};
use media_core::switch::{Entry, Moment, Out, Switch, TICK_SAMPLES};
use media_secure::certificate::Certificate;

/// Of each scenario.
const SECONDS: u64 = 10;
/// 20 ms apart.
const PACKETS_PER_S: u64 = 50;

fn main() {
    let name = |legs: usize, what: &str| println!("{legs} legs, {what}:");
    name(2_000, "relayed");
    run(2_000, "PCMU", true, |leg| (leg % 2 == 1).then(|| bridge(leg - 1, leg)));
    name(300, "in rooms of 3");
    run(300, "PCMU", true, |leg| Some(to_leg(leg, LegCommand::JoinRoom(leg / 3))));
    name(300, "in rooms of 3, G.722");
    run(300, "G722", true, |leg| Some(to_leg(leg, LegCommand::JoinRoom(leg / 3))));
    name(1_000, "that hear a prompt");
    let prompt = Arc::new(Prompt::from_samples((0..8_000).map(|at| (at % 200) * 50)));
    run(1_000, "PCMA", false, |leg| {
        let playback = Box::new(Playback::new(vec![Arc::clone(&prompt)], true));
        Some(to_leg(leg, LegCommand::Play { playback, token: 1, under_q8: 0 }))
    });
    name(10_000, "on hold");
    run(10_000, "PCMU", false, |_| None);
}

fn to_leg(leg: i64, command: LegCommand) -> Command {
    Command::ToLeg(leg, command)
}

fn bridge(one: i64, other: i64) -> Command {
    Command::Bridge { one, other }
}

fn place(leg: usize) -> SocketAddr {
    ([10, 0, (leg >> 8) as u8, leg as u8], 4_000).into()
}

fn remote(leg: usize, codec: &str) -> Remote {
    let codec = find(codec, 8_000).expect("a codec of ours");
    Remote {
        rtp: place(leg),
        rtcp: place(leg),
        also: None,
        format: Format { codec, payload_type: 0, parameters: "".into() },
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

fn run(legs: usize, codec: &str, is_talking: bool, then: impl Fn(i64) -> Option<Command>) {
    let mut switch = Switch::new(Certificate::generate(), 1);
    let (zero, mut out) = (Instant::now(), Out::default());
    let start = Moment::after(zero, 0, 0);
    for leg in 0..legs {
        let (id, reading) = (leg as i64, Reading::default());
        switch.obey(Command::Open { leg: id, port: leg as u32, reading }, start, &mut out);
        let remote = Box::new(remote(leg, codec));
        switch.obey(to_leg(id, LegCommand::SetRemote(remote)), start, &mut out);
        if let Some(command) = then(id) {
            switch.obey(command, start, &mut out);
        }
    }
    let (begin, mut longest) = (Instant::now(), Duration::ZERO);
    for packet in 0..SECONDS * PACKETS_PER_S {
        for half in [0, 1] {
            let now = Moment::after(zero, 0, (packet * 2 + half + 1) * TICK_SAMPLES);
            for leg in (half as usize..legs).step_by(2).filter(|_| is_talking) {
                let mut datagram = datagram(packet, leg);
                switch.receive(leg as u32, Entry::Rtp, place(leg), &mut datagram, now, &mut out);
                out.clear_datagrams();
            }
            let ticked = Instant::now();
            switch.tick(now, &mut out);
            longest = longest.max(ticked.elapsed());
            out.clear_datagrams();
            out.events.clear();
        }
    }
    let us = begin.elapsed().as_secs_f64() * 1e6 / SECONDS as f64 / legs as f64;
    println!("  {us:.1} us for each second of a leg, the longest tick {longest:.2?}");
}

fn datagram(packet: u64, leg: usize) -> [u8; 172] {
    let header = Header {
        marker: false,
        payload_type: 0,
        sequence: packet as u16,
        timestamp: packet as u32 * 160,
        ssrc: leg as u32,
    };
    let mut bytes = [0x90 ^ (packet as u8 & 0x8f); 172];
    bytes[..12].copy_from_slice(&header.to_bytes());
    bytes
}
