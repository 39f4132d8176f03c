//! The lite side of ICE against checks in the shape that browsers send them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use media_secure::ice::{Ice, IceCredentials, ufrag_of};
use sha1::Sha1;

const WIFI: &str = "192.0.2.7:50000";
const CELLULAR: &str = "198.51.100.9:41000";
const HIGH: u32 = 0x6e7f_1eff;
const LOW: u32 = 0x0001_1eff;

fn credentials(generation: &str) -> IceCredentials {
    IceCredentials {
        local_ufrag: format!("ours{generation}"),
        local_password: format!("our-password-{generation}-0123456789"),
        remote_ufrag: format!("theirs{generation}"),
        remote_password: format!("their-password-{generation}-012345"),
    }
}

fn at(address: &str) -> SocketAddr {
    address.parse().expect("an address")
}

/// One STUN message, attribute by attribute, written without the code under test.
struct Check {
    bytes: Vec<u8>,
}

impl Check {
    fn new(kind: u16) -> Self {
        let mut bytes = kind.to_be_bytes().to_vec();
        bytes.extend_from_slice(&[0, 0, 0x21, 0x12, 0xa4, 0x42]);
        bytes.extend_from_slice(b"transaction1");
        Self { bytes }
    }

    fn with(mut self, kind: u16, value: &[u8]) -> Self {
        self.bytes.extend_from_slice(&kind.to_be_bytes());
        self.bytes.extend_from_slice(&(value.len() as u16).to_be_bytes());
        self.bytes.extend_from_slice(value);
        while !self.bytes.len().is_multiple_of(4) {
            self.bytes.push(0);
        }
        self.set_length(0);
        self
    }

    fn set_length(&mut self, more: usize) {
        let length = (self.bytes.len() - 20 + more) as u16;
        self.bytes[2..4].copy_from_slice(&length.to_be_bytes());
    }

    fn signed(mut self, password: &str) -> Self {
        self.set_length(24);
        let mut hmac = Hmac::<Sha1>::new_from_slice(password.as_bytes()).unwrap();
        hmac.update(&self.bytes);
        let proof = hmac.finalize().into_bytes();
        self.with(0x0008, &proof)
    }

    fn finish(mut self) -> Vec<u8> {
        self.set_length(8);
        let mut crc = !0u32;
        for byte in &self.bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        self.with(0x8028, &(!crc ^ 0x5354_554e).to_be_bytes()).bytes
    }
}

/// As a browser does: name, role, priority, network cost; last the proofs.
fn unsigned(of: &IceCredentials, priority: u32, nominates: bool) -> Check {
    let name = format!("{}:{}", of.local_ufrag, of.remote_ufrag);
    let check = Check::new(0x0001)
        .with(0x0006, name.as_bytes())
        .with(0xc057, &[0, 1, 0, 10])
        .with(0x802a, &7u64.to_be_bytes());
    let check = if nominates { check.with(0x0025, &[]) } else { check };
    check.with(0x0024, &priority.to_be_bytes())
}

fn check(of: &IceCredentials, priority: u32, nominates: bool) -> Vec<u8> {
    unsigned(of, priority, nominates).signed(&of.local_password).finish()
}

/// The only answer, as (kind, attributes).
fn answer(ice: &mut Ice, to: &str) -> (u16, Vec<(u16, Vec<u8>)>) {
    let (address, bytes) = ice.take_datagram().expect("an answer");
    assert_eq!(address, at(to));
    assert_eq!(bytes[4..20], *b"\x21\x12\xa4\x42transaction1");
    assert!(ice.take_datagram().is_none(), "one answer");
    let mut attributes = Vec::new();
    let mut rest = &bytes[20..];
    while let [k1, k2, l1, l2, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*l1, *l2]));
        attributes.push((u16::from_be_bytes([*k1, *k2]), tail[..length].to_vec()));
        rest = &tail[length.next_multiple_of(4)..];
    }
    (u16::from_be_bytes([bytes[0], bytes[1]]), attributes)
}

#[test]
fn a_check_is_answered_with_where_it_came_from() {
    let ours = credentials("A");
    let mut ice = Ice::new(ours.clone());
    let now = Instant::now();
    assert!(ice.receive(&check(&ours, HIGH, false), at(WIFI), now));
    let (kind, attributes) = answer(&mut ice, WIFI);
    assert_eq!(kind, 0x0101);
    let [high, low] = (50_000u16 ^ 0x2112).to_be_bytes();
    let mapped = vec![0, 1, high, low, 192 ^ 0x21, 0x12, 2 ^ 0xa4, 7 ^ 0x42];
    assert_eq!(attributes[0], (0x0020, mapped));
    let proven = Check::new(0x0101).with(0x0020, &attributes[0].1).signed(&ours.local_password);
    let expected = proven.finish();
    let fingerprint = expected[expected.len() - 4..].to_vec();
    assert_eq!(attributes[2], (0x8028, fingerprint));
}

