"""What the sender of a REFER hears about it (RFC 3515 §2.4.4): NOTIFYs with a status line."""

from typing import TYPE_CHECKING

from callwright.kernel.limits.subscriptions import REFER_SUBSCRIPTION_S
from callwright.sip.message import Response
from callwright.sip.transaction.server import ServerTransaction

if TYPE_CHECKING:
    from callwright.sip.session.session import InviteSession

SIPFRAG = "message/sipfrag;version=2.0"
"""RFC 3420."""
ACTIVE = f"active;expires={REFER_SUBSCRIPTION_S}"
TERMINATED = "terminated;reason=noresource"


class ReferNotifier:
    """The implicit subscription of one REFER; lives on after the BYE of its session.

    One NOTIFY at a time, so that they cannot overtake each other; of those that wait only the
    newest is kept. The last one waits for nobody: a BYE often follows it, and after that the
    transferor's phone would not know the dialog any more.
    """

    __slots__ = ("_event", "_is_busy", "_is_over", "_session", "_waiting")

    def __init__(self, session: "InviteSession", transaction: ServerTransaction) -> None:
        """Accepts ``transaction``, and says that trying began."""
        self._session = session
        # RFC 3515 §2.4.6 wants the id from the second REFER of a dialog on; it never harms.
        self._event = f"refer;id={transaction.request.cseq[0]}"
        self._is_busy = False
        self._is_over = False
        self._waiting: tuple[str, str] | None = None
        wants_news = (transaction.request.header("Refer-Sub") or "true").lower() != "false"
        silent = () if wants_news else (("Refer-Sub", "false"),)
        transaction.respond(202, headers=(("Contact", session.contact), *silent))
        if wants_news:
            self.notify(100, "Trying", final=False)
        else:
            self._is_over = True  # RFC 4488 §4: no subscription was made

    def notify(self, status: int, phrase: str, *, final: bool) -> None:
        """Reports a status of the new call; after a final one, or once nobody listens, nothing."""
        if self._is_over:
            return
        self._is_over = final
        self._waiting = (f"SIP/2.0 {status} {phrase}\r\n", TERMINATED if final else ACTIVE)
        if final:
            self._is_busy = False
        self._send()

    def _send(self) -> None:
        if self._is_busy or self._waiting is None:
            return
        line, state = self._waiting
        self._waiting = None
        self._is_busy = True
        self._session.send_in_dialog(
            "NOTIFY",
            headers=(
                ("Contact", self._session.contact),
                ("Event", self._event),
                ("Subscription-State", state),
            ),
            body=line.encode("utf-8", "replace"),
            content_type=SIPFRAG,
            on_response=self._receive,
        )

    def _receive(self, response: Response) -> None:
        self._is_busy = False
        if response.is_local or response.status in (405, 481, 489):
            self._is_over = True
            self._waiting = None
        self._send()
