//! Who is silent, and who only has nothing to say.

mod stage;

use media_core::rtcp::{self, Report};
use media_core::switch::Entry;
use media_core::switch::command::LegCommand;
use media_core::switch::event::Event;
use media_core::switch::remote::Protection;
use media_secure::srtp::{Outgoing, Profile};

use stage::{Remote, Stage, remote};

const A: &str = "10.0.0.1:4000";
const REPORTS_OF_A: &str = "10.0.0.1:4001";
const STRANGER: &str = "192.0.2.8:4001";

fn report() -> Vec<u8> {
    let mut bytes = Vec::new();
    let said = Report { ssrc: 9, sender: None, reception: None, cname: "peer", bye: false };
    rtcp::write(&said, &mut bytes);
    bytes
}

/// A leg whose peer may be silent for 10 s.
fn watched(theirs: Remote) -> Stage {
    let mut stage = Stage::new();
    stage.open(1, 1, theirs);
    stage.tell(1, LegCommand::SetTimeout { samples: Some(80_000) });
    stage
}

#[test]
fn a_peer_that_only_reports_is_there() {
    let mut stage = watched(Remote { receive: false, ..remote(A, "PCMU") });
    for _ in 0..10 {
        stage.run(6_000);
        stage.receive_at(Entry::Rtcp, 1, REPORTS_OF_A, &report());
    }
    assert_eq!(stage.events, []);
    stage.run(11_000);
    assert_eq!(stage.events, [Event::MediaTimeout { leg: 1 }]);
    stage.receive_at(Entry::Rtcp, 1, REPORTS_OF_A, &report());
    stage.run(11_000);
    assert_eq!(stage.events.len(), 2, "and is told of again");
}

#[test]
fn what_is_no_report_of_the_peer_proves_nothing() {
    let key: Box<[u8]> = vec![5; 30].into();
    let profile = Profile::AesCm128HmacSha1_80;
    let keys = Protection::Keys { profile, local: key.clone(), remote: key };
    let mut forged = report();
    let other = Outgoing::new(profile, &[6; 30]).unwrap();
    assert!({ other }.protect_rtcp(&mut forged, 0));
    for (theirs, from, said) in [
        (remote(A, "PCMU"), STRANGER, report()),
        (remote(A, "PCMU"), REPORTS_OF_A, b"nonsense".to_vec()),
        (Remote { protection: keys, ..remote(A, "PCMU") }, REPORTS_OF_A, forged),
    ] {
        let mut stage = watched(theirs);
        stage.run(6_000);
        stage.receive_at(Entry::Rtcp, 1, from, &said);
        stage.run(6_000);
        assert_eq!(stage.events, [Event::MediaTimeout { leg: 1 }], "{from} {said:?}");
    }
}
