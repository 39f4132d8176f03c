"""What a transferor may ask of the subscription that its REFER made (RFC 3515 §2.4.4, RFC 6665)."""

import asyncio

import pytest
from tests.world.talking import phones, talk

from callwright.sip.message import Request, Response
from callwright.sip.parser import parse
from callwright.testing.agent import Ring
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play


async def subscribe(call: PhoneCall, event: str, expires_s: int | None) -> Response:
    answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
    headers = [("Event", event)] if event else []
    headers += [] if expires_s is None else [("Expires", str(expires_s))]
    call.session.send_in_dialog("SUBSCRIBE", headers=headers, on_response=answered.set_result)
    return await answered


def told(world: World, name: str) -> list[tuple[str, str]]:
    """State of the subscription and status line of each NOTIFY that a phone was sent."""
    requests = [
        parse(passage.data)
        for passage in world.recorder.passages
        if passage.receiver == name and passage.data.startswith(b"NOTIFY ")
    ]
    return [
        ((request.header("Subscription-State") or "").partition(";")[0], request.body.decode())
        for request in requests
        if isinstance(request, Request) and (request.header("Event") or "").startswith("refer")
    ]


async def transferring(world: World) -> tuple[PhoneCall, PhoneCall, str]:
    """bob, whom alice called, transfers her to dave, who rings; and the id of the REFER."""
    alice, bob, dave = await phones(world, "alice", "bob", "dave")
    dave.reaction = Ring()
    _, taken = await talk(world, alice, bob)
    asyncio.get_running_loop().create_task(taken.transfer("104"))
    rung = await dave.rings()
    assert taken.session.dialog is not None
    return taken, rung, str(taken.session.dialog.local_cseq)


@pytest.mark.parametrize("names_the_refer", [True, False])
def test_a_transferor_that_unsubscribes_is_told_the_last_state_and_no_more(
    names_the_refer: bool,
) -> None:
    async def scene(world: World) -> None:
        taken, rung, number = await transferring(world)
        await asyncio.sleep(1)
        event = f"refer;id={number}" if names_the_refer else "refer"
        before = told(world, "bob")
        response = await subscribe(taken, event, 0)
        assert (response.status, response.header("Expires")) == (200, "0")
        await asyncio.sleep(1)
        assert told(world, "bob")[len(before) :] == [("terminated", before[-1][1])]
        rung.answer()
        await asyncio.sleep(2)
        assert len(told(world, "bob")) == len(before) + 1
        assert (await subscribe(taken, event, 0)).status == 481

    play(scene)


def test_a_transferor_that_subscribes_longer_is_told_the_state_again() -> None:
    async def scene(world: World) -> None:
        taken, rung, number = await transferring(world)
        await asyncio.sleep(1)
        before = told(world, "bob")
        response = await subscribe(taken, f"refer;id={number}", 3_600)
        assert response.status == 200
        assert 0 < int(response.header("Expires") or 0) <= 180
        await asyncio.sleep(1)
        assert told(world, "bob")[len(before) :] == [before[-1]]
        rung.answer()
        await asyncio.sleep(2)
        assert told(world, "bob")[-1] == ("terminated", "SIP/2.0 200 OK\r\n")

    play(scene)


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("refer", 481),
        ("refer;id=7", 481),
        ("dialog", 481),
        ("presence", 481),
        ("weather", 489),
        ("", 489),
    ],
)
def test_what_nobody_subscribed_to_in_a_call_is_not_there(event: str, status: int) -> None:
    async def scene(world: World) -> None:
        made, taken = await talk(world, *await phones(world, "alice", "bob"))
        refused = await subscribe(made, event, 0)
        assert refused.status == status
        if status == 489:
            assert refused.header("Allow-Events")
        await asyncio.sleep(1)
        assert taken.hears() == {"alice"}, "481 is about the subscription (RFC 5057 §5.2)"

    play(scene)


def test_another_refer_has_no_subscription() -> None:
    async def scene(world: World) -> None:
        taken, _, number = await transferring(world)
        assert (await subscribe(taken, f"refer;id={int(number) + 7}", 0)).status == 481

    play(scene)
