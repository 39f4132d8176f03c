//! A defect ends the leg that was being served and leaves everybody else as they were.

mod stage;

use std::panic::{AssertUnwindSafe, catch_unwind};

use media_audio::codec::g711::PCMU;
use media_audio::codec::{Codec, Encoder};
use media_core::switch::command::LegCommand;
use media_core::switch::event::Event;
use media_core::switch::remote::{Format, Remote};

use stage::{Stage, Talker, remote, rtp_of};

struct Defect;

impl Encoder for Defect {
    fn encode(&mut self, _pcm: &[i16], _payload: &mut Vec<u8>) {
        panic!("a defect, made for this test");
    }
}

static DEFECTIVE: Codec = Codec {
    name: "DEFECTIVE",
    clock_hz: 8_000,
    rate_hz: 8_000,
    octets: None,
    frames_ms: &[],
    new_decoder: PCMU.new_decoder,
    new_encoder: |_, _| Box::new(Defect),
};

#[test]
fn a_room_goes_on_without_the_member_that_broke_it() {
    let mut stage = Stage::new();
    let broken = Format { codec: &DEFECTIVE, payload_type: 96, parameters: "".into() };
    let places = ["10.0.0.1:4000", "10.0.0.2:4000", "10.0.0.3:4000"];
    for (leg, place) in (1..).zip(places) {
        let mut theirs = remote(place, "PCMU");
        if leg == 2 {
            theirs = Remote { format: broken.clone(), ..theirs };
        }
        stage.open(leg, leg as u32, theirs);
        stage.tell(leg, LegCommand::JoinRoom(1));
    }
    let mut talker = Talker::new(1, 0);
    let mut heard = Vec::new();
    let mut defects = 0;
    for _ in 0..100 {
        stage.receive(1, places[0], &talker.next());
        for _ in 0..2 {
            stage.switch.begin_serving();
            match catch_unwind(AssertUnwindSafe(|| stage.tick())) {
                Ok(sent) => heard.extend(rtp_of(sent)),
                Err(_) => {
                    defects += 1;
                    let now = stage.now();
                    stage.switch.drop_served(now, &mut stage.out);
                    stage.take();
                }
            }
        }
    }
    assert_eq!(defects, 1);
    let closed: Vec<i64> = stage
        .events
        .iter()
        .filter_map(|event| match event {
            Event::LegClosed { leg, .. } => Some(*leg),
            _ => None,
        })
        .collect();
    assert_eq!(closed, [2], "who was being served");
    let to_third = heard.iter().filter(|sent| sent.port == 3);
    let loud = to_third.filter(|sent| sent.payload().iter().any(|&octet| octet & 0x7f < 0x70));
    assert!(loud.count() > 80, "the third one hears the first one on");
}

#[test]
fn who_talks_in_a_room_has_ceased_when_it_is_bridged_out_of_it() {
    let mut stage = Stage::new();
    for leg in 1..=3 {
        let place = format!("10.0.0.{leg}:4000");
        stage.open(leg, leg as u32, remote(&place, "PCMU"));
    }
    for leg in [1, 2] {
        stage.tell(leg, LegCommand::JoinRoom(5));
    }
    let mut talker = Talker::new(1, 0);
    for _ in 0..50 {
        stage.receive(1, "10.0.0.1:4000", &talker.next());
        stage.run(20);
    }
    assert_eq!(stage.events, [Event::Talking { leg: 1, is_talking: true }]);
    stage.bridge(1, 3);
    assert_eq!(stage.events[1..], [Event::Talking { leg: 1, is_talking: false }]);
}
