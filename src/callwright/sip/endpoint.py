"""The façade of the room: one SIP user agent, server and client, for any number of peers.

Bytes come in with the flow they came on; bytes go out through ``transmit``. Which transaction and
which dialog a message belongs to is found here (RFC 3261 §17.1.3, §17.2.3, §12.2.2).
"""

from collections.abc import Callable
from contextlib import suppress

from callwright.kernel.clock import Clock
from callwright.kernel.limits.signalling import TRANSACTIONS_LAST_SHARE, TRANSACTIONS_MAX
from callwright.kernel.limits.subscriptions import SUBSCRIPTION_EXPIRES_S_MAX
from callwright.sip.bodies import open_body
from callwright.sip.flow import Flow
from callwright.sip.hasty_refusal import hasty_refusal
from callwright.sip.message import Request, Response, encode
from callwright.sip.methods import ALLOW
from callwright.sip.owner import Doorkeeper, EndpointOwner, meet
from callwright.sip.parser import LENGTH_FAULT, ParseError, parse
from callwright.sip.screening import (
    MERGED,
    OVERLOADED,
    TOO_LARGE,
    UNKNOWN_DIALOG,
    Refusal,
    screen,
    screen_initial,
)
from callwright.sip.session.session import InviteSession, SessionState
from callwright.sip.session.uas import UasSession
from callwright.sip.subscription import Subscription, SubscriptionListener
from callwright.sip.transaction.layer import ServerKey, TransactionLayer, server_key
from callwright.sip.transaction.response_path import heard_on, replied_on
from callwright.sip.transaction.server import InviteServerTransaction, ServerTransaction
from callwright.sip.uri import UriError
from callwright.sip.user_agent_client import UserAgentClient

_BLANK = b"\r\n\x00 \t"


