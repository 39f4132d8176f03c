"""What takes its time: several scenes wait beside each other, each on numbers of its own.

The scenes run once, together; each test looks at how its own went.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from tests.interop.conftest import new_server
from tests.interop.phones import (
    Carrier,
    carrier,
    line,
    phone,
    talk,
    unregistered,
    until_beep,
    until_quiet,
    until_sound,
)
from tests.interop.process import Organisation, ServerProcess, until
from tests.interop.sounds import length_s, share_of, write_tone

from callwright.testing.softphone import Softphone

MUSIC_HZ = 1_900

Scene = Callable[[ServerProcess, Carrier], Awaitable[None]]


async def until_lit(alice: Softphone) -> None:
    """A phone that registers while the server looks through its mailboxes is told "no" before."""
    while b"Messages-Waiting: yes" not in (await alice.receives("NOTIFY")).body:
        pass


async def unanswered(server: ServerProcess, outside: Carrier) -> None:
    """Alice's phone rings for five seconds, then her voicemail takes the call."""
    async with phone(server, "alice") as alice:
        call = await outside.dial("+14255550101", calling="+12065550101")
        rung = await alice.rings()
        began = time.monotonic()
        await rung.ended(within_s=8)
        assert 4.5 < time.monotonic() - began < 6
        await call.answered()
        await until_beep(call)
        await asyncio.sleep(1)  # a message
        call.hang_up()
        (message,) = await until(lambda: of(server, "alice", "+12065550101"), "the message")
        assert share_of(message, outside.device.tone_hz) > 0.5
        await until_lit(alice)
        record = await server.record(caller="+12065550101")
        assert (record["result"], record["callee_user"]) == ("voicemail", "alice")


async def silence_ends_a_message(server: ServerProcess, outside: Carrier) -> None:
    call = await (await outside.dial("+14255550105", calling="+12065550102")).answered()
    await until_beep(call)
    await asyncio.sleep(1)  # a message
    line(call).is_talking = False
    await call.ended(within_s=8)
    (message,) = await until(lambda: of(server, "erin", "+12065550102"), "the message")
    assert 0.4 < length_s(message) < 7


async def a_message_ends_at_its_limit(server: ServerProcess, outside: Carrier) -> None:
    call = await (await outside.dial("+14255550102", calling="+12065550103")).answered()
    await until_beep(call)
    await call.ended(within_s=34)
    (message,) = await until(lambda: of(server, "bob", "+12065550103"), "the message")
    assert 29 < length_s(message) < 31
    assert share_of(message, outside.device.tone_hz) > 0.5
    record = await server.record(caller="+12065550103")
    assert (record["result"], record["reason"]) == ("voicemail", "normal")


async def a_queue_gives_up(server: ServerProcess, outside: Carrier) -> None:
    """Nobody of support comes within the queue's 15 seconds: the shared mailbox takes over."""
    call = await (await outside.dial("+14255550151", calling="+12065550104")).answered()
    began = time.monotonic()
    await line(call).until_hears(MUSIC_HZ)
    await until_beep(call, within_s=25)
    assert 14 < time.monotonic() - began < 25
    await asyncio.sleep(1)  # a message
    call.hang_up()
    (message,) = await until(lambda: of(server, "support", "+12065550104"), "the message")
    assert share_of(message, outside.device.tone_hz) > 0.5
    record = await server.record(caller="+12065550104")
    assert (record["result"], record["via"]) == ("voicemail", "support")


async def nobody_presses_a_key(server: ServerProcess, outside: Carrier) -> None:
    """Contoso's own menu: four seconds of waiting, three times, then the operator."""
    async with unregistered(server, "carol") as operator:
        assert await operator.register() == 200
        call = await (await outside.dial("+14255550159", calling="+12065550105")).answered()
        for _ in range(3):
            await until_sound(call, none_of=call, within_s=8)
            await until_quiet(call, for_s=1.0, within_s=12)
        rung = await operator.rings(within_s=6)
        assert rung.caller.uri.user == "+12065550105"
        rung.answer()
        await talk(call, rung)
        call.hang_up()
        await rung.ended()
        assert await operator.register(expires_s=0) == 200


