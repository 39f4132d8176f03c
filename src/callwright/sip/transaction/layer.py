"""What all transactions of an endpoint share: the clock, the wire, the tables, and the counters."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from callwright.kernel.clock import Clock
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response, make_response
from callwright.sip.transaction.timers import GIVE_UP_S, T4_S, ExpiryQueue, FirstShots
from callwright.sip.via import Via

if TYPE_CHECKING:
    from callwright.sip.transaction.client import ClientTransaction, InviteClientTransaction
    from callwright.sip.transaction.server import ServerTransaction

ServerKey = tuple[object, ...]
MergeKey = tuple[str, tuple[int, str], str | None]


class TransactionLayer:
    """Tables of live transactions (RFC 3261 §17.1.3, §17.2.3) and the means they work with."""

    __slots__ = (
        "brief",
        "clients",
        "clock",
        "counters",
        "first_shots",
        "long",
        "merged",
        "new_token",
        "servers",
        "transmit",
        "user_agent",
    )

    def __init__(
        self,
        clock: Clock,
        transmit: Callable[[Flow, bytes], None],
        new_token: Callable[[], str],
        user_agent: str,
    ) -> None:
        self.clock = clock
        self.transmit = transmit
        self.new_token = new_token
        self.user_agent = user_agent
        self.clients: dict[str, ClientTransaction | InviteClientTransaction] = {}
        """By branch and method."""
        self.servers: dict[ServerKey, ServerTransaction] = {}
        self.merged: dict[MergeKey, ServerTransaction] = {}
        """Requests outside a dialog, by what stays equal on all paths (RFC 3261 §8.2.2.2)."""
        self.brief = ExpiryQueue(clock, T4_S)
        self.long = ExpiryQueue(clock, GIVE_UP_S)
        self.first_shots = FirstShots(clock)
        self.counters: defaultdict[str, int] = defaultdict(int)

    @property
    def open_count(self) -> int:
        return len(self.clients) + len(self.servers)

    def new_branch(self) -> str:
        return "z9hG4bK" + self.new_token()

    def lose_servers(self, flow: Flow) -> None:
        """The connection is gone that requests came on: their responses need another one."""
        for server in self.servers.values():
            if server.flow == flow:
                server.lose_flow()

    def lose_clients(self, flow: Flow) -> None:
        """Sending on ``flow`` failed, or its connection is gone (RFC 3261 §17.1.4)."""
        # The newest first, so that a CANCEL has failed when its INVITE sends another one.
        for client in [c for c in reversed(self.clients.values()) if _is_on(c.flow, flow)]:
            client.lose_flow()


def _is_on(flow: Flow, failed: Flow) -> bool:
    """The same path; a connection that was to be opened has got its number meanwhile."""
    return flow == failed or (
        failed.is_reliable and flow.connection is None and replace(failed, connection=None) == flow
    )


def server_key(request: Request, via: Via) -> ServerKey:
    """What identifies the server transaction; an ACK has the key of its INVITE.

    RFC 3261 §17.2.3: branch, sent-by and method. Call-ID, too, since some peers give all their
    requests the same branch. A peer from before RFC 3261 is told apart by the headers that stay
    equal in its retransmissions.
    """
    method = "INVITE" if request.method == "ACK" else request.method
    if via.has_unique_branch:
        return (via.branch, via.host, via.port, request.call_id, method)
    return (request.call_id, request.cseq[0], request.from_tag, via, method)


def via_text(flow: Flow, branch: str) -> str:
    """Our Via over ``flow``; rport asks for the way back through a NAT (RFC 3581 §3)."""
    return f"SIP/2.0/{flow.transport.upper()} {flow.local};branch={branch};rport"


def local_response(request: Request, status: int) -> Response:
    """The answer that nobody sent: 408 for silence, 503 for a broken flow (RFC 3261 §8.1.3.1)."""
    return make_response(request, status, is_local=True)
