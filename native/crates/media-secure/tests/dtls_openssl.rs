//! DTLS handshakes with OpenSSL's own programs: the keys that both export are the same.
//!
//! Does nothing where there is no `openssl`.

use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use media_secure::certificate::Certificate;
use media_secure::dtls::{Dtls, State};
use media_secure::srtp::Profile;

const WITHIN: Duration = Duration::from_secs(20);

/// A key and a certificate made by OpenSSL.
struct Identity {
    directory: PathBuf,
    fingerprint: String,
}

impl Identity {
    fn make(name: &str) -> Option<Self> {
        let directory =
            std::env::temp_dir().join(format!("callwright-dtls-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).ok()?;
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-nodes", "-subj", "/CN=peer", "-keyout", "key.pem", "-out", "peer.pem"])
            .current_dir(&directory)
            .output()
            .ok()?;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let shown = Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint", "-sha256", "-in", "peer.pem"])
            .current_dir(&directory)
            .output()
            .ok()?;
        let shown = String::from_utf8(shown.stdout).ok()?;
        let fingerprint = shown.trim().split_once('=')?.1.to_owned();
        Some(Self { directory, fingerprint })
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A running `openssl s_server` or `s_client`.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(directory: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new("openssl")
            .args(arguments)
            .args(["-dtls1_2", "-cert", "peer.pem", "-key", "key.pem"])
            .args(["-keymatexport", "EXTRACTOR-dtls_srtp"])
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl runs");
        let output = child.stdout.take().expect("a pipe");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// The line that contains `words`.
    fn says(&self, words: &str) -> String {
        let deadline = Instant::now() + WITHIN;
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(rest).unwrap_or_else(|_| panic!("no {words:?}"));
            if line.contains(words) {
                return line;
            }
        }
    }

    /// What it exports, as hex.
    fn keying_material(&self) -> String {
        self.says("Keying material: ").trim().replace("Keying material: ", "")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs our side over a socket until it is decided; takes the first sender as the peer.
fn handshake(dtls: &mut Dtls, socket: &UdpSocket) {
    socket.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    let deadline = Instant::now() + WITHIN;
    let mut buffer = [0; 4_096];
    dtls.start(Instant::now());
    while matches!(dtls.state(), State::Handshaking) && Instant::now() < deadline {
        while let Some(datagram) = dtls.take_datagram() {
            socket.send(&datagram).unwrap();
        }
        if let Ok((length, from)) = socket.recv_from(&mut buffer) {
            socket.connect(from).unwrap();
            dtls.receive(&buffer[..length], Instant::now());
        }
        dtls.tick(Instant::now());
    }
    while let Some(datagram) = dtls.take_datagram() {
        socket.send(&datagram).unwrap();
    }
}

/// What we agreed on, in the order of RFC 5764 §4.2.
fn exported(dtls: &Dtls) -> (Profile, String) {
    let State::Established { profile, local_key, remote_key } = dtls.state() else {
        panic!("{:?}", dtls.state());
    };
    let (client, server) =
        if dtls.is_client() { (local_key, remote_key) } else { (remote_key, local_key) };
    let split = profile.key_len();
    let parts = [&client[..split], &server[..split], &client[split..], &server[split..]];
    let hex = parts.concat().iter().map(|octet| format!("{octet:02X}")).collect();
    (*profile, hex)
}

fn length_of(profile: Profile) -> String {
    (2 * (profile.key_len() + profile.salt_len())).to_string()
}

const OFFERS: [(&str, Profile); 2] = [
    ("SRTP_AEAD_AES_128_GCM", Profile::AeadAes128Gcm),
    ("SRTP_AES128_CM_SHA1_80", Profile::AesCm128HmacSha1_80),
];

#[test]
fn with_openssl_as_the_server() {
    let Some(identity) = Identity::make("server") else { return };
    for (offer, expected) in OFFERS {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let length = length_of(expected);
        let server = Program::start(
            &identity.directory,
            &["s_server", "-accept", &address, "-use_srtp", offer, "-keymatexportlen", &length],
        );
        server.says("ACCEPT");
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(&address).unwrap();
        let certificate = Certificate::generate();
        let mut dtls = Dtls::new(&certificate, true, &identity.fingerprint, Instant::now());
        handshake(&mut dtls, &socket);
        assert_eq!(exported(&dtls), (expected, server.keying_material()));
    }
}

#[test]
fn with_openssl_as_the_client() {
    let Some(identity) = Identity::make("client") else { return };
    for (offer, expected) in OFFERS {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let length = length_of(expected);
        let client = Program::start(
            &identity.directory,
            &["s_client", "-connect", &address, "-use_srtp", offer, "-keymatexportlen", &length],
        );
        let certificate = Certificate::generate();
        let mut dtls = Dtls::new(&certificate, false, &identity.fingerprint, Instant::now());
        handshake(&mut dtls, &socket);
        assert_eq!(exported(&dtls), (expected, client.keying_material()));
    }
}

#[test]
fn a_client_that_offers_no_srtp_fails() {
    let Some(identity) = Identity::make("plain") else { return };
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let _client = Program::start(&identity.directory, &["s_client", "-connect", &address]);
    let certificate = Certificate::generate();
    let mut dtls = Dtls::new(&certificate, false, &identity.fingerprint, Instant::now());
    handshake(&mut dtls, &socket);
    assert!(matches!(dtls.state(), State::Failed("no protection profile in common")));
}
