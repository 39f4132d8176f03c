"""Whom a phone shows after a transfer: the party that its person talks to now (ADR 0045)."""

import asyncio

import pytest
from tests.world.contoso_scene import File, contoso
from tests.world.talking import phones, talk
from tests.world.test_caller_id_policies import with_policies
from tests.world.test_queue_outside_agents import ASKED, MOBILE, rung_outside, with_mobile

from callwright.sip.message import Request
from callwright.sip.parser import parse
from callwright.sip.uri import parse_name_addr
from callwright.testing.agent import Answer, Decline
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

OWN, FRIEND = "+14255550101", "+12065550199"
HIDDEN = ("Anonymous", "anonymous")


def told(world: World, name: str) -> list[tuple[str, str]]:
    """Name and number of whom each request inside its call made the phone show."""
    found = []
    for passage in world.recorder.passages:
        if passage.receiver != name or not passage.data.startswith((b"UPDATE ", b"INVITE ")):
            continue
        request = parse(passage.data)
        asserted = request.header("P-Asserted-Identity")
        if request.to_tag is not None and asserted is not None:
            identity = parse_name_addr(asserted)
            found.append((identity.display or "", identity.uri.user))
    return found


async def transfers_to(
    world: World, transferor: SimulatedPhone, extension: str, target: SimulatedPhone
) -> None:
    """An attended transfer of the transferor's only call."""
    (held,) = transferor.live_calls
    await held.hold()
    asked = await transferor.dial(extension)
    (await target.rings()).answer()
    await asked.answered()
    assert await held.transfer_to(asked) == 200
    await held.ended()
    await asyncio.sleep(1)


def test_both_phones_show_each_other_after_an_attended_transfer() -> None:
    """asterisk#1990, wazo-calld#421: the target went on seeing who had transferred."""

    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        await talk(world, bob, alice)
        await transfers_to(world, alice, "104", dave)
        assert told(world, "dave") == [("Bob Brown", "+14255550102")]
        assert told(world, "bob") == [("Dave Davis", "104")]
        await bob.live_calls[0].until_hears("dave")
        await dave.live_calls[0].until_hears("bob")

    play(scene)


def test_who_was_transferred_blindly_sees_who_answered() -> None:
    """asterisk#1780: after a blind transfer a phone showed the transferor."""

    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        made, taken = await talk(world, bob, alice)
        dave.reaction = Answer(1)
        assert await taken.transfer("104") == 200
        await made.until_hears("dave")
        await asyncio.sleep(1)
        assert told(world, "bob") == [("Dave Davis", "104")]
        assert dave.live_calls[0].shown == ("Bob Brown", "+14255550102")
        assert told(world, "dave") == []

    play(scene)


def test_a_transfer_that_nobody_took_changes_no_display() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        made, taken = await talk(world, bob, alice)
        dave.reaction = Decline(486)
        assert await taken.transfer("104") != 200
        await made.until_hears("alice")
        assert [told(world, name) for name in ("alice", "bob", "dave")] == [[], [], []]

    play(scene)


@pytest.mark.parametrize("is_attended", [False, True], ids=["blind", "attended"])
def test_where_a_colleague_forwards_calls_is_not_told(is_attended: bool) -> None:
    """The number may be private: the phone shows the colleague, as one that dialled would."""

    def forwarding(file: File) -> None:
        file["users"]["erin"]["answering"] = {"forward": {"to": {"external": FRIEND}}}

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice, bob = await phones(world, "alice", "bob")
        _, taken = await talk(world, bob, alice)
        if is_attended:
            await taken.hold()
            asked = await alice.dial("105")
            await asked.answered()
            assert await taken.transfer_to(asked) == 200
        else:
            assert await taken.transfer("105") == 200
        await carrier.live_calls[0].until_hears("bob")
        await asyncio.sleep(1)
        assert told(world, "bob") == [("Erin Evans", "+14255550105")]

    play(scene, organisation=contoso(forwarding))


def test_who_is_given_a_call_that_a_colleague_had_forwarded_sees_the_colleague() -> None:
    """Whoever forwards calls to a private number does not give it to whom they are passed on."""

    def forwarding(file: File) -> None:
        file["users"]["erin"]["answering"] = {"forward": {"to": {"external": FRIEND}}}

    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice, bob = await phones(world, "alice", "bob")
        call = await alice.dial("105")
        await call.answered()
        transfer = asyncio.ensure_future(call.transfer("102"))
        rung = await bob.rings()
        assert rung.shown == ("Erin Evans", "+14255550105")
        rung.answer()
        assert await transfer == 200

    play(scene, organisation=contoso(forwarding))


def test_the_number_of_an_agent_outside_is_not_told() -> None:
    async def scene(world: World) -> None:
        bob, erin = await phones(world, "bob", "erin")
        _, taken = await talk(world, bob, erin)
        transfer = asyncio.ensure_future(taken.transfer("support-line"))
        mobile = await rung_outside(world)
        await mobile.until_hears(ASKED, within_s=5)
        await mobile.press("1")
        await bob.live_calls[0].until_hears(MOBILE)
        assert await transfer == 200
        await asyncio.sleep(1)
        assert told(world, "bob") == [("support", "anonymous")]

    play(scene, organisation=with_mobile())


def test_who_was_transferred_to_a_number_outside_sees_the_number() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice, bob = await phones(world, "alice", "bob")
        _, taken = await talk(world, bob, alice)
        assert await taken.transfer(FRIEND) == 200
        await asyncio.sleep(1)
        assert told(world, "bob") == [("", FRIEND)]

    play(scene)


@pytest.mark.parametrize(("policy", "shown"), [("", ("", FRIEND)), ("blind", HIDDEN)])
def test_a_caller_from_outside_is_shown_as_the_users_policy_lets_it(
    policy: str, shown: tuple[str, str]
) -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        bob.reaction = Answer(1)
        call = world.carrier("sbc1").call("+14255550102", calling=FRIEND)
        await call.answered()
        await transfers_to(world, bob, "101", alice)
        await call.until_hears("alice")
        assert told(world, "alice") == [shown]
        assert told(world, "sbc1") == [], "trunks are told nothing"

    play(scene, organisation=with_policies(policy))


def test_a_hidden_caller_stays_hidden() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        alice.reaction = Answer()
        call = await bob.dial("101", headers=(("Privacy", "id"),))
        await call.answered()
        await transfers_to(world, alice, "104", dave)
        assert told(world, "dave") == [HIDDEN]
        last = requests_to(world, "dave")[-1]
        assert last.header("Privacy") == "id"

    play(scene)


def requests_to(world: World, name: str) -> list[Request]:
    parsed = [parse(p.data) for p in world.recorder.passages if p.receiver == name]
    return [message for message in parsed if isinstance(message, Request)]
