//! Telephone events as they arrive: each key press is reported once.

use crate::telephone_event::{Event, key_of};

/// Remembers the running event, so that its further packets and repeated ends stay silent.
#[derive(Debug, Default)]
pub struct DtmfReceiver {
    last: Option<Seen>,
}

#[derive(Debug)]
struct Seen {
    ssrc: u32,
    timestamp: u32,
    event: Event,
}

impl DtmfReceiver {
    /// Takes an event packet; returns the key when this is the first packet seen of its press.
    pub fn receive(&mut self, ssrc: u32, timestamp: u32, event: Event) -> Option<char> {
        let is_known = self.last.as_ref().is_some_and(|last| last.covers(ssrc, timestamp, &event));
        if let Some(last) = self.last.as_mut().filter(|_| is_known) {
            if timestamp.wrapping_sub(last.timestamp) as i32 >= 0 {
                last.timestamp = timestamp;
                last.event.end |= event.end;
                last.event.duration = event.duration;
            }
            return None;
        }
        self.last = Some(Seen { ssrc, timestamp, event });
        key_of(event.code)
    }
}

impl Seen {
    /// Whether a packet belongs to this event: same timestamp, an older one that came late, or
    /// the next segment of a press longer than a duration can say (RFC 4733 §2.5.1.3).
    fn covers(&self, ssrc: u32, timestamp: u32, event: &Event) -> bool {
        if ssrc != self.ssrc {
            return false;
        }
        let later = timestamp.wrapping_sub(self.timestamp) as i32;
        let is_late = later < 0 && later > -LATE_SAMPLES_MAX;
        let is_next_segment = !self.event.end
            && event.code == self.event.code
            && self.event.duration == u16::MAX
            && later == i32::from(u16::MAX);
        later == 0 || is_late || is_next_segment
    }
}

/// An event that is older by more is no late packet but a source that began anew.
const LATE_SAMPLES_MAX: i32 = 5 * 8_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn event(code: u8, duration: u16, end: bool) -> Event {
        Event { code, end, volume: 10, duration }
    }

    #[test]
    fn one_press_is_one_key() {
        let mut receiver = DtmfReceiver::default();
        assert_eq!(receiver.receive(1, 1_000, event(5, 160, false)), Some('5'));
        assert_eq!(receiver.receive(1, 1_000, event(5, 320, false)), None);
        for _ in 0..3 {
            assert_eq!(receiver.receive(1, 1_000, event(5, 480, true)), None);
        }
        assert_eq!(receiver.receive(1, 2_000, event(5, 160, false)), Some('5'), "pressed again");
    }

    #[test]
    fn an_end_alone_is_a_key() {
        let mut receiver = DtmfReceiver::default();
        assert_eq!(receiver.receive(1, 1_000, event(11, 800, true)), Some('#'));
        assert_eq!(receiver.receive(1, 1_000, event(11, 800, true)), None);
    }

    #[test]
    fn a_late_packet_of_the_former_press_is_silent() {
        let mut receiver = DtmfReceiver::default();
        receiver.receive(1, 1_000, event(1, 800, false));
        assert_eq!(receiver.receive(1, 2_600, event(2, 160, false)), Some('2'));
        assert_eq!(receiver.receive(1, 1_000, event(1, 800, true)), None);
        assert_eq!(receiver.receive(1, 2_600, event(2, 320, true)), None);
    }

    #[test]
    fn a_long_press_goes_on_in_segments() {
        let mut receiver = DtmfReceiver::default();
        receiver.receive(1, 0, event(3, 160, false));
        receiver.receive(1, 0, event(3, u16::MAX, false));
        assert_eq!(receiver.receive(1, 65_535, event(3, 160, false)), None);
        assert_eq!(receiver.receive(1, 65_535, event(3, 320, true)), None);
    }

    #[test]
    fn a_new_source_begins_anew() {
        let mut receiver = DtmfReceiver::default();
        receiver.receive(1, 1_000, event(1, 160, false));
        assert_eq!(receiver.receive(2, 1_000, event(1, 160, false)), Some('1'));
        assert_eq!(receiver.receive(2, 9_000, event(16, 160, false)), None, "flash is no key");
    }
}
