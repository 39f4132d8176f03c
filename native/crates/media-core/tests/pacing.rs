//! Who is served by ticks is served on time, whoever else comes and goes.

mod stage;

use media_core::switch::command::LegCommand;

use stage::{Sent, Stage, remote, rtp_of};

const LEGS: i64 = 5;

fn place(leg: i64) -> String {
    format!("10.0.0.{}:4000", leg + 1)
}

/// Legs that hear a prompt, with 20 ms a packet.
fn listeners() -> Stage {
    let mut stage = Stage::new();
    for leg in 0..LEGS {
        stage.open(leg, leg as u32, remote(&place(leg), "PCMU"));
        stage.play(leg, 10_000, 0);
    }
    stage
}

fn packets_to(leg: i64, sent: &[Sent]) -> Vec<&Sent> {
    sent.iter().filter(|sent| sent.port == leg as u32).collect()
}

#[test]
fn legs_that_go_do_not_disturb_those_that_stay() {
    let mut stage = listeners();
    for (gone, round) in [2, 0, 4].into_iter().zip(1..) {
        let sent = rtp_of(stage.run(200));
        for leg in 0..LEGS {
            let is_here = [2, 0, 4].iter().take(round - 1).all(|&left| left != leg);
            assert_eq!(packets_to(leg, &sent).len(), if is_here { 10 } else { 0 }, "leg {leg}");
        }
        stage.tell(gone, LegCommand::Close);
    }
    stage.tell(1, LegCommand::StopPlay);
    stage.run(100);
    let sent = rtp_of(stage.run(200));
    assert_eq!(packets_to(3, &sent).len(), 10);
    assert_eq!(sent.len(), 10, "nobody else is left to hear anything");
}

#[test]
fn a_key_goes_out_at_once_while_frames_go_out() {
    let mut stage = listeners();
    stage.run(100);
    stage.tell(3, LegCommand::SendDtmf { keys: "5".into(), press_ms: 100 });
    let sent = rtp_of(stage.run(200));
    let keys: Vec<_> =
        packets_to(3, &sent).into_iter().filter(|sent| sent.bytes[1] & 0x7f == 101).collect();
    let first = keys.first().expect("a key");
    assert!(first.at - sent[0].at <= 80, "within a tick");
    assert!(keys.windows(2).all(|pair| pair[1].at - pair[0].at <= 160), "every 20 ms");
    let others = packets_to(1, &sent);
    assert_eq!(others.len(), 10, "whoever presses nothing hears the prompt");
}
