"""The shield of a running server, and the commands beside it."""

import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.interop.conftest import StartServer
from tests.interop.process import Organisation, ServerProcess, callwright_inside

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.shield import SHIELD_WRONG_SHORT

HEARD_S = 5.0
SILENCE_S = 0.5
FOLLOWS_S = 1.0
"""A command holds within a second."""


class Prober:
    """A UDP socket at an address of this machine."""

    def __init__(self, server: HostPort, ip: str) -> None:
        self._server = server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((ip, 0))
        self._place = str(HostPort(*self._socket.getsockname()))
        self._sent = 0
        self._nonce = ""
        """Of the last challenge."""

    def __enter__(self) -> "Prober":
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def status(self, *headers: str, method: str = "OPTIONS", wait_s: float = HEARD_S) -> str | None:
        """Of the answer; None: silence."""
        self._sent += 1
        number = f"{self._place}-{self._sent}".replace(":", "-")
        lines = [
            f"{method} sip:contoso.test SIP/2.0",
            f"Via: SIP/2.0/UDP {self._place};branch=z9hG4bK{number};rport",
            "Max-Forwards: 70",
            f"From: <sip:alice@contoso.test>;tag={number}",
            "To: <sip:alice@contoso.test>",
            f"Call-ID: {number}",
            f"CSeq: 1 {method}",
            f"Contact: <sip:alice@{self._place}>",
            *headers,
            "Content-Length: 0",
        ]
        self._socket.settimeout(wait_s)
        self._socket.sendto("\r\n".join([*lines, "", ""]).encode(), self._server)
        deadline_s = time.monotonic() + wait_s
        while time.monotonic() < deadline_s:
            try:
                answer = self._socket.recv(65_535)
            except TimeoutError:
                return None
            if f"Call-ID: {number}\r\n".encode() in answer:
                for nonce in re.findall(rb'nonce="([^"]+)"', answer)[:1]:
                    self._nonce = nonce.decode()
                return answer.split(b" ")[1].decode()
        return None

    def is_heard(self) -> bool:
        return self.status(wait_s=SILENCE_S) is not None

    def guess(self) -> str | None:
        return self.status(
            f'Authorization: Digest username="alice", realm="contoso.test", nonce="{self._nonce}", '
            f'uri="sip:contoso.test", response="{self._sent:032x}", algorithm=MD5',
            method="REGISTER",
        )


def soon(holds: Callable[[], bool], within_s: float = FOLLOWS_S) -> bool:
    deadline_s = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline_s:
            return False
    return True


def shield(server: ServerProcess, *words: str) -> str:
    command = callwright_inside("shield", *words, "--data", server.data)
    assert command.code == 0, command.stderr
    return command.stdout


def test_orders_hold_within_a_second_and_after_a_restart(start_server: StartServer) -> None:
    server = start_server()
    with Prober(server.sip, "127.0.0.9") as prober, Prober(server.sip, "127.0.0.8") as other:
        assert prober.is_heard()
        shield(server, "block", "127.0.0.9", "--for", "1h")
        assert soon(lambda: not prober.is_heard(), FOLLOWS_S + SILENCE_S)
        assert other.is_heard()
        assert server.metric("callwright_shield_blocks") == 1
        assert server.metric("callwright_shield_dropped_total") >= 1
        server.stop()
        server.start(sip=server.sip)
        assert not prober.is_heard()
        assert "127.0.0.9" in shield(server, "list")
        assert shield(server, "lift", "127.0.0.9") == "lifted 127.0.0.9/32\n"
        assert soon(prober.is_heard, FOLLOWS_S + SILENCE_S)
        assert shield(server, "list") == "nobody is blocked\n"


def _own_address() -> str | None:
    """An address of this machine that is not loopback: loopback is never blocked by itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        ip: str = probe.getsockname()[0]
        return None if ip.startswith("127.") else ip


def test_a_guesser_is_blocked_and_the_list_says_why(tmp_path: Path) -> None:
    ip = _own_address()
    if ip is None:
        pytest.skip("this machine has no address but loopback")
    from tests.interop.conftest import new_server

    server = new_server(tmp_path)
    server.start(sip=HostPort(ip, 0))
    try:
        with Prober(server.sip, ip) as guesser:
            assert guesser.status(method="REGISTER") == "401"
            for _ in range(SHIELD_WRONG_SHORT[0]):
                assert guesser.guess() == "401"
            assert not guesser.is_heard()
            assert soon(lambda: "alice" in shield(server, "list"))
            shown = shield(server, "list")
            assert f"{SHIELD_WRONG_SHORT[0]} wrong credentials" in shown
            server.kill()
            server.start(sip=server.sip)
            assert not guesser.is_heard(), "a crash lets nobody in"
            shield(server, "lift", "--all")
            assert soon(guesser.is_heard, FOLLOWS_S + SILENCE_S)
    finally:
        server.stop()


def test_networks_that_the_file_names_are_taken_from_it(start_server: StartServer) -> None:
    def keep_open(organisation: Organisation) -> None:
        organisation["shield"] = {"never": ["192.0.2.0/24", "2001:db8::/48"]}

    server = start_server(keep_open)
    assert 'never: [192.0.2.0/24, "2001:db8::/48"]' in callwright_inside(
        "export", "--data", server.data
    ).stdout.replace("'", '"')


@pytest.mark.parametrize("words", [("lift",), ("lift", "x"), ("block", "1.2.3.4", "--for", "x")])
def test_what_makes_no_sense_is_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    command = callwright_inside("shield", *words, "--data", tmp_path)
    assert command.code == 2
