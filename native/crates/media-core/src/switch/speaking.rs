//! What legs say when frames are due: plays, the other side of a bridge, the mix of a room.

use crate::outbound::Target;
use crate::room::{UNITY, blend};
use crate::switch::Switch;
use crate::switch::event::Event;
use crate::switch::leg::{FRAME_TICKS, Leg, Place, law_of};
use crate::switch::moment::Moment;
use crate::switch::out::Out;
use crate::switch::rooms::Shared;

/// 20 ms of nothing, in which a key sounds.
const SILENCE: [i16; 160] = [0; 160];
/// Octets of the longest packet of G.711: 60 ms.
const LAW_OCTETS_MAX: usize = 480;

impl Switch {
    /// Says a leg's frame, unless its room does.
    pub(super) fn speak(&mut self, slot: usize, now: Moment, out: &mut Out) {
        let Some(leg) = self.legs.get(slot) else { return };
        if leg.end_play(out) {
            self.adjust_with_peer(slot, now);
        }
        let Some(leg) = self.legs.get(slot) else { return };
        if matches!(leg.place, Place::Room(_)) || leg.play_octets(now, out) {
            return;
        }
        let under_q8 = leg.play.as_ref().map_or(UNITY, |play| play.under_q8);
        let is_playing = leg.play.is_some();
        let takes_bridge = leg.takes_frames || (is_playing && under_q8 > 0);
        let other = leg.bridged().filter(|_| takes_bridge);
        let samples = |rate_hz: u32, leg: &Leg| rate_hz as usize / 100 * leg.frame_ticks() as usize;
        if !is_playing {
            if let Some((leg, other)) = other.and_then(|other| self.legs.pair(slot, other)) {
                if let Some(hearing) = other.hearing.as_ref() {
                    leg.say(&hearing.frame, hearing.rate_hz, now, out);
                }
            } else if let Some(leg) =
                self.legs.get(slot).filter(|leg| leg.mouth.pressing.has_tones())
            {
                leg.say(&SILENCE, 8_000, now, out);
            }
            return;
        }
        let rate_hz = leg.rate_hz();
        let mut frame = std::mem::take(&mut self.frame);
        frame.clear();
        frame.resize(samples(rate_hz, leg), 0);
        if let Some(play) = leg.play.as_mut() {
            play.playback.fill_pcm(rate_hz, &mut frame);
        }
        let peer = other.and_then(|other| self.legs.peek(other)?.hearing.as_ref());
        if let Some(peer) = peer.filter(|peer| peer.rate_hz == rate_hz) {
            blend(&mut frame, &peer.frame, under_q8);
        }
        if let Some(leg) = self.legs.get(slot) {
            leg.say(&frame, rate_hz, now, out);
        }
        self.frame = frame;
    }

    /// Says a room's mix to a member, under its play if it has one. `shared` is there when several
    /// members hear the very same.
    pub(super) fn speak_mix(
        &mut self,
        slot: usize,
        mix: &[i16],
        rate_hz: u32,
        shared: Option<&mut Shared>,
        now: Moment,
        out: &mut Out,
    ) {
        let Some(leg) = self.legs.get(slot) else { return };
        if let Some(play) = leg.play.as_mut() {
            let mut frame = std::mem::take(&mut self.frame);
            frame.clear();
            frame.resize(mix.len(), 0);
            play.playback.fill_pcm(rate_hz, &mut frame);
            blend(&mut frame, mix, play.under_q8);
            leg.say(&frame, rate_hz, now, out);
            self.frame = frame;
            return;
        }
        match shared {
            Some(shared) if leg.shares(rate_hz) => leg.say_shared(mix, shared, now, out),
            _ => leg.say(mix, rate_hz, now, out),
        }
    }
}

impl Leg {
    /// Ends a play that has nothing left; true when it did.
    fn end_play(&mut self, out: &mut Out) -> bool {
        let Some(play) = self.play.take_if(|play| play.playback.is_over()) else { return false };
        out.events.push(Event::PlayFinished { leg: self.id, token: play.token });
        true
    }

    /// Says a play's octets as they are, where nothing else has a part in it; false when that
    /// cannot be.
    fn play_octets(&mut self, now: Moment, out: &mut Out) -> bool {
        let Some(target) = self.target else {
            return self.pass_play_time(FRAME_TICKS);
        };
        let Some(law) = law_of(target.codec) else { return false };
        let is_plain = self.play.as_ref().is_some_and(|play| play.under_q8 == 0)
            && self.recorded.is_none()
            && self.mouth.is_even()
            && !self.mouth.pressing.has_tones()
            && self.frame_ticks() == u64::from(target.packet_ticks);
        let can_send = self.open_target().is_some() && !self.is_pressing();
        let Some(play) = self.play.as_mut().filter(|_| is_plain) else { return false };
        let mut octets = [0; LAW_OCTETS_MAX];
        let frame = &mut octets[..usize::from(target.packet_ticks) * 80];
        play.playback.fill(law, frame);
        if can_send {
            self.mouth.say_ready(frame, &target, &mut self.line, now, out);
        } else {
            self.mouth.pass_frame(&target, now);
        }
        true
    }

    /// Before the peer is known a play only passes its time.
    fn pass_play_time(&mut self, ticks: u64) -> bool {
        if let Some(play) = self.play.as_mut() {
            play.playback.skip(ticks * 80);
        }
        true
    }

    /// Says a frame of PCM.
    fn say(&mut self, pcm: &[i16], rate_hz: u32, now: Moment, out: &mut Out) {
        if self.records_heard() {
            self.mouth.said.extend_from_slice(pcm);
            self.mouth.said_hz = rate_hz;
        }
        let is_pressing = self.mouth.pressing.is_pressing();
        let Some(target) = self.open_target().filter(|_| !is_pressing) else {
            return self.mouth.keep_silent();
        };
        let mut tone = Vec::new();
        let pcm = match self.mouth.pressing.tones() {
            None => pcm,
            Some(tones) => {
                tone.resize(pcm.len(), 0);
                tones.fill(rate_hz, &mut tone);
                &tone
            }
        };
        let parameters = || self.remote.as_ref().map_or("", |remote| &remote.format.parameters);
        self.mouth.say(pcm, rate_hz, parameters, &target, &mut self.line, now, out);
    }

    /// Whether a payload that was made for others is right for this leg, too.
    fn shares(&mut self, rate_hz: u32) -> bool {
        let is_plain = self.mouth.is_even() && !self.is_pressing();
        let fits = |target: &Target| {
            law_of(target.codec).is_some()
                && target.codec.rate_hz == rate_hz
                && u64::from(target.packet_ticks) == FRAME_TICKS
        };
        is_plain && !self.records_heard() && self.open_target().as_ref().is_some_and(fits)
    }

    fn say_shared(&mut self, mix: &[i16], shared: &mut Shared, now: Moment, out: &mut Out) {
        let Some(target) = self.target else { return };
        let Some(law) = law_of(target.codec) else { return };
        let make = |payload: &mut Vec<u8>| law.compress(mix, payload);
        let payload = shared.encoded(target.codec, make);
        self.mouth.say_ready(payload, &target, &mut self.line, now, out);
    }
}
