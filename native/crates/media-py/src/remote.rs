//! `callwright.media.remote`, field by field.

use std::net::SocketAddr;

use media_audio::codec::find;
use media_core::switch::remote::{Format, Protection, Remote};
use media_secure::ice::IceCredentials;
use media_secure::srtp::Profile;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::parse_ip;

/// `AudioFormat`: codec, payload type, clock, parameters.
pub type FormatFields = (String, u8, u32, String);

/// Both directions of `RemoteMedia`'s addresses: IP, RTP port, RTCP port, another IP.
pub type AddressFields<'a> = (&'a str, u16, u16, Option<&'a str>);

/// What else goes over the wire: packet time in ms, whether to send, whether to listen, RTCP on the
/// port of RTP, payload type of events, payload type of comfort noise.
pub type StreamFields = (u32, bool, bool, bool, Option<u8>, Option<u8>);

/// `Sdes`: suite, our key, the peer's key; or `Dtls`: whether we begin, the peer's fingerprint.
#[derive(FromPyObject)]
pub enum ProtectionFields {
    /// Keys.
    Sdes(String, Vec<u8>, Vec<u8>),
    /// A handshake.
    Dtls(bool, String),
}

/// `IceSession`: our user name and password, the peer's.
pub type IceFields = (String, String, String, String);

/// Makes what the engine wants of the fields; `ValueError` when they make no sense.
pub fn remote(
    addresses: AddressFields<'_>,
    format: FormatFields,
    accepts: Vec<FormatFields>,
    stream: StreamFields,
    protection: Option<ProtectionFields>,
    ice: Option<IceFields>,
) -> PyResult<Remote> {
    let (ip, rtp_port, rtcp_port, also) = addresses;
    let (ptime_ms, send, receive, rtcp_mux, events, comfort_noise) = stream;
    let ip = parse_ip(ip)?;
    let format = made(format)?;
    let packet_ticks = (format.codec.frame_ms(ptime_ms) / 10) as u8;
    Ok(Remote {
        rtp: SocketAddr::new(ip, rtp_port),
        rtcp: SocketAddr::new(ip, rtcp_port),
        also: also.map(parse_ip).transpose()?,
        format,
        accepts: accepts.into_iter().map(made).collect::<PyResult<_>>()?,
        packet_ticks,
        events,
        comfort_noise,
        send,
        receive,
        rtcp_mux,
        protection: protection.map_or(Ok(Protection::None), protected)?,
        ice: ice.map(|(local_ufrag, local_password, remote_ufrag, remote_password)| {
            IceCredentials { local_ufrag, local_password, remote_ufrag, remote_password }
        }),
    })
}

fn made((name, payload_type, clock_hz, parameters): FormatFields) -> PyResult<Format> {
    let codec = find(&name, clock_hz);
    let codec =
        codec.ok_or_else(|| PyValueError::new_err(format!("there is no {name}/{clock_hz}")))?;
    Ok(Format { codec, payload_type, parameters: parameters.into() })
}

fn protected(fields: ProtectionFields) -> PyResult<Protection> {
    match fields {
        ProtectionFields::Sdes(suite, local, remote) => {
            let profile = Profile::named(&suite)
                .ok_or_else(|| PyValueError::new_err(format!("there is no suite {suite}")))?;
            Ok(Protection::Keys { profile, local: local.into(), remote: remote.into() })
        }
        ProtectionFields::Dtls(is_client, fingerprint) => {
            Ok(Protection::Handshake { is_client, fingerprint: fingerprint.into() })
        }
    }
}
