"""With somebody else's SBC in front: it stays in every dialog by Record-Route, and phones register
through it with Path (RFC 3261 §16.6, RFC 3327)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.interop.kamailio import Kamailio, kamailio, needs_kamailio
from tests.interop.phones import OUTSIDE, closing_audio, phone, play, talk
from tests.interop.process import ServerProcess, free_address

from callwright.kernel.addresses import HostPort
from callwright.testing.softphone import Softphone, softphone

pytestmark = needs_kamailio
TONES_HZ = {"carrier": 1_700, "carol": 900, "erin": 1_300}


@asynccontextmanager
async def carrier_at(place: HostPort, sbc: HostPort) -> AsyncIterator[Softphone]:
    """The network behind the SBC."""
    async with softphone("carrier", sbc, tone_hz=TONES_HZ["carrier"], bind=place) as device:
        with closing_audio(device):
            yield device


@asynccontextmanager
async def remote_phone(user: str, sbc: Kamailio, transport: str) -> AsyncIterator[Softphone]:
    """A phone that knows the SBC only."""
    async with softphone(
        user,
        sbc.edge,
        tone_hz=TONES_HZ[user],
        password=f"{user}-secret",
        transport=transport,
    ) as device:
        with closing_audio(device):
            assert await device.register() == 200
            yield device
            assert await device.register(expires_s=0) == 200


def test_a_carrier_behind_the_sbc_calls_and_is_called(
    server: ServerProcess, tmp_path: Path
) -> None:
    place = free_address()

    async def scene() -> None:
        async with carrier_at(place, server.sbc1) as outside, phone(server, "bob") as bob:
            call = await outside.dial(
                f"sip:+14255550102@{server.sbc1}", from_=f"<sip:{OUTSIDE}@{place}>"
            )
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            await talk(call, rung)
            await rung.hold()
            await rung.resume()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            record = await server.record(callee="+14255550102", result="answered")
            assert record["gateway"] == "sbc1"

            call = await bob.dial(OUTSIDE)
            rung = await outside.rings()
            assert rung.invite.header("Record-Route") is not None
            rung.answer()
            await call.answered()
            await talk(call, rung)
            rung.hang_up()
            await call.ended()
            record = await server.record(callee=OUTSIDE, result="answered")
            assert (record["gateway"], record["reason"]) == ("sbc1", "normal")

    with kamailio(tmp_path, system=server.sip, carrier=place, trunk=server.sbc1):
        play(scene())


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_phones_register_through_the_sbc_and_are_found(
    server: ServerProcess, tmp_path: Path, transport: str
) -> None:
    async def scene() -> None:
        async with (
            remote_phone("carol", edge, transport) as carol,
            remote_phone("erin", edge, transport) as erin,
            phone(server, "bob") as bob,
        ):
            for near, number, far in ((bob, "105", erin), (erin, "102", bob), (carol, "105", erin)):
                call = await near.dial(number)
                rung = await far.rings()
                rung.answer()
                await call.answered()
                await talk(call, rung)
                await call.hold()
                await call.resume()
                await talk(call, rung)
                rung.hang_up()
                await call.ended()

    with kamailio(
        tmp_path, system=server.sip, carrier=free_address(), trunk=free_address()
    ) as edge:
        play(scene())
