"""Requests that we begin: the client half of a user agent (RFC 3261 §8.1, §13.2.1)."""

from collections.abc import Callable, Sequence

from callwright.sip.credentials import Keyring
from callwright.sip.dialog import DialogUser, contact_text
from callwright.sip.flow import Flow
from callwright.sip.message import MAX_FORWARDS, Response, make_request
from callwright.sip.methods import ALLOW, SUPPORTED
from callwright.sip.screening import SDP
from callwright.sip.session.expiry import OFFERED
from callwright.sip.session.listener import InviteListener
from callwright.sip.session.proven_request import ProvenRequest
from callwright.sip.session.session import InviteSession
from callwright.sip.session.uac import UacSession
from callwright.sip.subscriber import Subscriber, SubscriberListener
from callwright.sip.transaction.client import ClientTransaction
from callwright.sip.transaction.layer import TransactionLayer, via_text
from callwright.sip.uri import as_request_uri


class UserAgentClient:
    """Begins calls, subscriptions and single requests over the transactions of a layer."""

    def __init__(self, layer: TransactionLayer) -> None:
        self._layer = layer
        self._dialogs: dict[str, DialogUser] = {}
        """By our tag; those that a peer began, too."""

    def invite(
        self,
        *,
        flow: Flow,
        uri: str,
        from_: str,
        to: str,
        body: bytes,
        listener: InviteListener,
        contact_user: str = "",
        headers: Sequence[tuple[str, str]] = (),
        route: Sequence[str] = (),
        call_id: str | None = None,
        keyring: Keyring | None = None,
    ) -> InviteSession:
        """Sends an INVITE; ``from_`` and ``to`` are name-addr text without tag.

        An empty body asks the peer for the offer. ``Max-Forwards`` and ``User-Agent`` in
        ``headers`` replace ours. ``keyring`` answers the challenges of the peer.
        """
        layer = self._layer
        branch, local_tag = layer.new_branch(), layer.new_token()
        hops, own = _hops_and_others(headers)
        request = make_request(
            "INVITE",
            as_request_uri(uri),
            via=via_text(flow, branch),
            from_=f"{from_};tag={local_tag}",
            to=to,
            call_id=call_id or layer.new_token(),
            cseq=1,
            route=route,
            contact=contact_text(flow, contact_user),
            headers=(
                ALLOW,
                SUPPORTED,
                *OFFERED,
                *_with_name(own, layer.user_agent),
            ),
            body=body,
            content_type=SDP if body else None,
            max_forwards=hops,
        )
        session = UacSession(
            layer,
            self._dialogs,
            request,
            flow,
            local_tag=local_tag,
            contact_user=contact_user,
            keyring=keyring,
        )
        session.listener = listener
        session.send(branch)
        return session

    def request(
        self,
        *,
        method: str,
        flow: Flow,
        uri: str,
        from_: str,
        to: str,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        content_type: str | None = None,
        route: Sequence[str] = (),
        call_id: str | None = None,
        cseq: int = 1,
        keyring: Keyring | None = None,
        on_response: Callable[[Response], None],
    ) -> None:
        """Sends a request outside a dialog: OPTIONS, NOTIFY, MESSAGE, REGISTER.

        ``on_response`` gets the final response, or a local 408 or 503. Repeated REGISTERs give
        their ``call_id`` and a rising ``cseq`` (RFC 3261 §10.2). Each challenge that ``keyring``
        answers takes one more number.
        """
        layer = self._layer
        branch = layer.new_branch()
        hops, own = _hops_and_others(headers)
        request = make_request(
            method,
            as_request_uri(uri),
            via=via_text(flow, branch),
            from_=f"{from_};tag={layer.new_token()}",
            to=to,
            call_id=call_id or layer.new_token(),
            cseq=cseq,
            route=route,
            headers=(*own, ("User-Agent", layer.user_agent)),
            body=body,
            content_type=content_type,
            max_forwards=hops,
        )
        if keyring is None:
            ClientTransaction(layer, request, branch, flow, on_response)
        else:
            ProvenRequest(layer, request, branch, flow, keyring, on_response)

    def subscribe(
        self,
        *,
        flow: Flow,
        uri: str,
        from_: str,
        to: str,
        event: str,
        expires_s: int,
        listener: SubscriberListener,
        headers: Sequence[tuple[str, str]] = (),
    ) -> Subscriber:
        """Subscribes to an event package of a peer and keeps the subscription alive (RFC 6665)."""
        return Subscriber(
            self._layer,
            self._dialogs,
            flow=flow,
            uri=uri,
            from_=from_,
            to=to,
            event=event,
            expires_s=expires_s,
            listener=listener,
            headers=headers,
        )


def _hops_and_others(headers: Sequence[tuple[str, str]]) -> tuple[int, list[tuple[str, str]]]:
    """What Max-Forwards among the headers says, or ours; and the rest of them."""
    hops, others = MAX_FORWARDS, []
    for pair in headers:
        name, value = pair
        if name != "Max-Forwards":
            others.append(pair)
        elif value.isdecimal():
            hops = int(value)
    return hops, others


def _with_name(headers: list[tuple[str, str]], name: str) -> list[tuple[str, str]]:
    """Ours comes before them, unless they bring one."""
    for known, _ in headers:
        if known == "User-Agent":
            return headers
    return [("User-Agent", name), *headers]
