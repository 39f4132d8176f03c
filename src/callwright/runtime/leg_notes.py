"""Writes down how running calls sound, so that who asks need not wait for their end."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from math import ceil

from callwright.calls.call import Call
from callwright.kernel.clock import Clock
from callwright.kernel.ids import CallId
from callwright.kernel.limits.storage import LEG_NOTES_S, LEG_NOTES_SLOTS
from callwright.runtime.surroundings import CallJournal


class LegNotes:
    """One timer, which runs as long as there are calls. A part of them has its turn each time:
    calls that began one after the other, since their rows lie together on the disk."""

    def __init__(
        self, clock: Clock, journal: CallJournal, running: Callable[[], Iterable[Call]]
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._running = running
        self._after = CallId("")
        """The last one whose turn has come; ids rise with the time at which calls begin."""
        self._is_waiting = False

    def start(self) -> None:
        """A call began."""
        if not self._is_waiting:
            self._is_waiting = True
            self._clock.call_later(LEG_NOTES_S / LEG_NOTES_SLOTS, self._note)

    def _note(self) -> None:
        self._is_waiting = False
        running = {call.id: call for call in self._running()}
        turn = next_turn(sorted(running), self._after)
        self._after = turn[-1] if turn else self._after
        legs = {call: running[call].story.legs.records() for call in turn}
        heard = {call: records for call, records in legs.items() if records}
        if heard:
            self._journal.legs_measured(heard)
        if running:
            self.start()


def next_turn(running: Sequence[CallId], after: CallId) -> Sequence[CallId]:
    """Those of the sorted ids whose turn it is when ``after`` had its own last.

    All have had theirs after LEG_NOTES_SLOTS turns, whoever leaves meanwhile.
    """
    first = bisect_right(running, after)
    first = first if first < len(running) else 0
    return running[first : first + ceil(len(running) / LEG_NOTES_SLOTS)]
