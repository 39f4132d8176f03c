"""A request that is sent again with a proof when the peer asks for one (RFC 3261 §22.2, §22.3)."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from callwright.kernel.limits.signalling import AUTHENTICATION_ATTEMPTS_MAX
from callwright.sip.credentials import Keyring, without_proofs
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response
from callwright.sip.transaction.client import ClientTransaction
from callwright.sip.transaction.layer import TransactionLayer, via_text

if TYPE_CHECKING:
    from callwright.sip.dialog import Dialog
    from callwright.sip.session.dialog_end import DialogEnd

CHALLENGES = (401, 407)


class ProvenRequest:
    """Any request but INVITE and ACK; reports one final response, after the challenges."""

    __slots__ = ("_attempts", "_flow", "_keyring", "_layer", "_next_cseq", "_on_response")

    def __init__(
        self,
        layer: TransactionLayer,
        request: Request,
        branch: str,
        flow: Flow,
        keyring: Keyring,
        on_response: Callable[[Response], None] | None,
        *,
        next_cseq: Callable[[], int] | None = None,
    ) -> None:
        """Sends at once, with a proof when the peer asked before. ``next_cseq`` gives the numbers
        of a dialog; without it they rise by one."""
        self._layer = layer
        self._flow = flow
        self._keyring = keyring
        self._on_response = on_response
        self._next_cseq = next_cseq
        self._attempts = 1
        request.headers += keyring.proofs(request.method, request.uri)
        self._send(request, branch)

    def _send(self, request: Request, branch: str) -> None:
        def receive(response: Response) -> None:
            self._receive(request, response)

        ClientTransaction(self._layer, request, branch, self._flow, receive)

    def _receive(self, request: Request, response: Response) -> None:
        if response.status in CHALLENGES and self._attempts < AUTHENTICATION_ATTEMPTS_MAX:
            proofs = self._keyring.answer(request, response)
            if proofs is not None:
                self._attempts += 1
                branch = self._layer.new_branch()
                cseq = self._next_cseq() if self._next_cseq else request.cseq[0] + 1
                self._send(again(request, self._flow, branch, cseq, proofs), branch)
                return
        if self._on_response is not None:
            self._on_response(response)


def send_proven(
    session: "DialogEnd",
    dialog: "Dialog",
    request: Request,
    branch: str,
    flow: Flow,
    on_response: Callable[[Response], None] | None,
) -> None:
    """A request of ``dialog``, with a proof where the session has a keyring."""
    layer, keyring = session.layer, session.keyring
    if keyring is None:
        ClientTransaction(layer, request, branch, flow, on_response)
    else:
        ProvenRequest(
            layer, request, branch, flow, keyring, on_response, next_cseq=dialog.next_cseq
        )


def again(
    request: Request,
    flow: Flow,
    branch: str,
    cseq: int,
    headers: Sequence[tuple[str, str]],
) -> Request:
    """The request once more in the same call (RFC 3261 §8.1.3.5), with other proofs."""
    copy = Request(request.method, request.uri, without_proofs(request.headers), request.body)
    copy.set_header("Via", via_text(flow, branch))
    copy.set_header("CSeq", f"{cseq} {request.method}")
    for name, value in headers:
        copy.add_header(name, value)
    return copy
