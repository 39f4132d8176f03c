//! How a leg's packets are protected: not, by signalled keys, or by keys of a handshake.

use media_secure::certificate::Certificate;
use media_secure::dtls::{Dtls, State};
use media_secure::srtp::{Incoming, Outgoing};

use crate::switch::moment::Moment;
use crate::switch::remote::Protection;

/// The protection of one leg.
#[derive(Default)]
pub enum Guard {
    /// Packets are in clear.
    #[default]
    Clear,
    /// Both directions have keys.
    Keyed(Box<Session>),
    /// Keys are being agreed on. Nothing is sent in clear meanwhile.
    Shaking(Box<Dtls>),
    /// A handshake agreed on keys; the peer may repeat its last flight.
    Agreed(Box<Session>, Box<Dtls>),
    /// No keys will come: nothing is sent, nothing is heard.
    Barred,
}

/// Keys of both directions.
pub struct Session {
    /// What the peer sends.
    pub incoming: Incoming,
    /// What we send.
    pub outgoing: Outgoing,
}

/// What a step of a handshake came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// Nothing new.
    Pending,
    /// Packets can flow.
    Established,
    /// They never will.
    Failed,
}

impl Guard {
    /// Protection as it was agreed; `before` is what held until now, with its keys.
    pub fn change(
        &mut self,
        before: &Protection,
        after: &Protection,
        certificate: &Certificate,
        now: Moment,
    ) {
        if before == after {
            return;
        }
        *self = match after {
            Protection::None => Self::Clear,
            Protection::Keys { profile, local, remote } => {
                let outgoing = Outgoing::new(*profile, local);
                let incoming = Incoming::new(*profile, remote);
                match (incoming, outgoing, self.take_kept(before, after)) {
                    (Some(incoming), Some(outgoing), (kept_in, kept_out)) => {
                        Self::Keyed(Box::new(Session {
                            incoming: kept_in.unwrap_or(incoming),
                            outgoing: kept_out.unwrap_or(outgoing),
                        }))
                    }
                    _ => Self::Barred,
                }
            }
            Protection::Handshake { is_client, fingerprint } => {
                let made = Dtls::new(certificate, *is_client, fingerprint, now.instant);
                Self::Shaking(Box::new(made))
            }
        };
    }

    /// The directions whose keys did not change: their roll-over counters go on (RFC 3711 §3.3.1).
    fn take_kept(
        &mut self,
        before: &Protection,
        after: &Protection,
    ) -> (Option<Incoming>, Option<Outgoing>) {
        let (
            Protection::Keys { profile, local, remote },
            Protection::Keys { profile: new_profile, local: new_local, remote: new_remote },
        ) = (before, after)
        else {
            return (None, None);
        };
        let Self::Keyed(session) = std::mem::take(self) else { return (None, None) };
        let Session { incoming, outgoing } = *session;
        let is_same = profile == new_profile;
        (
            Some(incoming).filter(|_| is_same && remote == new_remote),
            Some(outgoing).filter(|_| is_same && local == new_local),
        )
    }

    /// The keys, when there are any.
    pub fn session(&mut self) -> Option<&mut Session> {
        match self {
            Self::Keyed(session) | Self::Agreed(session, _) => Some(session),
            _ => None,
        }
    }

    /// Packets are protected, now or later.
    pub fn is_secret(&self) -> bool {
        !matches!(self, Self::Clear)
    }

    /// A handshake is going on.
    pub fn is_shaking(&self) -> bool {
        matches!(self, Self::Shaking(_))
    }

    /// The handshake, going on or over.
    pub fn dtls(&mut self) -> Option<&mut Dtls> {
        match self {
            Self::Shaking(dtls) | Self::Agreed(_, dtls) => Some(dtls),
            _ => None,
        }
    }

    /// Looks what became of a handshake.
    pub fn settle(&mut self) -> Handshake {
        let Self::Shaking(dtls) = self else { return Handshake::Pending };
        let session = match dtls.state() {
            State::Handshaking => return Handshake::Pending,
            State::Failed(_) => None,
            State::Established { profile, local_key, remote_key } => {
                let incoming = Incoming::new(*profile, remote_key);
                incoming.zip(Outgoing::new(*profile, local_key))
            }
        };
        let Some((incoming, outgoing)) = session else {
            *self = Self::Barred;
            return Handshake::Failed;
        };
        let session = Box::new(Session { incoming, outgoing });
        if let Self::Shaking(dtls) = std::mem::take(self) {
            *self = Self::Agreed(session, dtls);
        }
        Handshake::Established
    }
}
