"""Phones of other people watch their colleagues."""

from pathlib import Path

from tests.interop.baresip import baresip, needs_baresip
from tests.interop.phones import phone, play
from tests.interop.process import ServerProcess

pytestmark = needs_baresip


def test_a_contact_is_shown_as_it_registers_talks_and_goes(
    server: ServerProcess, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with baresip(server, "bob", tmp_path, tone_hz=1_900, watches=["alice"]) as bob:
            await bob.shows("Offline", "alice")
            async with phone(server, "alice") as alice, phone(server, "erin") as erin:
                await bob.shows("Online", "alice")
                call = await alice.dial("105")
                rung = await erin.rings()
                rung.answer()
                await call.answered()
                await bob.shows("Busy", "alice")
                call.hang_up()
                await bob.shows("Online", "alice")
            await bob.shows("Offline", "alice")

    play(scene())


def test_what_one_phone_publishes_another_one_shows(server: ServerProcess, tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            baresip(server, "bob", tmp_path, tone_hz=1_900, watches=["erin"]) as bob,
            baresip(server, "erin", tmp_path, tone_hz=2_300, watches=["bob"]) as erin,
        ):
            await erin.shows("Online", "bob")
            bob.publish("offline")
            await erin.shows("Offline", "bob")
            bob.publish("online")
            await erin.shows("Online", "bob")
            await bob.shows("Online", "erin")

    play(scene())
