"""The doctor's own small clients: what they take for an answer, and what not."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor import ntp, sip_question, stun
from callwright.runtime.doctor.exchange import ask, udp_socket
from callwright.sip.keepalive import answer_to_stun

LOOPBACK = HostPort("127.0.0.1", 0)
TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
RFC_5769_IPV4 = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
    "002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004c07d4c96"
)
RFC_5769_IPV6 = bytes.fromhex(
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf1"
    "1784c97c8292c275bfe3ed4180280004c8fb0b4c"
)
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def ntp_answer(
    cookie: bytes, at: datetime, *, first: int = 0x24, stratum: int = 2, era_s: int = 2_208_988_800
) -> bytes:
    stamp = (int((at.timestamp() + era_s) * 2**32) % 2**64).to_bytes(8)
    return bytes((first, stratum)) + bytes(22) + cookie + stamp * 2


def test_stun_answers_of_the_rfc_are_read() -> None:
    assert stun.mapped_address(RFC_5769_IPV4, TRANSACTION) == HostPort("192.0.2.1", 32_853)
    expected = HostPort("2001:db8:1234:5678:11:2233:4455:6677", 32_853)
    assert stun.mapped_address(RFC_5769_IPV6, TRANSACTION) == expected


def test_an_old_server_says_the_address_in_clear() -> None:
    value = bytes.fromhex("0001303900000000")[:4] + bytes((192, 0, 2, 7))
    head = b"\x01\x01\x00\x0c\x21\x12\xa4\x42" + TRANSACTION
    answer = head + b"\x00\x01\x00\x08" + value
    assert stun.mapped_address(answer, TRANSACTION) == HostPort("192.0.2.7", 0x3039)


@pytest.mark.parametrize("host", ["203.0.113.9", "2001:db8::9"])
def test_our_own_stun_answer_is_understood(host: str) -> None:
    answer = answer_to_stun(stun.binding_request(TRANSACTION), HostPort(host, 40_000))
    assert answer is not None
    assert stun.mapped_address(answer, TRANSACTION) == HostPort(host, 40_000)
    assert stun.mapped_address(answer, bytes(12)) is None


@given(st.binary(max_size=80), st.integers(min_value=0, max_value=80))
def test_a_stun_answer_may_be_anything(noise: bytes, cut: int) -> None:
    for data in (noise, RFC_5769_IPV4[:20] + noise, RFC_5769_IPV4[:cut]):
        found = stun.mapped_address(data, TRANSACTION)
        assert found is None or 0 <= found.port <= 65_535


def test_the_time_of_an_ntp_server_is_read_in_both_eras() -> None:
    cookie = bytes(range(8))
    for now in (NOW, datetime(2037, 1, 1, tzinfo=UTC)):
        data = ntp_answer(cookie, now + timedelta(seconds=3))
        told_s = ntp.server_time_s(data, cookie, now.timestamp())
        assert told_s == pytest.approx(now.timestamp() + 3, abs=0.001)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        ntp_answer(bytes(8), NOW)[:47],
        ntp_answer(b"\x01" * 8, NOW),
        ntp_answer(bytes(8), NOW, first=0x23),
        ntp_answer(bytes(8), NOW, first=0xE4),
        ntp_answer(bytes(8), NOW, stratum=0),
        ntp_answer(bytes(8), NOW, stratum=16),
    ],
    ids=["nothing", "short", "other", "question", "unsynchronised", "go-away", "far"],
)
def test_what_is_no_time_is_not_believed(data: bytes) -> None:
    assert ntp.server_time_s(data, bytes(8), NOW.timestamp()) is None


@pytest.mark.parametrize("size", [0, 1_300, 1_700, 8_000])
def test_a_sip_question_is_as_large_as_wanted(size: int) -> None:
    data = sip_question.written(HostPort("::1", 1), HostPort("192.0.2.1", 5_060), "abc", size)
    assert size <= len(data) <= max(size + 20, 400)
    assert data.endswith(b"\r\nContent-Length: 0\r\n\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 500


def test_only_an_answer_to_the_question_counts() -> None:
    answer = b"SIP/2.0 200 OK\r\nCall-ID: abc\r\nSERVER:  Callwright/1\r\n\r\n"
    read = sip_question.read(answer, "abc")
    assert read == sip_question.SipAnswer(200, "Callwright/1")
    assert read.is_ours
    assert sip_question.read(answer, "other") is None
    assert sip_question.read(b"OPTIONS sip:a SIP/2.0\r\nCall-ID: abc\r\n\r\n", "abc") is None
    silent = sip_question.read(b"SIP/2.0 403 No\r\nCall-ID: abc\r\n\r\n", "abc")
    assert silent is not None
    assert not silent.is_ours


async def _asked(answers: Callable[[bytes], list[bytes]], *, tries: int) -> bytes | None:
    loop = asyncio.get_running_loop()
    with udp_socket(LOOPBACK) as server, udp_socket(LOOPBACK) as client:
        place = HostPort(*server.getsockname())

        async def serve() -> None:
            while True:
                data, source = await loop.sock_recvfrom(server, 100)
                for answer in answers(data):
                    await loop.sock_sendto(server, answer, source)

        serving = asyncio.ensure_future(serve())
        try:
            found = await ask(
                client, b"?", place, lambda data: data == b"!", tries=tries, within_s=0.3
            )
        finally:
            serving.cancel()
    return None if found is None else found.data


def test_a_lost_question_is_asked_again() -> None:
    answers = iter(([], [b"noise", b"!"]))
    assert asyncio.run(_asked(lambda _: next(answers), tries=3)) == b"!"


def test_who_says_something_else_has_not_answered() -> None:
    assert asyncio.run(_asked(lambda _: [b"noise"], tries=2)) is None