#[test]
fn only_the_choice_of_the_peer_selects_a_path() {
    let ours = credentials("A");
    let mut ice = Ice::new(ours.clone());
    let now = Instant::now();
    ice.receive(&check(&ours, HIGH, false), at(WIFI), now);
    assert_eq!(ice.selected(), None);
    assert!(ice.accepts(at(WIFI)), "its DTLS may come before the choice");
    ice.receive(&check(&ours, HIGH, true), at(WIFI), now);
    assert_eq!(ice.selected(), Some(at(WIFI)));
}

#[test]
fn a_stranger_gets_no_answer_and_no_audio() {
    let ours = credentials("A");
    let mut ice = Ice::new(ours.clone());
    let now = Instant::now();
    let wrong_password = unsigned(&ours, HIGH, true).signed("guessed").finish();
    let no_password = unsigned(&ours, HIGH, true).finish();
    let other_name =
        check(&IceCredentials { remote_ufrag: "x".into(), ..ours.clone() }, HIGH, true);
    let mut damaged = check(&ours, HIGH, true);
    damaged[40] ^= 1;
    let answer_to_nothing = Check::new(0x0101).signed(&ours.local_password).finish();
    let strange = [wrong_password, no_password, other_name, damaged, answer_to_nothing];
    for datagram in &strange {
        assert!(!ice.receive(datagram, at(CELLULAR), now));
        assert!(ice.take_datagram().is_none());
    }
    assert_eq!(ice.refused(), strange.len() as u64);
    assert_eq!(ice.selected(), None);
    assert!(!ice.accepts(at(CELLULAR)));
}

#[test]
fn a_check_that_someone_else_sends_on_moves_nothing_but_answers_go_there() {
    let ours = credentials("A");
    let mut ice = Ice::new(ours.clone());
    let now = Instant::now();
    ice.receive(&check(&ours, HIGH, true), at(WIFI), now);
    ice.take_datagram();
    // An outsider who changes one bit of it, to be chosen, has no proof for that.
    let mut stolen = unsigned(&ours, HIGH, false).signed(&ours.local_password);
    stolen = stolen.with(0x0025, &[]);
    assert!(ice.receive(&stolen.finish(), at(CELLULAR), now));
    assert_eq!(ice.selected(), Some(at(WIFI)));
}

#[test]
fn a_phone_that_changes_networks_is_followed() {
    let ours = credentials("A");
    let mut ice = Ice::new(ours.clone());
    let start = Instant::now();
    ice.receive(&check(&ours, HIGH, true), at(WIFI), start);
    let later = start + Duration::from_secs(5);
    ice.receive(&check(&ours, LOW, true), at(CELLULAR), later);
    assert_eq!(ice.selected(), Some(at(CELLULAR)));
}

#[test]
fn of_several_choices_at_once_the_one_with_priority_holds() {
    let ours = credentials("A");
    let now = Instant::now();
    for order in [[(HIGH, WIFI), (LOW, CELLULAR)], [(LOW, CELLULAR), (HIGH, WIFI)]] {
        let mut ice = Ice::new(ours.clone());
        for (priority, from) in order {
            ice.receive(&check(&ours, priority, true), at(from), now);
        }
        assert_eq!(ice.selected(), Some(at(WIFI)));
    }
}

#[test]
fn who_is_silent_for_thirty_seconds_takes_no_more_audio() {
    let ours = credentials("A");
    let mut ice = Ice::new(ours.clone());
    let start = Instant::now();
    ice.receive(&check(&ours, HIGH, true), at(WIFI), start);
    ice.receive(&check(&ours, HIGH, false), at(WIFI), start + Duration::from_secs(20));
    ice.tick(start + Duration::from_secs(49));
    assert_eq!(ice.selected(), Some(at(WIFI)), "each check counts");
    ice.tick(start + Duration::from_secs(50));
    assert_eq!(ice.selected(), None);
    assert!(!ice.accepts(at(WIFI)));
    ice.receive(&check(&ours, HIGH, true), at(WIFI), start + Duration::from_secs(51));
    assert_eq!(ice.selected(), Some(at(WIFI)), "it came back");
}

