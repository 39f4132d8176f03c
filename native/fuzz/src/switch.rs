//! The whole engine without its sockets: a few legs of every kind, whatever comes in at their
//! ports, and commands in between.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use media_audio::codec::CODECS;
use media_core::playback::{Playback, Prompt};
use media_core::recording::Side;
use media_core::switch::command::{Command, LegCommand, Reading, RecordOrder};
use media_core::switch::remote::{Format, Protection, Remote};
use media_core::switch::{Entry, Moment, Out, Switch};
use media_secure::certificate::Certificate;
use media_secure::ice::IceCredentials;
use media_secure::srtp::Profile;

use crate::input::{Input, STEPS_MAX, framed};

const LEGS: usize = 6;
const PORTS: usize = 3;
/// Of one step: a frame or a report for each leg, and what a handshake says.
const SAID_MAX: usize = 64 << 10;

/// Each step: a datagram, a command or a while.
pub fn run(data: &[u8]) {
    static CERTIFICATE: OnceLock<Certificate> = OnceLock::new();
    static PROMPT: OnceLock<Arc<Prompt>> = OnceLock::new();
    let certificate = CERTIFICATE.get_or_init(Certificate::generate);
    let prompt = PROMPT.get_or_init(|| Arc::new(Prompt::from_samples((0..900).map(|at| at * 30))));
    let mut input = Input(data);
    let mut switch = Switch::new(certificate.clone(), u64::from(input.word()));
    let (zero, mut out, mut samples) = (Instant::now(), Out::default(), 0);
    for leg in 0..LEGS as i64 {
        let port = (leg as usize % PORTS) as u32;
        let open = Command::Open { leg, port, reading: Reading::default() };
        switch.obey(open, Moment::after(zero, 1 << 40, 0), &mut out);
    }
    for _ in 0..STEPS_MAX {
        if input.is_over() {
            break;
        }
        let now = Moment::after(zero, 1 << 40, samples);
        switch.begin_serving();
        match input.below(8) {
            0..=3 => {
                let (place, from) = (input.byte(), address(&mut input));
                let entry = if place & 0x80 == 0 { Entry::Rtp } else { Entry::Rtcp };
                let mut datagram = input.datagram().to_vec();
                let port = u32::from(place) % PORTS as u32;
                switch.receive(port, entry, from, &mut datagram, now, &mut out);
            }
            4 | 5 => {
                for _ in 0..=input.below(16) {
                    samples += 80;
                    switch.tick(Moment::after(zero, 1 << 40, samples), &mut out);
                    check(&mut out);
                }
            }
            6 => {
                let leg = input.below(LEGS) as i64;
                let remote = Box::new(remote(&mut input));
                let agree = Command::ToLeg(leg, LegCommand::SetRemote(remote));
                switch.obey(agree, now, &mut out);
            }
            _ => {
                switch.obey(command(&mut input, prompt), now, &mut out);
            }
        }
        check(&mut out);
    }
    switch.close(Moment::after(zero, 1 << 40, samples + 80), &mut out);
    assert!(switch.is_empty(), "a leg is left over");
}

fn check(out: &mut Out) {
    assert!(out.bytes.len() <= SAID_MAX, "so much at once: {}", out.bytes.len());
    for datagram in &out.datagrams {
        assert!(datagram.range.end <= out.bytes.len() && datagram.range.len() <= 2_048);
    }
    out.clear_datagrams();
    out.events.clear();
    out.tapes.clear();
}

/// A few, so that they meet again.
fn address(input: &mut Input) -> SocketAddr {
    let byte = input.byte();
    ([10, 0, 0, byte & 3], 4_000 + u16::from(byte >> 2 & 1)).into()
}

fn remote(input: &mut Input) -> Remote {
    let codec = CODECS[input.below(CODECS.len())];
    let other = CODECS[input.below(CODECS.len())];
    let format = |codec, payload_type| Format { codec, payload_type, parameters: "".into() };
    let bits = input.word();
    let rtp = address(input);
    let frame_ms = codec.frame_ms([10, 20, 30, 40, 60][input.below(5)]);
    let key: Box<[u8]> = [7; 30].into();
    Remote {
        rtp,
        rtcp: address(input),
        also: (bits & 1 == 1).then(|| address(input).ip()),
        format: format(codec, 0),
        accepts: [format(other, 8)].into(),
        packet_ticks: (frame_ms / 10) as u8,
        events: (bits & 2 == 2).then_some(101),
        comfort_noise: (bits & 4 == 4).then_some(13),
        send: bits & 0x70 != 0,
        receive: bits & 0x380 != 0,
        rtcp_mux: bits & 0x400 != 0,
        protection: match bits >> 11 & 7 {
            0 => Protection::Handshake { is_client: bits & 8 == 8, fingerprint: "00:11".into() },
            1 => Protection::Keys {
                profile: Profile::AesCm128HmacSha1_80,
                local: key.clone(),
                remote: key,
            },
            _ => Protection::None,
        },
        ice: (bits >> 14 == 3).then(|| IceCredentials {
            local_ufrag: "ours".into(),
            local_password: "our-password-0123456789ab".into(),
            remote_ufrag: "them".into(),
            remote_password: "their-password-0123456789".into(),
        }),
    }
}

