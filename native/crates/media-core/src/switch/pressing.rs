//! Keys that a leg sends, as events or as sound: most legs never do.

use crate::dtmf_sender::DtmfSender;
use crate::switch::key_tones::KeyTones;

/// The keys of one leg; made when there are some.
#[derive(Default)]
pub struct Pressing(Option<Box<Keys>>);

/// Both ways to send them.
#[derive(Default)]
pub struct Keys {
    /// Keys on their way as events.
    pub events: DtmfSender,
    /// Keys on their way as sound.
    pub tones: KeyTones,
}

impl Pressing {
    /// Where keys are queued.
    pub fn keys(&mut self) -> &mut Keys {
        self.0.get_or_insert_default()
    }

    /// Keys that are sent as events, if there are any.
    pub fn events(&mut self) -> Option<&mut DtmfSender> {
        self.0.as_mut().map(|keys| &mut keys.events).filter(|events| !events.is_idle())
    }

    /// Keys that are sent as sound, if there are any.
    pub fn tones(&mut self) -> Option<&mut KeyTones> {
        self.0.as_mut().map(|keys| &mut keys.tones).filter(|tones| !tones.is_idle())
    }

    /// Keys have to be sent as events.
    pub fn has_events(&self) -> bool {
        self.0.as_ref().is_some_and(|keys| !keys.events.is_idle())
    }

    /// Keys have to be sent as sound.
    pub fn has_tones(&self) -> bool {
        self.0.as_ref().is_some_and(|keys| !keys.tones.is_idle())
    }

    /// An event is on its way: audio has to be silent.
    pub fn is_pressing(&self) -> bool {
        self.0.as_ref().is_some_and(|keys| keys.events.is_pressing())
    }
}
