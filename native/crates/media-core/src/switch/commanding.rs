//! Commands carried out.

use crate::switch::Switch;
use crate::switch::command::{Command, LegCommand, Reading};
use crate::switch::event::{Event, RecordEnd};
use crate::switch::leg::{Leg, Place, Play};
use crate::switch::moment::Moment;
use crate::switch::out::{Out, Tape};
use crate::switch::ports::{Entry, PortId};
use crate::switch::remote::Remote;
use crate::switch::tap::Tap;

impl Switch {
    /// Carries a command out; returns how many parts of it concern nothing that exists.
    pub fn obey(&mut self, command: Command, now: Moment, out: &mut Out) -> usize {
        let is_done = match command {
            Command::Open { leg, port, reading } => self.open_leg(leg, port, reading, now),
            Command::Bridge { one, other } => self.bridge(one, other, now, out),
            Command::SetGain { speaker, listener, gain_q8 } => {
                self.set_gain(speaker, listener, gain_q8)
            }
            Command::ToLeg(leg, command) => match self.legs.slot_of(leg) {
                Some(slot) => {
                    self.serving = Some(slot);
                    return self.obey_for_leg(slot, command, now, out);
                }
                None => false,
            },
        };
        usize::from(!is_done)
    }

    fn obey_for_leg(
        &mut self,
        slot: usize,
        command: LegCommand,
        now: Moment,
        out: &mut Out,
    ) -> usize {
        match command {
            LegCommand::SetRemote(remote) => self.set_remote(slot, *remote, now, out),
            LegCommand::Unbridge => self.unbridge(slot, now),
            LegCommand::JoinRoom(room) => self.join_room(slot, room, now, out),
            LegCommand::LeaveRoom => self.leave_room(slot, now, out),
            LegCommand::Play { playback, token, under_q8 } => {
                self.start_play(slot, Play { playback: *playback, token, under_q8 }, now);
            }
            LegCommand::StopPlay => self.stop_play(slot, now),
            LegCommand::SendDtmf { keys, press_ms } => {
                return self.send_keys(slot, &keys, press_ms, now);
            }
            LegCommand::Record(order) => {
                self.start_record(slot, *order, out);
                self.adjust_with_peer(slot, now);
            }
            LegCommand::PauseRecord => self.pause_record(slot, true),
            LegCommand::ResumeRecord => self.pause_record(slot, false),
            LegCommand::StopRecord => {
                self.end_record(slot, RecordEnd::Stopped, out);
                self.adjust_with_peer(slot, now);
            }
            LegCommand::Listen(token) => {
                if let Some(leg) = self.legs.get(slot) {
                    leg.tap = token.map(|token| Box::new(Tap::new(token)));
                    leg.is_tapped = leg.tap.is_some();
                }
                self.adjust_with_peer(slot, now);
            }
            LegCommand::SetTimeout { samples } => {
                if let Some(leg) = self.legs.get(slot) {
                    leg.timeout = samples;
                    leg.heard_at = now.samples;
                    leg.is_timed_out = false;
                }
            }
            LegCommand::Close => self.close_leg(slot, now, out),
        }
        0
    }

    fn open_leg(&mut self, id: i64, port: PortId, reading: Reading, now: Moment) -> bool {
        let leg = Leg::new(id, port, reading, &mut self.chance, now);
        let Some(slot) = self.legs.insert(leg) else { return false };
        self.ports.enter(port, slot);
        true
    }

    fn set_remote(&mut self, slot: usize, remote: Remote, now: Moment, out: &mut Out) {
        let Some(leg) = self.legs.get(slot) else { return };
        leg.reception.set_clock(remote.format.codec.clock_hz);
        leg.line.agree(&remote, &self.certificate, now);
        leg.agree(remote, &mut self.chance, now);
        let port = leg.line.port;
        for entry in [Entry::Rtp, Entry::Rtcp] {
            self.claim(slot, port, entry);
        }
        let Some(leg) = self.legs.get(slot) else { return };
        if let Some(ice) = leg.line.ice.as_ref() {
            self.ports.name(ice.local_ufrags(), slot);
        }
        leg.line.begin_handshake(now, out);
        self.adjust_with_peer(slot, now);
        self.adjust_room_of(slot);
    }

    /// A leg's peer is where signalling says. A packet that came from there before it was said may
    /// have been taken for another leg's.
    fn claim(&mut self, slot: usize, port: PortId, entry: Entry) {
        let Some(line) = self.legs.peek(slot).map(|leg| &leg.line) else { return };
        let place = line.signalled(entry);
        let owner = place.and_then(|place| self.ports.owner(port, entry, place));
        let taken = place.zip(owner.filter(|&owner| owner != slot));
        if let Some((place, owner)) = taken
            && let Some(other) = self.legs.get(owner)
            && other.line.leave(entry, place)
        {
            self.ports.expect_only(port, entry, other.line.known(entry), owner);
        }
        let Some(line) = self.legs.peek(slot).map(|leg| &leg.line) else { return };
        self.ports.expect_only(port, entry, line.known(entry), slot);
    }

    fn start_play(&mut self, slot: usize, play: Play, now: Moment) {
        let Some(leg) = self.legs.get(slot) else { return };
        leg.mouth.pause();
        leg.play = Some(Box::new(play));
        self.adjust_with_peer(slot, now);
    }

    fn stop_play(&mut self, slot: usize, now: Moment) {
        if let Some(leg) = self.legs.get(slot) {
            leg.play = None;
            leg.mouth.keep_silent();
        }
        self.adjust_with_peer(slot, now);
    }

    /// Queues keys; returns how many were refused.
    pub(super) fn send_keys(
        &mut self,
        slot: usize,
        keys: &str,
        press_ms: u32,
        now: Moment,
    ) -> usize {
        let Some(leg) = self.legs.get(slot) else { return 0 };
        let refused = if leg.keys_are_tones() {
            leg.mouth.pressing.keys().tones.push(keys, press_ms)
        } else {
            leg.mouth.pressing.keys().events.push(keys, press_ms)
        };
        self.adjust(slot, now);
        refused
    }

    fn pause_record(&mut self, slot: usize, is_paused: bool) {
        let record = self.legs.get(slot).and_then(|leg| leg.record.as_mut());
        match record {
            Some(record) if is_paused => record.recording.pause(),
            Some(record) => record.recording.resume(),
            None => {}
        }
    }

    /// Ends everything about a leg.
    pub(super) fn close_leg(&mut self, slot: usize, now: Moment, out: &mut Out) {
        self.part(slot, now, out);
        self.end_record(slot, RecordEnd::LegClosed, out);
        self.stop_pacing(slot);
        let Some(mut leg) = self.legs.remove(slot) else { return };
        self.ports.leave(leg.line.port, slot);
        leg.report(now, true, out);
        let event = Event::LegClosed { leg: leg.id, statistics: leg.statistics() };
        leg.publish();
        match leg.last_tape {
            Some(tape) => out.tapes.push(Tape::LegClosed { tape, event }),
            None => out.events.push(event),
        }
    }
}

impl Leg {
    /// Nobody is heard any more, nor the relayed stream of a former peer.
    pub(super) fn forget_peer(&mut self) {
        self.place = Place::Alone;
        self.takes_frames = false;
        self.mouth.pause();
    }
}
