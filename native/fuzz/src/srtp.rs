//! SRTP and SRTCP: what was not sent by the peer, or was sent before, is never taken for the
//! peer's.

use std::collections::HashSet;

use media_secure::srtp::{Incoming, Outgoing, Profile};

use crate::input::{Input, STEPS_MAX};

const KEY: [u8; 44] = [0x2d; 44];

/// First which profile; then steps: a packet of the peer comes whole, changed, again or not at all,
/// or a stranger sends any octets.
pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let profile = Profile::ALL[input.below(Profile::ALL.len())];
    let key = &KEY[..profile.key_len() + profile.salt_len()];
    let (Some(mut peer), Some(mut us)) = (Outgoing::new(profile, key), Incoming::new(profile, key))
    else {
        panic!("a key of the right length");
    };
    let (mut sent, mut taken) = (Vec::new(), HashSet::new());
    let mut sequence = input.word();
    for step in 0..STEPS_MAX {
        if input.is_over() {
            break;
        }
        let what = input.byte();
        let is_rtcp = what & 0x80 != 0;
        match what & 7 {
            0..=2 => {
                // A number that was used is refused, and rightly: nobody may use a key stream twice.
                sequence = sequence.wrapping_add(1 + input.word() % 300);
                let plain = if is_rtcp { report(step) } else { packet(sequence, step) };
                let mut bytes = plain.clone();
                let is_done = match is_rtcp {
                    true => peer.protect_rtcp(&mut bytes, 0),
                    false => peer.protect_rtp(&mut bytes, 0),
                };
                assert!(is_done, "we can protect what we made");
                sent.push((is_rtcp, plain, bytes));
                if what & 7 != 2 {
                    deliver(&mut us, &sent, sent.len() - 1, &mut taken, None);
                }
            }
            3 | 4 if !sent.is_empty() => {
                let which = input.below(sent.len());
                deliver(&mut us, &sent, which, &mut taken, None);
            }
            5 | 6 if !sent.is_empty() => {
                let which = input.below(sent.len());
                let change = (input.word(), input.byte());
                deliver(&mut us, &sent, which, &mut taken, Some(change));
            }
            _ => {
                let mut bytes = input.datagram().to_vec();
                let length = match is_rtcp {
                    true => us.unprotect_rtcp(&mut bytes),
                    false => us.unprotect_rtp(&mut bytes),
                };
                // The short tag of four octets can be guessed, once in four billion times.
                assert!(length.is_none(), "a stranger was believed");
            }
        }
    }
}

fn deliver(
    us: &mut Incoming,
    sent: &[(bool, Vec<u8>, Vec<u8>)],
    which: usize,
    taken: &mut HashSet<usize>,
    change: Option<(u16, u8)>,
) {
    let (is_rtcp, plain, bytes) = &sent[which];
    let mut bytes = bytes.clone();
    if let Some((place, bits)) = change {
        let place = usize::from(place) % bytes.len();
        bytes[place] ^= bits.max(1);
    }
    let length = match is_rtcp {
        true => us.unprotect_rtcp(&mut bytes),
        false => us.unprotect_rtp(&mut bytes),
    };
    if let Some(length) = length {
        assert!(change.is_none(), "a changed packet was believed");
        assert_eq!(&bytes[..length], &plain[..], "something else came out");
        assert!(taken.insert(which), "a packet was taken twice");
    }
}

fn packet(sequence: u16, step: usize) -> Vec<u8> {
    let mut bytes = vec![0x80, 0];
    bytes.extend_from_slice(&sequence.to_be_bytes());
    bytes.extend_from_slice(&(step as u32).to_be_bytes());
    bytes.extend_from_slice(&7u32.to_be_bytes());
    bytes.extend(std::iter::repeat_n(step as u8, 5 + step % 160));
    bytes
}

fn report(step: usize) -> Vec<u8> {
    let mut bytes = vec![0x80, 201, 0, 1, 0, 0, 0, 7];
    bytes.extend_from_slice(&[0x80, 203, 0, 1, 0, 0, 0, step as u8]);
    bytes
}

/// Each profile: packets that come, are lost, come late, come again and come changed.
pub fn seeds() -> Vec<Vec<u8>> {
    (0..Profile::ALL.len() as u8)
        .map(|profile| {
            let mut story = vec![profile, 0xff, 0xf0];
            for step in 0..12u8 {
                story.extend_from_slice(&[step % 3, 0, 1 + step]);
                story.extend_from_slice(&[0x80, 0, 1]);
            }
            story.extend_from_slice(&[3, 2, 3, 5, 5, 4, 0, 20, 1, 6, 7, 0, 3, 128]);
            story.extend_from_slice(&[7, 0, 16, 0x80, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 7, 1, 2, 3, 4]);
            story
        })
        .collect()
}
