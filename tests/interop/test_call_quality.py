"""How a call sounded, told by the command line: while it runs, and afterwards."""

from typing import Any

from tests.interop.phones import line, phone, play
from tests.interop.process import ServerProcess, until


def legs_of(server: ServerProcess, call: str) -> list[dict[str, Any]]:
    shown = server.run("calls", "show", call, "--json").json
    return list(shown["legs"])


def received_by_legs(server: ServerProcess, call: str, more_than: int) -> bool:
    received = [leg["received"]["packets"] for leg in legs_of(server, call)]
    return len(received) == 2 and min(received) > more_than


def test_a_call_tells_how_both_parties_sounded(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "alice") as alice, phone(server, "bob") as bob:
            call = await alice.dial("102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            await line(rung).until_hears(alice.tone_hz)
            await line(call).until_hears(bob.tone_hz)
            call.hang_up()
            await rung.ended()
            await server.record(callee="102")

    play(scene())
    (record,) = server.run("calls", "list", "--json").json
    legs = legs_of(server, record["id"])
    assert {leg["user"] for leg in legs} == {"alice", "bob"}
    for leg in legs:
        heard = leg["received"]
        assert heard["packets"] > 5
        assert heard["lost"] == 0
        assert heard["mos"] > 4
        assert leg["sent"]["packets"] > 5
    text = server.run("calls", "show", record["id"]).stdout
    assert "from the party" in text
    assert "PCMU" in text


def test_a_call_that_runs_tells_how_it_sounds(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "alice") as alice, phone(server, "bob") as bob:
            call = await alice.dial("102")
            rung = await bob.rings()
            rung.answer()
            await call.answered()
            await line(rung).until_hears(alice.tone_hz)
            (running,) = server.run("calls", "--running", "--json").json
            found = running["id"]
            await until(
                lambda: received_by_legs(server, found, 10), "both legs are heard and noted", 30
            )
            shown = server.run("calls", "show", found, "--json").json
            assert shown["state"] == "running"
            call.hang_up()
            await rung.ended()

    play(scene())
