"""Real calls to a real server, and what its reports say of them while it runs."""

from collections.abc import Iterator

import pytest
from tests.interop.conftest import new_server
from tests.interop.phones import carrier, phone, play, talk
from tests.interop.process import Organisation, ServerProcess

SUPPORT = "+14255550151"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    def change(organisation: Organisation) -> None:
        organisation["call_queues"]["support"] |= {"service_level_s": 30}

    running = new_server(tmp_path_factory.mktemp("server"), change)
    running.start()
    yield running
    running.stop()


@pytest.mark.row(263)
@pytest.mark.row(264)
def test_an_answered_and_an_abandoned_call_are_told_apart(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside:
            async with phone(server, "bob") as bob:
                call = await (await outside.dial(SUPPORT)).answered()
                rung = await bob.rings()
                rung.answer()
                await talk(call, rung)
                call.hang_up()
                await rung.ended()
            await server.record(callee=SUPPORT, result="answered")
            call = await (await outside.dial(SUPPORT)).answered()
            call.hang_up()
            await server.record(callee=SUPPORT, result="abandoned")

    play(scene())
    (support,) = server.look("reports", "queues")["items"]
    assert (support["offered"], support["answered"], support["abandoned"]) == (2, 1, 1)
    assert support["mean_wait_before_answer_s"] > 0
    assert support["service_level"] == {
        "threshold_s": 30, "in_time": 1, "counted": 1, "share": 1.0,
    }  # fmt: skip
    (bob,) = [each for each in server.look("reports", "agents")["items"] if each["answered"]]
    assert (bob["agent"], bob["presented"]) == ("bob", 1)
    assert bob["talk_total_s"] > 0
    rows = server.look("reports", "pstn")
    assert [(row["call_type"], row["success"]) for row in rows] == [("dr_in", "Yes")] * 2
