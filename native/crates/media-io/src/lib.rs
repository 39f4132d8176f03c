//! The media engine: sockets, one thread for packets and pacing, one for files.
//!
//! Commands go in through [`engine::Engine`], events come out of [`event::EventQueue`]; neither
//! waits for the other side.

mod clock;
mod command;
mod dispatch;
pub mod engine;
pub mod event;
mod housekeeping;
mod leg;
mod legs;
mod lifecycle;
mod meters;
mod pacing;
mod packets;
mod reactor;
mod recorder;
mod reports;
mod sockets;

pub use command::Remote;
