"""More calls than one core can serve: some are refused at once, so that the others are served well.

A queue that stands in the socket's buffer is no use to anybody: a call that waits there for seconds
was given up, or sent again, when its turn comes (ADR 0021).
"""

from collections.abc import Callable, Mapping

from callwright.kernel.e164 import E164
from callwright.kernel.ids import SbcId, UserId
from callwright.routing.emergency import is_emergency_call
from callwright.routing.identify import find_sbc
from callwright.routing.inbound import is_emergency_callback
from callwright.routing.request import FromSbc, LiveState
from callwright.routing.snapshot import Snapshot
from callwright.runtime.backlog import FULL, Backlog
from callwright.runtime.front_door import dialled_by
from callwright.sip.endpoint import Endpoint
from callwright.sip.flow import Flow
from callwright.sip.hasty_refusal import called_uri, is_acknowledgement
from callwright.sip.registrar import Registrar
from callwright.sip.uri import UriError, parse_uri


class LateDoor:
    """Meets what comes while the node is late, before it is read."""

    def __init__(
        self,
        backlog: Backlog,
        endpoint: Endpoint,
        registrar: Registrar,
        sbc_at: Callable[[Flow], SbcId | None],
        snapshot: Callable[[], Snapshot | None],
        callbacks: Callable[[], Mapping[E164, UserId]],
    ) -> None:
        """``callbacks()``: numbers that the emergency centre was shown, and whom they lead to."""
        self._backlog = backlog
        self._endpoint = endpoint
        self._registrar = registrar
        self._sbc_at = sbc_at
        self._snapshot = snapshot
        self._callbacks = callbacks

    def turns_away(self, flow: Flow, data: bytes) -> bool:
        """Refuses a new call that nobody needs more than those which run; True: it did.

        Never one for help, and nothing inside a dialog. Those whom we know, phones that are
        registered and trunks, come last.
        """
        if is_acknowledgement(data):
            return True
        uri, snapshot = called_uri(data), self._snapshot()
        if uri is None or snapshot is None:
            return False
        if self._backlog.level < FULL and self._knows(snapshot, flow):
            return False
        try:
            dialled = dialled_by(snapshot, parse_uri(uri))
        except UriError:
            return False
        if is_emergency_call(snapshot, dialled) or self._calls_back(snapshot, flow, dialled):
            return False
        if not self._endpoint.refuse_hastily(flow, data):
            return False
        self._backlog.shed += 1
        return True

    def _calls_back(self, snapshot: Snapshot, flow: Flow, dialled: str) -> bool:
        """Whether the emergency centre asks after somebody."""
        callbacks = self._callbacks()
        sbc = self._sbc_of(snapshot, flow) if callbacks else None
        if sbc is None:
            return False
        live = LiveState(emergency_callbacks=callbacks)
        return is_emergency_callback(snapshot, FromSbc(sbc, ""), dialled, live)

    def _knows(self, snapshot: Snapshot, flow: Flow) -> bool:
        if self._registrar.knows_remote(flow.remote):
            return True
        return self._sbc_of(snapshot, flow) is not None

    def _sbc_of(self, snapshot: Snapshot, flow: Flow) -> SbcId | None:
        return find_sbc(snapshot, flow.remote) or self._sbc_at(flow)
