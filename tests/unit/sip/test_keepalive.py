"""STUN on the SIP port (RFC 5626 §8), and the wheel of pings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow
from callwright.sip.keepalive import Pinholes, answer_to_stun, is_stun

TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
"""Of the sample messages of RFC 5769, as are the addresses below."""
COOKIE = bytes.fromhex("2112a442")
REQUEST = b"\x00\x01\x00\x00" + COOKIE + TRANSACTION


def flow(number: int) -> Flow:
    return Flow("udp", HostPort("192.0.2.1", 5060), HostPort("203.0.113.9", number))


def test_an_ipv4_phone_is_told_its_address() -> None:
    answer = answer_to_stun(REQUEST, HostPort("192.0.2.1", 32_853))
    attribute = bytes.fromhex("00200008 0001a147e112a643")
    assert answer == b"\x01\x01\x00\x0c" + COOKIE + TRANSACTION + attribute


def test_an_ipv6_phone_is_told_its_address() -> None:
    answer = answer_to_stun(REQUEST, HostPort("2001:db8:1234:5678:11:2233:4455:6677", 32_853))
    attribute = bytes.fromhex("00200014 0002a147 0113a9faa5d3f179bc25f4b5bed2b9d9")
    assert answer == b"\x01\x01\x00\x18" + COOKIE + TRANSACTION + attribute


def test_attributes_of_a_request_are_passed_over() -> None:
    software = b"\x80\x22\x00\x04test"
    request = b"\x00\x01" + len(software).to_bytes(2, "big") + COOKIE + TRANSACTION + software
    assert answer_to_stun(request, HostPort("192.0.2.1", 1)) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        REQUEST[:-1],
        REQUEST + b"\x00",
        b"\x00\x01\x00\x00" + b"\x00" * 16,
        b"\x01\x01" + REQUEST[2:],
        b"\x00\x11" + REQUEST[2:],
        b"OPTIONS sip:a SIP/2.0\r\n\r\n",
    ],
)
def test_what_asks_nothing_is_not_answered(data: bytes) -> None:
    assert answer_to_stun(data, HostPort("192.0.2.1", 1)) is None


def test_an_address_that_is_none_is_not_told() -> None:
    for host in ("phone.example", "256.1.1.1", "1.2.3", "::x"):
        assert answer_to_stun(REQUEST, HostPort(host, 1)) is None


@given(st.binary(max_size=700))
def test_nothing_from_the_network_raises(data: bytes) -> None:
    answer_to_stun(data, HostPort("192.0.2.1", 1))
    assert not is_stun(b"S" + data)


def test_each_flow_has_one_turn_in_a_round() -> None:
    pinholes = Pinholes(10)
    for number in range(1_000):
        pinholes.add(flow(number))
    pinholes.add(flow(7))
    turns = [list(pinholes.slot(turn)) for turn in range(10)]
    assert sorted(f.remote.port for turn in turns for f in turn) == list(range(1_000))
    assert {len(turn) for turn in turns} == {100}
    assert list(pinholes.slot(10)) == turns[0]
    assert len(pinholes) == 1_000


def test_a_flow_stays_as_long_as_a_binding_needs_it() -> None:
    pinholes = Pinholes(10)
    pinholes.add(flow(1))
    pinholes.add(flow(1))
    pinholes.discard(flow(1))
    assert flow(1) in pinholes
    pinholes.discard(flow(1))
    pinholes.discard(flow(1))
    assert flow(1) not in pinholes
    assert len(pinholes) == 0
