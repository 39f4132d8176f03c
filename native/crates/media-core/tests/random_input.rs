//! Whatever the network sends, nothing here panics and nothing grows without bound.

use std::net::SocketAddr;
use std::time::Instant;

use media_audio::codec::CODECS;
use media_core::outbound::{Media, Outbound, PACKET_TICKS_MAX, Target};
use media_core::playback::{Playback, Prompt};
use media_core::reception::Reception;
use media_core::recording::Side;
use media_core::switch::command::{Command, LegCommand, Reading, RecordOrder};
use media_core::switch::remote::{Format, Protection, Remote};
use media_core::switch::{Entry, Moment, Out, Switch};
use media_core::{rtcp, rtp};
use media_secure::certificate::Certificate;
use media_secure::ice::IceCredentials;
use media_secure::srtp::Profile;

/// Numbers that are random enough, and the same in every run (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// A datagram: often with a plausible header, so that the deeper places are reached.
    fn datagram(&mut self) -> Vec<u8> {
        let length = self.pick(&[0, 3, 8, 11, 12, 13, 16, 28, 52, 172, 252, 500, 1_500]);
        let mut bytes: Vec<u8> = (0..length).map(|_| self.next() as u8).collect();
        if let Some(first) = bytes.first_mut() {
            *first = self.pick(&[0x80, 0x81, 0x82, 0x8f, 0x90, 0xa0, 0xb0, 0xbf, 0x00, 0xff]);
        }
        if bytes.len() > 1 && self.below(4) > 0 {
            bytes[1] = self.pick(&[0, 8, 101, 128, 136, 200, 201, 202, 203, 204]);
        }
        if bytes.len() > 3 && self.below(2) == 0 {
            bytes[2] = 0;
            bytes[3] = self.below(16) as u8;
        }
        bytes
    }
}

#[test]
fn a_relayed_stream_of_any_packets() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut reception = Reception::default();
    let mut out = Outbound::new(1, 2, 3, 8_000, 0);
    for now in 0..400_000u64 {
        let mut bytes = random.datagram();
        let Some(packet) = rtp::parse(&bytes) else { continue };
        reception.count(packet.ssrc, packet.sequence);
        reception.measure(packet.timestamp, now);
        let target = Target {
            codec: random.pick(&CODECS),
            payload_type: 0,
            packet_ticks: 1 + random.below(u64::from(PACKET_TICKS_MAX)) as u8,
            events: random.pick(&[None, Some(101)]),
            comfort_noise: random.pick(&[None, Some(13)]),
        };
        match random.below(8) {
            0 => out.skip(&packet),
            1 => out.leave_source(),
            _ => {
                let media = random.pick(&[Media::Audio, Media::Event, Media::Noise]);
                out.relay(&mut bytes, &packet, media, &target, now, |sent| {
                    assert!(sent.len() >= rtp::HEADER_BYTES && sent.len() <= 2_048);
                });
            }
        }
    }
    reception.report();
    reception.lost();
}

const LEGS: u64 = 12;

fn remote(random: &mut Random) -> Remote {
    let codec = random.pick(&CODECS);
    let format = |codec, payload_type| Format { codec, payload_type, parameters: "".into() };
    let place: SocketAddr = ([10, 0, 0, random.below(3) as u8], 4_000).into();
    let key: Box<[u8]> = (0..30).map(|_| 7).collect();
    let handshake =
        Protection::Handshake { is_client: random.below(2) == 0, fingerprint: "".into() };
    let keys =
        Protection::Keys { profile: Profile::AesCm128HmacSha1_80, local: key.clone(), remote: key };
    let credentials = |name: &str| IceCredentials {
        local_ufrag: name.into(),
        local_password: "secret".into(),
        remote_ufrag: "theirs".into(),
        remote_password: "secret".into(),
    };
    Remote {
        rtp: place,
        rtcp: place,
        also: None,
        format: format(codec, random.pick(&[0, 8, 101])),
        accepts: [format(random.pick(&CODECS), 8), format(random.pick(&CODECS), 0)].into(),
        packet_ticks: (codec.frame_ms(random.pick(&[10, 20, 30, 40, 60])) / 10) as u8,
        events: random.pick(&[None, Some(101)]),
        comfort_noise: random.pick(&[None, Some(13)]),
        send: random.below(8) > 0,
        receive: random.below(8) > 0,
        rtcp_mux: random.below(2) == 0,
        protection: match random.below(8) {
            0 => handshake,
            1 => keys,
            _ => Protection::None,
        },
        ice: (random.below(8) == 0).then(|| credentials("ours")),
    }
}

