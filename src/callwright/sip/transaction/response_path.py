"""Ways back that are not the way that a message came (RFC 3261 §18.2.2, RFC 3581 §4)."""

from dataclasses import replace

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow
from callwright.sip.message import Response
from callwright.sip.via import Via


def heard_on(flow: Flow, via: Via) -> Flow:
    """The way to a peer whose datagram came on ``flow``: to where it listens, which is another
    port than it sends from where it does not ask to be answered there (RFC 3581 §4), and where
    its own address in the Via shows that no NAT gave it that port."""
    host, port = flow.remote
    listens_at = via.port or 5060
    if flow.is_reliable or port == listens_at or via.host != host or via.wants_rport:
        return flow
    return replace(flow, remote=HostPort(host, listens_at))


def opened_anew(flow: Flow, via: Via) -> Flow:
    """A new connection to who asked on one that is gone; over TLS it has to be the same peer."""
    port = via.port or (5061 if flow.is_secure else 5060)
    names = tuple([name for name in flow.peer_names if not name.startswith("*")])
    return Flow(flow.transport, flow.local, HostPort(flow.remote.host, port), peer_names=names)


def replied_on(sent: Flow, source: Flow, response: Response) -> Flow:
    """The way to a peer that answered from ``source`` what we sent on ``sent``: it is not elsewhere
    where only the port is another one, and its Contact says that it listens where we sent to."""
    if source == sent or sent.is_reliable or source.remote.host != sent.remote.host:
        return source
    for contact in response.contacts[:1]:
        if (contact.uri.host, contact.uri.port or 5060) == sent.remote:
            return sent
    return source
