//! SRTP where packets are lost, late, doubled, forged and numbered round the corner.

use media_secure::srtp::{Incoming, Outgoing, Profile};

const PAYLOAD_BYTES: usize = 160;

fn pair(profile: Profile) -> (Outgoing, Incoming) {
    let key: Vec<u8> = (0..profile.key_len() + profile.salt_len()).map(|n| n as u8).collect();
    (Outgoing::new(profile, &key).unwrap(), Incoming::new(profile, &key).unwrap())
}

/// A packet whose audio tells which one of its source it is, counted over all rounds.
fn plain(ssrc: u32, index: u64) -> Vec<u8> {
    let mut packet = vec![0x80, 0];
    packet.extend((index as u16).to_be_bytes());
    packet.extend((index as u32).wrapping_mul(160).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend(index.to_be_bytes());
    packet.resize(12 + PAYLOAD_BYTES, 0x55);
    packet
}

fn protected(outgoing: &mut Outgoing, ssrc: u32, index: u64) -> Vec<u8> {
    let mut packet = plain(ssrc, index);
    assert!(outgoing.protect_rtp(&mut packet, 0), "{index}");
    packet
}

fn opened(incoming: &mut Incoming, packet: &[u8]) -> Option<Vec<u8>> {
    let mut packet = packet.to_vec();
    let length = incoming.unprotect_rtp(&mut packet)?;
    packet.truncate(length);
    Some(packet)
}

/// The same numbers each time (xorshift), so that a failure repeats.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[test]
fn every_packet_that_arrives_in_some_order_is_read_once() {
    for profile in Profile::ALL {
        for seed in 1..=20 {
            let mut dice = Dice(seed * 0x9e37_79b9);
            let (mut outgoing, mut incoming) = pair(profile);
            let first = 0xff80;
            // Each packet is late by up to 60 places, some twice, one in eight is lost.
            let mut wire: Vec<(u64, u64, Vec<u8>)> = Vec::new();
            for index in first..first + 400 {
                let packet = protected(&mut outgoing, 7, index);
                for copy in 0..1 + dice.below(3).saturating_sub(1) {
                    // The first is on time: a receiver counts the rounds from what he hears first.
                    let late = if index == first { copy } else { 1 + dice.below(60) };
                    if index == first || dice.below(8) > 0 {
                        wire.push((index + late, index, packet.clone()));
                    }
                }
            }
            wire.sort_by_key(|(at, ..)| *at);

            let mut read = std::collections::BTreeSet::new();
            for (_, index, packet) in &wire {
                let is_first_time = read.insert(*index);
                let audio = opened(&mut incoming, packet);
                let expected = is_first_time.then(|| plain(7, *index));
                assert_eq!(audio, expected, "{profile:?} seed {seed} packet {index}");
            }
            assert_eq!(incoming.forged(), 0);
            assert_eq!(incoming.replayed(), (wire.len() - read.len()) as u64);
        }
    }
}

#[test]
fn losing_half_of_all_numbers_loses_nobody() {
    for gap in [1, 100, 0x7ffe, 0x7fff] {
        let (mut outgoing, mut incoming) = pair(Profile::AesCm128HmacSha1_80);
        let mut index = 0x4000;
        for _ in 0..12 {
            let packet = protected(&mut outgoing, 7, index);
            assert_eq!(opened(&mut incoming, &packet), Some(plain(7, index)), "gap {gap}");
            index += gap;
        }
    }
}

#[test]
fn two_rounds_of_numbers_without_a_gap() {
    let (mut outgoing, mut incoming) = pair(Profile::AeadAes128Gcm);
    for index in 0xfff0..0x2_0010 {
        let packet = protected(&mut outgoing, 7, index);
        assert_eq!(opened(&mut incoming, &packet), Some(plain(7, index)));
    }
}

#[test]
fn one_who_missed_the_turn_of_the_numbers_still_comes_in() {
    let (mut outgoing, mut incoming) = pair(Profile::AesCm128HmacSha1_80);
    protected(&mut outgoing, 7, 0xffff);
    let packet = protected(&mut outgoing, 7, 0x1_0000);
    assert_eq!(opened(&mut incoming, &packet), Some(plain(7, 0x1_0000)));
}

#[test]
fn one_flipped_bit_is_refused_and_changes_nothing() {
    for profile in Profile::ALL {
        let (mut outgoing, mut incoming) = pair(profile);
        let packet = protected(&mut outgoing, 7, 500);
        for bit in 0..packet.len() * 8 {
            let mut forged = packet.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let before = forged.clone();
            assert_eq!(incoming.unprotect_rtp(&mut forged), None, "{profile:?} bit {bit}");
            assert_eq!(forged, before, "{profile:?} bit {bit}");
        }
        assert_eq!(opened(&mut incoming, &packet), Some(plain(7, 500)), "{profile:?}");
        assert_eq!(opened(&mut incoming, &packet), None, "{profile:?} again");
        assert_eq!(incoming.replayed(), 1);
    }
}

#[test]
fn a_forger_cannot_move_the_window() {
    let (mut outgoing, mut incoming) = pair(Profile::AesCm128HmacSha1_32);
    let first = protected(&mut outgoing, 7, 10);
    opened(&mut incoming, &first).unwrap();
    for sequence in 11..2_000 {
        assert_eq!(opened(&mut incoming, &[plain(7, sequence), vec![0; 4]].concat()), None);
    }
    let second = protected(&mut outgoing, 7, 11);
    assert!(opened(&mut incoming, &second).is_some());
}

#[test]
fn a_flipped_bit_of_a_report_is_refused_and_changes_nothing() {
    for profile in Profile::ALL {
        let (mut outgoing, mut incoming) = pair(profile);
        let report = [vec![0x81, 201, 0, 7], vec![9; 28]].concat();
        let mut packet = report.clone();
        assert!(outgoing.protect_rtcp(&mut packet, 0));
        for bit in 0..packet.len() * 8 {
            let mut forged = packet.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let before = forged.clone();
            assert_eq!(incoming.unprotect_rtcp(&mut forged), None, "{profile:?} bit {bit}");
            assert_eq!(forged, before, "{profile:?} bit {bit}");
        }
        let mut once = packet.clone();
        assert_eq!(incoming.unprotect_rtcp(&mut once), Some(report.len()));
        assert_eq!(once[..report.len()], report);
        assert_eq!(incoming.unprotect_rtcp(&mut packet), None, "again");
    }
}

#[test]
fn several_sources_of_one_key_have_their_own_numbers() {
    let (mut outgoing, mut incoming) = pair(Profile::AeadAes256Gcm);
    for index in 0xfffe..0x1_0004 {
        for ssrc in 1..=16 {
            let packet = protected(&mut outgoing, ssrc, index + u64::from(ssrc));
            let audio = opened(&mut incoming, &packet);
            assert_eq!(audio, Some(plain(ssrc, index + u64::from(ssrc))));
        }
    }
}

#[test]
fn a_peer_with_ever_new_sources_is_heard() {
    let (_, mut incoming) = pair(Profile::AesCm128HmacSha1_80);
    for ssrc in 0..200 {
        // One that sends does not forget, so this peer has a new session each time.
        let (mut outgoing, _) = pair(Profile::AesCm128HmacSha1_80);
        let packet = protected(&mut outgoing, ssrc, 5);
        assert!(opened(&mut incoming, &packet).is_some(), "{ssrc}");
    }
}

#[test]
fn a_number_is_never_used_twice() {
    for profile in Profile::ALL {
        let (mut outgoing, _) = pair(profile);
        protected(&mut outgoing, 7, 100);
        protected(&mut outgoing, 7, 300);
        for sequence in [100, 300, 150] {
            let mut buffer = [vec![1, 2, 3], plain(7, sequence)].concat();
            assert!(!outgoing.protect_rtp(&mut buffer, 3));
            assert_eq!(buffer, [1, 2, 3], "nothing in clear is left");
        }
        protected(&mut outgoing, 7, 299);
    }
}

#[test]
fn a_source_too_many_is_not_sent_for() {
    let (mut outgoing, _) = pair(Profile::AeadAes128Gcm);
    for ssrc in 0..64 {
        protected(&mut outgoing, ssrc, 1);
    }
    let mut buffer = plain(64, 1);
    assert!(!outgoing.protect_rtp(&mut buffer, 0));
    assert!(buffer.is_empty());
}

#[test]
fn anything_at_all_is_survived() {
    let mut dice = Dice(42);
    for profile in Profile::ALL {
        let (mut outgoing, mut incoming) = pair(profile);
        for _ in 0..20_000 {
            let mut bytes: Vec<u8> = (0..dice.below(64)).map(|_| dice.below(256) as u8).collect();
            if let Some(first) = bytes.first_mut() {
                *first |= 0x80;
                *first &= 0xbf;
            }
            assert_eq!(incoming.unprotect_rtp(&mut bytes.clone()), None);
            assert_eq!(incoming.unprotect_rtcp(&mut bytes.clone()), None);
            let mut sent = bytes.clone();
            let is_sent = outgoing.protect_rtcp(&mut sent, 0);
            assert_eq!(is_sent, sent.len() == bytes.len() + profile.rtcp_tag_len() + 4);
            outgoing.protect_rtp(&mut bytes, 0);
        }
    }
}

#[test]
fn keys_of_a_wrong_length_are_refused() {
    for profile in Profile::ALL {
        let right = profile.key_len() + profile.salt_len();
        for length in (0..64).filter(|length| *length != right) {
            assert!(Outgoing::new(profile, &vec![0; length]).is_none(), "{profile:?} {length}");
            assert!(Incoming::new(profile, &vec![0; length]).is_none(), "{profile:?} {length}");
        }
    }
}

#[test]
fn keys_are_not_printed() {
    let outgoing = Outgoing::new(Profile::AesCm128HmacSha1_80, &[0xab; 30]).unwrap();
    assert_eq!(format!("{outgoing:?}"), "Outgoing { profile: AesCm128HmacSha1_80, .. }");
}
