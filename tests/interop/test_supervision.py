"""Supervision and live views on real sockets: who hears whom, and what commands show meanwhile."""

import asyncio
from collections.abc import Iterator

import pytest
from tests.interop.conftest import new_server
from tests.interop.phones import OUTSIDE, TONES_HZ, carrier, line, phone, play, talk, until_true
from tests.interop.process import Organisation, ServerProcess

from callwright.cli.civil_time import utc_now
from callwright.domains.queues.board import Board, aged
from callwright.storage.live_view import LiveViewFile
from callwright.testing.agent_call import AgentCall

SUPPORT = "+14255550151"
ALICE, DAVE, CUSTOMER = TONES_HZ["alice"], TONES_HZ["dave"], TONES_HZ["carrier"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    def change(organisation: Organisation) -> None:
        support = organisation["call_queues"]["support"]
        support |= {"agents": [{"user": "alice"}], "authorised": ["dave"], "service_level_s": 20}
        policies = organisation.setdefault("policies", {})
        leads = {"supervision": "takeover", "real_time_metrics": "authorised"}
        policies["voice_applications"] = {"leads": leads}
        organisation["users"]["dave"]["policies"] = {"voice_applications": "leads"}

    running = new_server(tmp_path_factory.mktemp("server"), change)
    running.start()
    yield running
    running.stop()


async def hears(call: AgentCall, *tones_hz: int, none_of: tuple[int, ...] = ()) -> None:
    ear = line(call)
    for tone_hz in tones_hz:
        await ear.until_hears(tone_hz, none_of=list(none_of))


async def until_board(server: ServerProcess, waiting: int, state: str) -> Board:
    """What commands are shown: row 266, no more than five seconds later."""
    for _ in range(50):
        for board in LiveViewFile(server.data).read(utc_now()) or ():
            seen = aged(board, utc_now())
            is_so = (seen["waiting_count"], seen["agents"][0]["state"]) == (waiting, state)
            if seen["queue"] == "support" and is_so:
                return seen
        await asyncio.sleep(0.1)
    raise AssertionError(f"five seconds later no queue has {waiting} callers and {state}")


@pytest.mark.row(281)
@pytest.mark.row(266)
def test_a_supervisor_listens_whispers_barges_in_and_takes_over(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "dave") as dave:
            customer = await (await outside.dial(SUPPORT)).answered()
            seen = await until_board(server, 1, "offline")
            assert seen["waiting"][0]["caller"] == OUTSIDE
            assert seen["longest_wait_s"] <= 6.0
            async with phone(server, "alice") as alice:
                agent = await alice.rings(within_s=10)
                agent.answer()
                await talk(customer, agent)
                seen = await until_board(server, 0, "in-call")
                assert seen["agents"][0]["talks_with"] == OUTSIDE

                chief = await (await dave.dial(f"sip:*44101@{server.sip}")).answered()
                await hears(chief, ALICE, CUSTOMER, none_of=(DAVE,))
                await hears(agent, CUSTOMER, none_of=(ALICE, DAVE))
                await hears(customer, ALICE, none_of=(CUSTOMER, DAVE))

                chief.press("5")
                await hears(agent, DAVE, CUSTOMER, none_of=(ALICE,))
                await hears(customer, ALICE, none_of=(CUSTOMER, DAVE))

                chief.press("6")
                await hears(customer, DAVE, ALICE, none_of=(CUSTOMER,))
                await hears(chief, ALICE, CUSTOMER, none_of=(DAVE,))

                chief.press("7")
                await agent.ended()
                await hears(customer, DAVE, none_of=(ALICE, CUSTOMER))
                await hears(chief, CUSTOMER, none_of=(ALICE, DAVE))
                customer.hang_up()
                await chief.ended()

    play(scene())


def test_metrics_and_todays_figures_tell_of_the_queue(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside:
            customer = await (await outside.dial(SUPPORT)).answered()
            assert (await until_board(server, 1, "offline"))["queue"] == "support"
            label = '{queue="support"}'
            assert metric(server, f"callwright_queue_waiting{label}") == 1
            assert metric(server, f"callwright_queue_longest_wait_seconds{label}") > 0
            agents = 'callwright_queue_agents{queue="support",state="offline"}'
            assert metric(server, agents) == 1
            customer.hang_up()
            left = 'callwright_queue_callers_left_total{queue="support",result="abandoned"}'
            await until_true(lambda: metric(server, left) >= 1, "a caller who left")
        await server.record(callee=SUPPORT, result="abandoned")
        await until_board(server, 0, "offline")
        (shown,) = await asyncio.to_thread(server.look, "queues", "watch", "support")
        assert (shown["waiting_count"], shown["agent_counts"]) == (0, {"offline": 1})
        assert shown["today"]["abandoned"] == 1
        assert shown["today"]["offered"] == shown["today"]["answered"] + 1

    play(scene())


def metric(server: ServerProcess, name: str) -> float:
    _, text = server.ask("/metrics")
    values = [row.rpartition(" ")[2] for row in text.splitlines() if row.startswith(f"{name} ")]
    return float(values[0]) if values else 0.0
