"""Call queues: greeting, music, order, agents who ring, and what happens when none comes."""

import asyncio
from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.interop.conftest import new_server
from tests.interop.phones import OUTSIDE, carrier, line, phone, play, talk, until_true
from tests.interop.process import Organisation, ServerProcess, callwright_inside, until
from tests.interop.sounds import write_tone

from callwright.domains.queues.place import KeptPlace
from callwright.storage.database import Database
from callwright.storage.queue_agents import StoredPlaces

SUPPORT, SALES = "+14255550151", "+14255550152"
GREETING_HZ, MUSIC_HZ = 600, 1_200
SECOND = "+12065550122"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp("server")

    def change(organisation: Organisation) -> None:
        queues = organisation["call_queues"]
        queues["support"] |= {
            "greeting": write_tone(directory / "greeting.wav", GREETING_HZ, 0.8),
            "music": write_tone(directory / "music.wav", MUSIC_HZ, 1.0),
        }

    running = new_server(directory, change)
    running.start()
    yield running
    running.stop()


async def chose(server: ServerProcess, *words: str) -> str:
    """What `callwright agents` says, asked for on the data of a running server."""
    asked = ("agents", *words, "--data", server.data)
    command = await asyncio.to_thread(callwright_inside, *asked)
    assert command.code == 0, command.stderr
    return command.stdout


@pytest.mark.row(121)
def test_greeting_once_then_music_then_an_agent(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside:
            call = await (await outside.dial(SUPPORT)).answered()
            await line(call).until_hears(GREETING_HZ)
            await line(call).until_hears(MUSIC_HZ, none_of=[GREETING_HZ])
            async with phone(server, "bob") as bob:
                rung = await bob.rings()
                assert rung.caller.uri.user == OUTSIDE
                assert "support" in (rung.caller.display or "").lower()
                assert line(call).hears(MUSIC_HZ)
                rung.answer()
                await talk(call, rung)
                assert not line(call).hears(MUSIC_HZ)
                call.hang_up()
                await rung.ended()
                record = await server.record(callee=SUPPORT, result="answered")
                assert (record["via"], record["callee_user"]) == ("support", "bob")

    play(scene())


@pytest.mark.row(124)
def test_first_in_first_out(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as one, carrier(server, server.sbc2, tone_hz=1_900) as two:
            first = await (await one.dial(SUPPORT)).answered()
            await line(first).until_hears(MUSIC_HZ)
            second = await (await two.dial(SUPPORT, calling=SECOND)).answered()
            await line(second).until_hears(MUSIC_HZ)
            async with phone(server, "bob") as bob:
                rung = await bob.rings()
                assert rung.caller.uri.user == OUTSIDE
                rung.answer()
                await talk(first, rung)
                assert line(second).hears(MUSIC_HZ)
                first.hang_up()
                await rung.ended()
                rung = await bob.rings()
                assert rung.caller.uri.user == SECOND
                rung.answer()
                await talk(second, rung)
                second.hang_up()
                await rung.ended()

    play(scene())


@pytest.mark.row(125)
def test_all_agents_ring_and_the_first_wins(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "alice") as alice,
            phone(server, "bob") as bob,
        ):
            call = await (await outside.dial(SALES)).answered()
            first, second = await alice.rings(), await bob.rings()
            second.answer()
            await first.ended()
            assert (first.reason or "").startswith("SIP;cause=200")
            await talk(call, second)
            call.hang_up()
            await second.ended()

    play(scene())


def test_two_agents_who_answer_at_once_get_one_call(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "alice") as alice,
            phone(server, "bob") as bob,
        ):
            call = await (await outside.dial(SALES, calling="+12065550133")).answered()
            rung = [await alice.rings(), await bob.rings()]
            for one in rung:
                one.answer()
            await until_true(lambda: any(one.is_over for one in rung), "the end of one of them")
            (winner,) = [one for one in rung if not one.is_over]
            await talk(call, winner)
            call.hang_up()
            await winner.ended()
            record = await server.record(caller="+12065550133")
            assert record["result"] == "answered"
            assert record["callee_user"] == winner.agent.account.user

    play(scene())


