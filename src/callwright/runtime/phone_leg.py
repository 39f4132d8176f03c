"""A leg to one phone, over the flow that it registered, or over its next one (RFC 5626 §5.3)."""

from collections.abc import Callable

from callwright.calls.leg import LegState, Party
from callwright.calls.media_leg import MediaRoom
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.limits.registrations import PHONE_FLOW_SILENCE_S
from callwright.runtime.audio_policy import phone_proposals
from callwright.runtime.offering_leg import OfferingLeg
from callwright.sip.message import Request, Response
from callwright.sip.outbound import FLOW_FAILED
from callwright.sip.registrar import Binding
from callwright.sip.session.session import InviteSession

GIVEN_UP = 487
"""What a flow that stayed silent is left with, in case it was only slow."""


class PhoneLeg(OfferingLeg):
    """Rings one phone. Only one of its flows is tried at a time, so that it rings once."""

    __slots__ = (
        "_binding",
        "_clock",
        "_flow_is_dead",
        "_flows",
        "_patience",
        "_tried",
    )

    def __init__(
        self,
        party: Party,
        room: MediaRoom,
        flows: tuple[Binding, ...],
        *,
        clock: Clock,
        flow_is_dead: Callable[[Binding], None],
    ) -> None:
        """``flows``: the best first, at least one. ``flow_is_dead(binding)``: a proxy said so."""
        super().__init__(party, room, flows[0].flow, phone_proposals(flows[0].flow.transport))
        self._flows = flows
        self._binding = flows[0]
        """Over which the phone is asked now."""
        self._tried = 0
        self._clock = clock
        self._flow_is_dead = flow_is_dead
        self._patience: Timer | None = None

    def ring_phone(self, invite: Callable[[Binding], InviteSession]) -> None:
        """``invite(binding)`` sends the INVITE there. Raises PortsExhausted."""
        self.call(lambda: invite(self._binding))

    def _begin(self) -> None:
        self._try_next()

    def on_provisional(self, session: InviteSession, response: Response) -> None:
        self._heard()
        super().on_provisional(session, response)

    def on_answered(self, session: InviteSession, response: Response) -> None:
        self._heard()
        super().on_answered(session, response)

    def on_failed(self, session: InviteSession, response: Response) -> None:
        self._stop_waiting()
        if response.status == FLOW_FAILED:
            self._flow_is_dead(self._binding)
        if self._propose_otherwise(response):
            return
        is_lost = response.is_local or response.status == FLOW_FAILED
        if is_lost and self._has_next and self.state is not LegState.ENDED:
            session.listener = None
            self._try_next()
        else:
            super().on_failed(session, response)

    def on_cancelled(self, session: InviteSession, request: Request) -> None:
        self._stop_waiting()
        super().on_cancelled(session, request)

    def mark_ended(self) -> None:
        self._stop_waiting()
        super().mark_ended()

    @property
    def _has_next(self) -> bool:
        return self._tried < len(self._flows)

    def _try_next(self) -> None:
        self._binding = self._flows[self._tried]
        self._tried += 1
        self._offer_as(phone_proposals(self._binding.flow.transport))
        self.attach(self._invite())
        if self._has_next:
            self._patience = self._clock.call_later(PHONE_FLOW_SILENCE_S, self._lose_patience)

    def _lose_patience(self) -> None:
        """Nothing came on this flow, not even a 100."""
        self._patience = None
        if self.state is LegState.SETTING_UP and self._has_next:
            silent = self.session
            silent.listener = None
            silent.hang_up(GIVEN_UP)
            self._try_next()

    def _heard(self) -> None:
        """The phone is there: it is the one that says what becomes of the call."""
        self._stop_waiting()
        self._tried = len(self._flows)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
