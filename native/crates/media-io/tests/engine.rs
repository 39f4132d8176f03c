//! The engine over real sockets on 127.0.0.1, without Python.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use media_audio::codec::g711::PCMU;
use media_core::recording::Side;
use media_core::rtp::{self, Header};
use media_core::switch::command::RecordOrder;
use media_core::switch::console::Console;
use media_core::switch::remote::{Format, Protection, Remote};
use media_io::engine::Engine;
use media_io::event::{Event, RecordEnd};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PATIENCE: Duration = Duration::from_secs(5);

/// A leg of the engine and the phone at its other end.
struct Phone {
    leg: i64,
    port: u16,
    socket: UdpSocket,
}

impl Phone {
    fn connect(engine: &Engine, leg: i64) -> Self {
        // Tests run side by side: each leg has a range of its own.
        let free = (0..50).map(|step| 14_000 + leg as u16 * 100 + step * 2);
        let port = free.into_iter().find(|&port| engine.open_leg(leg, LOCAL, port).is_ok());
        let port = port.expect("a free pair of ports");
        let socket = UdpSocket::bind((LOCAL, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let remote = Remote {
            rtp: socket.local_addr().unwrap(),
            rtcp: SocketAddr::new(LOCAL, 9),
            also: None,
            format: Format { codec: &PCMU, payload_type: 0, parameters: "".into() },
            accepts: [].into(),
            packet_ticks: 2,
            events: Some(101),
            comfort_noise: None,
            send: true,
            receive: true,
            rtcp_mux: false,
            protection: Protection::None,
            ice: None,
        };
        engine.set_remote(leg, remote);
        Self { leg, port, socket }
    }

    fn say(&self, number: u16, octet: u8) {
        let header = Header {
            marker: false,
            payload_type: 0,
            sequence: number,
            timestamp: u32::from(number) * 160,
            ssrc: 1,
        };
        let packet = [&header.to_bytes()[..], &[octet; 160]].concat();
        self.socket.send_to(&packet, (LOCAL, self.port)).unwrap();
    }

    fn hear(&self) -> Vec<u8> {
        let mut bytes = [0; 2_048];
        let (length, _) = self.socket.recv_from(&mut bytes).expect("a packet");
        let packet = rtp::parse(&bytes[..length]).expect("RTP");
        bytes[packet.payload].to_vec()
    }
}

/// Waits until so many events have come.
fn events(engine: &Engine, count: usize) -> Vec<Event> {
    let begun = Instant::now();
    let mut taken = Vec::new();
    while taken.len() < count && begun.elapsed() < PATIENCE {
        taken.extend(engine.take_events(100));
        std::thread::yield_now();
    }
    taken
}

#[test]
fn bridged_phones_hear_each_other() {
    let engine = Engine::start().unwrap();
    let (one, other) = (Phone::connect(&engine, 11), Phone::connect(&engine, 12));
    engine.bridge(11, 12);
    one.say(1, 7);
    assert_eq!(other.hear(), [7; 160]);
    other.say(1, 9);
    assert_eq!(one.hear(), [9; 160]);
    // A reading is a tenth of a second old at most.
    std::thread::sleep(Duration::from_millis(250));
    assert_eq!(engine.statistics(11).unwrap().packets_received, 1);
}

#[test]
fn a_closed_leg_frees_its_ports_and_says_so_last() {
    let engine = Engine::start().unwrap();
    let phone = Phone::connect(&engine, 1);
    let path = std::env::temp_dir().join(format!("engine-test-{}.wav", std::process::id()));
    let name = path.to_str().unwrap().to_owned();
    let order = RecordOrder {
        path: name.clone(),
        max_ms: 60_000,
        silence_ms: 0,
        stop_digits: String::new(),
        token: 5,
        side: Side::Leg,
    };
    engine.record(1, order);
    phone.say(1, 7);
    while engine.statistics(1).is_some_and(|read| read.packets_received == 0) {
        std::thread::yield_now();
    }
    engine.close_leg(phone.leg);
    let seen = events(&engine, 2);
    let Event::RecordFinished { leg: 1, token: 5, path: told, duration_ms, end } = &seen[0] else {
        panic!("{seen:?}");
    };
    assert_eq!((told, end), (&name, &RecordEnd::LegClosed));
    assert!(
        matches!(seen[1], Event::LegClosed { leg: 1, statistics } if statistics.packets_received == 1)
    );
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 44 + duration_ms * 16);
    std::fs::remove_file(&path).unwrap();
    engine.open_leg(2, LOCAL, phone.port).unwrap();
}

#[test]
fn closing_ends_every_leg_and_is_final() {
    let engine = Engine::start().unwrap();
    let phones: Vec<_> = (21..=23).map(|leg| Phone::connect(&engine, leg)).collect();
    engine.tone(21, 440, 0, 1);
    assert_eq!(phones[0].hear().len(), 160);
    engine.close();
    engine.close();
    assert_eq!(engine.take_events(10).len(), 3);
    assert!(engine.open_leg(4, LOCAL, phones[0].port).is_err());
}

#[test]
fn commands_to_nobody_are_counted() {
    let engine = Engine::start().unwrap();
    engine.stop_play(77);
    engine.bridge(77, 78);
    engine.play(77, &[1], false, 1, 0, 0);
    engine.close();
    assert_eq!(engine.ignored(), 4, "the unknown prompt counts, too");
}

#[test]
fn a_pair_whose_last_leg_is_on_its_way_out_can_be_used_again_at_once() {
    let engine = Engine::start().unwrap();
    let phone = Phone::connect(&engine, 31);
    for leg in 32..=60 {
        engine.close_leg(leg - 1);
        engine.open_leg(leg, LOCAL, phone.port).unwrap();
    }
    let seen = events(&engine, 29);
    assert_eq!(seen.len(), 29, "every leg before the last one is closed");
}
