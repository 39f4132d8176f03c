"""Our end of a session's dialog: where the peer is, and what is sent there (RFC 3261 §12.2.1)."""

from collections.abc import Callable, Sequence
from functools import partial

from callwright.sip.credentials import Keyring
from callwright.sip.dialog import Dialog, current_flow, reopened
from callwright.sip.flow import Flow
from callwright.sip.message import Response
from callwright.sip.session.proven_request import send_proven
from callwright.sip.session.state import SessionState
from callwright.sip.transaction.layer import TransactionLayer

_SAID_AGAIN = frozenset({"BYE", "NOTIFY", "UPDATE"})
"""These do no harm to a peer that hears them twice."""


class DialogEnd:
    """What sessions do with the dialog that they have."""

    __slots__ = ("dialog", "flow", "keyring", "layer", "state")

    layer: TransactionLayer
    flow: Flow
    dialog: Dialog | None
    keyring: Keyring | None
    state: SessionState

    def lose_flow(self, flow: Flow) -> None:
        """The connection broke: what we send next opens one to where the peer said it is."""
        if self.flow == flow and flow.is_reliable:
            self.flow = reopened(flow, None if self.dialog is None else self.dialog.target)

    def follow(self, flows: Sequence[Flow]) -> None:
        """The phone registered over others, the newest first: what we say next goes there."""
        self.flow = current_flow(self.dialog, self.flow, flows)

    def send_in_dialog(
        self,
        method: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        content_type: str | None = None,
        on_response: Callable[[Response], None] | None = None,
    ) -> None:
        """A request inside the dialog, which must exist."""
        assert self.dialog is not None
        receive = on_response
        if method in _SAID_AGAIN:
            send_again = partial(
                self.send_in_dialog,
                method,
                headers=headers,
                body=body,
                content_type=content_type,
                on_response=on_response,
            )
            due_in = SessionState.ENDING if method == "BYE" else SessionState.ANSWERED
            receive = self._unless_moved(due_in, on_response, send_again)
        branch = self.layer.new_branch()
        request = self.dialog.make_request(
            method,
            flow=self.flow,
            branch=branch,
            cseq=self.dialog.next_cseq(),
            headers=headers,
            body=body,
            content_type=content_type,
        )
        send_proven(self, self.dialog, request, branch, self.flow, receive)

    def _unless_moved(
        self,
        due_in: SessionState,
        on_response: Callable[[Response], None] | None,
        send_again: Callable[[], None],
    ) -> Callable[[Response], None]:
        """Tries again instead of hearing of a failure where the peer is elsewhere meanwhile."""
        flow = self.flow

        def receive(response: Response) -> None:
            if response.is_local and self.flow != flow and self.state is due_in:
                send_again()
            elif on_response is not None:
                on_response(response)

        return receive
