//! A DTLS handshake that agrees on SRTP keys (RFC 5763, 5764).
//!
//! Nothing but the handshake: what else a peer sends over DTLS is dropped, as audio is SRTP.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dimpl::{Config, Error, Output, SrtpProfile, UnexpectedMessageError};

use crate::certificate::{Certificate, fingerprint_of};
use crate::srtp::Profile;

/// Browsers ring off after about as long.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);
/// RFC 6347 §4.2.4.1 says one second; on links of this century a lost flight is known sooner
/// (RFC 9147 §5.8.2 leaves it to real-time applications).
const FIRST_RETRY: Duration = Duration::from_millis(250);
const RETRIES: usize = 7;
/// How long a finished handshake answers a peer that has not seen our last flight.
const LINGER: Duration = Duration::from_secs(60);
/// Fits IPv6's least MTU with its headers and a tunnel's.
const MTU_BYTES: usize = 1_150;
/// The first octet of a record that belongs to a handshake (RFC 6347 §4.1).
const HANDSHAKE_RECORD: u8 = 22;
/// Datagrams that wait to be taken.
const MAX_WAITING: usize = 32;
/// One datagram of ours, or a peer's certificate: chains with an RSA key are longer than the MTU.
const OUTPUT_BYTES: usize = 4_096;
const MAX_OUTPUT_BYTES: usize = 65_536;

/// How far a handshake is.
pub enum State {
    /// Not yet agreed.
    Handshaking,
    /// Agreed, with the peer whose certificate was announced.
    Established {
        /// How RTP is protected.
        profile: Profile,
        /// Master key and salt of what we send.
        local_key: Vec<u8>,
        /// Master key and salt of what the peer sends.
        remote_key: Vec<u8>,
    },
    /// Over, and why.
    Failed(&'static str),
}

impl fmt::Debug for State {
    /// Without the keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshaking => formatter.write_str("Handshaking"),
            Self::Established { profile, .. } => write!(formatter, "Established({profile:?})"),
            Self::Failed(why) => write!(formatter, "Failed({why})"),
        }
    }
}

/// One leg's handshake.
///
/// Feed it what arrived, call `tick` about every 10 ms, and send what `take_datagram` gives after
/// each of them.
pub struct Dtls {
    session: Option<Box<dimpl::Dtls>>,
    state: State,
    is_client: bool,
    /// We have said something.
    has_started: bool,
    remote_fingerprint: String,
    is_believed: bool,
    is_connected: bool,
    waiting: VecDeque<Vec<u8>>,
    next_timeout: Option<Instant>,
    established_at: Option<Instant>,
}

pub(crate) fn config() -> Config {
    Config::builder()
        .mtu(MTU_BYTES)
        .handshake_timeout(HANDSHAKE_TIMEOUT)
        .flight_start_rto(FIRST_RETRY)
        .flight_retries(RETRIES)
        // Signalling and ICE have proven the address; a cookie would cost each call a round trip.
        .use_server_cookie(false)
        .require_client_certificate(true)
        .build()
        .expect("a fixed configuration is valid")
}

impl Dtls {
    /// A handshake with the peer whose certificate has this SHA-256 fingerprint ("AB:CD:..", in
    /// any case). As a client it waits for `start`, as a server for the peer.
    pub fn new(
        certificate: &Certificate,
        is_client: bool,
        remote_fingerprint: &str,
        now: Instant,
    ) -> Self {
        let identity = (*certificate.identity).clone();
        let mut session = dimpl::Dtls::new_auto(Arc::clone(&certificate.config), identity, now);
        session.set_active(is_client);
        Self {
            session: Some(Box::new(session)),
            state: State::Handshaking,
            is_client,
            has_started: false,
            remote_fingerprint: remote_fingerprint.to_ascii_uppercase(),
            is_believed: false,
            is_connected: false,
            waiting: VecDeque::new(),
            next_timeout: None,
            established_at: None,
        }
    }

    /// Begins, when we are the client and the peer can be reached. Once; again does nothing.
    pub fn start(&mut self, now: Instant) {
        if self.is_client && !self.has_started {
            self.has_started = true;
            self.advance(now);
        }
    }

