"""Kamailio as a process: the SBC of somebody else, between phones or a carrier and the server."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.interop.process import POLL_S, free_address

from callwright.kernel.addresses import HostPort

TEMPLATE = Path(__file__).parent / "scenarios/kamailio.cfg"
PROGRAM = shutil.which("kamailio") or "/usr/sbin/kamailio"
READY_S = 20.0

needs_kamailio = pytest.mark.skipif(not Path(PROGRAM).exists(), reason="kamailio is not installed")


class Kamailio:
    """Where it listens: for the trunk, and for phones."""

    def __init__(self, trunk: HostPort, edge: HostPort) -> None:
        self.trunk = trunk
        self.edge = edge


@contextmanager
def kamailio(
    directory: Path, *, system: HostPort, carrier: HostPort, trunk: HostPort
) -> Iterator[Kamailio]:
    """Runs until the block ends; ``trunk`` is the address that the server knows it by."""
    running = Kamailio(trunk, free_address())
    settings = directory / "kamailio.cfg"
    settings.write_text(_settings(running, system, carrier))
    log = directory / "kamailio.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [PROGRAM, "-DD", "-E", "-f", settings, "-Y", directory, "-m", "32", "-M", "8"],
            stdout=out,
            stderr=out,
        )
    try:
        _await_ready(running, process, log)
        yield running
    finally:
        process.terminate()
        process.wait(20)


def _settings(running: Kamailio, system: HostPort, carrier: HostPort) -> str:
    """The longer names first: some begin with others."""
    values = {
        "SYSTEM_IP": system.host,
        "SYSTEM_PORT": system.port,
        "TRUNK_PORT": running.trunk.port,
        "EDGE_PORT": running.edge.port,
        "SYSTEM": system,
        "TRUNK": running.trunk,
        "EDGE": running.edge,
        "CARRIER": carrier,
    }
    text = TEMPLATE.read_text()
    for name, value in values.items():
        text = text.replace(name, str(value))
    return text


def _await_ready(running: Kamailio, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """It answers nobody but the server, so its sockets say whether it is there."""
    deadline = time.monotonic() + READY_S
    wanted = f"{running.edge.port:04X}"
    while f":{wanted} " not in Path("/proc/net/udp").read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(POLL_S)
