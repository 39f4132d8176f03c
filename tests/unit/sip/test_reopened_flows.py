"""Where a session goes on when its connection broke."""

import pytest

from callwright.kernel.addresses import HostPort
from callwright.sip.dialog import reopened
from callwright.sip.flow import Flow

NODE = HostPort("192.0.2.1", 5_061)
PEER = HostPort("198.51.100.7", 40_000)


@pytest.mark.parametrize(
    ("transport", "target", "expected"),
    [
        ("tcp", None, PEER),
        ("tcp", "sip:bob@10.0.0.9:5080", HostPort("10.0.0.9", 5_080)),
        ("tcp", "sip:bob@10.0.0.9", HostPort("10.0.0.9", 5_060)),
        ("tls", "sip:bob@10.0.0.9;transport=tls", HostPort("10.0.0.9", 5_061)),
        ("tls", "sip:bob@[2001:db8::9]", HostPort("2001:db8::9", 5_061)),
        ("tls", "sip:sbc1.a.com:5091", HostPort("198.51.100.7", 5_091)),
        ("ws", "sip:x@y.invalid;transport=ws", HostPort("198.51.100.7", 5_060)),
        ("tcp", "no URI", PEER),
        # No addresses, and names are not looked up.
        ("tcp", "sip:bob@1.2.3.999", HostPort("198.51.100.7", 5_060)),
        ("tcp", "sip:bob@127.1", HostPort("198.51.100.7", 5_060)),
        ("tls", f"sip:bob@{'a' * 70}.1", HostPort("198.51.100.7", 5_061)),
    ],
)
def test_the_contact_says_where(transport: str, target: str | None, expected: HostPort) -> None:
    flow = reopened(Flow(transport, NODE, PEER, 7), target)
    assert (flow.remote, flow.connection) == (expected, None)


@pytest.mark.parametrize(
    ("proven", "asked"),
    [
        (("sbc1.a.com",), ("sbc1.a.com",)),
        (("*.a.com",), ("sbc1.a.com",)),
        (("*.b.com", "other.a.com"), ("other.a.com",)),
        ((), ()),
    ],
)
def test_the_new_connection_has_to_prove_the_same_peer(
    proven: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    flow = reopened(Flow("tls", NODE, PEER, 7, proven), "sip:sbc1.a.com:5061;transport=tls")
    assert flow.peer_names == asked
