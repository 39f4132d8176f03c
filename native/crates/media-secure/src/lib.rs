//! What keeps audio private: SRTP, its keys by DTLS, and the paths that ICE proves.
//!
//! No sockets, no clock: bytes and time come in, bytes go out.

pub mod certificate;
pub mod demultiplex;
pub mod dtls;
pub mod ice;
pub mod srtp;
mod stun;
