"""Overflow, timeout and nobody there: each sends callers to any kind of place, with a prompt of its
own before it (SPEC 5.4)."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.world.queue_scene import CUSTOMER, call_in, support

from callwright.calls.record import CallResult
from callwright.calls.visits import FinalAction, QueueResult, QueueVisit, TargetType
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

PROMPT = "say: Nobody can take your call."
BEEP, MUSIC = "beep", "music"
OUTSIDE = "+12065550188"

Events = dict[str, tuple[QueueResult, Callable[[dict[str, Any]], dict[str, Any]]]]
EVENTS: Events = {
    "overflow": (QueueResult.OVERFLOWN, lambda action: {"overflow": action, "max_waiting": 0}),
    "timeout": (QueueResult.TIMED_OUT, lambda action: {"timeout": {**action, "after_s": 15}}),
    "no_agents": (QueueResult.NO_AGENTS, lambda action: {"no_agents": action}),
}


async def hangs_up(world: World, call: PhoneCall) -> None:
    await call.ended(within_s=5)


async def rings_dave(world: World, call: PhoneCall) -> None:
    [dave] = [phone for phone in world.phones if phone.user == "dave"]
    (await dave.rings(within_s=5)).answer()
    await call.until_hears("dave")


async def enters_sales(world: World, call: PhoneCall) -> None:
    await call.until_hears(MUSIC, within_s=5)
    assert world.node.floor.view("sales").waiting[0].caller == CUSTOMER  # type: ignore[arg-type,union-attr]


async def hears_reception(world: World, call: PhoneCall) -> None:
    await call.until_hears("say: Welcome to Contoso.", within_s=5)


async def calls_outside(world: World, call: PhoneCall) -> None:
    await call.until_hears(OUTSIDE, within_s=5)
    [invite] = world.carrier("sbc1").invites
    assert invite.from_.uri.user == CUSTOMER


async def leaves_bob_a_message(world: World, call: PhoneCall) -> None:
    await leave_message(world, call, "bob")


async def leaves_the_group_a_message(world: World, call: PhoneCall) -> None:
    await leave_message(world, call, "support")


async def leave_message(world: World, call: PhoneCall, mailbox: str) -> None:
    call.hush()
    await call.until_hears(BEEP, within_s=30)
    await call.until_hears()
    await call.talk_for(3)
    call.hang_up()
    await world.record()
    [message] = world.mailboxes.of(mailbox)
    assert message.caller == CUSTOMER


Actions = dict[
    str,
    tuple[
        object,
        Callable[[World, PhoneCall], Awaitable[None]],
        FinalAction,
        TargetType | None,
    ],
]
ACTIONS: Actions = {
    "disconnect": ("disconnect", hangs_up, FinalAction.DISCONNECT, None),
    "person": ({"user": "dave"}, rings_dave, FinalAction.FORWARD, TargetType.USER),
    "queue": ({"call_queue": "sales"}, enters_sales, FinalAction.FORWARD, TargetType.APPLICATION),
    "attendant": (
        {"auto_attendant": "reception"},
        hears_reception,
        FinalAction.FORWARD,
        TargetType.APPLICATION,
    ),
    "number": ({"external": OUTSIDE}, calls_outside, FinalAction.FORWARD, TargetType.PHONE),
    "voicemail": (
        {"voicemail": "bob"},
        leaves_bob_a_message,
        FinalAction.VOICEMAIL,
        TargetType.MAILBOX,
    ),
    "shared voicemail": (
        {"voicemail": "support"},
        leaves_the_group_a_message,
        FinalAction.SHARED_VOICEMAIL,
        TargetType.MAILBOX,
    ),
}


def except_(event: str, to: object, *, prompt: bool) -> Snapshot:
    action: dict[str, Any] = {"to": to}
    if prompt:
        action["prompt"] = {"say": PROMPT.removeprefix("say: ")}
    return support(**EVENTS[event][1](action))


@pytest.mark.row(137)
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("event", EVENTS)
def test_each_event_plays_its_prompt_and_leads_where_it_says(event: str, action: str) -> None:
    to, arrives, final_action, target_type = ACTIONS[action]

    async def scene(world: World) -> None:
        await world.phone("dave")
        call = call_in(world)
        await call.until_hears(PROMPT, within_s=20)
        await arrives(world, call)
        world.hang_up()
        record = await world.record()
        visit = record.visits[0]
        assert isinstance(visit, QueueVisit)
        assert visit.result is EVENTS[event][0]
        if action == "disconnect" and event == "overflow":
            assert visit.final_action is FinalAction.DISCONNECT_WITH_BUSY
        else:
            assert visit.final_action is final_action
        assert visit.target_type is target_type

    play(scene, organisation=except_(event, to, prompt=True))


@pytest.mark.row(137)
@pytest.mark.parametrize(
    ("event", "reason", "status"),
    [
        ("overflow", Reason.QUEUE_OVERFLOW, 486),
        ("no_agents", Reason.QUEUE_NO_AGENTS, Reason.QUEUE_NO_AGENTS.sip_status),
    ],
)
def test_a_disconnection_without_a_prompt_is_told_to_the_callers_phone(
    event: str, reason: Reason, status: int
) -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        assert await call.ended() == status
        assert not call.is_answered
        assert (await world.record()).reason is reason

    play(scene, organisation=except_(event, "disconnect", prompt=False))


@pytest.mark.row(156)
@pytest.mark.parametrize("skips", [True, False])
def test_a_suppressed_greeting_leaves_the_queues_prompt_and_the_beep(skips: bool) -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        call.hush()
        await call.until_hears(PROMPT, within_s=5)
        heard = await call.listen(20)
        said = [sources for sources in heard if sources and sources != {PROMPT}]
        assert (said[0] == {BEEP}) is skips
        assert {BEEP} in said

    to = {"voicemail": "support", "skip_greeting": skips}
    play(scene, organisation=except_("no_agents", to, prompt=True))


def test_the_group_gets_the_message_by_mail() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await leave_message(world, call, "support")
        assert (await world.record()).result is CallResult.VOICEMAIL
        assert [mail.mailbox for mail in world.postbox.voicemails] == ["support"]

    play(scene, organisation=except_("no_agents", {"voicemail": "support"}, prompt=True))