    /// Takes a datagram of the peer.
    pub fn receive(&mut self, datagram: &[u8], now: Instant) {
        let Some(session) = &mut self.session else { return };
        if !self.has_started && (self.is_client || datagram.first() != Some(&HANDSHAKE_RECORD)) {
            // Nothing was asked that this could answer. Nor does a server believe an alert of
            // somebody whom it has heard nothing else of: anybody may have sent it.
            return;
        }
        let taken = session.handle_timeout(now).and_then(|()| session.handle_packet(datagram));
        match taken {
            // Before the first answer is understood anything may be a stray or a forgery.
            Ok(()) | Err(Error::UnexpectedMessage(STRAY)) => self.drain(now),
            Err(_) => self.break_off("the peer broke the protocol"),
        }
    }

    /// Lets time pass: retransmissions and the time limit.
    pub fn tick(&mut self, now: Instant) {
        if self.established_at.is_some_and(|then| now.duration_since(then) >= LINGER) {
            self.session = None;
            self.established_at = None;
        }
        if self.next_timeout.is_some_and(|due| due <= now) {
            self.advance(now);
        }
    }

    /// The next datagram to send to the peer.
    pub fn take_datagram(&mut self) -> Option<Vec<u8>> {
        self.waiting.pop_front()
    }

    /// How far it is.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// We are the one that begins.
    pub fn is_client(&self) -> bool {
        self.is_client
    }

    /// Whether the handshake is with the certificate of this fingerprint.
    pub fn is_with(&self, remote_fingerprint: &str) -> bool {
        self.remote_fingerprint.eq_ignore_ascii_case(remote_fingerprint)
    }

    fn advance(&mut self, now: Instant) {
        let Some(session) = &mut self.session else { return };
        match session.handle_timeout(now) {
            Ok(()) => self.drain(now),
            Err(Error::Timeout(_)) => self.break_off("the peer did not answer"),
            Err(_) => self.break_off("the handshake broke"),
        }
    }

    /// Takes everything that the session has to say.
    fn drain(&mut self, now: Instant) {
        let mut buffer = vec![0; OUTPUT_BYTES];
        loop {
            let Some(session) = &mut self.session else { return };
            match session.poll_output(&mut buffer) {
                Output::Packet(datagram) if self.waiting.len() < MAX_WAITING => {
                    self.has_started = true;
                    self.waiting.push_back(datagram.to_vec());
                }
                Output::BufferTooSmall { needed } => {
                    if needed > MAX_OUTPUT_BYTES {
                        return self.break_off("the peer's certificate is too long");
                    }
                    buffer.resize(needed, 0);
                }
                Output::Timeout(due) => {
                    self.next_timeout = Some(due);
                    break;
                }
                Output::PeerCert(certificate) => {
                    self.is_believed = fingerprint_of(certificate) == self.remote_fingerprint;
                    if !self.is_believed {
                        return self.break_off("not the certificate that was announced");
                    }
                }
                Output::Connected => self.is_connected = true,
                Output::KeyingMaterial(keys, profile) => {
                    self.agree(&keys, profile);
                    self.established_at = Some(now);
                }
                _ => {}
            }
        }
        if self.is_connected && matches!(self.state, State::Handshaking) {
            self.break_off("no protection profile in common");
        }
    }

    /// The exported keys: client's and server's, then the client's and the server's salt
    /// (RFC 5764 §4.2).
    fn agree(&mut self, keys: &[u8], profile: SrtpProfile) {
        let profile = match profile {
            SrtpProfile::AES128_CM_SHA1_80 => Profile::AesCm128HmacSha1_80,
            SrtpProfile::AEAD_AES_128_GCM => Profile::AeadAes128Gcm,
            SrtpProfile::AEAD_AES_256_GCM => Profile::AeadAes256Gcm,
            _ => return self.break_off("a protection profile that we do not have"),
        };
        let (key_bytes, salt_bytes) = (profile.key_len(), profile.salt_len());
        if !self.is_believed || keys.len() != 2 * (key_bytes + salt_bytes) {
            return self.break_off("no keys for SRTP");
        }
        let (master_keys, salts) = keys.split_at(2 * key_bytes);
        let client = [&master_keys[..key_bytes], &salts[..salt_bytes]].concat();
        let server = [&master_keys[key_bytes..], &salts[salt_bytes..]].concat();
        let (local_key, remote_key) =
            if self.is_client { (client, server) } else { (server, client) };
        self.state = State::Established { profile, local_key, remote_key };
    }

    /// Ends a handshake. What was established stays: a stranger's datagram must not cut a call.
    fn break_off(&mut self, why: &'static str) {
        self.session = None;
        self.next_timeout = None;
        if matches!(self.state, State::Handshaking) {
            self.state = State::Failed(why);
        }
    }
}

const STRAY: UnexpectedMessageError = UnexpectedMessageError::UnrecognizedAutoServerResponse;
