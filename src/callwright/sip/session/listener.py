"""What a session tells its owner."""

from enum import Enum
from typing import TYPE_CHECKING, Protocol

from callwright.sip.message import Request, Response
from callwright.sip.transaction.server import ServerTransaction

if TYPE_CHECKING:
    from callwright.sip.session.session import InviteSession


class EndCause(Enum):
    """Why a session ended without our asking; before an answer only for ``NO_PRACK``."""

    BYE = "bye"
    """The peer hung up."""
    NO_ACK = "no-ack"
    """Our 2xx was never acknowledged (RFC 3261 §13.3.1.4); a BYE was sent."""
    TIMEOUT = "timeout"
    """A request of ours inside the dialog got 408, 481 or silence (§12.2.1.2); a BYE was sent."""
    SESSION_EXPIRED = "session-expired"
    """Nobody refreshed the session in its interval (RFC 4028 §10); a BYE was sent."""
    NO_PRACK = "no-prack"
    """A provisional response of ours was never acknowledged (RFC 3262 §3); 504 was sent."""


class InviteListener(Protocol):
    """One owner for each session. Every method may call back into the session.

    The first three are for sessions that we began, ``on_cancelled`` is for those that a peer began.
    After ``on_failed``, ``on_cancelled`` or ``on_ended`` nothing follows; nothing at all follows
    ``hang_up``, ``bye`` or ``refuse``.
    """

    def on_provisional(self, session: "InviteSession", response: Response) -> None:
        """100 to 199; a body is an early answer.

        Copies of a reliable one do not come. When the INVITE had no offer and the body of a
        reliable one is an offer, call ``session.acknowledge`` with the answer from inside this
        call (RFC 3262 §5).
        """
        ...

    def on_answered(self, session: "InviteSession", response: Response) -> None:
        """The first 2xx; its ACK was sent, unless the INVITE had no offer: then call
        ``session.acknowledge`` with the answer from inside this call. No body: what a reliable
        provisional response agreed holds."""
        ...

    def on_failed(self, session: "InviteSession", response: Response) -> None:
        """300 to 699, or a response with ``is_local``: 408 for silence, 503 for a broken flow."""
        ...

    def on_cancelled(self, session: "InviteSession", request: Request) -> None:
        """The caller gave up before an answer, and its INVITE was answered 487.

        ``request`` is its CANCEL, or the BYE that ended the early dialog.
        """
        ...

    def on_acknowledged(self, session: "InviteSession", request: Request) -> None:
        """The ACK of an answer of ours, once for each; a body answers an offer in our 2xx. Also
        the PRACK whose body answers an offer in our provisional response."""
        ...

    def on_offer(self, session: "InviteSession", request: Request) -> None:
        """A re-INVITE or UPDATE, or a PRACK with an offer; answer with ``answer_offer`` or
        ``refuse_offer``, at any time. An offer that says nothing new refreshes the session: the
        answer should say nothing new either, with the same version (RFC 3264 §8)."""
        ...

    def on_reoffer_answered(self, session: "InviteSession", response: Response) -> None:
        """The 2xx to our re-INVITE, or to the one that refreshed the session with the description
        sent last (RFC 4028 §7.4); it was acknowledged as in ``on_answered``."""
        ...

    def on_reoffer_failed(self, session: "InviteSession", response: Response) -> None:
        """Our re-INVITE was refused; the session goes on as before (RFC 3261 §14.1)."""
        ...

    def on_refer(self, session: "InviteSession", transaction: ServerTransaction) -> None:
        """A REFER; respond with a refusal, or use ``session.accept_refer``."""
        ...

    def on_request(self, session: "InviteSession", transaction: ServerTransaction) -> None:
        """INFO, MESSAGE, NOTIFY, … inside the dialog; must be responded to."""
        ...

    def on_ended(self, session: "InviteSession", cause: EndCause, request: Request | None) -> None:
        """The session is over; ``request`` is the peer's BYE, None for other causes."""
        ...