async def nobody_presses_a_key_and_there_is_no_operator(
    server: ServerProcess, outside: Carrier
) -> None:
    call = await (await outside.dial("+14255550158", calling="+12065550106")).answered()
    for _ in range(3):
        await line(call).until_hears(MUSIC_HZ, within_s=4)
        await until_quiet(call)
    await call.ended(within_s=4)
    record = await server.record(caller="+12065550106")
    assert record["reason"] == "attendant-no-input"


async def a_server_that_stops_waits_for_a_bounded_time(
    server: ServerProcess, outside: Carrier
) -> None:
    """Two who talk on and on: they are cut off in time, and the process ends well."""
    directory = server.data.parent / "other"
    directory.mkdir()
    other = new_server(directory)
    await asyncio.to_thread(other.start)
    try:
        async with carrier(other) as far, unregistered(other, "bob") as bob:
            assert await bob.register() == 200
            call = await far.dial("+14255550102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            await talk(call, rung)
            other.signal()
            began = time.monotonic()
            await asyncio.gather(call.ended(within_s=15), rung.ended(within_s=15))
            assert 8 < time.monotonic() - began < 14
            assert await asyncio.to_thread(other.wait, within_s=4) == 0
        (record,) = other.records(callee="+14255550102")
        assert record["reason"] == "shutting-down"
    finally:
        other.stop()


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        unanswered,
        silence_ends_a_message,
        a_message_ends_at_its_limit,
        a_queue_gives_up,
        nobody_presses_a_key,
        nobody_presses_a_key_and_there_is_no_operator,
        a_server_that_stops_waits_for_a_bounded_time,
    )
}


def set_the_stage(organisation: Organisation, directory: Path) -> None:
    """Each scene has numbers, a mailbox and people of its own."""
    users = organisation["users"]
    users["bob"]["voicemail"] = {"message_s_max": 30}
    del users["carol"]["answering"]
    organisation["groups"]["support-team"]["members"] = ["dave"]
    support = organisation["call_queues"]["support"]
    support["timeout"]["after_s"] = 15
    support["music"] = write_tone(directory / "music.wav", MUSIC_HZ, 2)
    organisation["auto_attendants"]["night"] = {
        **organisation["auto_attendants"]["reception"],
        "operator": {"user": "carol"},
    }
    organisation["auto_attendants"]["alone"] = {
        "open": {
            "menu": {"prompt": support["music"], "round_wait_s": 1, "keys": {"2": "disconnect"}}
        }
    }
    organisation["resource_accounts"]["alone-line"] = {
        "name": "Alone",
        "number": "+14255550158",
        "answers": {"auto_attendant": "alone"},
    }
    organisation["resource_accounts"]["night-line"] = {
        "name": "Night", "number": "+14255550159", "answers": {"auto_attendant": "night"},
    }  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, BaseException | None]]:
    directory = tmp_path_factory.mktemp("server")
    server = new_server(directory, lambda organisation: set_the_stage(organisation, directory))
    server.start()

    async def play_all() -> list[BaseException | None]:
        async with carrier(server) as outside:
            scenes = (scene(server, outside) for scene in SCENES.values())
            return await asyncio.gather(*scenes, return_exceptions=True)

    ends = asyncio.run(asyncio.wait_for(play_all(), 55))
    yield dict(zip(SCENES, ends, strict=True))
    server.stop()


@pytest.mark.timeout(90)
@pytest.mark.parametrize(
    "scene",
    [pytest.param(name, marks=[pytest.mark.row(165)] if "key" in name else []) for name in SCENES],
)
def test_patience(outcomes: dict[str, BaseException | None], scene: str) -> None:
    error = outcomes[scene]
    if error is not None:
        raise error


def of(server: ServerProcess, mailbox: str, caller: str) -> list[Path]:
    return [Path(m["path"]) for m in server.messages(mailbox) if m["caller"] == caller]
