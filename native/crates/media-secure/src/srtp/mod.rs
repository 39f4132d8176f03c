//! SRTP and SRTCP (RFC 3711) with AES-CM and AES-GCM (RFC 7714).
//!
//! Packets are protected and opened in place; nothing is allocated for one. Not here, because nobody
//! offers it to us: key derivation rates, master key identifiers, F8.

mod derivation;
mod history;
mod incoming;
mod keystream;
mod layout;
mod outgoing;
mod profile;
mod sources;
#[cfg(test)]
mod test_bytes;
mod transform;

pub use incoming::Incoming;
pub use outgoing::Outgoing;
pub use profile::Profile;
