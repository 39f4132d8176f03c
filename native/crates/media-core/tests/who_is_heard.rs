//! Whose packets are whose: shared ports, strangers, keys, checks.

mod stage;

use hmac::{Hmac, KeyInit, Mac};
use media_core::rtcp::{self, Report};
use media_core::switch::Entry;
use media_core::switch::command::{Command, LegCommand, Reading};
use media_core::switch::event::Event;
use media_core::switch::remote::Protection;
use media_secure::ice::IceCredentials;
use media_secure::srtp::{Outgoing, Profile};
use sha1::Sha1;

use stage::{Stage, Talker, at, remote, rtp_of};

const A: &str = "10.0.0.1:4000";
const B: &str = "10.0.0.2:4000";
const C: &str = "10.0.0.3:4000";

fn credentials(name: &str) -> IceCredentials {
    IceCredentials {
        local_ufrag: format!("ours{name}"),
        local_password: "our-password-0123456789".into(),
        remote_ufrag: format!("theirs{name}"),
        remote_password: "their-password-0123456789".into(),
    }
}

/// A check that chooses its path, as RFC 8445 §7.2 has it.
fn check(of: &IceCredentials) -> Vec<u8> {
    let mut bytes = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    bytes.extend_from_slice(b"transaction1");
    let name = format!("{}:{}", of.local_ufrag, of.remote_ufrag);
    put(&mut bytes, 0x0006, name.as_bytes());
    put(&mut bytes, 0x802a, &[1; 8]);
    put(&mut bytes, 0x0024, &[0x6e, 0x7f, 0x1e, 0xff]);
    put(&mut bytes, 0x0025, &[]);
    let length = (bytes.len() - 20 + 24) as u16;
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    let mut hmac = Hmac::<Sha1>::new_from_slice(of.local_password.as_bytes()).unwrap();
    hmac.update(&bytes);
    let proof = hmac.finalize().into_bytes();
    put(&mut bytes, 0x0008, &proof);
    bytes
}

fn put(bytes: &mut Vec<u8>, kind: u16, value: &[u8]) {
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&(value.len() as u16).to_be_bytes());
    bytes.extend_from_slice(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let length = (bytes.len() - 20) as u16;
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
}

fn key(octet: u8) -> Box<[u8]> {
    vec![octet; 30].into()
}

fn keys(local: u8, remote: u8) -> Protection {
    let profile = Profile::AesCm128HmacSha1_80;
    Protection::Keys { profile, local: key(local), remote: key(remote) }
}

fn report() -> Vec<u8> {
    let mut bytes = Vec::new();
    let said = Report { ssrc: 9, sender: None, reception: None, cname: "peer", bye: false };
    rtcp::write(&said, &mut bytes);
    bytes
}

#[test]
fn a_peer_whose_way_was_checked_is_heard_without_keys() {
    let mut stage = Stage::new();
    let ice = credentials("a");
    stage.open(1, 1, stage::Remote { ice: Some(ice.clone()), ..remote(A, "PCMU") });
    stage.open(2, 2, remote(B, "PCMU"));
    stage.bridge(1, 2);
    let path = "192.0.2.7:50000"; // not what the description named first
    let answers = stage.receive(1, path, &check(&ice));
    assert_eq!(answers.len(), 1, "the check is answered");
    let mut peer = Talker::new(1, 0);
    let heard = rtp_of(stage.receive(1, path, &peer.next()));
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].to, at(B));
    let stranger = rtp_of(stage.receive(1, "192.0.2.8:50000", &Talker::new(5, 0).next()));
    assert_eq!(stranger, []);
    let unchecked = rtp_of(stage.receive(1, A, &Talker::new(6, 0).next()));
    assert_eq!(unchecked, [], "who has proven nothing is not heard");
}

#[test]
fn a_report_beside_the_shared_port_does_not_move_the_audio() {
    let mut stage = Stage::new();
    let theirs = stage::Remote { rtcp_mux: true, protection: keys(1, 2), ..remote(A, "PCMU") };
    stage.open(1, 1, theirs);
    stage.open(2, 2, remote(B, "PCMU"));
    stage.bridge(1, 2);
    let mut sender = Outgoing::new(Profile::AesCm128HmacSha1_80, &key(2)).unwrap();
    let mut bytes = report();
    assert!(sender.protect_rtcp(&mut bytes, 0));
    stage.receive_at(Entry::Rtcp, 1, "10.0.0.1:4001", &bytes);
    let sent = rtp_of(stage.receive(2, B, &Talker::new(2, 0).next()));
    assert_eq!(sent[0].to, at(A), "not to the port of its reports");
}

#[test]
fn an_address_that_a_peer_left_belongs_to_whoever_comes_next() {
    let mut stage = Stage::new();
    for (leg, port, place) in [(1, 1, A), (2, 1, B), (3, 3, C), (4, 4, "10.0.0.4:4000")] {
        stage.open(leg, port, remote(place, "PCMU"));
    }
    stage.bridge(1, 3);
    stage.bridge(2, 4);
    let (mut one, mut two) = (Talker::new(1, 0), Talker::new(2, 0));
    // The first peer is behind a NAT that gives it one port, and after a pause another one.
    assert_eq!(rtp_of(stage.receive(1, "10.0.0.1:6000", &one.next()))[0].to, at(C));
    stage.run(3_000);
    assert_eq!(rtp_of(stage.receive(1, "10.0.0.1:6002", &one.next()))[0].to, at(C));
    // Its former port is given to the other peer, who is behind the same NAT now.
    let moved = stage::Remote { also: Some(at(A).ip()), ..remote(B, "PCMU") };
    stage.tell(2, LegCommand::SetRemote(Box::new(moved)));
    stage.receive(1, "10.0.0.1:6002", &one.next());
    let sent = rtp_of(stage.receive(1, "10.0.0.1:6000", &two.next()));
    assert_eq!(sent.len(), 1, "it is heard");
    assert_eq!(sent[0].to, at("10.0.0.4:4000"), "by its own peer");
}