@pytest.mark.row(159)
def test_a_caller_who_leaves_stops_the_ringing(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "alice") as alice,
            phone(server, "bob") as bob,
        ):
            call = await (await outside.dial(SALES)).answered()
            first, second = await alice.rings(), await bob.rings()
            call.hang_up()
            await first.ended()
            await second.ended()
            record = await server.record(callee=SALES, result="abandoned")
            assert record["reason"] == "queue-abandoned"

    play(scene())


def test_an_agent_in_a_call_is_not_rung(server: ServerProcess) -> None:
    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "alice") as alice,
            phone(server, "bob") as bob,
            phone(server, "erin") as erin,
        ):
            talking = await erin.dial("101")
            busy = await alice.rings()
            busy.answer()
            await talking.answered()
            call = await (await outside.dial(SALES)).answered()
            rung = await bob.rings()
            assert len(alice.calls) == 1
            rung.answer()
            await talk(call, rung)
            assert len(alice.calls) == 1
            for one, other in ((call, rung), (talking, busy)):
                one.hang_up()
                await other.ended()

    play(scene())


def test_the_third_who_would_wait_is_turned_away(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as one, carrier(server, server.sbc2) as two:
            first = await (await one.dial(SUPPORT)).answered()
            second = await (await two.dial(SUPPORT, calling=SECOND)).answered()
            third = await one.dial(SUPPORT, calling="+12065550144")
            assert await third.refused() == 486
            record = await server.record(caller="+12065550144")
            assert (record["reason"], record["result"]) == ("queue-overflow", "busy")
            await line(second).until_hears(MUSIC_HZ)

            second.hang_up()
            await server.record(caller=SECOND, result="abandoned")
            fourth = await (await two.dial(SUPPORT, calling="+12065550155")).answered()
            for call in (first, fourth):
                call.hang_up()
            await server.record(caller="+12065550155", result="abandoned")

    play(scene())


def test_colleagues_reach_a_queue_by_the_name_of_its_line(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "erin") as erin, phone(server, "bob") as bob:
            call = await (await erin.dial("sales-line")).answered()
            rung = await bob.rings()
            rung.answer()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()

    play(scene())


def test_an_agent_is_opted_out_and_in_by_command_beside_the_server(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "bob") as bob:
            for agent in ("alice", "bob"):
                assert "out: support" in await chose(server, "opt-out", agent, "--queue", "support")
            await until(lambda: server.metric("callwright_queue_absences") == 2, "the choices")
            call = await (await outside.dial(SUPPORT)).answered()
            await line(call).until_hears(MUSIC_HZ)
            assert bob.calls == []
            await chose(server, "opt-in", "bob")
            rung = await bob.rings()
            rung.answer()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            await chose(server, "opt-in", "alice")

    play(scene())


def kept_places(server: ServerProcess) -> list[KeptPlace]:
    with closing(Database.open(server.data)) as database:
        return list(StoredPlaces(database).all())


def test_choices_and_places_outlive_a_restart(server: ServerProcess) -> None:
    """Calls do not: who was cut off while waiting calls again, and is served first."""

    async def scene() -> None:
        await chose(server, "opt-out", "alice", "--queue", "support")
        async with carrier(server) as outside:
            cut_off = await (await outside.dial(SUPPORT, calling=SECOND)).answered()
            await line(cut_off).until_hears(MUSIC_HZ)
            await until(lambda: kept_places(server), "the place on disk")
            server.kill()
        await asyncio.to_thread(server.start)
        assert server.metric("callwright_queue_absences") == 1
        async with carrier(server) as one, carrier(server, server.sbc2, tone_hz=1_900) as two:
            stranger = await (await one.dial(SUPPORT)).answered()
            await line(stranger).until_hears(MUSIC_HZ)
            again = await (await two.dial(SUPPORT, calling=SECOND)).answered()
            await line(again).until_hears(MUSIC_HZ)
            async with phone(server, "bob") as bob:
                rung = await bob.rings()
                assert rung.caller.uri.user == SECOND
                rung.answer()
                await talk(again, rung)
                for call in (again, stranger):
                    call.hang_up()
                await rung.ended()
        await chose(server, "opt-in", "alice")

    play(scene())
