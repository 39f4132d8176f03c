//! What the switch itself costs, without sockets: microseconds of CPU for each second of a call, and
//! the longest tick.
//!
//!     cargo run --release -p media-core --example switch_cost -- [SCENARIO [SECONDS [cold]]]
//!
//! A simulated cache counts better than a clock on a busy machine: `valgrind --tool=cachegrind
//! --cache-sim=yes --LL=1048576,8,64` beside one scenario of one second. With `cold`, other memory is
//! touched before each tick, as a kernel and other processes do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use media_audio::codec::find;
use media_core::playback::{Playback, Prompt};
use media_core::rtp::Header;
use media_core::switch::command::{Command, LegCommand, Reading};
use media_core::switch::remote::{Format, Protection, Remote};
use media_core::switch::{Entry, Moment, Out, PortId, Switch, TICK_SAMPLES};
use media_secure::certificate::Certificate;

/// Of each scenario.
const SECONDS: u64 = 10;
/// 20 ms apart.
const PACKETS_PER_S: u64 = 50;
/// More than caches near a core hold.
const OTHER_BYTES: usize = 4 << 20;
const CACHE_LINE: usize = 64;
/// As many as call control puts there.
const LEGS_PER_PORT: usize = 64;

/// What the command line asks for.
struct Wish {
    scenario: Option<String>,
    seconds: u64,
    /// Other memory; empty when caches may stay warm.
    other: Vec<u8>,
}

fn main() {
    let mut wish = wish();
    run(&mut wish, "relayed", 2_000, "PCMU", true, |leg| {
        (leg % 2 == 1).then(|| bridge(leg - 1, leg))
    });
    let join = |size: i64| move |leg| Some(to_leg(leg, LegCommand::JoinRoom(leg / size)));
    run(&mut wish, "rooms-of-3", 300, "PCMU", true, join(3));
    run(&mut wish, "rooms-of-10", 300, "PCMU", true, join(10));
    run(&mut wish, "rooms-of-3-g722", 300, "G722", true, join(3));
    let prompt = Arc::new(Prompt::from_samples((0..8_000).map(|at| (at % 200) * 50)));
    let play = |leg| {
        let playback = Box::new(Playback::new(vec![Arc::clone(&prompt)], true));
        Some(to_leg(leg, LegCommand::Play { playback, token: 1, under_q8: 0 }))
    };
    run(&mut wish, "prompt", 1_000, "PCMA", true, play);
    run(&mut wish, "on-hold", 10_000, "PCMU", false, |_| None);
}

fn wish() -> Wish {
    let mut arguments = std::env::args().skip(1);
    let scenario = arguments.next();
    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(SECONDS);
    let is_cold = arguments.next().is_some_and(|word| word == "cold");
    Wish { scenario, seconds, other: vec![0; if is_cold { OTHER_BYTES } else { 0 }] }
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

fn run(
    wish: &mut Wish,
    name: &str,
    legs: usize,
    codec: &str,
    is_talking: bool,
    then: impl Fn(i64) -> Option<Command>,
) {
    if wish.scenario.as_ref().is_some_and(|wanted| wanted != name) {
        return;
    }
    println!("{legs} legs, {name}:");
    let mut switch = Switch::new(Certificate::generate(), 1);
    let (zero, mut out) = (Instant::now(), Out::default());
    let start = Moment::after(zero, 0, 0);
    for leg in 0..legs {
        let (id, reading) = (leg as i64, Reading::default());
        switch.obey(Command::Open { leg: id, port: port_of(leg), reading }, start, &mut out);
        let remote = Box::new(remote(leg, codec));
        switch.obey(to_leg(id, LegCommand::SetRemote(remote)), start, &mut out);
        if let Some(command) = then(id) {
            switch.obey(command, start, &mut out);
        }
    }
    let (mut spent, mut longest) = (Duration::ZERO, Duration::ZERO);
    for half in 0..wish.seconds * PACKETS_PER_S * 2 {
        touch(&mut wish.other);
        let now = Moment::after(zero, 0, (half + 1) * TICK_SAMPLES);
        let begin = Instant::now();
        for leg in ((half % 2) as usize..legs).step_by(2).filter(|_| is_talking) {
            let mut datagram = datagram(half / 2, leg);
            switch.receive(port_of(leg), Entry::Rtp, place(leg), &mut datagram, now, &mut out);
            out.clear_datagrams();
        }
        let ticked = Instant::now();
        switch.tick(now, &mut out);
        longest = longest.max(ticked.elapsed());
        spent += begin.elapsed();
        out.clear_datagrams();
        out.events.clear();
    }
    let us = spent.as_secs_f64() * 1e6 / wish.seconds as f64 / legs as f64;
    println!("  {us:.1} us for each second of a leg, the longest tick {longest:.2?}");
}

/// Legs share pairs of ports.
fn port_of(leg: usize) -> PortId {
    (leg / LEGS_PER_PORT) as PortId
}

/// Puts everything else out of the caches.
#[inline(never)]
fn touch(other: &mut [u8]) {
    for octet in other.iter_mut().step_by(CACHE_LINE) {
        *octet = octet.wrapping_add(1);
    }
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
