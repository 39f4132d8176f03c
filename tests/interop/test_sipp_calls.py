"""sipp as carrier, as stranger and as phone."""

from tests.interop.process import ServerProcess, free_address, wait_until
from tests.interop.sipp import SippRunner, needs_sipp

pytestmark = needs_sipp

MAIN = "+14255550150"


def answered_calls(server: ServerProcess) -> int:
    return len(server.records(callee=MAIN, result="answered"))


def test_a_carrier_reaches_the_attendant(server: ServerProcess, sipp: SippRunner) -> None:
    sipp.start("call", server=server.sip, at=server.sbc1, to=MAIN, talk_ms=200).wait()
    (record,) = wait_until(lambda: server.records(callee=MAIN), "the record")
    assert (record["caller"], record["result"]) == ("+12065550199", "answered")


def test_many_calls_at_once_on_one_number(server: ServerProcess, sipp: SippRunner) -> None:
    before = answered_calls(server)
    run = sipp.start(
        "call", server=server.sip, at=server.sbc1, to=MAIN, talk_ms=3_000, calls=200, rate=100,
        traces=False,
    )  # fmt: skip
    wait_until(lambda: server.metric("callwright_calls") == 200, "200 calls at once", 10)
    run.wait()
    wait_until(lambda: server.metric("callwright_calls") == 0, "the end of all calls")
    wait_until(lambda: answered_calls(server) - before >= 200, "200 records")
    assert answered_calls(server) - before == 200


def test_a_stranger_is_asked_who_he_is_and_rings_nobody(
    server: ServerProcess, sipp: SippRunner
) -> None:
    sipp.start(
        "call_refused", server=server.sip, at=free_address(), to="+14255550102", status=401
    ).wait()


def test_sipp_registers_and_is_called(server: ServerProcess, sipp: SippRunner) -> None:
    at = free_address()
    registered = sipp.start(
        "register", server=server.sip, at=at, calling="erin", status=200, expires_s=60
    ).wait()
    assert "expires=60" in (registered.received("SIP/2.0 200")[0].header("Contact") or "")
    phone = sipp.start("answer", server=server.sip, at=at)
    call = sipp.start("user_calls", server=server.sip, calling="bob", to="105", talk_ms=100)
    call.wait()
    phone.wait()
    (invite,) = phone.received("INVITE")
    assert '"Bob Brown" <sip:+14255550102@contoso.test>' in (invite.header("From") or "")
    sipp.start("register", server=server.sip, at=at, calling="erin", status=200, expires_s=0).wait()


def test_sipp_registers_and_calls_over_tcp(server: ServerProcess, sipp: SippRunner) -> None:
    over_tcp = ("-t", "t1")
    sipp.start(
        "register", server=server.sip, calling="erin", status=200, expires_s=60, more=over_tcp
    ).wait()
    call = sipp.start(
        "user_calls", server=server.sip, calling="erin", to=MAIN, talk_ms=100, more=over_tcp
    )
    call.wait()
    contact = call.received("SIP/2.0 200")[0].header("Contact") or ""
    assert contact.endswith(";transport=tcp>")
