//! Commands carried out.

use crate::clock;
use crate::command::{Command, LegCommand};
use crate::event::RecordEnd;
use crate::reactor::Reactor;

impl Reactor {
    /// Carries a command out; false when it concerns nothing that exists.
    pub fn obey(&mut self, command: Command) -> bool {
        match command {
            Command::Open { leg, sockets, meters } => self.open_leg(leg, sockets, meters),
            Command::Bridge { one, other } => self.bridge(one, other),
            Command::ToLeg(leg, command) => match self.legs.slot_of(leg) {
                Some(slot) => {
                    self.serving = Some(slot);
                    self.obey_for_leg(slot, command);
                    true
                }
                None => false,
            },
            Command::Shutdown => {
                self.is_closing = true;
                true
            }
        }
    }

    fn obey_for_leg(&mut self, slot: usize, command: LegCommand) {
        let Some(leg) = self.legs.get(slot) else { return };
        match command {
            LegCommand::SetRemote(remote) => leg.set_remote(*remote),
            LegCommand::Unbridge => self.unbridge(slot),
            LegCommand::Play { playback, token } => {
                leg.start_play(playback, token, clock::ticks());
                self.start_pacing(slot);
            }
            LegCommand::StopPlay => leg.play = None,
            LegCommand::SendDtmf { keys, press_ms } => {
                let refused = leg.keys_out.push(&keys, press_ms);
                (0..refused).for_each(|_| self.commands.ignore());
                self.start_pacing(slot);
            }
            LegCommand::Record(order) => self.start_record(slot, *order),
            LegCommand::StopRecord => self.end_record(slot, RecordEnd::Stopped),
            LegCommand::SetTimeout { samples } => {
                leg.timeout = samples;
                leg.heard_at = clock::samples();
                leg.is_timed_out = false;
            }
            LegCommand::Close => self.close_leg(slot),
        }
    }
}
