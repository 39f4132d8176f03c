//! Nothing is left of legs that are gone.

use std::time::Instant;

use media_audio::codec::g711::PCMU;
use media_secure::ice::IceCredentials;

use super::command::{Command, LegCommand, Reading, RecordOrder};
use super::event::Event;
use super::remote::{Format, Protection, Remote};
use super::*;
use crate::recording::Side;

fn remote(leg: i64) -> Remote {
    let place = ([10, 0, 0, leg as u8], 4_000).into();
    let named = |who: &str| format!("{who}{leg}");
    Remote {
        rtp: place,
        rtcp: place,
        also: None,
        format: Format { codec: &PCMU, payload_type: 0, parameters: "".into() },
        accepts: [].into(),
        packet_ticks: 2,
        events: None,
        comfort_noise: None,
        send: true,
        receive: true,
        rtcp_mux: true,
        protection: Protection::Handshake { is_client: false, fingerprint: "AB".into() },
        ice: (leg % 2 == 0).then(|| IceCredentials {
            local_ufrag: named("ours"),
            local_password: named("our-password"),
            remote_ufrag: named("theirs"),
            remote_password: named("their-password"),
        }),
    }
}

fn record() -> LegCommand {
    LegCommand::Record(Box::new(RecordOrder {
        path: "nowhere.wav".into(),
        max_ms: 1_000,
        silence_ms: 0,
        stop_digits: String::new(),
        token: 1,
        side: Side::Stereo,
    }))
}

#[test]
fn legs_leave_nothing_behind() {
    let (mut switch, mut out) = (Switch::new(Certificate::generate(), 1), Out::default());
    let zero = Instant::now();
    let moment = |tick: u64| Moment::after(zero, 0, tick * TICK_SAMPLES);
    for round in 0..3u64 {
        for leg in 0..12 {
            let to_leg = |command| Command::ToLeg(leg, command);
            let port = (leg / 3) as u32;
            let commands = [
                Command::Open { leg, port, reading: Reading::default() },
                to_leg(LegCommand::SetRemote(Box::new(remote(leg)))),
                to_leg(LegCommand::SendDtmf { keys: "12".into(), press_ms: 100 }),
                to_leg(record()),
                match leg % 3 {
                    0 => to_leg(LegCommand::JoinRoom(leg / 6)),
                    _ => Command::Bridge { one: leg, other: leg - 1 },
                },
            ];
            for command in commands {
                switch.obey(command, moment(round * 100), &mut out);
            }
        }
        for tick in 1..50 {
            switch.tick(moment(round * 100 + tick), &mut out);
        }
        for leg in 0..12 {
            let command = Command::ToLeg(leg, LegCommand::Close);
            assert_eq!(switch.obey(command, moment(round * 100 + 50), &mut out), 0);
        }
    }
    let begun = out.tapes.iter().filter(|tape| matches!(tape, Tape::Begin { .. })).count();
    let ended = out.tapes.iter().filter(|tape| matches!(tape, Tape::End { .. })).count();
    assert_eq!((begun, ended), (36, 36));
    assert!(!out.events.iter().any(|event| matches!(event, Event::LegClosed { .. })));
    assert!(switch.is_empty() && switch.rooms.is_empty() && switch.paced.is_empty());
    assert_eq!(format!("{:?}", switch.ports), format!("{:?}", Ports::default()));
    assert_eq!(switch.legs.end(), 12, "slots are used again");
}
