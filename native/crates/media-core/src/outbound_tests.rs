//! Numbers that go on, packets cut and joined.

use media_audio::codec::find;

use super::*;
use crate::rtp::parse;

fn mu_20() -> Target {
    let codec = find("PCMU", 8_000).unwrap();
    Target { codec, payload_type: 0, packet_ticks: 2, events: Some(101), comfort_noise: None }
}

fn outbound() -> Outbound {
    Outbound::new(0xaaaa, 1_000, 50_000, 8_000, 0)
}

fn datagram(sequence: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
    let header = Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 7 };
    [&header.to_bytes()[..], payload].concat()
}

/// Relays and returns what came out: marker, payload type, sequence, timestamp, payload.
fn relay(
    out: &mut Outbound,
    mut bytes: Vec<u8>,
    media: Media,
    target: Target,
    now: u64,
) -> Vec<(bool, u8, u16, u32, Vec<u8>)> {
    let packet = parse(&bytes).unwrap();
    let mut emitted = Vec::new();
    out.relay(&mut bytes, &packet, media, &target, now, |sent| {
        let read = parse(sent).unwrap();
        assert_eq!(read.ssrc, 0xaaaa);
        let payload = sent[read.payload].to_vec();
        emitted.push((read.marker, read.payload_type, read.sequence, read.timestamp, payload));
    });
    emitted
}

const AUDIO: Media = Media::Audio;

#[test]
fn passes_packets_and_keeps_their_gaps() {
    let mut out = outbound();
    let first = relay(&mut out, datagram(9, 777, &[1; 160]), AUDIO, mu_20(), 800);
    assert_eq!(first, [(true, 0, 1_000, 50_800, vec![1; 160])]);
    let third = relay(&mut out, datagram(11, 777 + 320, &[2; 160]), AUDIO, mu_20(), 1_120);
    assert_eq!(third, [(false, 0, 1_002, 51_120, vec![2; 160])]);
    let second = relay(&mut out, datagram(10, 777 + 160, &[3; 160]), AUDIO, mu_20(), 1_125);
    assert_eq!(second, [(false, 0, 1_001, 50_960, vec![3; 160])]);
    assert_eq!(out.own(0, 0, false, 0).sequence, 1_003);
}

#[test]
fn keys_keep_their_timestamp_and_get_the_peers_type() {
    let mut out = outbound();
    relay(&mut out, datagram(1, 0, &[1; 160]), AUDIO, mu_20(), 0);
    for (sequence, expected) in [(2, 1_001), (3, 1_002)] {
        let sent =
            relay(&mut out, datagram(sequence, 160, &[5, 10, 0, 160]), Media::Event, mu_20(), 0);
        assert_eq!(sent, [(false, 101, expected, 50_160, vec![5, 10, 0, 160])]);
    }
}

#[test]
fn what_is_not_passed_on_leaves_no_gap() {
    let mut out = outbound();
    let deaf = Target { events: None, ..mu_20() };
    relay(&mut out, datagram(1, 0, &[1; 160]), AUDIO, deaf, 0);
    assert_eq!(relay(&mut out, datagram(2, 160, &[5, 10, 0, 160]), Media::Event, deaf, 0), []);
    let sent = relay(&mut out, datagram(3, 320, &[1; 160]), AUDIO, deaf, 0);
    assert_eq!((sent[0].2, sent[0].3), (1_001, 50_320));
}

#[test]
fn a_new_source_goes_on_after_what_was_sent() {
    let mut out = outbound();
    relay(&mut out, datagram(1, 0, &[1; 160]), AUDIO, mu_20(), 0);
    out.leave_source();
    let sent = relay(&mut out, datagram(60_000, 9_999, &[1; 160]), AUDIO, mu_20(), 80);
    assert_eq!((sent[0].0, sent[0].2, sent[0].3), (true, 1_001, 50_160), "not before the end");
    out.leave_source();
    let sent = relay(&mut out, datagram(5, 0, &[1; 160]), AUDIO, mu_20(), 8_000);
    assert_eq!((sent[0].2, sent[0].3), (1_002, 58_000), "silence counts as time");
}

#[test]
fn cuts_long_packets_and_joins_short_ones() {
    let mut out = outbound();
    let sent = relay(&mut out, datagram(1, 0, &[1; 480]), AUDIO, mu_20(), 0);
    let numbers: Vec<_> = sent.iter().map(|sent| (sent.0, sent.2, sent.3)).collect();
    assert_eq!(numbers, [(true, 1_000, 50_000), (false, 1_001, 50_160), (false, 1_002, 50_320)]);

    let target = Target { packet_ticks: 3, ..mu_20() };
    assert_eq!(relay(&mut out, datagram(2, 480, &[2; 160]), AUDIO, target, 480), []);
    let sent = relay(&mut out, datagram(3, 640, &[3; 160]), AUDIO, target, 640);
    assert_eq!(sent, [(false, 0, 1_003, 50_480, [[2; 80], [2; 80], [3; 80]].concat())]);
}

#[test]
fn a_gap_while_joining_is_filled_with_silence() {
    let mut out = outbound();
    let target = Target { packet_ticks: 3, ..mu_20() };
    relay(&mut out, datagram(1, 0, &[1; 160]), AUDIO, target, 0);
    let sent = relay(&mut out, datagram(3, 320, &[3; 160]), AUDIO, target, 320);
    assert_eq!(sent, [(true, 0, 1_000, 50_000, [vec![1; 160], vec![0xff; 80]].concat())]);
    let sent = relay(&mut out, datagram(4, 480, &[4; 160]), AUDIO, target, 480);
    assert_eq!((sent[0].2, sent[0].3), (1_001, 50_320));
}
