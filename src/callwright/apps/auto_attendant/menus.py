"""What attendants offer now: whom a menu leads to may have lost a licence, or be gone."""

from datetime import date, datetime

from callwright.domains.attendants.model import AutoAttendant, CallFlow
from callwright.kernel.decision import Step
from callwright.kernel.ids import AutoAttendantId
from callwright.kernel.value import value
from callwright.routing.rights import offered, today
from callwright.routing.snapshot import Snapshot

Offered = tuple[CallFlow, tuple[Step, ...]]


@value
class _Known:
    flow: CallFlow
    answer: Offered


class Menus:
    """Everybody behind a menu's keys is asked of once a day and for each configuration, and not
    for each caller; licences end with a day."""

    def __init__(self) -> None:
        self._as_of: tuple[Snapshot, date] | None = None
        self._known: dict[AutoAttendantId, _Known] = {}

    def offered(
        self, snapshot: Snapshot, attendant: AutoAttendant, flow: CallFlow, now: datetime
    ) -> Offered:
        """Returns the attendant's flow with the keys that lead nowhere marked, and why they do."""
        day = today(snapshot, now)
        if self._as_of is None or self._as_of[0] is not snapshot or self._as_of[1] != day:
            self._as_of = snapshot, day
            self._known.clear()
        known = self._known.get(attendant.id)
        if known is None or known.flow is not flow:
            known = self._known[attendant.id] = _Known(flow, offered(snapshot, flow, now))
        return known.answer
