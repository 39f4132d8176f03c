"""linphone as a user's phone: over UDP and TCP, with SHA-256, holding and transferring."""

from pathlib import Path

import pytest
from tests.interop.linphone import linphone, needs_linphone
from tests.interop.phones import line, phone, play, until_sound
from tests.interop.process import ServerProcess

pytestmark = needs_linphone
BOB_HZ = 1_900


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_it_calls_and_holds(server: ServerProcess, tmp_path: Path, transport: str) -> None:
    async def scene() -> None:
        async with (
            linphone(server, "bob", tmp_path, tone_hz=BOB_HZ, transport=transport) as bob,
            phone(server, "erin") as erin,
        ):
            await bob.dial("105")
            rung = await erin.rings()
            assert rung.caller.display == "Bob Brown"
            rung.answer()
            await bob.state("StreamsRunning")
            await bob.speak()
            await line(rung).until_hears(BOB_HZ)
            await bob.listens()
            await bob.hold()
            line(rung).forget()
            await until_sound(rung, none_of=rung)
            assert not line(rung).hears(BOB_HZ)
            await bob.resume()
            await bob.speak()
            await line(rung).until_hears(BOB_HZ)
            await bob.hang_up()
            await rung.ended()
            record = await server.record(caller_user="bob", callee_user="erin")
            assert (record["result"], record["reason"]) == ("answered", "normal")

    play(scene())


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_it_is_called(server: ServerProcess, tmp_path: Path, transport: str) -> None:
    async def scene() -> None:
        async with (
            linphone(server, "bob", tmp_path, tone_hz=BOB_HZ, transport=transport) as bob,
            phone(server, "erin") as erin,
        ):
            call = await erin.dial("102")
            await bob.state("IncomingReceived")
            await bob.answer()
            await call.answered()
            await bob.state("StreamsRunning")
            await bob.speak()
            await line(call).until_hears(BOB_HZ)
            await bob.listens()
            call.hang_up()
            await bob.state("Released")

    play(scene())


def test_it_transfers_to_a_colleague(server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            linphone(server, "bob", tmp_path, tone_hz=BOB_HZ) as bob,
            phone(server, "erin") as erin,
            phone(server, "carol") as carol,
        ):
            call = await carol.dial("102")
            await bob.state("IncomingReceived")
            await bob.answer()
            await call.answered()
            await bob.transfer("105")
            rung = await erin.rings()
            rung.answer()
            await line(rung).until_hears(line(call).frequency_hz)
            await line(call).until_hears(line(rung).frequency_hz)
            await bob.state("Released")

    play(scene())


def test_it_joins_two_calls_of_its_own(server: ServerProcess, tmp_path: Path) -> None:
    """Attended transfer (RFC 5589 §7), as somebody else's phone asks for it."""

    async def scene() -> None:
        async with (
            linphone(server, "bob", tmp_path, tone_hz=BOB_HZ) as bob,
            phone(server, "erin") as erin,
            phone(server, "carol") as carol,
        ):
            call = await carol.dial("102")
            await bob.state("IncomingReceived")
            await bob.answer()
            await call.answered()
            await bob.hold()
            await bob.dial("105")
            rung = await erin.rings()
            rung.answer()
            await bob.state("StreamsRunning")
            await bob.join(1, 2)
            await line(rung).until_hears(line(call).frequency_hz)
            await line(call).until_hears(line(rung).frequency_hz)
            await bob.state("Released")
            call.hang_up()
            await rung.ended()

    play(scene())