class Endpoint(UserAgentClient):
    """Reads and writes SIP for one node.

    Never raises for what the network sent. What a listener or the owner raises is a defect of
    ours: the request is answered 500, and ``on_defect`` is told; without it the exception goes on.
    ``on_malformed`` hears of messages that could not be used.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        transmit: Callable[[Flow, bytes], None],
        new_token: Callable[[], str],
        owner: EndpointOwner,
        user_agent: str,
        doorkeeper: Doorkeeper | None = None,
        transactions_max: int = TRANSACTIONS_MAX,
        on_defect: Callable[[Exception], None] | None = None,
        on_malformed: Callable[[Flow, ParseError], None] | None = None,
    ) -> None:
        """``new_token`` returns text of token characters that nobody can guess, never twice;
        without a ``doorkeeper`` every new request is let in."""
        super().__init__(TransactionLayer(clock, transmit, new_token, user_agent))
        self._owner = owner
        self._doorkeeper = doorkeeper
        self._transactions_max = transactions_max
        self._on_defect = on_defect
        self._on_malformed = on_malformed
        self.counters: dict[str, int] = self._layer.counters
        """``malformed``, ``refused``, ``retransmissions_received``, ``retransmissions_sent``,
        ``unmatched_responses``, ``unmatched_acks``, ``keepalives``, ``overloaded``, ``defects``;
        absent until it happened."""

    @property
    def transaction_count(self) -> int:
        """Transactions in memory, those that only linger to absorb copies included."""
        return self._layer.open_count

    @property
    def session_count(self) -> int:
        """Sessions, until the BYE, CANCEL or refusal that ends them is settled."""
        return sum(isinstance(user, InviteSession) for user in self._dialogs.values())

    @property
    def subscription_count(self) -> int:
        """Subscriptions in either direction."""
        return len(self._dialogs) - self.session_count

    # -- from the network -------------------------------------------------------------------------

    def receive(self, flow: Flow, data: bytes) -> None:
        """Takes one datagram or one framed message."""
        try:
            message = parse(data)
            if flow.is_reliable and not flow.is_web and message.header("Content-Length") is None:
                _refuse_unframed(message)
            open_body(message)
            if isinstance(message, Response):
                self._receive_response(flow, message)
            else:
                self._receive_request(flow, message)
        except ParseError as error:
            self._receive_garbage(flow, data, error)
        except Exception as error:
            self.counters["defects"] += 1
            if self._on_defect is None:
                raise
            self._on_defect(error)

    def refuse_hastily(self, flow: Flow, data: bytes) -> bool:
        """Answers an INVITE outside a dialog 503, hardly reading it; False: that cannot be said
        of it, or it is a copy of one that was let in."""
        refusal = hasty_refusal(data)
        if refusal is None:
            return False
        try:
            via = refusal.via
        except UriError:
            return False
        if (via.branch, via.host, via.port, refusal.call_id, "INVITE") in self._layer.servers:
            return False
        self.counters["refused"] += 1
        self.counters["overloaded"] += 1
        answer = refusal.written(flow, self._layer.user_agent)
        self._layer.transmit(heard_on(flow, via), answer)
        return True

    def transport_failed(self, flow: Flow) -> None:
        """Sending failed or the connection closed: waiting clients get a local 503, soon after.

        A session over a lost connection goes on: it sends over a new one, or the peer brings one.
        """
        self._layer.clock.call_later(0.0, lambda: self._layer.lose_clients(flow))
        if flow.is_reliable:
            self._layer.lose_servers(flow)
            for user in self._dialogs.values():
                user.lose_flow(flow)

    # -- what there is --------------------------------------------------------------------------

    def talking_hosts(self) -> set[str]:
        """The addresses of those with whom there are answered calls. Looks at every session."""
        return {
            user.flow.remote.host
            for user in self._dialogs.values()
            if isinstance(user, InviteSession) and user.state is SessionState.ANSWERED
        }

    def find_session(self, call_id: str, local_tag: str, remote_tag: str) -> InviteSession | None:
        """The session of this dialog, early or confirmed, as RFC 3891 §3 looks for it."""
        user = self._dialogs.get(local_tag)
        if isinstance(user, InviteSession) and user.is_named(call_id, remote_tag):
            return user
        return None

    # -- subscriptions that a peer began -----------------------------------------------------------

    def accept_subscription(
        self,
        transaction: ServerTransaction,
        *,
        expires_s: int,
        listener: SubscriptionListener,
        min_s: int = 0,
        max_s: int = SUBSCRIPTION_EXPIRES_S_MAX,
        interval_s: float = 0.0,
    ) -> Subscription:
        """Answers a SUBSCRIBE 200 and owns its dialog; 0 seconds fetch the state once.

        ``min_s``, ``max_s``: of a refresh; ``interval_s``: between two NOTIFYs.
        """
        return Subscription(
            self._layer,
            self._dialogs,
            transaction,
            expires_s=expires_s,
            listener=listener,
            min_s=min_s,
            max_s=max_s,
            interval_s=interval_s,
        )

    # -- inside -----------------------------------------------------------------------------------

    def _receive_garbage(self, flow: Flow, data: bytes, error: ParseError) -> None:
        if not data.strip(_BLANK):
            self.counters["keepalives"] += 1
            if flow.is_reliable and data == b"\r\n\r\n":
                self._layer.transmit(flow, b"\r\n")  # RFC 5626 §3.5.1
            return
        self.counters["malformed"] += 1
        if self._on_malformed is not None:
            self._on_malformed(flow, error)
        request = error.partial
        if request is None:
            return
        source = flow
        with suppress(UriError):  # a Via may be what is malformed
            flow = heard_on(source, request.top_via)
            request.stamp_via(*source.remote)
        refusal = Refusal(error.status, error.text, (ALLOW,) if error.status == 501 else ())
        if flow.is_reliable and error.text == LENGTH_FAULT and _is_number(request):
            # The framer lets a body be missing only where it is longer than we take.
            refusal = TOO_LARGE
        self._refuse(flow, request, refusal)

    def _receive_response(self, flow: Flow, response: Response) -> None:
        vias = response.vias
        client = self._layer.clients.get(f"{vias[0].branch} {response.cseq[1]}")
        if client is None or len(vias) > 1:  # RFC 3261 §8.1.3.3: not for us
            self.counters["unmatched_responses"] += 1
        else:
            client.receive(response, replied_on(client.flow, flow, response))

    def _receive_request(self, flow: Flow, request: Request) -> None:
        via, source = request.top_via, flow
        key = server_key(request, via)
        known = self._layer.servers.get(key)
        flow = heard_on(source, via)
        if request.method == "ACK":
            self._receive_ack(flow, request, known)
        elif known is not None:
            known.receive_again()
        else:
            request.stamp_via(*source.remote)
            to_tag = request.to_tag
            if request.method == "CANCEL":
                self._receive_cancel(flow, request, key)
            elif to_tag is None or request.method == "REGISTER":
                self._receive_initial(source, flow, request, key)
            else:
                self._receive_in_dialog(flow, request, key, to_tag)

    def _receive_ack(self, flow: Flow, request: Request, known: ServerTransaction | None) -> None:
        if isinstance(known, InviteServerTransaction) and known.awaits_ack:
            known.receive_ack()
            return
        user = self._dialogs.get(request.to_tag or "")
        if user is None:
            self.counters["unmatched_acks"] += 1
        else:
            user.receive_ack(request, flow)

    def _receive_cancel(self, flow: Flow, request: Request, key: ServerKey) -> None:
        invite = self._layer.servers.get((*key[:-1], "INVITE"))
        if not isinstance(invite, InviteServerTransaction):
            self._refuse(flow, request, UNKNOWN_DIALOG)
            return
        transaction = ServerTransaction(self._layer, key, request, flow)
        transaction.to_tag = invite.to_tag  # RFC 3261 §9.2
        transaction.respond(200)
        if invite.user is not None:
            invite.user.on_cancel(request)

    def _receive_in_dialog(self, flow: Flow, request: Request, key: ServerKey, to_tag: str) -> None:
        user = self._dialogs.get(to_tag)
        refusal = screen(request)
        if user is None and refusal is None:
            refusal = UNKNOWN_DIALOG
        elif self._load >= TRANSACTIONS_LAST_SHARE:  # whoever talks should be able to end
            refusal = OVERLOADED
        if refusal is not None or user is None:
            self._refuse(flow, request, refusal or UNKNOWN_DIALOG)
            return
        kind = InviteServerTransaction if request.method == "INVITE" else ServerTransaction
        transaction = kind(self._layer, key, request, flow)
        transaction.to_tag = to_tag
        self._hand_over(transaction, user.receive_request)
        if request.method == "INVITE":
            transaction.respond(100)  # nothing, if it was answered meanwhile

    def _receive_initial(self, source: Flow, flow: Flow, request: Request, key: ServerKey) -> None:
        """``source``: who it is goes by that, not by what a Via claims."""
        layer = self._layer
        merge_key = (request.call_id, request.cseq, request.from_tag)
        refusal = screen(request) or screen_initial(request)
        if refusal is None and merge_key in layer.merged:
            refusal = MERGED
        if refusal is None:
            try:
                refusal = meet(self._doorkeeper, request, source, load=self._load)
            except Exception:
                self._refuse(flow, request, Refusal(500))
                raise
        if refusal is not None:
            self._refuse(flow, request, refusal)
        elif request.method == "INVITE":
            invite = InviteServerTransaction(layer, key, request, flow, merge_key)
            invite.respond(100)
            session = UasSession(layer, self._dialogs, invite)
            try:
                self._owner.on_invite(session)
            except Exception:
                session.hang_up(500)
                raise
        else:
            transaction = ServerTransaction(layer, key, request, flow, merge_key)
            self._hand_over(transaction, self._owner.on_request)

    def _hand_over(
        self, transaction: ServerTransaction, to: Callable[[ServerTransaction], None]
    ) -> None:
        try:
            to(transaction)
        except Exception:
            transaction.respond(500)
            raise
        transaction.wait_for_owner()

    @property
    def _load(self) -> float:
        return self._layer.open_count / self._transactions_max

    def _refuse(self, flow: Flow, request: Request, refusal: Refusal) -> None:
        if refusal.status >= 300:
            self.counters["refused"] += 1
        if refusal is OVERLOADED:
            self.counters["overloaded"] += 1
        response = refusal.response(request, self._layer.user_agent)
        self._layer.transmit(flow, encode(response))


def _refuse_unframed(message: Request | Response) -> None:
    """RFC 3261 §18.3: on a stream nobody can tell where such a message ends."""
    partial = message if isinstance(message, Request) and message.method != "ACK" else None
    raise ParseError("Content-Length is missing", 400, partial)


def _is_number(request: Request) -> bool:
    length = request.header("Content-Length") or ""
    return length.isascii() and length.isdigit()