#[test]
fn a_restart_keeps_the_audio_until_the_new_path_is_chosen() {
    let (first, second) = (credentials("A"), credentials("B"));
    let mut ice = Ice::new(first.clone());
    let now = Instant::now();
    ice.receive(&check(&first, HIGH, true), at(WIFI), now);
    ice.restart(second.clone());
    assert_eq!(ice.selected(), Some(at(WIFI)));
    assert_eq!(ice.local_ufrags().collect::<Vec<_>>(), ["oursB", "oursA"]);
    assert!(ice.receive(&check(&first, HIGH, false), at(WIFI), now), "the old one lives on");
    ice.receive(&check(&second, LOW, false), at(CELLULAR), now);
    assert_eq!(ice.selected(), Some(at(WIFI)));
    ice.receive(&check(&second, LOW, true), at(CELLULAR), now);
    assert_eq!(ice.selected(), Some(at(CELLULAR)));
    assert_eq!(ice.local_ufrags().collect::<Vec<_>>(), ["oursB"]);
    assert!(!ice.receive(&check(&first, HIGH, true), at(WIFI), now), "the old one has ended");
}

#[test]
fn the_same_descriptions_again_are_no_restart() {
    let ours = credentials("A");
    let mut ice = Ice::new(ours.clone());
    ice.receive(&check(&ours, HIGH, true), at(WIFI), Instant::now());
    ice.restart(ours);
    assert_eq!(ice.selected(), Some(at(WIFI)));
    assert_eq!(ice.local_ufrags().count(), 1);
}

#[test]
fn a_peer_that_wants_us_to_control_is_told_otherwise() {
    let ours = credentials("A");
    let mut ice = Ice::new(ours.clone());
    let name = format!("{}:{}", ours.local_ufrag, ours.remote_ufrag);
    let controlled = Check::new(0x0001).with(0x0006, name.as_bytes()).with(0x8029, &[0; 8]);
    let controlled = controlled.signed(&ours.local_password).finish();
    assert!(ice.receive(&controlled, at(WIFI), Instant::now()));
    let (kind, attributes) = answer(&mut ice, WIFI);
    assert_eq!((kind, &attributes[0].1[..4]), (0x0111, [0, 0, 4, 87].as_slice()));
}

#[test]
fn an_attribute_that_we_ought_to_know_is_named_in_the_refusal() {
    let ours = credentials("A");
    let mut ice = Ice::new(ours.clone());
    let strange = unsigned(&ours, HIGH, true).with(0x7abc, b"?").signed(&ours.local_password);
    assert!(ice.receive(&strange.finish(), at(WIFI), Instant::now()));
    let (kind, attributes) = answer(&mut ice, WIFI);
    assert_eq!((kind, &attributes[0].1[..4]), (0x0111, [0, 0, 4, 20].as_slice()));
    assert_eq!(attributes[1], (0x000a, vec![0x7a, 0xbc]));
    assert_eq!(ice.selected(), None);
}

#[test]
fn what_a_peer_can_make_us_keep_is_bounded() {
    let ours = credentials("A");
    let mut ice = Ice::new(ours.clone());
    let now = Instant::now();
    for port in 1_000..2_000 {
        ice.receive(&check(&ours, HIGH, false), at(&format!("192.0.2.7:{port}")), now);
    }
    let mut answers = 0;
    while ice.take_datagram().is_some() {
        answers += 1;
    }
    assert!(answers <= 32, "{answers} answers");
    let accepted =
        (1_000..2_000).filter(|port| ice.accepts(at(&format!("192.0.2.7:{port}")))).count();
    assert!(accepted <= 16, "{accepted} addresses");
}

#[test]
fn a_check_tells_whom_it_is_for() {
    assert_eq!(ufrag_of(&check(&credentials("A"), HIGH, false)), Some("oursA"));
    assert_eq!(ufrag_of(&Check::new(0x0001).finish()), None);
    assert_eq!(ufrag_of(b"\x80\x00 not STUN at all, but long enough for it"), None);
}

#[test]
fn credentials_do_not_show_their_passwords() {
    assert_eq!(format!("{:?}", credentials("A")), "oursA:theirsA");
}

#[test]
fn anything_at_all_is_survived() {
    let ours = credentials("A");
    let mut ice = Ice::new(ours.clone());
    let now = Instant::now();
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    for round in 0..20_000 {
        let mut datagram = check(&ours, HIGH, true);
        for _ in 0..=round % 5 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let at = random as usize % datagram.len();
            datagram[at] ^= 1 << (random >> 32 & 7);
        }
        datagram.truncate(if round % 3 == 0 { random as usize % 140 } else { 140 });
        assert!(!ice.receive(&datagram, at(WIFI), now) || datagram.len() >= 100);
        let _ = ufrag_of(&datagram);
    }
    assert!(ice.refused() > 10_000);
}
