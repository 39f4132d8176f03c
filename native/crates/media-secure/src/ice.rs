//! The lite side of ICE (RFC 8445 §2.5): we answer connectivity checks, the peer chooses the path.
//!
//! Our one candidate is the address a check came in at, so the answer goes back the way it came.
//! Where a check comes from is a candidate of the peer, whether its description named it or not
//! (peer-reflexive, §7.3.1.3): trickled candidates need nothing of us.

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::stun::{Message, Writer, attribute, kind};

/// RFC 7675 §5.1: who is not heard of for as long takes no more audio.
pub const CONSENT: Duration = Duration::from_secs(30);
/// How long a path stays before one of lower priority that was chosen later replaces it. An
/// aggressive peer (RFC 5245 §8.1.1.2) chooses several within moments, in any order.
const SETTLING: Duration = Duration::from_secs(1);
/// Addresses of the peer that may send, per session: more than a phone has.
const MAX_PATHS: usize = 16;
/// Answers that wait to be taken.
const MAX_WAITING: usize = 32;

/// What both descriptions said (RFC 8839 §5.4).
#[derive(Clone, PartialEq, Eq)]
pub struct IceCredentials {
    /// `a=ice-ufrag` of ours.
    pub local_ufrag: String,
    /// `a=ice-pwd` of ours.
    pub local_password: String,
    /// `a=ice-ufrag` of the peer's.
    pub remote_ufrag: String,
    /// `a=ice-pwd` of the peer's. We send no checks, so nothing needs it yet.
    pub remote_password: String,
}

impl fmt::Debug for IceCredentials {
    /// Without the passwords.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.local_ufrag, self.remote_ufrag)
    }
}

/// One leg's paths.
///
/// Feed it what arrived and send what `take_datagram` gives after it; call `tick` every second or
/// more often.
pub struct Ice {
    current: Session,
    /// Before a restart: carries the audio until the peer has chosen a new path (§9.1.1.1).
    former: Option<Session>,
    waiting: VecDeque<(SocketAddr, Vec<u8>)>,
    refused: u64,
}

struct Session {
    credentials: IceCredentials,
    paths: Vec<Path>,
    chosen: Option<SocketAddr>,
}

#[derive(Clone, Copy)]
struct Path {
    from: SocketAddr,
    /// That the peer gives its candidate (§5.1.2).
    priority: u32,
    checked_at: Instant,
    chosen_at: Option<Instant>,
}

impl Ice {
    /// A session in which nothing has been heard yet.
    pub fn new(credentials: IceCredentials) -> Self {
        Self {
            current: Session::new(credentials),
            former: None,
            waiting: VecDeque::new(),
            refused: 0,
        }
    }

    /// New descriptions. Other credentials are a restart: the path in use stays until the peer
    /// chooses one of the new session. The same ones change nothing.
    pub fn restart(&mut self, credentials: IceCredentials) {
        if credentials == self.current.credentials {
            return;
        }
        let replaced = std::mem::replace(&mut self.current, Session::new(credentials));
        if replaced.chosen.is_some() {
            self.former = Some(replaced);
        }
    }

    /// Takes a STUN message; true when the peer sent it. What others send is counted and not
    /// answered: who knows no password learns nothing.
    pub fn receive(&mut self, datagram: &[u8], from: SocketAddr, now: Instant) -> bool {
        let answer = self.check(datagram, from, now);
        if answer.is_none() {
            self.refused = self.refused.saturating_add(1);
        }
        match answer {
            Some(Some(answer)) if self.waiting.len() < MAX_WAITING => {
                self.waiting.push_back((from, answer));
                true
            }
            found => found.is_some(),
        }
    }

    /// The next answer, and where to.
    pub fn take_datagram(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.waiting.pop_front()
    }

    /// Lets time pass: paths that nobody checks any more are given up.
    pub fn tick(&mut self, now: Instant) {
        self.current.expire(now);
        if let Some(former) = &mut self.former {
            former.expire(now);
            if former.chosen.is_none() {
                self.former = None;
            }
        }
    }

    /// Where to send: the path that the peer chose, while it keeps it alive.
    pub fn selected(&self) -> Option<SocketAddr> {
        self.current.chosen.or_else(|| self.former.as_ref()?.chosen)
    }

    /// Whether to listen to this address: a check from there was authentic. DTLS may come before
    /// the peer has chosen a path.
    pub fn accepts(&self, from: SocketAddr) -> bool {
        self.sessions().any(|session| session.paths.iter().any(|path| path.from == from))
    }

    /// The names under which checks come in (see `ufrag_of`): one, while restarting two.
    pub fn local_ufrags(&self) -> impl Iterator<Item = &str> {
        self.sessions().map(|session| session.credentials.local_ufrag.as_str())
    }

