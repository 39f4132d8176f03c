"""Numbers that nobody has, that are private, and that are shared: over real sockets, heard."""

import asyncio
from collections.abc import Iterator

import pytest
from tests.interop.conftest import new_server
from tests.interop.phones import carrier, line, phone, play, talk
from tests.interop.process import Organisation, ServerProcess
from tests.interop.sounds import write_tone

NOBODYS, PRIVATE, SHARED = "+14255550118", "+14255550111", "+14255550110"
SORRY_HZ, SORRY_S = 600, 1.5


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp("server")

    def change(organisation: Organisation) -> None:
        users = organisation["users"]
        users["alice"]["private_line"] = PRIVATE
        users["alice"]["answering"] = {"forward": {"to": {"user": "bob"}}}
        users["bob"]["number"] = f"{SHARED};ext=1002"
        users["erin"]["number"] = f"{SHARED};ext=1005"
        sorry = write_tone(directory / "sorry.wav", SORRY_HZ, SORRY_S)
        organisation["unassigned_numbers"] = {
            "sorry": {"pattern": r"^\+142555501\d\d$", "priority": 1, "announcement": sorry}
        }

    running = new_server(directory, change)
    running.start()
    yield running
    running.stop()


@pytest.mark.row(31)
def test_an_announcement_is_heard_once_and_the_call_ends(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside:
            call = await (await outside.dial(NOBODYS)).answered()
            began_s = asyncio.get_running_loop().time()
            await line(call).until_hears(SORRY_HZ)
            await call.ended()
            assert asyncio.get_running_loop().time() - began_s < 2 * SORRY_S
            record = await server.record(callee=NOBODYS)
            assert (record["result"], record["reason"]) == ("answered", "number-announced")
            assert record["via"] == "sorry"

    play(scene())


@pytest.mark.row(23)
def test_a_private_line_rings_past_a_forward(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "alice") as alice:
            call = await outside.dial(PRIVATE)
            rung = await alice.rings()
            assert "alert-private" in (rung.invite.header("Alert-Info") or "")
            rung.answer()
            await call.answered()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()

    play(scene())


@pytest.mark.row(21)
def test_the_extension_in_the_request_uri_finds_the_phone(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "bob") as bob,
            phone(server, "erin") as erin,
        ):
            for number, wanted in ((f"{SHARED};ext=1005", erin), (f"{SHARED};ext=1002", bob)):
                call = await outside.dial(number)
                rung = await wanted.rings()
                call.hang_up()
                await rung.ended()
            assert (len(bob.calls), len(erin.calls)) == (1, 1)

    play(scene())
