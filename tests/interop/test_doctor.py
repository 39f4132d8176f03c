"""`callwright doctor` as a person runs it, on this machine's loopback."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.interop.authority import Authority
from tests.interop.process import ServerProcess, callwright, free_address

from callwright.kernel.addresses import HostPort
from callwright.sip.keepalive import answer_to_stun

NTP_EPOCH_S = 2_208_988_800


@contextmanager
def responder(answer: Callable[[bytes, HostPort], bytes | None]) -> Iterator[HostPort]:
    """Somebody on a UDP port, in a thread of his own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                data, source = server.recvfrom(2_048)
                if data == b"end":
                    return
                reply = answer(data, HostPort(*source))
                if reply is not None:
                    server.sendto(reply, source)

        thread = threading.Thread(target=serve)
        thread.start()
        place = HostPort(*server.getsockname())
        try:
            yield place
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"end", place)
            thread.join()


def tell_time(data: bytes, _source: HostPort) -> bytes:
    stamp = int((datetime.now(UTC).timestamp() + NTP_EPOCH_S) * 2**32).to_bytes(8)
    return bytes((0x24, 1)) + bytes(22) + data[40:48] + stamp * 2


def doctor(*words: str | Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit status, and the findings by check and subject."""
    run = callwright("doctor", "--json", "--http", "127.0.0.1:0", *words)
    assert run.stdout, run.stderr
    run_as_read = type(run)(run.words, 0, run.stdout, run.stderr)
    return run.code, {f"{one['check']} {one['subject']}": one for one in run_as_read.json}


def by_check(findings: dict[str, dict[str, Any]], check: str) -> list[str]:
    return [one["verdict"] for one in findings.values() if one["check"] == check]


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    place = tmp_path / "certificates"
    authority = Authority(tmp_path / "authority")
    authority.sign(place, "pbx.contoso.test", days=60)
    authority.sign(place, "old.contoso.test", days=-1)
    return place


@pytest.mark.timeout(90)
def test_where_nothing_runs_everything_is_tried(certificates: Path) -> None:
    sip, tls = free_address(), free_address()
    with responder(answer_to_stun) as stun, responder(tell_time) as ntp:
        code, findings = doctor(
            *("--sip", str(sip), "--tls", str(tls), "--certificates", certificates),
            *("--rtp", "31000-31199", "--stun", str(stun), "--ntp", str(ntp)),
        )
    assert by_check(findings, "bound address") == ["warning"] * 3 + ["ok"]
    assert findings[f"public address {sip}"]["verdict"] == "ok"
    assert by_check(findings, "hairpin") == ["ok", "ok"]
    assert findings[f"call to itself {sip}"]["verdict"] == "ok"
    assert by_check(findings, "SIP over UDP") == ["ok"]
    assert by_check(findings, "clock") == ["ok"]
    by_name = {
        subject: one["verdict"]
        for subject, one in findings.items()
        if one["check"] == "certificate"
    }
    assert by_name == {
        "certificate old.contoso.test (old.contoso.test)": "failed",
        "certificate pbx.contoso.test (pbx.contoso.test)": "ok",
    }
    assert code == 1, "an expired certificate is a failure"


@pytest.mark.timeout(90)
def test_a_running_server_is_known_and_not_disturbed(server: ServerProcess) -> None:
    code, findings = doctor(
        "--sip", str(server.sip), "--rtp", "31000-31199", "--peer", str(server.sip)
    )
    assert code == 0, findings
    assert "the running server" in findings[f"bound address udp {server.sip}"]["reason"]
    assert by_check(findings, "hairpin") == ["ok", "ok"]
    assert findings[f"fragments {server.sip}"]["verdict"] == "ok"
    (call,) = (one for one in findings.values() if one["check"] == "call to itself")
    assert call["verdict"] == "ok"
    assert "a second server" in call["subject"]
    assert server.ask("/healthz")[0] == 200
    assert server.records() == []


def test_a_port_of_somebody_else_is_a_failure() -> None:
    with responder(lambda _data, _source: None) as taken:
        run = callwright("doctor", "--sip", str(taken), "--http", "127.0.0.1:0")
    assert run.code == 1
    line = next(line for line in run.stdout.splitlines() if f"udp {taken}" in line)
    assert line.startswith("FAILED")
    assert "another program listens there" in line
    assert "NOT TRIED  call to itself" in run.stdout


def test_a_silent_stun_server_is_a_failure() -> None:
    with responder(lambda _data, _source: b"noise") as stun:
        code, findings = doctor(
            "--sip", str(free_address()), "--rtp", "31000-31199", "--stun", str(stun)
        )
    (public,) = (one for one in findings.values() if one["check"] == "public address")
    assert (code, public["verdict"]) == (1, "failed"), public


@pytest.mark.parametrize("words", [("--sip", "nowhere"), ("--rtp", "9-5"), ("--stun", "[::1")])
def test_what_cannot_be_read_is_refused(words: tuple[str, str]) -> None:
    assert callwright("doctor", *words).code == 2
