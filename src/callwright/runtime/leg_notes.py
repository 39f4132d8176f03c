"""Writes down how running calls sound, so that who asks need not wait for their end."""

from collections.abc import Callable, Iterable

from callwright.calls.call import Call
from callwright.kernel.clock import Clock
from callwright.kernel.limits.storage import LEG_NOTES_S, LEG_NOTES_SLOTS
from callwright.runtime.surroundings import CallJournal


class LegNotes:
    """One timer, which runs as long as there are calls. A part of them has its turn each time."""

    def __init__(
        self, clock: Clock, journal: CallJournal, running: Callable[[], Iterable[Call]]
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._running = running
        self._turn = 0
        self._is_waiting = False

    def start(self) -> None:
        """A call began."""
        if not self._is_waiting:
            self._is_waiting = True
            self._clock.call_later(LEG_NOTES_S / LEG_NOTES_SLOTS, self._note)

    def _note(self) -> None:
        self._is_waiting = False
        self._turn += 1
        running = tuple(self._running())
        legs = {
            call.id: call.story.legs.records()
            for place, call in enumerate(running)
            if (place + self._turn) % LEG_NOTES_SLOTS == 0
        }
        heard = {call: records for call, records in legs.items() if records}
        if heard:
            self._journal.legs_measured(heard)
        if running:
            self.start()
