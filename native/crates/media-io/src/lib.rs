//! The media engine: sockets, one thread for packets and pacing, one for files.
//!
//! Commands go in through [`engine::Engine`], events come out of [`event::EventQueue`]; neither
//! waits for the other side. What packets mean is the business of `media_core::switch`.

mod batch;
mod clock;
pub mod engine;
pub mod event;
mod load;
mod orders;
mod pairs;
mod reactor;
mod recorder;
mod sockets;
mod sound_file;
pub mod tape_deck;
