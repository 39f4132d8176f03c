"""coturn on loopback, with the credentials that `callwright turn-credentials` makes."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest
from tests.interop.process import LOOPBACK, callwright_inside, free_address

from callwright.kernel.addresses import HostPort

PROGRAM = shutil.which("turnserver") or ""
READY_S, RETRY_S = 15.0, 0.1
BINDING_REQUEST = bytes.fromhex("000100002112a442") + b"is it ready?"

needs_coturn = pytest.mark.skipif(not PROGRAM, reason="coturn is not installed")


@dataclass(frozen=True, slots=True)
class TurnServer:
    address: HostPort
    secret: Path

    def settings(self, user: str) -> dict[str, str]:
        """For a page: it uses this server and no other path."""
        made = callwright_inside(
            *("turn-credentials", user, "--turn", f"turn:{self.address}?transport=udp"),
            *("--turn-secret", self.secret, "--hours", "1"),
        ).json
        return {
            "turn": made["urls"][0],
            "turnUser": made["username"],
            "turnPassword": made["credential"],
        }


@contextmanager
def turn_server(directory: Path) -> Iterator[TurnServer]:
    address = free_address()
    server = TurnServer(address, directory / "turn-secret")
    server.secret.write_text(f"{os.urandom(16).hex()}\n")
    command = [
        *(PROGRAM, "-n", "--no-cli", "--no-tls", "--no-dtls", "--no-tcp", "--no-tcp-relay"),
        *("--use-auth-secret", f"--static-auth-secret={server.secret.read_text().strip()}"),
        *("--realm=contoso.test", "--allow-loopback-peers", "--log-file=stdout"),
        *(f"--listening-ip={LOOPBACK}", f"--relay-ip={LOOPBACK}"),
        f"--listening-port={address.port}",
        f"--userdb={directory / 'turn.db'}",
        f"--pidfile={directory / 'turn.pid'}",
    ]
    log = directory / "turn.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        _await_ready(address, process, log)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _await_ready(address: HostPort, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Returns when it answers a STUN request (RFC 8489)."""
    deadline = monotonic() + READY_S
    with socket.socket(type=socket.SOCK_DGRAM) as asker:
        asker.settimeout(RETRY_S)
        while True:
            assert process.poll() is None, log.read_text()
            assert monotonic() < deadline, log.read_text()
            asker.sendto(BINDING_REQUEST, address)
            try:
                asker.recv(1_500)
            except (TimeoutError, ConnectionError):
                continue
            return
