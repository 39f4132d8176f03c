"""Whoever an endpoint works for: takes what comes in outside a dialog, or turns it away."""

from typing import Protocol

from callwright.kernel.limits.signalling import TRANSACTIONS_LAST_SHARE
from callwright.sip.flow import Flow
from callwright.sip.message import Request
from callwright.sip.screening import OVERLOADED, Refusal, screen_offer
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction


class EndpointOwner(Protocol):
    """Whoever takes what comes in outside a dialog."""

    def on_invite(self, session: InviteSession) -> None:
        """A new call; 100 was sent. Sets ``session.listener`` before it returns."""
        ...

    def on_request(self, transaction: ServerTransaction) -> None:
        """REGISTER, OPTIONS, SUBSCRIBE, …; must respond, within 32 s."""
        ...


class Doorkeeper(Protocol):
    """Sees each such request first, before anything is remembered about it."""

    def meet(self, request: Request, flow: Flow, *, load: float) -> Refusal | None:
        """What the sender is told, once for each copy (RFC 3261 §8.2.7); None lets it in.

        ``load`` is how full the table of transactions is. At 1 it has what it should have at most;
        what is let in all the same is the doorkeeper's decision, and so is an INVITE whose body
        ``screen_offer`` objects to.
        """
        ...


def meet(
    doorkeeper: Doorkeeper | None, request: Request, flow: Flow, *, load: float
) -> Refusal | None:
    """Asks the doorkeeper where there is one; not even he can overload the endpoint."""
    if load >= (1.0 if doorkeeper is None else TRANSACTIONS_LAST_SHARE):
        return OVERLOADED
    if doorkeeper is not None:
        return doorkeeper.meet(request, flow, load=load)
    return screen_offer(request) if request.method == "INVITE" else None
