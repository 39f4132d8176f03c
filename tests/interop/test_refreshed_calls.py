"""sipp with session timers and acknowledged early audio, on both sides of one call."""

import pytest
from tests.interop.process import ServerProcess, free_address, wait_until
from tests.interop.sipp import SippRunner, needs_sipp

pytestmark = needs_sipp

BOB = "+14255550102"


@pytest.mark.row(74)
def test_a_carrier_and_a_phone_that_want_both(server: ServerProcess, sipp: SippRunner) -> None:
    at = free_address()
    sipp.start("register", server=server.sip, at=at, calling="bob", status=200, expires_s=60).wait()
    before = len(server.records(callee=BOB, result="answered"))
    phone = sipp.start("answer_early", server=server.sip, at=at)
    call = sipp.start("call_refreshed", server=server.sip, at=server.sbc1, to=BOB)
    call.wait()
    phone.wait()
    (invite,) = phone.received("INVITE")
    assert invite.header("Session-Expires") == "1800"
    assert invite.header("Min-SE") == "90"
    wait_until(lambda: len(server.records(callee=BOB, result="answered")) > before, "the record")
    sipp.start("register", server=server.sip, at=at, calling="bob", status=200, expires_s=0).wait()
