//! DTLS handshakes: between two of ours over a bad line, and with OpenSSL.

use std::time::{Duration, Instant};

use media_secure::certificate::Certificate;
use media_secure::dtls::{Dtls, State};
use media_secure::srtp::Profile;

const TICK: Duration = Duration::from_millis(10);

/// Two parties and the line between them.
struct Line {
    client: Dtls,
    server: Dtls,
    now: Instant,
    random: u64,
    loss_percent: u64,
    /// Datagrams on their way: when they arrive, whether the server gets them.
    under_way: Vec<(Instant, bool, Vec<u8>)>,
}

impl Line {
    fn new(loss_percent: u64, seed: u64) -> Self {
        let (one, other) = (Certificate::generate(), Certificate::generate());
        Self::between(&one, one.fingerprint(), &other, other.fingerprint(), loss_percent, seed)
    }

    /// Client and server, each with the fingerprint that the other was told.
    fn between(
        client: &Certificate,
        client_as_told: &str,
        server: &Certificate,
        server_as_told: &str,
        loss_percent: u64,
        seed: u64,
    ) -> Self {
        let now = Instant::now();
        let mut client = Dtls::new(client, true, server_as_told, now);
        let server = Dtls::new(server, false, client_as_told, now);
        client.start(now);
        let random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Self { client, server, now, random, loss_percent, under_way: Vec::new() }
    }

    fn draw(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below
    }

    /// Puts what was said on the line: some of it is lost, and later may arrive before earlier.
    fn send(&mut self) {
        for to_server in [true, false] {
            loop {
                let from = if to_server { &mut self.client } else { &mut self.server };
                let Some(datagram) = from.take_datagram() else { break };
                if self.draw(100) >= self.loss_percent {
                    let delay = Duration::from_millis(5 + self.draw(40));
                    self.under_way.push((self.now + delay, to_server, datagram));
                }
            }
        }
    }

    fn run(&mut self, how_long: Duration) {
        let end = self.now + how_long;
        while self.now < end {
            self.send();
            self.now += TICK;
            let now = self.now;
            let (arrived, rest) = self.under_way.drain(..).partition(|(due, ..)| *due <= now);
            self.under_way = rest;
            for (_, to_server, datagram) in arrived {
                let to = if to_server { &mut self.server } else { &mut self.client };
                to.receive(&datagram, now);
            }
            self.client.tick(now);
            self.server.tick(now);
        }
    }
}

