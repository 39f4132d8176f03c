//! Who listens to a leg is told what it says: whatever the leg is in, until it is over.

mod stage;

use media_core::switch::command::LegCommand;
use media_core::switch::event::Event;

use stage::{Stage, Talker, remote};

const A: &str = "10.0.0.1:4000";
const B: &str = "10.0.0.2:4000";

/// A peer of leg 1 that talks for so long; returns what the listener was told.
fn talk(stage: &mut Stage, talker: &mut Talker, ms: u64) -> Vec<(i64, u32, Vec<i16>)> {
    stage.events.clear();
    for _ in 0..ms / 20 {
        stage.receive(1, A, &talker.next());
        stage.run(20);
    }
    let audio = |event| match event {
        Event::Audio { leg: 1, token, rate_hz, samples } => Some((token, rate_hz, samples)),
        _ => None,
    };
    stage.events.drain(..).filter_map(audio).collect()
}

fn loudness(samples: &[i16]) -> i64 {
    samples.iter().map(|&it| i64::from(it).abs()).sum::<i64>() / samples.len() as i64
}

#[test]
fn a_listener_gets_all_that_is_said_in_pieces_of_40_ms() {
    let mut stage = Stage::new();
    stage.open(1, 1, remote(A, "PCMU"));
    stage.tell(1, LegCommand::Listen(Some(7)));
    let heard = talk(&mut stage, &mut Talker::new(1, 0), 2_000);
    assert_eq!(heard.len(), 50);
    assert!(heard.iter().all(|(token, rate, it)| (*token, *rate, it.len()) == (7, 8_000, 320)));
    assert!(heard[10..].iter().all(|(_, _, samples)| loudness(samples) > 1_000));
}

#[test]
fn wideband_is_told_with_its_rate() {
    let mut stage = Stage::new();
    stage.open(1, 1, remote(A, "G722"));
    stage.tell(1, LegCommand::Listen(Some(7)));
    let heard = talk(&mut stage, &mut Talker::new(1, 9), 400);
    assert_eq!(heard.len(), 10);
    assert!(heard.iter().all(|(_, rate, it)| (*rate, it.len()) == (16_000, 640)));
}

#[test]
fn silence_is_told_too_and_under_a_play_the_peer_alone() {
    let mut stage = Stage::new();
    stage.open(1, 1, remote(A, "PCMU"));
    stage.tell(1, LegCommand::Listen(Some(7)));
    stage.play(1, 5_000, 0);
    stage.events.clear();
    stage.run(400);
    let quiet =
        |event: &Event| matches!(event, Event::Audio { samples, .. } if loudness(samples) < 10);
    assert_eq!(stage.events.iter().filter(|event| quiet(event)).count(), 10);
}

#[test]
fn it_ends_by_command_and_with_the_leg_and_a_new_token_replaces_the_former() {
    let mut stage = Stage::new();
    let mut talker = Talker::new(1, 0);
    stage.open(1, 1, remote(A, "PCMU"));
    stage.tell(1, LegCommand::Listen(Some(7)));
    talk(&mut stage, &mut talker, 400);
    stage.tell(1, LegCommand::Listen(Some(8)));
    assert!(talk(&mut stage, &mut talker, 400).iter().all(|(token, _, _)| *token == 8));
    stage.tell(1, LegCommand::Listen(None));
    assert_eq!(talk(&mut stage, &mut talker, 400), []);
    stage.tell(1, LegCommand::Listen(Some(9)));
    stage.tell(1, LegCommand::Close);
    assert_eq!(talk(&mut stage, &mut talker, 400), []);
}

#[test]
fn a_bridge_goes_on_undecoded_while_one_side_is_listened_to() {
    let mut stage = Stage::new();
    stage.open(1, 1, remote(A, "PCMU"));
    stage.open(2, 2, remote(B, "PCMU"));
    stage.bridge(1, 2);
    stage.tell(1, LegCommand::Listen(Some(7)));
    let mut talker = Talker::new(1, 0);
    let relayed = stage.receive(1, A, &talker.next());
    assert_eq!(relayed.len(), 1, "at once, as without a listener");
    assert_eq!(talk(&mut stage, &mut talker, 400).len(), 10);
}