fn command(random: &mut Random, prompt: &std::sync::Arc<Prompt>) -> Command {
    let (leg, other) = (random.below(LEGS) as i64, random.below(LEGS) as i64);
    let to_leg = |command| Command::ToLeg(leg, command);
    match random.below(16) {
        0 => Command::Open { leg, port: random.below(3) as u32, reading: Reading::default() },
        1 | 2 => to_leg(LegCommand::SetRemote(Box::new(remote(random)))),
        3 => Command::Bridge { one: leg, other },
        4 => Command::SetGain { speaker: leg, listener: other, gain_q8: random.next() as u16 },
        5 => to_leg(LegCommand::Unbridge),
        6 => to_leg(LegCommand::JoinRoom(random.below(3) as i64)),
        7 => to_leg(LegCommand::LeaveRoom),
        8 => to_leg(LegCommand::Play {
            playback: Box::new(Playback::new(vec![prompt.clone()], random.below(2) == 0)),
            token: 1,
            under_q8: random.pick(&[0, 128, u16::MAX]),
        }),
        9 => to_leg(LegCommand::StopPlay),
        10 => to_leg(LegCommand::SendDtmf { keys: "12#x".into(), press_ms: random.next() as u32 }),
        11 => to_leg(LegCommand::Record(Box::new(RecordOrder {
            path: "nowhere.wav".into(),
            max_ms: random.pick(&[0, 100, u64::MAX]),
            silence_ms: random.pick(&[0, 50, u64::MAX]),
            stop_digits: "#".into(),
            token: 2,
            side: random.pick(&[Side::Leg, Side::Mixed, Side::Stereo]),
        }))),
        12 => to_leg(record_step(random)),
        13 => to_leg(LegCommand::SetTimeout { samples: Some(random.below(10_000)) }),
        14 if random.below(3) == 0 => to_leg(LegCommand::Close),
        _ => to_leg(LegCommand::StopPlay),
    }
}

fn record_step(random: &mut Random) -> LegCommand {
    match random.below(3) {
        0 => LegCommand::PauseRecord,
        1 => LegCommand::ResumeRecord,
        _ => LegCommand::StopRecord,
    }
}

#[test]
fn a_switch_under_any_commands_and_packets() {
    for seed in 1..=8u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut switch = Switch::new(Certificate::generate(), seed);
        let prompt = std::sync::Arc::new(Prompt::from_samples((0..900).map(|at| at * 30)));
        let zero = Instant::now();
        let mut out = Out::default();
        for step in 0..20_000u64 {
            let now = Moment::after(zero, seed << 40, step * 20);
            if random.below(6) == 0 {
                switch.obey(command(&mut random, &prompt), now, &mut out);
            }
            let mut datagram = random.datagram();
            let from = ([10, 0, 0, random.below(3) as u8], 4_000 + random.below(2) as u16).into();
            let entry = random.pick(&[Entry::Rtp, Entry::Rtp, Entry::Rtp, Entry::Rtcp]);
            let port = random.below(4) as u32;
            switch.receive(port, entry, from, &mut datagram, now, &mut out);
            if step % 4 == 0 {
                switch.tick(now, &mut out);
            }
            assert!(out.bytes.len() < 1 << 20, "nobody says that much at once");
            out.clear_datagrams();
            out.events.clear();
            out.tapes.clear();
        }
        switch.close(Moment::after(zero, 0, 500_000), &mut out);
        assert!(switch.is_empty());
    }
}

#[test]
fn rtcp_of_any_kind() {
    let mut random = Random(0xfeed_beef_1234_5671);
    let mut heard = 0;
    for _ in 0..400_000 {
        let bytes = random.datagram();
        if let Some(report) = rtcp::parse(&bytes, random.next() as u32) {
            heard += 1;
            if let Some(echo) = report.echo {
                rtcp::round_trip_us(random.next(), echo);
            }
        }
    }
    assert!(heard > 0, "some of it is well-formed");
}
