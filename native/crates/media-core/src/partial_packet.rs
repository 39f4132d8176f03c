//! Audio that waits for the rest of its packet, where a peer wants other packet times than those of
//! whom it hears.

use crate::outbound::Target;

/// A piece of audio that waited so long is worth nothing: 200 ms.
const STALE_TICKS: i32 = 20;

/// The beginning of a packet.
#[derive(Debug, Default)]
pub struct Partial {
    /// Its audio.
    pub octets: Vec<u8>,
    /// It begins a talk spurt.
    pub marker: bool,
    timestamp: u32,
}

impl Partial {
    /// Takes audio and emits the packets that it fills: timestamp, marker, octets, and the timestamp
    /// of their end.
    pub fn append(
        &mut self,
        audio: &[u8],
        timestamp: u32,
        target: &Target,
        mut emit: impl FnMut(u32, bool, &[u8], u32),
    ) {
        let Some(length) = target.packet_octets() else { return };
        if self.octets.len() >= length {
            self.emit(target, &mut emit);
        }
        if self.octets.is_empty() {
            self.timestamp = timestamp;
        }
        let mut rest = audio;
        while !rest.is_empty() {
            let count = rest.len().min(length - self.octets.len());
            self.octets.extend_from_slice(&rest[..count]);
            rest = &rest[count..];
            if self.octets.len() == length {
                self.emit(target, &mut emit);
            }
        }
    }

    fn emit(&mut self, target: &Target, emit: &mut impl FnMut(u32, bool, &[u8], u32)) {
        let end = self.timestamp.wrapping_add(target.units_in(self.octets.len()));
        emit(self.timestamp, std::mem::take(&mut self.marker), &self.octets, end);
        self.timestamp = end;
        self.octets.clear();
    }

    /// Fills what is missing before `timestamp` with silence, at most up to a whole packet. False
    /// when the audio is too late to be of use.
    pub fn bridge_gap(&mut self, timestamp: u32, target: &Target) -> bool {
        let Some(length) = target.packet_octets() else { return false };
        if self.octets.len() > length {
            self.octets.clear(); // the target's packet time shrank meanwhile
        }
        if self.octets.is_empty() {
            return true;
        }
        let held = target.units_in(self.octets.len());
        let gap = timestamp.wrapping_sub(self.timestamp.wrapping_add(held)) as i32;
        if gap.abs() >= STALE_TICKS * (target.codec.clock_hz / 100) as i32 {
            self.octets.clear();
        } else if gap < 0 {
            return false;
        } else {
            let filled = (self.octets.len() + target.octets_in(gap as u32)).min(length);
            let silence = target.codec.octets.as_ref().map_or(0, |octets| octets.silence);
            self.octets.resize(filled, silence);
        }
        true
    }
}
