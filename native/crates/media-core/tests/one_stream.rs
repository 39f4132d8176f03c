//! Whatever a leg is told, its peer receives one well-behaved stream.

mod stage;

use std::collections::HashMap;

use media_audio::codec::g711::PCMU;
use media_audio::codec::{Codec, Encoder};
use media_core::recording::Side;
use media_core::switch::command::{Command, LegCommand};
use media_core::switch::remote::{Format, Protection, Remote};
use media_core::switch::{TICK_SAMPLES, Tape};
use media_secure::srtp::Profile;

use stage::{Sent, Stage, Talker, format, remote, rtp_of};

const A: &str = "10.0.0.1:4000";
const B: &str = "10.0.0.2:4000";
const C: &str = "10.0.0.3:4000";

#[test]
fn a_change_of_codec_and_back_loses_no_packet() {
    let mut stage = Stage::new();
    let accepts = [format("PCMU"), format("G722")];
    stage.open(1, 1, Remote { accepts: accepts.into(), ..remote(A, "PCMU") });
    stage.open(2, 2, remote(B, "PCMU"));
    stage.bridge(1, 2);
    let mut peer = Talker::new(1, 0);
    let mut sent = Vec::new();
    for packet in 0..150 {
        peer.payload_type = if (50..100).contains(&packet) { 9 } else { 0 };
        let passed = stage.receive(1, A, &peer.next());
        let is_passed = !(50..100).contains(&packet);
        assert_eq!(!passed.is_empty(), is_passed, "packet {packet}");
        sent.extend(passed);
        sent.extend(stage.run(20));
    }
    let sent = rtp_of(sent);
    check_stream(&sent);
}

#[test]
fn a_source_that_begins_anew_is_passed_on_to_a_protected_leg() {
    for leap in [0u16.wrapping_sub(20_000), 20_000, 0u16.wrapping_sub(500)] {
        let mut stage = Stage::new();
        let profile = Profile::AesCm128HmacSha1_80;
        let key: Box<[u8]> = vec![5; 30].into();
        let keys = Protection::Keys { profile, local: key.clone(), remote: key };
        stage.open(1, 1, remote(A, "PCMU"));
        stage.open(2, 2, Remote { protection: keys, ..remote(B, "PCMU") });
        stage.bridge(1, 2);
        let mut peer = Talker::new(1, 0);
        peer.sequence = 30_000;
        let mut sent = Vec::new();
        for packet in 0..200 {
            if packet == 100 {
                peer.sequence = peer.sequence.wrapping_add(leap);
                peer.timestamp = peer.timestamp.wrapping_sub(1_000_000);
            }
            sent.extend(stage.receive(1, A, &peer.next()));
            stage.samples += 160;
        }
        let sent = rtp_of(sent);
        assert!(sent.len() >= 195, "{leap}: {} of 200", sent.len());
        check_stream(&sent);
    }
}

#[test]
fn keys_wait_until_the_peer_listens() {
    let mut stage = Stage::new();
    stage.open(1, 1, Remote { send: false, ..remote(A, "PCMU") });
    stage.tell(1, LegCommand::SendDtmf { keys: "7".into(), press_ms: 100 });
    assert_eq!(rtp_of(stage.run(500)), [], "it wants nothing");
    stage.tell(1, LegCommand::SetRemote(Box::new(remote(A, "PCMU"))));
    let sent = rtp_of(stage.run(500));
    assert!(!sent.is_empty() && sent[0].payload()[0] == 7);
}

#[test]
fn a_pause_of_the_encoder_ends_with_a_marker() {
    struct Pausing(u32);
    impl Encoder for Pausing {
        fn encode(&mut self, pcm: &[i16], payload: &mut Vec<u8>) {
            self.0 += 1;
            if !(1..=3).contains(&self.0) && !(10..20).contains(&self.0) {
                payload.resize(payload.len() + pcm.len(), 1);
            }
        }
    }
    static PAUSING: Codec = Codec {
        name: "PAUSING",
        clock_hz: 8_000,
        rate_hz: 8_000,
        octets: None,
        frames_ms: &[],
        new_decoder: PCMU.new_decoder,
        new_encoder: |_, _| Box::new(Pausing(0)),
    };
    let mut stage = Stage::new();
    let pausing = Format { codec: &PAUSING, payload_type: 96, parameters: "".into() };
    stage.open(1, 1, Remote { format: pausing, ..remote(A, "PCMU") });
    stage.play(1, 600, 0);
    let sent = rtp_of(stage.run(620));
    let markers: Vec<usize> = sent
        .iter()
        .enumerate()
        .filter(|(_, sent)| sent.packet().marker)
        .map(|(at, _)| at)
        .collect();
    assert_eq!(markers, [0, 6], "the first packet, and the first after the pause");
    check_stream(&sent);
}

