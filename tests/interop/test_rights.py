"""Who may do what, and how soon a change of that holds, with a real server and real phones."""

import asyncio
import time

import pytest
from tests.interop.conftest import StartServer
from tests.interop.phones import Carrier, carrier, phone, play, talk, unregistered
from tests.interop.process import Organisation, contoso

from callwright.testing.agent_call import AgentCall
from callwright.testing.softphone import Softphone

SUPPORT = "+14255550151"
EFFECTIVE_S = 10.0


def without_greeting(organisation: Organisation) -> None:
    """Agents ring at once."""
    del organisation["call_queues"]["support"]["greeting"]


async def until_rung(outside: Carrier, agent: Softphone) -> tuple[AgentCall, AgentCall]:
    """Calls until this agent is rung; a call that rings the former team is given up."""
    while True:
        call = await outside.dial(SUPPORT)
        try:
            return call, await agent.rings(within_s=1.5)
        except AssertionError:
            call.hang_up()
            await call.ended()


@pytest.mark.row(283)
def test_a_new_member_of_a_group_is_rung_within_ten_seconds(start_server: StartServer) -> None:
    server = start_server(without_greeting)
    changed = contoso(server.sbc1, server.sbc2)
    without_greeting(changed)
    changed["groups"]["support-team"]["members"] = [{"group": "night"}]
    changed["groups"]["night"] = {"members": ["erin"]}

    async def scene() -> None:
        async with (
            carrier(server) as outside,
            phone(server, "erin") as erin,
            phone(server, "bob") as bob,
        ):
            await asyncio.to_thread(server.apply, changed)
            applied_at = time.monotonic()
            call, rung = await until_rung(outside, erin)
            assert time.monotonic() - applied_at < EFFECTIVE_S
            rung.answer()
            await call.answered()
            await talk(call, rung)
            call.hang_up()
            await rung.ended()
            assert not any(call.is_ringing for call in bob.calls)

    play(scene())


@pytest.mark.row(1)
@pytest.mark.row(116)
def test_voice_off_and_resource_accounts_are_refused(start_server: StartServer) -> None:
    server = start_server(lambda organisation: organisation["users"]["alice"].update(voice=False))

    async def scene() -> None:
        async with carrier(server) as outside, phone(server, "alice") as alice:
            call = await alice.dial("+12065550199")
            assert await call.refused() == 403
            record = await server.record(caller_user="alice")
            assert (record["reason"], record["sub_code"]) == ("voice-disabled", 510560)
            assert outside.device.calls == []
        async with unregistered(server, "main-line") as account:
            assert await account.register() in (401, 403)

    play(scene())