    /// STUN messages that were not the peer's.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    fn sessions(&self) -> impl Iterator<Item = &Session> {
        std::iter::once(&self.current).chain(&self.former)
    }

    /// None: refused. Else the answer, if there is one to give.
    fn check(
        &mut self,
        datagram: &[u8],
        from: SocketAddr,
        now: Instant,
    ) -> Option<Option<Vec<u8>>> {
        let message = Message::parse(datagram)?;
        if message.kind() != kind::REQUEST {
            return None; // we ask nothing, so nothing answers
        }
        let username = message.value(attribute::USERNAME)?;
        let is_current = self.current.is_called(username);
        let session = if is_current {
            &mut self.current
        } else {
            self.former.as_mut().filter(|former| former.is_called(username))?
        };
        if !message.is_authentic(&session.credentials.local_password) {
            return None;
        }
        if let Some(refusal) = refusal(&message) {
            return Some(Some(refusal.seal(&session.credentials.local_password)));
        }
        let wants_it = message.value(attribute::USE_CANDIDATE).is_some();
        let is_taken = session.note(from, priority_of(&message), wants_it, now);
        if is_current && session.chosen.is_some() {
            self.former = None;
        }
        if !is_taken {
            return Some(None);
        }
        let session = if is_current { &self.current } else { self.former.as_ref()? };
        let mut answer = Writer::new(kind::SUCCESS, message.transaction());
        answer.put_xor_address(from);
        Some(Some(answer.seal(&session.credentials.local_password)))
    }
}

impl Session {
    fn new(credentials: IceCredentials) -> Self {
        Self { credentials, paths: Vec::new(), chosen: None }
    }

    /// Our name, a colon, the peer's (RFC 8445 §7.2.2).
    fn is_called(&self, username: &[u8]) -> bool {
        let (local, remote) = (&self.credentials.local_ufrag, &self.credentials.remote_ufrag);
        username.len() == local.len() + 1 + remote.len()
            && username.starts_with(local.as_bytes())
            && username[local.len()] == b':'
            && username.ends_with(remote.as_bytes())
    }

    /// Notes a check; false when there are too many paths already.
    fn note(&mut self, from: SocketAddr, priority: u32, wants_it: bool, now: Instant) -> bool {
        let at = match self.paths.iter().position(|path| path.from == from) {
            Some(at) => at,
            None => {
                self.expire(now);
                if self.paths.len() == MAX_PATHS {
                    return false;
                }
                self.paths.push(Path { from, priority, checked_at: now, chosen_at: None });
                self.paths.len() - 1
            }
        };
        self.paths[at].priority = priority;
        self.paths[at].checked_at = now;
        if wants_it {
            if self.is_better(self.paths[at], now) {
                self.chosen = Some(from);
            }
            self.paths[at].chosen_at = Some(now);
        }
        true
    }

    fn is_better(&self, offered: Path, now: Instant) -> bool {
        let chosen = self.paths.iter().find(|path| Some(path.from) == self.chosen);
        chosen.is_none_or(|path| {
            let has_settled =
                path.chosen_at.is_none_or(|then| now.duration_since(then) >= SETTLING);
            offered.priority >= path.priority || has_settled
        })
    }

    fn expire(&mut self, now: Instant) {
        self.paths.retain(|path| now.duration_since(path.checked_at) < CONSENT);
        let is_alive = |chosen: &SocketAddr| self.paths.iter().any(|path| path.from == *chosen);
        self.chosen = self.chosen.filter(is_alive);
    }
}

/// The name of the session that a check is for: ours, which stands first in its USERNAME.
///
/// Not proven: it says whom to ask. None for what is no check.
pub fn ufrag_of(datagram: &[u8]) -> Option<&str> {
    let username = Message::parse(datagram)?.value(attribute::USERNAME)?;
    std::str::from_utf8(username).ok()?.split_once(':').map(|(local, _)| local)
}

fn priority_of(message: &Message<'_>) -> u32 {
    let value = message.value(attribute::PRIORITY).and_then(|value| value.try_into().ok());
    value.map_or(0, u32::from_be_bytes)
}

/// What we answer to the peer's own mistakes: attributes that we ought to understand, and the wish
/// that we control, which a lite agent never does (RFC 8445 §7.3.1.1).
fn refusal(message: &Message<'_>) -> Option<Writer> {
    let mut unknown = Vec::new();
    for (kind, _) in message.attributes() {
        if !is_understood(kind) && unknown.len() < 16 {
            unknown.extend_from_slice(&kind.to_be_bytes());
        }
    }
    let refuse = |code: [u8; 2], phrase: &[u8]| {
        let mut refusal = Writer::new(kind::ERROR, message.transaction());
        refusal.put(attribute::ERROR_CODE, &[&[0, 0], &code, phrase].concat());
        refusal
    };
    if !unknown.is_empty() {
        let mut refusal = refuse([4, 20], b"Unknown Attribute");
        refusal.put(attribute::UNKNOWN_ATTRIBUTES, &unknown);
        return Some(refusal);
    }
    message.value(attribute::ICE_CONTROLLED).map(|_| refuse([4, 87], b"Role Conflict"))
}

fn is_understood(kind: u16) -> bool {
    kind >= attribute::FIRST_OPTIONAL
        || matches!(kind, attribute::USERNAME | attribute::PRIORITY | attribute::USE_CANDIDATE)
}
