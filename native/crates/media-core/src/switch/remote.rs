//! What signalling agreed for a leg.

use std::net::{IpAddr, SocketAddr};

use media_audio::codec::Codec;
use media_secure::ice::IceCredentials;
use media_secure::srtp::Profile;

use crate::outbound::Target;

/// A codec under the number that packets carry.
#[derive(Clone, Debug)]
pub struct Format {
    /// How audio is encoded.
    pub codec: &'static Codec,
    /// 0 to 127.
    pub payload_type: u8,
    /// What the receiver of such packets asks for, as in `a=fmtp`.
    pub parameters: Box<str>,
}

/// One leg's stream, both ways.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Where RTP goes, until something arrives from elsewhere.
    pub rtp: SocketAddr,
    /// Where RTCP goes, until something arrives from elsewhere.
    pub rtcp: SocketAddr,
    /// Another address that packets may come from.
    pub also: Option<IpAddr>,
    /// What we send.
    pub format: Format,
    /// What else may arrive.
    pub accepts: Box<[Format]>,
    /// Length of a packet that we send, in ticks of 10 ms: 1 to 6.
    pub packet_ticks: u8,
    /// Payload type of telephone events, with the clock of `format`.
    pub events: Option<u8>,
    /// Payload type of comfort noise.
    pub comfort_noise: Option<u8>,
    /// Whether to send.
    pub send: bool,
    /// Whether to listen.
    pub receive: bool,
    /// RTCP on the port of RTP (RFC 5761).
    pub rtcp_mux: bool,
    /// How packets are protected.
    pub protection: Protection,
    /// Where packets come from and go to is found by checks.
    pub ice: Option<IceCredentials>,
}

/// How packets are protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    None,
    /// By keys that the signalling carried.
    Keys {
        /// Ciphers and lengths.
        profile: Profile,
        /// Master key and salt of what we send.
        local: Box<[u8]>,
        /// Master key and salt of what the peer sends.
        remote: Box<[u8]>,
    },
    /// By keys of a handshake.
    Handshake {
        /// We begin it.
        is_client: bool,
        /// SHA-256 of the peer's certificate: upper-case hex pairs with colons.
        fingerprint: Box<str>,
    },
}

impl Remote {
    /// How to send.
    pub fn target(&self) -> Target {
        Target {
            codec: self.format.codec,
            payload_type: self.format.payload_type,
            packet_ticks: self.packet_ticks,
            events: self.events,
            comfort_noise: self.comfort_noise,
        }
    }

    /// The codec of a payload type, if it was agreed.
    pub fn codec_of(&self, payload_type: u8) -> Option<&Format> {
        if self.format.payload_type == payload_type {
            return Some(&self.format);
        }
        self.accepts.iter().find(|format| format.payload_type == payload_type)
    }
}