#[test]
fn a_thread_that_slept_records_what_a_room_says_all_the_same() {
    let mut stage = Stage::new();
    for (leg, place) in [(1, A), (2, B)] {
        stage.open(leg, leg as u32, remote(place, "PCMU"));
        stage.tell(leg, LegCommand::JoinRoom(1));
    }
    stage.record(1, Side::Stereo);
    let is_heard = |tape: &Tape| {
        matches!(tape, Tape::Audio { samples, .. }
            if samples.iter().skip(1).step_by(2).any(|&sample| sample != 0))
    };
    let mut peer = Talker::new(2, 0);
    for slept_ticks in [0, 30, 31] {
        stage.samples += slept_ticks * TICK_SAMPLES;
        for packet in 0..75 {
            if packet == 25 {
                stage.tapes.clear(); // what was gathered before it slept
            }
            stage.receive(2, B, &peer.next());
            stage.run(20);
        }
        assert!(stage.tapes.iter().any(is_heard), "on the right, after {slept_ticks} ticks");
    }
}

#[test]
fn jitter_is_measured_by_the_clock_of_what_comes() {
    let mut stage = Stage::new();
    let reading = media_core::switch::command::Reading::default();
    stage.obey(Command::Open { leg: 1, port: 1, reading: reading.clone() });
    let theirs = Remote { accepts: [format("OPUS")].into(), ..remote(A, "PCMU") };
    stage.tell(1, LegCommand::SetRemote(Box::new(theirs)));
    let mut peer = Talker { step: 960, octets: 40, ..Talker::new(1, 111) };
    for _ in 0..100 {
        stage.receive(1, A, &peer.next());
        stage.run(20);
    }
    let jitter_us = reading.lock().unwrap().jitter_us;
    assert_eq!(jitter_us, Some(0), "an even stream");
}

/// Numbers that are random enough, and the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}

#[test]
fn plays_bridges_rooms_holds_and_keys_leave_one_stream() {
    for seed in 1..=30u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut stage = Stage::new();
        let names = ["PCMU", "PCMA", "G722", "PCMU"];
        let ticks = [2, 1 + random.below(6) as u8, 3, 2];
        let places = [A, B, C, "10.0.0.4:4000"];
        let theirs = |leg: usize, send: bool| Remote {
            packet_ticks: ticks[leg],
            send,
            events: (leg != 3).then_some(101),
            ..remote(places[leg], names[leg])
        };
        let mut peers: Vec<Talker> = (0..4)
            .map(|leg| Talker::new(leg as u32 + 1, format(names[leg]).payload_type))
            .collect();
        for leg in 0..4 {
            stage.open(leg as i64, leg as u32, theirs(leg, true));
        }
        let mut sent: Vec<Sent> = Vec::new();
        for _ in 0..1_000 {
            for (leg, peer) in peers.iter_mut().enumerate() {
                sent.extend(stage.receive(leg as u32, places[leg], &peer.next()));
            }
            if random.below(8) == 0 {
                let (one, other) = (random.below(4) as i64, random.below(4) as i64);
                match random.below(8) {
                    0 | 1 => stage.bridge(one, other),
                    2 => stage.play(one, 300, [0, 64][random.below(2) as usize]),
                    3 => drop(stage.tell(one, LegCommand::JoinRoom(random.below(2) as i64))),
                    4 => drop(stage.tell(one, LegCommand::LeaveRoom)),
                    5 => drop(
                        stage.tell(one, LegCommand::SendDtmf { keys: "1".into(), press_ms: 60 }),
                    ),
                    6 => {
                        let is_sent = random.below(3) > 0;
                        let remote = theirs(one as usize, is_sent);
                        stage.tell(one, LegCommand::SetRemote(Box::new(remote)));
                    }
                    _ => drop(stage.tell(one, LegCommand::StopPlay)),
                }
            }
            sent.extend(stage.run(20));
        }
        let mut streams: HashMap<u32, Vec<Sent>> = HashMap::new();
        for sent in rtp_of(sent) {
            streams.entry(sent.port).or_default().push(sent);
        }
        for (port, stream) in streams {
            println!("seed {seed}, leg {port}: {} packets", stream.len());
            check_stream(&stream);
        }
    }
}

/// One source, numbers without a gap, audio that never goes back in time nor runs ahead of it.
fn check_stream(sent: &[Sent]) {
    let first = sent[0].packet();
    let begin = sent[0].at;
    let mut end: Option<u32> = None;
    for (at, pair) in sent.windows(2).enumerate() {
        let (before, after) = (pair[0].packet(), pair[1].packet());
        assert_eq!(after.ssrc, first.ssrc);
        assert_eq!(after.sequence, before.sequence.wrapping_add(1), "packet {at}");
    }
    for (at, sent) in sent.iter().enumerate().filter(|(_, sent)| sent.packet().payload_type != 101)
    {
        let packet = sent.packet();
        if let Some(end) = end {
            let gap = packet.timestamp.wrapping_sub(end) as i32;
            assert!(gap >= 0, "packet {at} goes back by {gap}");
        }
        // One octet is a unit of time in each of these codecs; a tag is shorter than 10 ms.
        end = Some(packet.timestamp.wrapping_add(sent.payload().len() as u32 / 80 * 80));
        let ahead =
            packet.timestamp.wrapping_sub(first.timestamp) as i32 - (sent.at - begin) as i32;
        assert!(ahead.abs() < 2_400, "packet {at} is {ahead} samples from its time");
    }
}
