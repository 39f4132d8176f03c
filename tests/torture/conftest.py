"""One real server for the whole folder; it must survive all of it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interop.conftest import new_server
from tests.interop.process import ServerProcess
from tests.torture.peers import UdpPeer

from callwright.kernel.addresses import HostPort


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Contoso; at its end it has to stop in good order, with nothing in its log."""
    directory: Path = tmp_path_factory.mktemp("torture")
    running = new_server(directory)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def ipv6_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The same, where IPv6 is spoken."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as attempt:
        try:
            attempt.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
    running = new_server(tmp_path_factory.mktemp("torture6"))
    running.start(sip=HostPort("::1", 0))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def datagrams(server: ServerProcess) -> Iterator[UdpPeer]:
    """The one who sends all the datagrams, so that each answer has a place to go."""
    peer = UdpPeer(server.sip)
    yield peer
    peer.close()
