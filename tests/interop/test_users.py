"""Calls between users: who rings, who hears whom, and what follows when nobody answers."""

import pytest
from tests.interop.phones import carrier, line, phone, play, talk
from tests.interop.process import ServerProcess


def test_two_phones_talk_and_the_record_says_so(server: ServerProcess) -> None:
    async def scene() -> None:
        async with phone(server, "erin") as erin, phone(server, "bob") as bob:
            call = await erin.dial("102")
            rung = await bob.rings()
            assert rung.caller.display == "Erin Evans"
            rung.answer()
            await call.answered()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            record = await server.record(caller_user="erin", callee_user="bob")
            assert (record["direction"], record["result"]) == ("internal", "answered")
            assert record["duration_s"] > 0

    play(scene())
