"""The auto attendant: what a caller hears and where keys lead. Prompts are tones, so that which
one is heard is certain; Contoso's own words are heard once."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from tests.interop.conftest import StartServer, new_server
from tests.interop.phones import OUTSIDE, carrier, line, phone, play, talk, until_sound
from tests.interop.process import Organisation, ServerProcess
from tests.interop.sounds import write_tone

from callwright.testing.agent_call import AgentCall

MAIN = "+14255550150"
NAMES = "+14255550157"
GREETING_HZ, MENU_HZ, ADDRESS_HZ, QUEUE_HZ, HOLIDAY_HZ = 600, 800, 1_200, 1_400, 1_600


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp("server")

    def change(organisation: Organisation) -> None:
        def tone(hz: int, seconds: float) -> dict[str, str]:
            return write_tone(directory / f"{hz}.wav", hz, seconds)

        reception = organisation["auto_attendants"]["reception"]
        menu = reception["open"]["menu"]
        reception["open"]["greeting"] = tone(GREETING_HZ, 1.0)
        menu |= {"prompt": tone(MENU_HZ, 0.8), "round_wait_s": 1}
        menu["keys"]["3"] = tone(ADDRESS_HZ, 0.8)
        organisation["call_queues"]["support"]["greeting"] = tone(QUEUE_HZ, 1.0)
        organisation["auto_attendants"]["names"] = {
            "operator": {"user": "alice"},
            "open": {
                "menu": {
                    "prompt": tone(MENU_HZ, 0.8),
                    "keys": {"1": {"user": "dave"}},  # who has no licence
                    "directory": "by-name",
                }
            },
        }
        organisation["resource_accounts"]["names-line"] = {
            "name": "names", "number": NAMES, "answers": {"auto_attendant": "names"},
        }  # fmt: skip
        today = datetime.now(UTC).date()
        for name, number in (("always-closed", "9"), ("always-open", "8")):
            organisation["auto_attendants"][name] = {
                **({"hours": {}} if name == "always-closed" else {}),
                "open": {"then": {"user": "bob"}},
                "closed": {"then": {"user": "bob"}},
                "holidays": [
                    {
                        "name": "now",
                        "dates": [str(today + timedelta(days=day)) for day in (-1, 0, 1)],
                        "greeting": tone(HOLIDAY_HZ, 0.8),
                        "then": "disconnect",
                    }
                ],
            }
            organisation["resource_accounts"][f"{name}-line"] = {
                "name": name,
                "number": f"+1425555015{number}",
                "answers": {"auto_attendant": name},
            }

    running = new_server(directory, change)
    running.start()
    yield running
    running.stop()


@asynccontextmanager
async def caller_at_menu(server: ServerProcess) -> AsyncIterator[AgentCall]:
    """A call from outside that hears the menu's prompt."""
    async with carrier(server) as outside:
        call = await (await outside.dial(MAIN)).answered()
        await line(call).until_hears(GREETING_HZ)
        await line(call).until_hears(MENU_HZ)
        yield call
        if not call.is_over:
            call.hang_up()


def test_the_voice_welcomes_callers(start_server: StartServer) -> None:
    """Contoso's file as it is: speech is heard."""
    spoken = start_server()

    async def scene() -> None:
        async with carrier(spoken) as outside:
            call = await (await outside.dial(MAIN)).answered()
            await until_sound(call, none_of=call)
            call.hang_up()
            record = await spoken.record(callee=MAIN)
            assert (record["result"], record["via"]) == ("answered", "reception")

    play(scene())


@pytest.mark.row(162)
@pytest.mark.parametrize(("key", "user"), [("2", "bob"), ("0", "alice"), ("102", "bob")])
def test_a_key_or_an_extension_rings_a_user(server: ServerProcess, key: str, user: str) -> None:
    async def scene() -> None:
        async with phone(server, user) as device, caller_at_menu(server) as call:
            call.press(key)
            await until_sound(call, none_of=call)  # "Transferring your call to ..."
            rung = await device.rings(within_s=6)
            assert rung.caller.uri.user == OUTSIDE
            rung.answer()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            record = await server.record(callee=MAIN, callee_user=user)
            assert (record["result"], record["via"]) == ("answered", "reception")

    play(scene())


@pytest.mark.row(166)
@pytest.mark.row(177)
@pytest.mark.parametrize(
    ("keys", "user"),
    [("276960262#", "bob"), ("1", "alice")],
    ids=["Brown0Bob", "a key without a licence behind it"],
)
def test_a_name_rings_its_user_and_a_broken_key_the_operator(
    server: ServerProcess, keys: str, user: str
) -> None:
    async def scene() -> None:
        async with phone(server, user) as device, carrier(server) as outside:
            call = await (await outside.dial(NAMES)).answered()
            await line(call).until_hears(MENU_HZ)
            call.press(keys)
            rung = await device.rings(within_s=10)
            rung.answer()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            record = await server.record(callee=NAMES, callee_user=user)
            assert (record["result"], record["via"]) == ("answered", "names")

    play(scene())


def test_one_alone_is_the_queue_after_a_second(server: ServerProcess) -> None:
    """101 to 105 are extensions, so 1 could be the beginning of one."""

    async def scene() -> None:
        async with phone(server, "bob") as bob, caller_at_menu(server) as call:
            call.press("1")
            await line(call).until_hears(QUEUE_HZ, within_s=6)
            rung = await bob.rings()
            rung.answer()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()

    play(scene())


@pytest.mark.row(167)
def test_an_announcement_leads_back_to_the_menu(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "bob") as bob, caller_at_menu(server) as call:
            call.press("3")
            await line(call).until_hears(ADDRESS_HZ)
            await line(call).until_hears(MENU_HZ)
            call.press("2")
            await bob.rings()

    play(scene())


@pytest.mark.row(169)
def test_a_key_is_taken_before_the_greeting_ends(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "bob") as bob, carrier(server) as outside:
            call = await (await outside.dial(MAIN)).answered()
            await line(call).until_hears(GREETING_HZ)
            call.press("2")
            rung = await bob.rings(within_s=4)
            rung.answer()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()

    play(scene())


def test_a_key_that_means_nothing_is_told_and_the_menu_comes_again(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "bob") as bob, caller_at_menu(server) as call:
            call.press("7")
            await until_sound(call, none_of=call)
            await line(call).until_hears(MENU_HZ)
            call.press("2")
            await bob.rings()

    play(scene())


@pytest.mark.row(172)
@pytest.mark.parametrize("number", ["+14255550158", "+14255550159"])
def test_a_holiday_comes_before_open_and_closed(server: ServerProcess, number: str) -> None:
    async def scene() -> None:
        async with phone(server, "bob") as bob, carrier(server) as outside:
            call = await (await outside.dial(number)).answered()
            await line(call).until_hears(HOLIDAY_HZ)
            await call.ended()
            assert bob.calls == []
            record = await server.record(callee=number)
            assert record["reason"] == "attendant-closed"

    play(scene())


def test_a_caller_who_hangs_up_in_the_menu_leaves_a_record(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside:
            call = await (await outside.dial(MAIN, calling="+12065550161")).answered()
            await line(call).until_hears(GREETING_HZ)
            call.hang_up()
            record = await server.record(caller="+12065550161")
            assert (record["result"], record["via"]) == ("answered", "reception")
            assert record["duration_s"] > 0

    play(scene())
