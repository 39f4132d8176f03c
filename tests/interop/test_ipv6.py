"""IPv6: addresses in brackets, SDP that says IP6, audio both ways, and calls between families."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.interop.conftest import StartServer
from tests.interop.phones import TONES_HZ, closing_audio, phone, play, talk
from tests.interop.process import ServerProcess

from callwright.kernel.addresses import HostPort
from callwright.testing.softphone import Softphone, softphone

V6 = HostPort("::1", 0)


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(V6)
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")


@pytest.fixture
def server(start_server: StartServer) -> ServerProcess:
    """Listens in both families."""
    return start_server(None, ["--sip", str(V6)])


@asynccontextmanager
async def phone_v6(server: ServerProcess, user: str, transport: str) -> AsyncIterator[Softphone]:
    async with softphone(
        user,
        server.second_sip,
        tone_hz=TONES_HZ[user],
        password=f"{user}-secret",
        bind=V6,
        transport=transport,
    ) as device:
        with closing_audio(device):
            assert await device.register() == 200
            yield device


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_both_are_heard(server: ServerProcess, transport: str) -> None:
    async def scene() -> None:
        async with (
            phone_v6(server, "erin", transport) as erin,
            phone_v6(server, "bob", transport) as bob,
        ):
            call = await erin.dial("102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            await talk(call, rung)
            await rung.hold()
            await rung.resume()
            await talk(call, rung)
            assert b"c=IN IP6 ::1\r\n" in rung.invite.body
            assert f"@[::1]:{server.second_sip.port}" in (rung.invite.header("Contact") or "")
            call.hang_up()
            await rung.ended()
            record = await server.record(callee_user="bob", caller_user="erin")
            assert record["result"] == "answered"

    play(scene())


def test_families_are_joined(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone_v6(server, "erin", "udp") as erin, phone(server, "bob") as bob:
            for caller, number, callee in ((erin, "102", bob), (bob, "105", erin)):
                call = await caller.dial(number)
                rung = await callee.rings()
                rung.answer()
                await call.answered()
                await talk(call, rung)
                rung.hang_up()
                await call.ended()

    play(scene())
