"""A leg that we call, and that may be offered audio in more than one way (ADR 0022)."""

from collections.abc import Callable

from callwright.calls.leg import LegState, Party
from callwright.calls.media_leg import MediaRoom
from callwright.calls.ports import PortsExhausted
from callwright.calls.sip_leg import SipLeg
from callwright.sip.flow import Flow
from callwright.sip.message import Response
from callwright.sip.sdp import Proposal
from callwright.sip.session.session import InviteSession

REFUSES_AUDIO = 488
"""The peer can do nothing with our offer (RFC 3261 §21.4.26)."""


class OfferingLeg(SipLeg):
    """Asks again in the next way when the peer refuses an offer before it rings."""

    __slots__ = (
        "_invite",
        "_proposals",
        "proposal",
    )

    def __init__(
        self, party: Party, room: MediaRoom, flow: Flow, proposals: tuple[Proposal, ...]
    ) -> None:
        """``proposals``: in the order to try, at least one."""
        super().__init__(party, room, flow)
        self.proposal: Proposal
        """How the next INVITE offers audio."""
        self._offer_as(proposals)
        self._invite: Callable[[], InviteSession]

    def call(self, invite: Callable[[], InviteSession]) -> None:
        """``invite()`` sends an INVITE that offers audio as ``proposal`` says. Raises
        PortsExhausted, and then the leg is of no use."""
        self._invite = invite
        try:
            self._begin()
        except PortsExhausted:
            del self._invite
            raise

    def on_failed(self, session: InviteSession, response: Response) -> None:
        if not self._propose_otherwise(response):
            super().on_failed(session, response)

    def mark_ended(self) -> None:
        super().mark_ended()
        # It refers to the leg: what is over goes without the garbage collector.
        del self._invite

    def _begin(self) -> None:
        self.attach(self._invite())

    def _offer_as(self, proposals: tuple[Proposal, ...]) -> None:
        self._proposals = iter(proposals)
        self.proposal = next(self._proposals)

    def _propose_otherwise(self, response: Response) -> bool:
        """The same peer is asked again, if it did not ring and there is an other way."""
        if response.status != REFUSES_AUDIO or self.state is not LegState.SETTING_UP:
            return False
        other = next(self._proposals, None)
        if other is None:
            return False
        self.proposal = other
        self.session.listener = None
        self.attach(self._invite())
        return True
