"""Dialogs: what two user agents must remember to speak to each other again (RFC 3261 §12)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from callwright.kernel.addresses import HostPort
from callwright.sip.certificate_names import speaks_for
from callwright.sip.flow import Flow
from callwright.sip.identity.session_id import SessionIds
from callwright.sip.location import is_numeric
from callwright.sip.message import Message, Request, Response, make_request
from callwright.sip.transaction.layer import via_text
from callwright.sip.transaction.server import ServerTransaction
from callwright.sip.uri import Uri, UriError, parse_uri

Headers = Sequence[tuple[str, str]]

_MEMO_ENTRIES = 1_024
_MEMO_CHARACTERS_MAX = 64
"""The same few say where they are in each of their messages."""


class DialogUser(Protocol):
    """Who owns a dialog: a session or a subscription; found by our tag, which is unique."""

    def receive_request(self, transaction: ServerTransaction) -> None:
        """A request with our tag in To; responds 481 if the dialog is another's nevertheless."""
        ...

    def receive_ack(self, request: Request, flow: Flow) -> None: ...

    def lose_flow(self, flow: Flow) -> None:
        """The connection is gone."""
        ...


class Dialog:
    """The state of one dialog, and the requests written from it."""

    __slots__ = (
        "call_id",
        "ids",
        "local",
        "local_cseq",
        "local_tag",
        "remote",
        "remote_cseq",
        "remote_tag",
        "route_set",
        "target",
    )

    def __init__(
        self,
        *,
        call_id: str,
        local: str,
        local_tag: str,
        remote: str,
        remote_tag: str | None,
        target: str,
        route_set: tuple[str, ...],
        local_cseq: int,
        remote_cseq: int,
    ) -> None:
        self.call_id = call_id
        self.ids: SessionIds | None = None
        """What its requests name the conversation (RFC 7989)."""
        self.local = local
        """Text of our From header, tag included."""
        self.local_tag = local_tag
        self.remote = remote
        """Text of our To header, tag included."""
        self.remote_tag = remote_tag
        """None: the peer is older than RFC 3261 (§12.1.1)."""
        self.target = target
        """Request-URI of what we send."""
        self.route_set = route_set
        self.local_cseq = local_cseq
        self.remote_cseq = remote_cseq

    @classmethod
    def of_server(cls, request: Request, local_tag: str) -> "Dialog":
        """The dialog that our response to ``request`` begins (§12.1.1)."""
        remote = request.header("From") or ""
        return cls(
            call_id=request.call_id,
            local=f"{request.header('To')};tag={local_tag}",
            local_tag=local_tag,
            remote=remote,
            remote_tag=request.from_tag,
            target=contact_uri(request) or str(request.from_.uri),
            route_set=tuple(request.header_values("Record-Route")),
            local_cseq=0,
            remote_cseq=request.cseq[0],
        )

    @classmethod
    def of_client(cls, request: Request, local_tag: str, response: Response) -> "Dialog":
        """The dialog that a response to our ``request`` began (§12.1.2)."""
        return cls(
            call_id=request.call_id,
            local=request.header("From") or "",
            local_tag=local_tag,
            remote=response.header("To") or "",
            remote_tag=response.to_tag,
            target=contact_uri(response) or request.uri,
            route_set=tuple(reversed(response.header_values("Record-Route"))),
            local_cseq=request.cseq[0],
            remote_cseq=0,
        )

    def is_between(self, call_id: str, remote_tag: str | None) -> bool:
        return self.call_id == call_id and self.remote_tag == remote_tag

    def accept_order(self, request: Request) -> bool:
        """False for a request older than one that was seen (§12.2.2); notes its number."""
        number = request.cseq[0]
        if number < self.remote_cseq:
            return False
        self.remote_cseq = number
        return True

    def refresh_target(self, message: Message) -> None:
        """The peer moved: re-INVITE, UPDATE and their 2xx bring a new Contact (§12.2)."""
        self.target = contact_uri(message) or self.target

    def next_cseq(self) -> int:
        self.local_cseq += 1
        return self.local_cseq

    def make_request(
        self,
        method: str,
        *,
        flow: Flow,
        branch: str,
        cseq: int,
        contact: str | None = None,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        content_type: str | None = None,
    ) -> Request:
        """A request inside the dialog (§12.2.1.1); ACK takes the number of its INVITE."""
        uri, route = self._routing() if self.route_set else (self.target, ())
        if self.ids is not None:
            headers = (*headers, self.ids.header)
        return make_request(
            method,
            uri,
            via=via_text(flow, branch),
            from_=self.local,
            to=self.remote,
            call_id=self.call_id,
            cseq=cseq,
            route=route,
            contact=contact,
            headers=headers,
            body=body,
            content_type=content_type,
        )

    def _routing(self) -> tuple[str, tuple[str, ...]]:
        """Request-URI and Route; a first hop without ``lr`` is a strict router's."""
        first = self.route_set[0]
        if ";lr" in first.lower():
            return self.target, self.route_set
        uri = first[first.find("<") + 1 :].partition(">")[0]
        return uri, (*self.route_set[1:], f"<{self.target}>")


def contact_uri(message: Message) -> str | None:
    """The URI of the first Contact as a Request-URI; None: there is none."""
    text = message.header("Contact")
    if text is None or not message.contacts:
        return None
    if text.startswith("<") and "?" not in text:
        return text[1:].partition(">")[0]
    return str(replace(message.contacts[0].uri, headers=()))


def contact_text(flow: Flow, user: str = "") -> str:
    """Our Contact for a peer that reaches us over ``flow``."""
    host, port = flow.local
    # RFC 7118 §5.2: a WebSocket is ``ws`` in a URI, secured or not.
    transport = "ws" if flow.is_web else flow.transport
    write = _contact_remembered if len(user) <= _MEMO_CHARACTERS_MAX else _contact
    return write(transport, host, port, user)


def _contact(transport: str, host: str, port: int, user: str) -> str:
    parameters = () if transport == "udp" else (("transport", transport),)
    return f"<{Uri('sip', user, host=host, port=port, parameters=parameters)}>"


_contact_remembered = lru_cache(_MEMO_ENTRIES)(_contact)


def current_flow(dialog: Dialog | None, flow: Flow, flows: Sequence[Flow]) -> Flow:
    """Where a phone is asked whose registered flows, the newest first, became others.

    Any flow of a phone will do (RFC 5626 §7), but a proxy in the route set stays where it is.
    """
    if flow in flows:
        return flow
    newest = flows[0]
    is_proxy = dialog is not None and bool(dialog.route_set)
    return flow if is_proxy and newest.remote.host != flow.remote.host else newest


def reopened(flow: Flow, target: str | None) -> Flow:
    """A flow that opens a new connection to where the peer's Contact says it is.

    A host name there is not looked up: the peer's address is known, and over TLS its certificate
    has to speak for the name (RFC 5922).
    """
    remote, names = flow.remote, flow.peer_names
    if target is not None:
        try:
            uri = parse_uri(target)
        except UriError:
            uri = None
        if uri is not None and uri.host:
            port = uri.port or (5061 if flow.is_secure else 5060)
            remote = HostPort(uri.host if is_numeric(uri.host) else remote.host, port)
            if speaks_for(names, uri.host):
                names = (uri.host,)
    names = tuple([name for name in names if not name.startswith("*")])
    return Flow(flow.transport, flow.local, remote, peer_names=names)
