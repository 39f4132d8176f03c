//! Legs that share a pair of ports, and packets that come before the signalling that explains them.

use std::net::SocketAddr;
use std::time::Instant;

use media_audio::codec::g711::PCMU;
use media_core::rtp::{self, Header};
use media_core::switch::command::{Command, LegCommand, Reading};
use media_core::switch::remote::{Format, Protection, Remote};
use media_core::switch::{Entry, Moment, Out, PortId, Switch};
use media_secure::certificate::Certificate;
use media_secure::dtls::Dtls;

const SHARED: PortId = 1;
const OWN: PortId = 2;
/// Two calls through one carrier, and where those are whom they talk to.
const FIRST: &str = "192.0.2.7:4000";
const SECOND: &str = "192.0.2.7:5000";
const LISTENER: &str = "198.51.100.1:6000";

struct Scene {
    switch: Switch,
    out: Out,
    zero: Instant,
    samples: u64,
    sent: u16,
}

impl Scene {
    /// Leg 1 is at the shared port and bridged with leg 3; leg 2 is at the shared port, too, and
    /// nobody has said yet where its peer is.
    fn new() -> Self {
        let (switch, zero) = (Switch::new(Certificate::generate(), 1), Instant::now());
        let mut scene = Self { switch, out: Out::default(), zero, samples: 0, sent: 0 };
        for (leg, port) in [(1, SHARED), (2, SHARED), (3, OWN)] {
            scene.obey(Command::Open { leg, port, reading: Reading::default() });
        }
        scene.signal(1, FIRST);
        scene.signal(3, LISTENER);
        scene.obey(Command::Bridge { one: 1, other: 3 });
        scene
    }

    fn now(&self) -> Moment {
        Moment::after(self.zero, 0, self.samples)
    }

    fn obey(&mut self, command: Command) {
        let now = self.now();
        self.switch.obey(command, now, &mut self.out);
    }

    fn signal(&mut self, leg: i64, place: &str) {
        self.agree(leg, place, Protection::None);
    }

    fn agree(&mut self, leg: i64, place: &str, protection: Protection) {
        let place: SocketAddr = place.parse().unwrap();
        let remote = Remote {
            rtp: place,
            rtcp: place,
            also: None,
            format: Format { codec: &PCMU, payload_type: 0, parameters: "".into() },
            accepts: [].into(),
            packet_ticks: 2,
            events: None,
            comfort_noise: None,
            send: true,
            receive: true,
            rtcp_mux: false,
            protection,
            ice: None,
        };
        self.obey(Command::ToLeg(leg, LegCommand::SetRemote(Box::new(remote))));
    }

    /// A packet comes in at the shared port; returns where packets go to because of it.
    fn say(&mut self, from: &str) -> Vec<String> {
        self.sent += 1;
        let header = Header {
            marker: false,
            payload_type: 0,
            sequence: self.sent,
            timestamp: u32::from(self.sent) * 160,
            ssrc: 7,
        };
        let packet = [&header.to_bytes()[..], &[0x55; 160]].concat();
        assert!(rtp::parse(&packet).is_some());
        self.take(from, packet)
    }

    /// The same of any datagram.
    fn take(&mut self, from: &str, mut packet: Vec<u8>) -> Vec<String> {
        let (from, now) = (from.parse().unwrap(), self.now());
        self.out.clear_datagrams();
        self.switch.receive(SHARED, Entry::Rtp, from, &mut packet, now, &mut self.out);
        self.out.datagrams.iter().map(|datagram| datagram.to.to_string()).collect()
    }
}

#[test]
fn a_silent_peer_s_place_is_not_taken_by_packets_that_come_early() {
    let mut scene = Scene::new();
    assert_eq!(scene.say(FIRST), [LISTENER]);
    scene.samples += 5 * 8_000; // held, or silence is not sent
    assert!(scene.say(SECOND).is_empty(), "the second call is heard in the first one");
    assert_eq!(scene.say(FIRST), [LISTENER]);
}

#[test]
fn signalling_outranks_who_was_only_seen() {
    let mut scene = Scene::new();
    // Leg 1's peer has not spoken; what comes may be its, from behind a NAT.
    assert_eq!(scene.say(SECOND), [LISTENER]);
    scene.signal(2, SECOND);
    scene.obey(Command::Bridge { one: 2, other: 3 });
    assert_eq!(scene.say(SECOND), [LISTENER], "the second call hears its own peer");
    scene.obey(Command::Bridge { one: 1, other: 3 });
    assert!(scene.say(SECOND).is_empty(), "and nobody else does");
    assert_eq!(scene.say(FIRST), [LISTENER], "the first call's peer is where it was signalled");
}

#[test]
fn a_handshake_that_comes_early_is_not_begun_with_somebody_else() {
    let mut scene = Scene::new();
    let certificate = Certificate::generate();
    let fingerprint: Box<str> = certificate.fingerprint().into();
    let handshake = Protection::Handshake { is_client: false, fingerprint };
    scene.agree(1, FIRST, handshake.clone());
    let ours = scene.switch.fingerprint().to_owned();
    let mut phone = Dtls::new(&certificate, true, &ours, scene.zero);
    phone.start(scene.zero);
    let hello = phone.take_datagram().expect("a first flight");
    assert!(scene.take(SECOND, hello.clone()).is_empty(), "the first call answers it");
    scene.agree(2, SECOND, handshake);
    assert_eq!(scene.take(SECOND, hello.clone())[0], SECOND, "repeated, it is for the second call");
    assert_eq!(scene.take(FIRST, hello)[0], FIRST, "and the first call is as ready as before");
}
