"""Recordings of the simulated engine while they run."""

import asyncio
from collections.abc import Callable

from callwright.media.events import MediaEvent, RecordEnd, RecordFinished
from callwright.testing.paths import Paths
from callwright.testing.simulated_leg import SimulatedLeg
from callwright.testing.tape import Tape

INSTANT_S = 1e-6
"""Sums of lengths are not exact."""


class TapeDeck:
    """Starts, watches and ends the tapes of legs; a leg that is not there has none."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, paths: Paths, tell: Callable[[MediaEvent], None]
    ) -> None:
        self._loop = loop
        self._paths = paths
        self._tell = tell

    def start(self, leg: SimulatedLeg, make: Callable[[], Tape], path: str, token: int) -> None:
        """``make`` raises OSError for a path that is refused."""
        self.end(leg, RecordEnd.STOPPED)
        try:
            leg.tape = make()
        except OSError:
            self._tell(RecordFinished(leg.id, token, path, 0, RecordEnd.FAILED))
            return
        self.watch(leg)

    def pause(self, leg: SimulatedLeg | None) -> None:
        if leg is not None and leg.tape is not None:
            leg.tape.pause(self._loop.time())

    def resume(self, leg: SimulatedLeg | None) -> None:
        if leg is not None and leg.tape is not None:
            leg.tape.resume(self._loop.time())
            self.watch(leg)

    def watch(self, leg: SimulatedLeg) -> None:
        """Notes what is audible now, and looks again when that may end the recording."""
        tape, now_s = leg.tape, self._loop.time()
        if tape is None:
            return
        tape.note(now_s, self._paths.tones_said_on(leg), self._paths.tones_sent_on(leg))
        if tape.is_paused:
            return
        ends_s = [tape.left_s(now_s), tape.silence_left_s(now_s)]
        for due_s in ends_s:
            if due_s is not None:
                self._loop.call_at(now_s + max(due_s, 0.0), self._look, leg, tape)

    def _look(self, leg: SimulatedLeg, tape: Tape) -> None:
        if leg.tape is not tape or tape.is_paused:
            return
        now_s = self._loop.time()
        silence_left_s = tape.silence_left_s(now_s)
        if silence_left_s is not None and silence_left_s <= INSTANT_S:
            self.end(leg, RecordEnd.SILENCE)
        elif tape.left_s(now_s) <= INSTANT_S:
            self.end(leg, RecordEnd.MAX_LENGTH)

    def end(self, leg: SimulatedLeg | None, end: RecordEnd) -> None:
        if leg is None or leg.tape is None:
            return
        tape, leg.tape = leg.tape, None
        is_silence = end is RecordEnd.SILENCE
        length_ms = tape.finish(self._loop.time(), without_last_silence=is_silence)
        self._tell(RecordFinished(leg.id, tape.token, tape.path, length_ms, end))
