"""SBCs that are known by the name in their certificate (SPEC 2.3)."""

from dataclasses import replace

import pytest

from callwright.domains.pstn.model import TrunkRegistration
from callwright.kernel.addresses import HostPort
from callwright.routing.request import FromSbc
from callwright.routing.snapshot import Snapshot
from callwright.runtime.callers import Callers, Challenge
from callwright.sip.flow import Flow
from callwright.sip.message import Request
from callwright.sip.parser import parse
from callwright.sip.registrar import Registrar
from callwright.testing.builders import SBC1, contoso_snapshot

NODE = HostPort("192.0.2.1", 5_061)
ANYWHERE = HostPort("198.51.100.7", 40_000)


class StillClock:
    def monotonic(self) -> float:
        return 100.0

    def utc(self) -> None:  # pragma: no cover - nobody asks
        raise NotImplementedError

    def call_later(self, delay_s: float, callback: object) -> None:  # pragma: no cover
        raise NotImplementedError


def snapshot_with(address: HostPort, *, match_any_port: bool = False) -> Snapshot:
    contoso = contoso_snapshot()
    sbc = replace(
        contoso.sbcs[SBC1], address=address, transport="tls", match_any_port=match_any_port
    )
    return replace(contoso, sbcs={**contoso.sbcs, SBC1: sbc})


NAMED = snapshot_with(HostPort("sbc1.a.com", 5_061))
BY_ADDRESS = snapshot_with(HostPort(ANYWHERE.host, 5_061), match_any_port=True)


def invite() -> Request:
    message = parse(
        b"INVITE sip:+14255550100@pbx SIP/2.0\r\nVia: SIP/2.0/TLS sbc1.a.com;branch=z9hG4bK1\r\n"
        b"From: <sip:+12065550100@sbc1.a.com>;tag=1\r\nTo: <sip:+14255550100@pbx>\r\n"
        b"Call-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    )
    assert isinstance(message, Request)
    return message


def is_sbc(snapshot: Snapshot, transport: str, *names: str) -> bool:
    """Else the sender is asked for credentials."""
    registrar = Registrar()
    callers = Callers(StillClock(), registrar, b"secret")  # type: ignore[arg-type]
    flow = Flow(transport, NODE, ANYWHERE, 1, names)
    caller = callers.caller(snapshot, invite(), flow)
    if isinstance(caller, FromSbc):
        assert caller.sbc == SBC1
        return True
    assert isinstance(caller, Challenge)
    return False


@pytest.mark.row(54)
@pytest.mark.parametrize(
    ("proven", "expected"),
    [
        (("sbc1.a.com",), True),
        (("*.a.com",), True),
        (("other.a.com", "sbc1.a.com"), True),
        (("*.b.a.com",), False),
        (("a.com",), False),
        (("sbc1.evil.com",), False),
        ((), False),
    ],
)
def test_an_sbc_is_known_by_its_certificate_wherever_it_is(
    proven: tuple[str, ...], expected: bool
) -> None:
    assert is_sbc(NAMED, "tls", *proven) is expected


@pytest.mark.row(54)
def test_a_star_speaks_for_one_level() -> None:
    deeper = snapshot_with(HostPort("sbc.b.a.com", 5_061))
    assert not is_sbc(deeper, "tls", "*.a.com")
    assert is_sbc(deeper, "tls", "*.b.a.com")


@pytest.mark.row(53)
@pytest.mark.parametrize(
    ("transport", "expected"), [("tls", True), ("wss", True), ("tcp", False), ("udp", False)]
)
def test_an_sbc_that_speaks_tls_is_believed_over_tls_only(transport: str, expected: bool) -> None:
    assert is_sbc(BY_ADDRESS, transport) is expected


def test_a_carrier_that_we_register_with_calls_from_its_registrar() -> None:
    registration = TrunkRegistration("pbx", "pbx", HostPort("reg.a.net", 5_061))
    sbc = replace(NAMED.sbcs[SBC1], registration=registration)
    snapshot = replace(NAMED, sbcs={**NAMED.sbcs, SBC1: sbc})
    assert is_sbc(snapshot, "tls", "reg.a.net")
    assert is_sbc(snapshot, "tls", "sbc1.a.com")
    assert not is_sbc(snapshot, "tls", "other.a.net")
    assert not is_sbc(NAMED, "tls", "reg.a.net")
