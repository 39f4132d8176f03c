"""Keys and texts inside a leg's dialog (INFO; MESSAGE, RFC 3428)."""

from collections import deque

from callwright.calls.leg import Text
from callwright.kernel.limits.signalling import KEYS_WAITING_MAX
from callwright.sip.dtmf_relay import RELAY, relay_body
from callwright.sip.message import Response
from callwright.sip.session.session import InviteSession
from callwright.sip.session.state import SessionState
from callwright.sip.text_message import (
    TOO_LARGE,
    UNREACHED,
    carried_headers,
    content_type_of,
    fits,
    is_too_large,
    told_status,
)
from callwright.sip.transaction.server import ServerTransaction


class KeyRequests:
    """Keys to a peer that takes none in its audio: one INFO at a time, so that they stay in order.

    A peer that refuses the first one is sent no more.
    """

    __slots__ = ("_is_busy", "_is_refused", "_session", "_waiting")

    def __init__(self, session: InviteSession) -> None:
        self._session = session
        self._waiting: deque[str] = deque(maxlen=KEYS_WAITING_MAX)
        self._is_busy = False
        self._is_refused = False

    def send(self, key: str) -> None:
        if not self._is_refused:
            self._waiting.append(key)
            self._send_next()

    def _send_next(self) -> None:
        if self._is_busy or not self._waiting or not _can_ask(self._session):
            return
        self._is_busy = True
        self._session.send_in_dialog(
            "INFO",
            body=relay_body(self._waiting.popleft()),
            content_type=RELAY,
            on_response=self._receive,
        )

    def _receive(self, response: Response) -> None:
        self._is_busy = False
        if response.status >= 300:
            self._is_refused = True
            self._waiting.clear()
        self._send_next()


def send_text(session: InviteSession, text: Text) -> None:
    """Its sender is told what the peer said. A peer that says nothing stays in the call: many
    phones do not know texts (RFC 5057 §5.1 leaves the dialog to its other usages)."""
    if not _can_ask(session):
        text.answer(UNREACHED)
    elif not fits(text.body, session.flow):
        text.answer(TOO_LARGE)
    else:
        session.send_in_dialog(
            "MESSAGE",
            headers=text.headers,
            body=text.body,
            content_type=text.content_type,
            on_response=lambda response: text.answer(told_status(response)),
        )


def receive_text(transaction: ServerTransaction, *, is_read: bool) -> Text | None:
    """What a MESSAGE says; None: it was refused. ``is_read``: somebody is there for it."""
    request = transaction.request
    if not is_read:
        transaction.respond(UNREACHED)
        return None
    if is_too_large(request):
        transaction.respond(TOO_LARGE)
        return None
    headers = tuple(carried_headers(request))
    return Text(content_type_of(request), request.body, headers, transaction.respond)


def _can_ask(session: InviteSession) -> bool:
    return session.state is SessionState.ANSWERED and session.dialog is not None