fn command(input: &mut Input, prompt: &Arc<Prompt>) -> Command {
    let (leg, other) = (input.below(LEGS) as i64, input.below(LEGS) as i64);
    let step = match input.below(14) {
        0 => return Command::Bridge { one: leg, other },
        1 => {
            let gain_q8 = input.word();
            return Command::SetGain { speaker: leg, listener: other, gain_q8 };
        }
        2 => LegCommand::Unbridge,
        3 | 4 => LegCommand::JoinRoom(other % 2),
        5 => LegCommand::LeaveRoom,
        6 => LegCommand::Play {
            playback: Box::new(Playback::new(vec![prompt.clone()], input.is())),
            token: 1,
            under_q8: input.word(),
        },
        7 => LegCommand::StopPlay,
        8 => LegCommand::SendDtmf { keys: "1#x".into(), press_ms: u32::from(input.word()) },
        9 => LegCommand::Record(Box::new(RecordOrder {
            path: "nowhere.wav".into(),
            max_ms: u64::from(input.word()),
            silence_ms: u64::from(input.word()),
            stop_digits: "#".into(),
            token: 2,
            side: [Side::Leg, Side::Mixed, Side::Stereo][input.below(3)],
        })),
        10 => [LegCommand::PauseRecord, LegCommand::ResumeRecord, LegCommand::StopRecord]
            .into_iter()
            .nth(input.below(3))
            .unwrap_or(LegCommand::StopRecord),
        11 => LegCommand::SetTimeout { samples: input.is().then(|| u64::from(input.word())) },
        12 => LegCommand::Close,
        _ => LegCommand::StopPlay,
    };
    Command::ToLeg(leg, step)
}

/// Two legs in a bridge, then in a room, with audio, a key and a report; then secured ones.
pub fn seeds() -> Vec<Vec<u8>> {
    let packet = |sequence: u8, payload_type: u8, length: usize| {
        let mut bytes = vec![0x80, payload_type, 0, sequence, 0, 0, sequence, 160, 0, 0, 0, 7];
        bytes.extend((0..length).map(|at| at as u8));
        bytes
    };
    let agree = |leg: u8, codec: u8, bits: u16, place: u8| {
        let [high, low] = bits.to_be_bytes();
        vec![6, leg, codec, 0, high, low, place, 1, place]
    };
    let hear = |port: u8, place: u8, bytes: &[u8]| framed(&[0, port, place], bytes);
    let mut story = vec![0, 1];
    for (leg, bits) in [(0u8, 0x1ff6u16), (1, 0x1ff6)] {
        story.extend(agree(leg, leg % 2, bits, leg));
    }
    story.extend([7, 0, 1, 0]);
    let mut rooms = story.clone();
    rooms.extend([7, 0, 0, 3, 7, 1, 0, 3]);
    for story in [&mut story, &mut rooms] {
        for sequence in 0..12 {
            story.extend(hear(0, 0, &packet(sequence, 0, 160)));
            story.extend(hear(1, 1, &packet(sequence, if sequence == 5 { 101 } else { 0 }, 160)));
            story.extend([4, 1]);
        }
        story.extend(hear(0x80, 0, &[0x80, 201, 0, 1, 0, 0, 0, 7]));
        story.extend([7, 0, 0, 9, 1, 0, 0, 10, 2, 4, 15, 7, 0, 0, 12]);
    }
    let mut secured = vec![0, 2];
    secured.extend(agree(2, 3, 0x0ff6, 2));
    secured.extend(agree(3, 0, 0x07f6, 3));
    secured.extend(agree(4, 3, 0xc7fe, 1));
    for sequence in 0..6 {
        secured.extend(hear(2, 2, &packet(sequence, 0, 180)));
        secured.extend(hear(0, 3, &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, sequence, 0, 2, 1, 0]));
        secured.extend(hear(1, 1, &[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8]));
        secured.extend([5, 3]);
    }
    vec![story, rooms, secured]
}