/// Profile, key of what it sends, key of what it receives.
fn keys_of(party: &Dtls) -> (Profile, Vec<u8>, Vec<u8>) {
    match party.state() {
        State::Established { profile, local_key, remote_key } => {
            (*profile, local_key.clone(), remote_key.clone())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_sides_agree_on_the_same_keys() {
    let mut line = Line::new(0, 1);
    line.run(Duration::from_millis(500));
    let (profile, local_key, remote_key) = keys_of(&line.client);
    assert_eq!(keys_of(&line.server), (profile, remote_key.clone(), local_key.clone()));
    assert_eq!(local_key.len(), profile.key_len() + profile.salt_len());
    assert_ne!(local_key, remote_key);
}

#[test]
fn a_line_that_loses_and_reorders_delays_it_only() {
    for seed in 1..=20 {
        let mut line = Line::new(20, seed);
        line.run(Duration::from_secs(19));
        let (profile, local_key, remote_key) = keys_of(&line.client);
        assert_eq!(keys_of(&line.server), (profile, remote_key, local_key), "seed {seed}");
    }
}

#[test]
fn a_server_with_another_certificate_is_not_believed() {
    let certificates = [(); 3].map(|()| Certificate::generate());
    let [client, server, stranger] = &certificates;
    let told = stranger.fingerprint();
    let mut line = Line::between(client, client.fingerprint(), server, told, 0, 1);
    line.run(Duration::from_secs(25));
    let State::Failed(why) = line.client.state() else { panic!("{:?}", line.client.state()) };
    assert_eq!(*why, "not the certificate that was announced");
    assert!(matches!(line.server.state(), State::Failed(_)));
}

#[test]
fn a_client_with_another_certificate_is_not_believed() {
    let certificates = [(); 3].map(|()| Certificate::generate());
    let [client, server, stranger] = &certificates;
    let told = stranger.fingerprint();
    let mut line = Line::between(client, told, server, server.fingerprint(), 0, 1);
    line.run(Duration::from_secs(1));
    let State::Failed(why) = line.server.state() else { panic!("{:?}", line.server.state()) };
    assert_eq!(*why, "not the certificate that was announced");
}

#[test]
fn the_case_of_a_fingerprint_means_nothing() {
    let (client, server) = (Certificate::generate(), Certificate::generate());
    let told = server.fingerprint().to_lowercase();
    let mut line = Line::between(&client, client.fingerprint(), &server, &told, 0, 1);
    line.run(Duration::from_millis(500));
    keys_of(&line.client);
}

#[test]
fn noise_before_within_and_after_changes_nothing() {
    let mut line = Line::new(0, 1);
    for round in 0..60 {
        let mut noise: Vec<u8> = (0..200).map(|_| line.draw(256) as u8).collect();
        noise[..3].copy_from_slice(&[20 + round % 44, 254, 253]);
        line.client.receive(&noise, line.now);
        line.server.receive(&noise, line.now);
        line.run(TICK);
    }
    line.run(Duration::from_secs(2));
    let (profile, local_key, remote_key) = keys_of(&line.client);
    assert_eq!(keys_of(&line.server), (profile, remote_key, local_key));
}

/// What anybody can send who knows both addresses, and nothing of the keys. (A forged message of
/// the handshake itself is believed, as DTLS cannot know: both sides notice at its end.)
fn forgeries() -> Vec<(&'static str, Vec<u8>)> {
    let record = |kind: u8, epoch: u8, number: u8, body: &[u8]| {
        let head = [kind, 254, 253, 0, epoch, 0, 0, 0, 0, 0, number, 0, body.len() as u8];
        [&head[..], body].concat()
    };
    vec![
        ("a fatal alert", record(21, 0, 200, &[2, 40])),
        ("an alert that the peer closes", record(21, 0, 201, &[1, 0])),
        ("an alert cut short", record(21, 0, 202, &[2])),
        ("a change of keys", record(20, 0, 203, &[1])),
        ("a change of keys that is none", record(20, 0, 204, &[9, 9])),
        ("audio in clear", record(23, 0, 205, &[1; 40])),
        ("an encrypted alert", record(21, 1, 5, &[7; 40])),
        ("an encrypted message", record(22, 1, 5, &[7; 60])),
        ("an encrypted message of 1.3", [&[0x2c, 0, 40][..], &[9; 40]].concat()),
        ("a record cut short", record(22, 0, 206, &[1; 60])[..30].to_vec()),
    ]
}

#[test]
fn a_forgery_does_not_end_a_handshake() {
    for (what, forgery) in forgeries() {
        for (when, to_server) in [0, 1, 3, 6, 9].into_iter().zip([true, false].into_iter().cycle())
        {
            let mut line = Line::new(0, 1);
            line.run(TICK * when);
            let to = if to_server { &mut line.server } else { &mut line.client };
            to.receive(&forgery, line.now);
            line.run(Duration::from_secs(3));
            let (profile, local_key, remote_key) = keys_of(&line.client);
            assert_eq!(keys_of(&line.server), (profile, remote_key, local_key), "{what}, {when}");
        }
    }
}

#[test]
fn a_peer_that_never_answers_is_given_up() {
    let mut line = Line::new(100, 1);
    line.run(Duration::from_secs(25));
    let State::Failed(why) = line.client.state() else { panic!("{:?}", line.client.state()) };
    assert_eq!(*why, "the peer did not answer");
    assert!(line.client.take_datagram().is_none());
}

#[test]
fn the_last_flight_is_repeated_for_a_peer_that_missed_it() {
    for seed in 1..=4 {
        let mut line = Line::new(0, seed);
        // Whoever ends the handshake (which depends on the version) is not heard for a while.
        while !matches!(line.client.state(), State::Established { .. })
            && !matches!(line.server.state(), State::Established { .. })
        {
            line.run(TICK);
        }
        line.loss_percent = 100;
        line.under_way.clear();
        line.run(Duration::from_millis(400));
        line.loss_percent = 0;
        line.run(Duration::from_secs(10));
        let (profile, local_key, remote_key) = keys_of(&line.client);
        assert_eq!(keys_of(&line.server), (profile, remote_key, local_key), "seed {seed}");
    }
}

#[test]
fn what_was_agreed_outlives_the_handshake() {
    let mut line = Line::new(0, 1);
    line.run(Duration::from_secs(1));
    let agreed = keys_of(&line.client);
    line.run(Duration::from_secs(120));
    line.client.receive(&[21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40], line.now);
    assert_eq!(keys_of(&line.client), agreed);
}

#[test]
fn states_do_not_show_their_keys() {
    let mut line = Line::new(0, 1);
    line.run(Duration::from_secs(1));
    let (profile, ..) = keys_of(&line.client);
    assert_eq!(format!("{:?}", line.client.state()), format!("Established({profile:?})"));
}