#[test]
fn a_peer_that_moves_often_is_still_found_at_a_shared_port() {
    let mut stage = Stage::new();
    let theirs = stage::Remote { protection: keys(1, 2), ..remote(A, "PCMU") };
    stage.open(1, 1, theirs);
    stage.open(3, 3, remote(C, "PCMU"));
    stage.bridge(1, 3);
    let mut sender = Outgoing::new(Profile::AesCm128HmacSha1_80, &key(2)).unwrap();
    let mut peer = Talker::new(1, 0);
    for port in 0..40 {
        let mut packet = peer.next();
        assert!(sender.protect_rtp(&mut packet, 0));
        let from = format!("198.51.100.1:{}", 7_000 + port);
        assert_eq!(rtp_of(stage.receive(1, &from, &packet)).len(), 1);
    }
    stage.open(2, 1, remote(B, "PCMU"));
    let mut packet = peer.next();
    assert!(sender.protect_rtp(&mut packet, 0));
    let heard = rtp_of(stage.receive(1, "198.51.100.1:7039", &packet));
    assert_eq!(heard.len(), 1, "where it was when somebody joined");
}

#[test]
fn nothing_leaves_in_clear_while_or_after_keys_are_wanted() {
    let mut stage = Stage::new();
    let handshake = |is_client| Protection::Handshake { is_client, fingerprint: "AB".into() };
    stage.open(1, 1, stage::Remote { protection: handshake(false), ..remote(A, "PCMU") });
    stage.open(2, 2, remote(B, "PCMU"));
    stage.bridge(1, 2);
    let mut peer = Talker::new(2, 0);
    stage.tell(1, LegCommand::SendDtmf { keys: "123".into(), press_ms: 100 });
    for _ in 0..50 {
        let sent = [stage.receive(2, B, &peer.next()), stage.run(20)].concat();
        assert!(sent.iter().all(|sent| sent.to.ip() != at(A).ip()), "nothing to say in clear");
    }
    stage.receive(1, A, &Talker::new(1, 0).next());
    stage.play(1, 200, 0);
    assert!(stage.run(300).iter().all(|sent| sent.to.ip() != at(A).ip()));
    let closing = stage.tell(1, LegCommand::Close);
    assert!(closing.iter().all(|sent| sent.to.ip() != at(A).ip()));
}

#[test]
fn clear_packets_are_not_heard_on_a_protected_leg_nor_do_they_move_it() {
    let mut stage = Stage::new();
    stage.open(1, 1, stage::Remote { protection: keys(1, 2), ..remote(A, "PCMU") });
    stage.open(2, 2, remote(B, "PCMU"));
    stage.bridge(1, 2);
    assert_eq!(rtp_of(stage.receive(1, A, &Talker::new(1, 0).next())), []);
    stage.receive(1, "10.0.0.1:9", &Talker::new(1, 0).next());
    stage.receive_at(Entry::Rtcp, 1, "10.0.0.1:9", &report());
    let sent = rtp_of(stage.receive(2, B, &Talker::new(2, 0).next()));
    assert_eq!(sent[0].to, at(A));
}

#[test]
fn a_leg_without_a_peer_hears_nobody() {
    let mut stage = Stage::new();
    stage.obey(Command::Open { leg: 1, port: 1, reading: Reading::default() });
    stage.open(2, 2, remote(B, "PCMU"));
    stage.bridge(1, 2);
    assert_eq!(stage.receive(1, A, &Talker::new(1, 0).next()), []);
    assert_eq!(stage.receive(2, B, &Talker::new(2, 0).next()), []);
}

#[test]
fn a_slot_that_is_used_again_hears_nothing_of_the_former_call() {
    let mut stage = Stage::new();
    stage.open(1, 1, remote(A, "PCMU"));
    stage.open(2, 2, remote(B, "PCMU"));
    stage.bridge(1, 2);
    stage.tell(1, LegCommand::Close);
    stage.open(3, 3, remote(C, "PCMU"));
    assert_eq!(rtp_of(stage.receive(2, B, &Talker::new(2, 0).next())), []);
    assert_eq!(rtp_of(stage.receive(1, A, &Talker::new(1, 0).next())), []);
}

#[test]
fn a_checked_peer_that_leaves_without_a_word_is_told_of_once() {
    let mut stage = Stage::new();
    let ice = credentials("a");
    stage.open(1, 1, stage::Remote { ice: Some(ice.clone()), ..remote(A, "PCMU") });
    stage.run(60_000);
    assert_eq!(stage.events, [], "who has not come yet has not left");
    for _ in 0..4 {
        stage.receive(1, A, &check(&ice));
        stage.run(20_000);
    }
    assert_eq!(stage.events, [], "who checks is there");
    stage.run(11_000);
    assert_eq!(stage.events, [Event::MediaTimeout { leg: 1 }]);
    stage.run(60_000);
    assert_eq!(stage.events.len(), 1);
}
