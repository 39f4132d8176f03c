"""Gives each message to the node of the organisation that it is for (ADR 0026).

Nothing is granted here: a node proves its callers, phones and trunks itself, and knows of its own
organisation only. To be given to the wrong one means to be refused.
"""

from callwright.domains.pstn.model import Sbc
from callwright.domains.pstn.rules import rewritten
from callwright.kernel.addresses import HostPort
from callwright.kernel.e164 import E164
from callwright.kernel.ids import SbcId
from callwright.routing.identify import find_named_sbc, find_sbc
from callwright.routing.normalise import without_separators
from callwright.routing.snapshot import Snapshot
from callwright.runtime.marks import FIRST, number_in_request, number_in_response
from callwright.runtime.node import Node
from callwright.sip.flow import Flow
from callwright.sip.identity.numbers import number_of
from callwright.sip.message import Request
from callwright.sip.parser import ParseError, parse
from callwright.sip.uri import Uri, UriError


class Reception:
    """Stands between the transports and the nodes. What comes before there is a node is lost, as
    it would be a moment before."""

    def __init__(self) -> None:
        self.unaddressed = 0
        """Requests that named no organisation, told of none by whoever sent them; the first took
        them."""
        self._nodes: dict[int, Node] = {}
        self._alone: Node | None = None
        """The only node: it gets every message as it comes, unseen."""
        self._domains: dict[int, str] = {}
        """Of those that were told nothing yet, too."""
        self._by_domain: dict[str, Node] = {}

    # -- who is here -------------------------------------------------------------------------------

    def admit(self, number: int, node: Node, domain: str | None = None) -> None:
        """From now on there are messages for the node; FIRST comes first and leaves last.
        ``domain`` counts until a snapshot names one."""
        self._nodes[number] = node
        self._domains[number] = domain or ""
        self.look_again()

    def dismiss(self, number: int) -> None:
        self._nodes.pop(number, None)
        self._domains.pop(number, None)
        self.look_again()

    def look_again(self) -> None:
        """An organisation came, went or has another domain. Of two with one domain, which nobody
        lets happen, the older one keeps it."""
        self._alone = next(iter(self._nodes.values())) if len(self._nodes) == 1 else None
        self._by_domain = {
            self._domains[number] if node.snapshot is None else node.snapshot.domain: node
            for number, node in reversed(self._nodes.items())
        }
        self._by_domain.pop("", None)

    # -- messages ----------------------------------------------------------------------------------

    def receive(self, flow: Flow, message: bytes) -> None:
        """One datagram, or one message of a stream."""
        if self._alone is not None:
            self._alone.receive(flow, message)
        elif self._nodes:
            self._sorted(flow, message).receive(flow, message)

    def failed(self, flow: Flow) -> None:
        """Phones of several organisations may share what broke: a proxy's connection."""
        for node in tuple(self._nodes.values()):
            node.transport_failed(flow)

    def is_trunk(self, flow: Flow) -> bool:
        """Whether some organisation's SBC may send from there."""
        return any(self._trunks(flow))

    def _sorted(self, flow: Flow, message: bytes) -> Node:
        first = self._nodes[FIRST]
        if message[:1] < b"A":
            message = message.lstrip(b"\r\n\0 ")
            if message[:1] < b"A":  # no SIP: a phone that keeps its path open
                nodes = self._nodes.values()
                return next((node for node in nodes if flow in node.registrar.pinholes), first)
        if message.startswith(b"SIP/2.0 "):
            return self._nodes.get(number_in_response(message), first)
        number = number_in_request(message)
        if number is not None:
            return self._nodes.get(number, first)
        try:
            request = parse(message)
            found = self._asked_for(flow, request) if isinstance(request, Request) else None
        except (ParseError, UriError):
            return first
        if found is None:
            self.unaddressed += 1
        return found or first

    def _asked_for(self, flow: Flow, request: Request) -> Node | None:
        """Whom a request outside dialogs is for: the domain it asks for, the trunk it comes from,
        the domain of its sender, the phone it comes from, the number that is dialled.

        CANCEL is not different from its INVITE in any of these. Raises UriError.
        """
        uri = request.parsed_uri
        named = self._by_domain.get(uri.host.lower())
        if named is None and request.method == "REGISTER":
            named = self._by_domain.get(request.to.uri.host.lower())
        if named is not None:
            return named
        certain, possible = self._trunks(flow)
        return (
            _with_number(certain, uri)
            or self._by_domain.get(request.from_.uri.host.lower())
            or self._home_of(flow.remote)
            or _with_number(possible, uri)
            or self._holder_of(uri)
        )

    def _trunks(self, flow: Flow) -> tuple[dict[Node, Sbc], dict[Node, Sbc]]:
        """Whose SBC may have sent this: surely, and unless it is a phone beside it (ADR 0010)."""
        certain: dict[Node, Sbc] = {}
        possible: dict[Node, Sbc] = {}
        for node in self._nodes.values():
            snapshot = node.snapshot
            if snapshot is None or not snapshot.sbcs:
                continue
            named = find_named_sbc(snapshot, flow.peer_names) if flow.peer_names else None
            sbc = snapshot.sbcs.get(named or _sbc_at(node, snapshot, flow) or SbcId(""))
            if sbc is None or (sbc.match_credentials and named is None):
                continue  # who proves the name is it, wherever from
            is_certain = named is not None or sbc.address == flow.remote or not sbc.match_any_port
            (certain if is_certain else possible)[node] = sbc
        return certain, possible

    def _home_of(self, remote: HostPort) -> Node | None:
        nodes = self._nodes.values()
        return next((node for node in nodes if node.registrar.knows_remote(remote)), None)

    def _holder_of(self, uri: Uri) -> Node | None:
        number = E164.parse_or_none(without_separators(number_of(uri)))
        for node in self._nodes.values() if number is not None else ():
            if number is not None and node.snapshot is not None and _holds(node.snapshot, number):
                return node
        return None


def _sbc_at(node: Node, snapshot: Snapshot, flow: Flow) -> SbcId | None:
    return find_sbc(snapshot, flow.remote) or node.trunks.locations.sbc_at(flow)


def _with_number(trunks: dict[Node, Sbc], uri: Uri) -> Node | None:
    """Of organisations with the same trunk the one whose number is dialled, or whose registration
    the carrier calls; where nobody's is, the oldest one says so."""
    if len(trunks) > 1:
        dialled = number_of(uri)
        for node, sbc in trunks.items():
            if sbc.registration is not None and sbc.registration.contact_user == dialled:
                return node
        for node, sbc in trunks.items():
            called = rewritten(sbc.inbound_called, without_separators(dialled))
            number = E164.parse_or_none(called)
            snapshot = node.snapshot
            if number is not None and snapshot is not None and _holds(snapshot, number):
                return node
    return next(iter(trunks), None)


def _holds(snapshot: Snapshot, number: E164) -> bool:
    return (
        number in snapshot.user_by_number
        or number in snapshot.resource_account_by_number
        or snapshot.inventory.find(number) is not None
    )
