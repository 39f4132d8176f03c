//! STUN: checks by who knows the password, by who does not, and anything else.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use media_secure::demultiplex::kind_of;
use media_secure::ice::{Ice, IceCredentials, ufrag_of};
use sha1::Sha1;

use crate::input::{Input, STEPS_MAX, framed};

const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// Each step: how it is signed, how much later it comes and from where, and its octets.
pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let ours = credentials(0);
    let mut ice = Ice::new(ours.clone());
    let mut now = Instant::now();
    let mut generation = 0;
    let mut was_proven = false;
    for _ in 0..STEPS_MAX {
        if input.is_over() {
            break;
        }
        let how = input.byte();
        now += Duration::from_millis(u64::from(input.byte()) * 50);
        let from: SocketAddr = ([10, 0, 0, input.byte() % 20], 4_000).into();
        let mut datagram = input.datagram().to_vec();
        let password = credentials(generation).local_password;
        let is_signed = how & 1 == 1 && sign(&mut datagram, &password);
        was_proven |= is_signed;
        kind_of(&datagram);
        ufrag_of(&datagram);
        let is_believed = ice.receive(&datagram, from, now);
        assert!(!is_believed || is_signed, "who knows no password was believed");
        while let Some((_, answer)) = ice.take_datagram() {
            assert!(answer.len() <= 548 && answer[4..8] == COOKIE);
        }
        ice.tick(now);
        if how & 0x70 == 0x70 {
            generation = generation.wrapping_add(1);
            ice.restart(credentials(generation));
        }
        assert!(was_proven || ice.selected().is_none(), "a path that nobody has proven");
        ice.accepts(from);
    }
}

fn credentials(generation: u8) -> IceCredentials {
    IceCredentials {
        local_ufrag: format!("ours{generation}"),
        local_password: format!("our-password-{generation}-0123456789"),
        remote_ufrag: format!("theirs{generation}"),
        remote_password: format!("their-password-{generation}-012345"),
    }
}

/// Adds MESSAGE-INTEGRITY, if that can be a STUN message at all.
fn sign(message: &mut Vec<u8>, password: &str) -> bool {
    if message.len() < 20 || !message.len().is_multiple_of(4) {
        return false;
    }
    let length = (message.len() - 20 + 24) as u16;
    message[2..4].copy_from_slice(&length.to_be_bytes());
    let Ok(mut hmac) = Hmac::<Sha1>::new_from_slice(password.as_bytes()) else { return false };
    hmac.update(message);
    message.extend_from_slice(&[0, 8, 0, 20]);
    message.extend_from_slice(&hmac.finalize().into_bytes());
    true
}

/// What a browser sends: a check, one that nominates, an answer, and a new session.
pub fn seeds() -> Vec<Vec<u8>> {
    let check = |kind: u16, generation: u8, nominates: bool| {
        let name = format!("ours{generation}:theirs{generation}");
        let mut message = kind.to_be_bytes().to_vec();
        message.extend_from_slice(&[0, 0]);
        message.extend_from_slice(&COOKIE);
        message.extend_from_slice(b"transaction1");
        attribute(&mut message, 0x0006, name.as_bytes());
        attribute(&mut message, 0x802a, &7u64.to_be_bytes());
        if nominates {
            attribute(&mut message, 0x0025, &[]);
        }
        attribute(&mut message, 0x0024, &0x6e7f_1effu32.to_be_bytes());
        message
    };
    let mut story = framed(&[1, 1, 3], &check(1, 0, false));
    story.extend(framed(&[0, 1, 3], &check(1, 0, true)));
    story.extend(framed(&[1, 1, 3], &check(1, 0, true)));
    story.extend(framed(&[0x71, 1, 4], &check(1, 0, true)));
    story.extend(framed(&[1, 200, 4], &check(1, 1, true)));
    story.extend(framed(&[1, 200, 4], &check(0x0101, 1, false)));
    vec![framed(&[1, 1, 3], &check(1, 0, true)), story]
}

fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend_from_slice(&kind.to_be_bytes());
    message.extend_from_slice(&(value.len() as u16).to_be_bytes());
    message.extend_from_slice(value);
    message.resize(message.len().next_multiple_of(4), 0);
}
