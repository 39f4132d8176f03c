"""Callbacks, recordings, announcements and calls on behalf, with a real server and real audio."""

import asyncio
import wave
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.interop.conftest import new_server
from tests.interop.phones import carrier, line, phone, play, talk
from tests.interop.process import Organisation, ServerProcess
from tests.interop.sounds import write_tone

from callwright.storage.database import Database
from callwright.storage.queue_recordings import StoredRecording, StoredRecordings
from callwright.testing.tone_line import tone_share

SUPPORT, SALES = "+14255550151", "+14255550152"
CUSTOMER, FRIEND = "+12065552368", "+12065550177"
MUSIC_HZ, OFFER_HZ, TOLD_HZ = 1_200, 800, 600
CARRIER_HZ_SHARE = 0.4


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp("server")

    def change(organisation: Organisation) -> None:
        organisation["call_queues"]["support"] |= {
            "greeting": write_tone(directory / "greeting.wav", TOLD_HZ, 0.2),
            "music": write_tone(directory / "music.wav", MUSIC_HZ, 1.5),
            "timeout": {"after_s": 300},
            "callback": {
                "offer": write_tone(directory / "offer.wav", OFFER_HZ, 1.0),
                "key": "1",
                "mail_to": "support@contoso.test",
                "after_wait_s": 1,
            },
        }
        organisation["call_queues"]["sales"] |= {
            "recording": {
                "announcement": write_tone(directory / "told.wav", TOLD_HZ, 0.4),
                "strict": True,
            },
            "caller_ids": ["sales-line"],
            "call_out_code": "*82",
        }

    running = new_server(directory, change)
    running.start()
    yield running
    running.stop()


async def look(server: ServerProcess, *words: str) -> Any:
    """What a command that asks the API says; it has a loop of its own."""
    return (await asyncio.to_thread(server.run, *words, "--json")).json


@pytest.mark.row(148)
@pytest.mark.row(151)
def test_a_caller_hangs_up_and_is_called_back_although_the_server_was_killed(
    server: ServerProcess,
) -> None:
    async def scene() -> None:
        async with carrier(server) as outside:
            call = await (await outside.dial(SUPPORT, calling=CUSTOMER)).answered()
            await line(call).until_hears(MUSIC_HZ)
            await line(call).until_hears(OFFER_HZ, none_of=[MUSIC_HZ])
            call.press("1")
            await call.ended(within_s=10)
            asked = await server.record(callee=SUPPORT, reason="callback-promised")
            [promised] = await look(server, "queues", "callbacks", "support")
            assert (promised["number"], promised["call"]) == (CUSTOMER, asked["id"])
            server.kill()
            server.start()
            async with phone(server, "bob") as bob:
                rung = await bob.rings()
                assert rung.caller.uri.user == CUSTOMER
                assert "support" in (rung.caller.display or "")
                rung.answer()
                customer = await outside.rings()
                assert customer.caller.uri.user == SUPPORT
                customer.answer()
                await talk(rung, customer)
                customer.hang_up()
                await rung.ended()
            called = await server.record(callee=CUSTOMER, result="answered")
            [visit] = (await look(server, "calls", "show", called["id"]))["visits"]
            assert visit["callback_of"] == asked["id"]
            assert await look(server, "queues", "callbacks") == []

    play(scene())


@pytest.mark.row(146)
def test_an_agent_calls_with_the_queues_number(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "alice") as alice:
            call = await alice.dial(f"*82{FRIEND}")
            rung = await outside.rings()
            assert rung.caller.uri.user == SALES
            rung.answer()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()

    play(scene())


def test_a_talk_is_recorded_both_ways_listed_and_heard(
    server: ServerProcess, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "alice") as alice:
            call = await (await outside.dial(SALES, calling=FRIEND)).answered()
            await line(call).until_hears(TOLD_HZ)
            rung = await alice.rings()
            rung.answer()
            await talk(call, rung)
            await asyncio.sleep(1)  # nobody keeps a recording of less than half a second
            caller_hz, agent_hz = line(call).frequency_hz, line(rung).frequency_hz
            call.hang_up()
            await rung.ended()
        record = await server.record(caller=FRIEND, result="answered")
        [kept] = await look(server, "queues", "recordings", "sales")
        assert (kept["call"], kept["agent"]) == (record["id"], "alice")
        file = tmp_path / "talk.wav"
        command = await asyncio.to_thread(server.run, "queues", "recording", kept["id"], file)
        assert command.code == 0, command.stderr
        with wave.open(str(file), "rb") as sound:
            assert sound.getnchannels() == 2
            frames = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
        left, right = frames[0::2].astype(np.int16), frames[1::2].astype(np.int16)
        half = len(left) // 2
        assert tone_share(left[half:], caller_hz) > CARRIER_HZ_SHARE
        assert tone_share(right[half:], agent_hz) > CARRIER_HZ_SHARE

    play(scene())


def test_what_a_killed_server_was_recording_is_listed_as_far_as_it_came(
    server: ServerProcess,
) -> None:
    async def scene() -> None:
        before = recordings(server)
        async with carrier(server) as outside, phone(server, "alice") as alice:
            call = await (await outside.dial(SALES, calling=FRIEND)).answered()
            rung = await alice.rings()
            rung.answer()
            await talk(call, rung)
            await asyncio.sleep(1)  # nobody keeps a recording of less than half a second
            assert recordings(server) == before
            server.kill()
            server.start(sip=server.sip)
        kept, *others = recordings(server)
        assert others == before
        lost = await server.record(reason="node-lost")
        assert (kept.call, kept.agent) == (lost["id"], "alice")
        assert kept.duration_s > 0.5

    play(scene())


def recordings(server: ServerProcess) -> list[StoredRecording]:
    """As they are listed, the newest first."""
    with closing(Database.open(server.data, read_only=True)) as database:
        return StoredRecordings(database, new_id=str).page(None, before=None, limit=10)
