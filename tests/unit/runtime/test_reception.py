"""With one organisation nothing is looked at; with several, each message finds its own."""

from types import SimpleNamespace
from typing import Any

import pytest

from callwright.kernel.addresses import HostPort
from callwright.runtime import reception as module
from callwright.runtime.reception import Reception
from callwright.sip.flow import Flow
from callwright.testing.builders import contoso_snapshot

US = HostPort("192.0.2.1", 5060)
TOKEN = "0123456789abcdef0123456789abcdef"


class Node:
    """What the reception asks of a node (`runtime.node.Node`), and what it was given."""

    def __init__(self, domain: str | None, **overrides: Any) -> None:
        self.snapshot = None if domain is None else contoso_snapshot(domain=domain, **overrides)
        self.got: list[tuple[Flow, bytes]] = []
        self.failed: list[Flow] = []
        self.pinholes: set[Flow] = set()
        self.remotes: set[HostPort] = set()
        self.registrar = SimpleNamespace(
            pinholes=self.pinholes, knows_remote=self.remotes.__contains__
        )
        self.trunks = SimpleNamespace(locations=SimpleNamespace(sbc_at=lambda flow: None))

    def receive(self, flow: Flow, message: bytes) -> None:
        self.got.append((flow, message))

    def transport_failed(self, flow: Flow) -> None:
        self.failed.append(flow)


def flow(host: str = "10.0.0.1", port: int = 5060) -> Flow:
    return Flow("udp", US, HostPort(host, port))


def request(
    method: str, uri: str, *, from_: str = "sip:x@nowhere.test", to: str = "", via: str = "p"
) -> bytes:
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {via};branch=z9hG4bK1",
        f"From: <{from_}>;tag=1",
        f"To: {to or f'<{uri}>'}",
        "Call-ID: 1",
        f"CSeq: 1 {method}",
        "Max-Forwards: 70",
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def reception(*nodes: Node) -> Reception:
    made = Reception()
    for number, node in enumerate(nodes):
        made.admit(number, node)  # type: ignore[arg-type]
    return made


def test_a_node_that_is_alone_gets_everything_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What several need costs one organisation nothing: not a byte is looked at."""
    for name in ("parse", "number_in_request", "number_in_response"):
        monkeypatch.delattr(module, name)
    alone = Node("contoso.test")
    made = reception(alone)
    messages = [
        b"INVITE sip:x@fabrikam.test SIP/2.0\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"\r\n",
        b"",
    ]
    for message in messages:
        made.receive(flow(), message)
    assert [message for _, message in alone.got] == messages
    assert made.unaddressed == 0


def test_before_there_is_a_node_messages_are_lost() -> None:
    reception().receive(flow(), b"OPTIONS sip:x SIP/2.0\r\n\r\n")


def test_every_node_hears_of_a_broken_connection() -> None:
    nodes = Node("a.test"), Node("b.test")
    reception(*nodes).failed(flow())
    assert all(node.failed == [flow()] for node in nodes)


@pytest.mark.parametrize(
    ("message", "owner"),
    [
        (request("REGISTER", "sip:b.test"), 1),
        (request("REGISTER", "sip:B.Test:5060"), 1),
        (request("REGISTER", "sip:192.0.2.1", to="<sip:bob@b.test>"), 1),
        (request("REGISTER", "sip:192.0.2.1", to="<sip:bob@b.test>;tag=x.0"), 1),
        (request("REGISTER", "sip:192.0.2.1", to="<sip:bob@192.0.2.1>"), 0),
        (request("INVITE", "sip:102@b.test", from_="sip:bob@a.test"), 1),
        (request("INVITE", "sip:102@192.0.2.1", from_="sip:bob@b.test"), 1),
        (request("INVITE", "urn:service:sos", from_="sip:bob@b.test"), 1),
        (request("INVITE", "tel:911", from_="sip:bob@b.test"), 1),
        (request("INVITE", "sip:102@nowhere.test"), 0),
        (request("CANCEL", "sip:102@192.0.2.1", from_="sip:bob@b.test"), 1),
        (request("BYE", "sip:x@192.0.2.1", to=f"<sip:x@a.test>;tag={TOKEN}.1"), 1),
        (request("BYE", "sip:x@192.0.2.1", to=f"<sip:x@b.test>;tag={TOKEN}"), 0),
        (request("BYE", "sip:x@192.0.2.1", to=f"<sip:x@b.test>;tag={TOKEN}.77"), 0),
        (b"\r\n\r\n" + request("REGISTER", "sip:b.test"), 1),
        (
            b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK" + TOKEN.encode() + b".1\r\n\r\n",
            1,
        ),
        (b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK" + TOKEN.encode() + b"\r\n\r\n", 0),
        (b"REGISTER sip:b.test SIP/2.0\r\nX", 0),
        (b"INVITE < SIP/2.0\r\n\r\n", 0),
        (b"\r\n\r\n", 0),
        (b"\x00\x01binding", 0),
        (b"", 0),
    ],
)
def test_a_message_is_for_whom_it_names(message: bytes, owner: int) -> None:
    nodes = Node("a.test"), Node("b.test")
    reception(*nodes).receive(flow(), message)
    assert [len(node.got) for node in nodes] == [int(owner == 0), int(owner == 1)]
    assert nodes[owner].got == [(flow(), message)]


def test_one_that_was_told_nothing_yet_has_its_domain_already() -> None:
    first, second = Node("a.test"), Node(None)
    made = Reception()
    made.admit(0, first)  # type: ignore[arg-type]
    made.admit(1, second, "b.test")  # type: ignore[arg-type]
    made.receive(flow(), request("REGISTER", "sip:b.test"))
    assert len(second.got) == 1


def test_keep_alives_reach_the_node_that_knows_the_phone() -> None:
    first, second = Node("a.test"), Node("b.test")
    second.pinholes.add(flow())
    made = reception(first, second)
    made.receive(flow(), b"\r\n\r\n")
    made.receive(flow("10.0.0.2"), b"\r\n\r\n")
    assert (len(first.got), len(second.got)) == (1, 1)


def test_a_phone_without_a_domain_is_known_by_where_it_registered() -> None:
    first, second = Node("a.test"), Node("b.test")
    second.remotes.add(flow().remote)
    made = reception(first, second)
    made.receive(flow(), request("INVITE", "sip:102@192.0.2.1"))
    made.receive(flow(port=5062), request("INVITE", "sip:102@192.0.2.1"))
    assert (len(first.got), len(second.got)) == (1, 1)
    assert made.unaddressed == 1


def test_a_number_that_one_has_is_for_that_one() -> None:
    """A carrier with a login comes from anywhere."""
    empty = {"users": {}, "resource_accounts": {}, "inventory": contoso_snapshot().inventory}
    empty["inventory"] = type(contoso_snapshot().inventory)()
    first, second = Node("a.test", **empty), Node("b.test")
    made = reception(first, second)
    made.receive(flow(), request("INVITE", "sip:+14255550102@192.0.2.1"))
    made.receive(flow(), request("INVITE", "sip:+19995550102@192.0.2.1"))
    assert (len(first.got), len(second.got)) == (1, 1)


def test_who_left_gets_nothing() -> None:
    first, second = Node("a.test"), Node("b.test")
    made = reception(first, second)
    made.dismiss(1)
    made.receive(flow(), request("REGISTER", "sip:b.test"))
    assert (len(first.got), len(second.got)) == (1, 0)
