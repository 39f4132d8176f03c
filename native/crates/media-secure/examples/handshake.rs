//! What a DTLS handshake costs, both sides: `cargo run --release --example handshake`.

use std::time::Instant;

use media_secure::certificate::Certificate;
use media_secure::dtls::{Dtls, State};

const HANDSHAKES: u32 = 200;

fn main() {
    let (one, other) = (Certificate::generate(), Certificate::generate());
    let begin = Instant::now();
    for _ in 0..HANDSHAKES {
        let now = Instant::now();
        let mut client = Dtls::new(&one, true, other.fingerprint(), now);
        let mut server = Dtls::new(&other, false, one.fingerprint(), now);
        client.start(now);
        while !matches!(
            (client.state(), server.state()),
            (State::Established { .. }, State::Established { .. })
        ) {
            while let Some(datagram) = client.take_datagram() {
                server.receive(&datagram, now);
            }
            while let Some(datagram) = server.take_datagram() {
                client.receive(&datagram, now);
            }
        }
    }
    let each_ms = begin.elapsed().as_secs_f64() * 1e3 / f64::from(HANDSHAKES);
    println!("{each_ms:.2} ms of CPU per handshake, both sides");
}
