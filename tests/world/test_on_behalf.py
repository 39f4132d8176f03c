"""Agents of a queue who call out with its number (SPEC 5.7)."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.world.contoso_scene import contoso

from callwright.calls.record import Direction
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.sip.message import Request
from callwright.testing.world import World, play

FRIEND = "+12065550199"
OWN, SUPPORT, SALES = "+14255550101", "+14255550151", "+14255550152"


def lending(change: Callable[[dict[str, Any]], object] = lambda file: None) -> Snapshot:
    """Support lends its number and that of sales, and has the code ``*81``."""

    def edit(file: dict[str, Any]) -> None:
        queue = file["call_queues"]["support"]
        queue |= {"caller_ids": ["support-line", "sales-line"], "call_out_code": "*81"}
        change(file)

    return contoso(edit)


async def dial(world: World, user: str, number: str, *headers: tuple[str, str]) -> Request:
    carrier, phone = world.carrier("sbc1"), await world.phone(user)
    call = await phone.dial(number, headers=headers)
    await call.answered()
    return carrier.invites[-1]


@pytest.mark.row(146)
@pytest.mark.parametrize("number", [f"*81{FRIEND}", "*8112065550199", "*812065550199"])
def test_an_agent_who_dials_the_queues_code_shows_its_number(number: str) -> None:
    async def scene(world: World) -> None:
        invite = await dial(world, "alice", number)
        assert invite.uri.partition("@")[0] == f"sip:{FRIEND}"
        assert invite.from_.uri.user == SUPPORT
        assert not [value for _, value in invite.headers if OWN in value]
        world.hang_up()
        record = await world.record()
        assert (record.direction, record.caller_user) == (Direction.OUTBOUND, "alice")
        assert any("on behalf of support-line" in step.what for step in record.steps)
        assert record.via == "on behalf of support"

    play(scene, organisation=lending())


@pytest.mark.row(146)
@pytest.mark.parametrize("shown", [SUPPORT, SALES])
def test_a_phone_chooses_which_of_the_numbers_is_shown(shown: str) -> None:
    async def scene(world: World) -> None:
        wish = ("P-Preferred-Identity", f"<sip:{shown}@contoso.test>")
        assert (await dial(world, "alice", FRIEND, wish)).from_.uri.user == shown
        world.hang_up()
        assert (await world.record()).via == "on behalf of support"

    play(scene, organisation=lending())


@pytest.mark.parametrize("wished", ["+14255550150", "+14255550102", "+12065550100", "alice"])
def test_a_number_that_the_queue_does_not_lend_is_not_shown(wished: str) -> None:
    async def scene(world: World) -> None:
        wish = ("P-Preferred-Identity", f"<sip:{wished}@contoso.test>")
        assert (await dial(world, "alice", FRIEND, wish)).from_.uri.user == OWN

    play(scene, organisation=lending())


def test_without_code_or_wish_an_agent_shows_the_own_number() -> None:
    async def scene(world: World) -> None:
        assert (await dial(world, "alice", FRIEND)).from_.uri.user == OWN
        world.hang_up()
        assert (await world.record()).via is None

    play(scene, organisation=lending())


def test_who_is_no_agent_does_not_call_on_behalf_of_the_queue() -> None:
    async def scene(world: World) -> None:
        carrier, erin = world.carrier("sbc1"), await world.phone("erin")
        call = await erin.dial(f"*81{FRIEND}")
        assert await call.ended() == 403
        assert (await world.record()).reason is Reason.ON_BEHALF_FORBIDDEN
        wish = ("P-Preferred-Identity", f"<sip:{SUPPORT}@contoso.test>")
        call = await erin.dial(FRIEND, headers=(wish,))
        await call.answered()
        assert carrier.invites[-1].from_.uri.user == "+14255550105"

    play(scene, organisation=lending())


def test_a_hiding_caller_id_policy_does_not_hide_the_queues_number() -> None:
    def hide(file: dict[str, Any]) -> None:
        file["policies"] = {"caller_id": {"nobody": {"show": "anonymous"}}}
        file["users"]["alice"]["policies"] = {"caller_id": "nobody"}

    async def scene(world: World) -> None:
        assert (await dial(world, "alice", f"*81{FRIEND}")).from_.uri.user == SUPPORT

    play(scene, organisation=lending(hide))


def test_an_emergency_call_shows_what_it_always_shows_whatever_was_chosen() -> None:
    async def scene(world: World) -> None:
        carrier, alice = world.carrier("sbc1"), await world.phone("alice")
        await (await alice.dial("*81911")).answered()
        assert carrier.invites[-1].from_.uri.user == "+14255550119"  # the ELIN leads back to alice

    play(scene, organisation=lending())


def test_an_account_that_may_not_call_out_lends_nothing() -> None:
    def forbid(file: dict[str, Any]) -> None:
        file["resource_accounts"]["support-line"]["policies"] = {"routing": "nowhere"}
        file["pstn"]["direct_routing"]["policies"]["nowhere"] = {"usages": []}

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        assert await (await alice.dial(f"*81{FRIEND}")).ended() == 403
        assert (await world.record()).reason is Reason.SERVICE_MAY_NOT_CALL

    play(scene, organisation=lending(forbid))
