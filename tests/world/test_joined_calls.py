"""Calls that were joined, and then joined, taken over, held and ended in every other way."""

import asyncio
import random
from urllib.parse import quote

import pytest
from tests.world.talking import phones, talk

from callwright.calls.record import CallResult
from callwright.sip.message import Response
from callwright.testing.agent import Answer, Decline
from callwright.testing.network import PERFECT, Conditions
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

ABROAD = "+442079460958"
QUEUE = "+14255550151"


async def joined(
    world: World, alice: SimulatedPhone, bob: SimulatedPhone, dave: SimulatedPhone
) -> tuple[PhoneCall, PhoneCall]:
    """bob and dave talk, because alice brought them together; returns their calls."""
    from_bob, at_alice = await talk(world, bob, alice)
    to_dave, at_dave = await talk(world, alice, dave)
    assert await at_alice.transfer_to(to_dave) == 200
    await at_dave.until_hears(bob.name)
    await from_bob.until_hears(dave.name)
    await to_dave.ended()
    return from_bob, at_dave


# -- who joins what --------------------------------------------------------------------------------


def test_the_transfer_may_be_asked_for_in_either_call() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        from_bob, at_alice = await talk(world, bob, alice)
        to_dave, at_dave = await talk(world, alice, dave)
        assert await to_dave.transfer_to(at_alice) == 200
        await from_bob.until_hears("dave")
        await at_dave.until_hears("bob")
        assert await at_alice.ended() == 200
        assert await to_dave.ended() == 200
        at_dave.hang_up()
        await from_bob.ended()
        for record in (await world.record(1), await world.record(2)):
            assert record.result is CallResult.ANSWERED
            assert record.sip_status == 200

    play(scene)


@pytest.mark.parametrize("leaves", ["dave", "erin"])
@pytest.mark.parametrize("asked_in", ["the joined call", "the new one"])
def test_a_joined_party_gives_its_place_away(asked_in: str, leaves: str) -> None:
    async def scene(world: World) -> None:
        alice, bob, dave, erin = await phones(world, "alice", "bob", "dave", "erin")
        from_bob, at_dave = await joined(world, alice, bob, dave)
        to_erin, at_erin = await talk(world, bob, erin)
        if asked_in == "the joined call":
            assert await from_bob.transfer_to(to_erin) == 200
        else:
            assert await to_erin.transfer_to(from_bob) == 200
        await at_dave.until_hears("erin")
        await at_erin.until_hears("dave")
        assert await from_bob.ended() == 200
        assert await to_erin.ended() == 200
        first, second = (at_dave, at_erin) if leaves == "dave" else (at_erin, at_dave)
        first.hang_up()
        await second.ended()
        await world.record(3)

    play(scene)


def test_another_phone_takes_over_a_joined_call() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        mobile = await world.phone("bob", name="mobile")
        from_bob, at_dave = await joined(world, alice, bob, dave)
        moved = await mobile.dial("102", headers=(("Replaces", from_bob.replaces),))
        await moved.answered()
        await moved.until_hears("dave")
        await at_dave.until_hears("mobile")
        await from_bob.ended()
        at_dave.hang_up()
        await moved.ended()
        await world.record(3)

    play(scene)


def test_four_in_a_row_end_up_as_two() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave, erin = await phones(world, "alice", "bob", "dave", "erin")
        carrier = world.carrier("sbc1")
        from_bob, at_dave = await joined(world, alice, bob, dave)
        to_erin, at_erin = await talk(world, dave, erin)
        assert await at_dave.transfer_to(to_erin) == 200
        await at_erin.until_hears("bob")
        abroad = await bob.dial(ABROAD)
        there = await carrier.rings()
        there.answer()
        await abroad.answered()
        assert await abroad.transfer_to(from_bob) == 200
        await there.until_hears("erin")
        await at_erin.until_hears(ABROAD)
        there.hang_up()
        await at_erin.ended()
        records = [await world.record(n) for n in range(1, 5)]
        assert sum(record.charge is not None for record in records) == 1

    play(scene)


# -- hold, codecs, money ---------------------------------------------------------------------------


def test_who_held_the_transferor_holds_the_other_party_until_he_resumes() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        from_bob, at_alice = await talk(world, bob, alice)
        await from_bob.hold()
        to_dave, at_dave = await talk(world, alice, dave)
        assert await at_alice.transfer_to(to_dave) == 200
        await at_dave.until_hears("music")
        assert from_bob.hears() == frozenset()
        await from_bob.resume()
        await at_dave.until_hears("bob")
        await from_bob.until_hears("dave")

    play(scene)


def test_parties_without_a_codec_in_common_hear_each_other() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob", codecs=("PCMU",))
        dave = await world.phone("dave", codecs=("PCMA",))
        from_bob, at_dave = await joined(world, alice, bob, dave)
        from_bob.hang_up()
        await at_dave.ended()

    play(scene)


def test_keys_and_texts_reach_the_party_that_was_joined() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        from_bob, at_dave = await joined(world, alice, bob, dave)
        await from_bob.press("7")
        await asyncio.sleep(1)
        assert at_dave.digits.endswith("7")

    play(scene)


# -- what the transferor is told -------------------------------------------------------------------


def test_the_transferor_hears_that_the_target_rings() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        second = await world.phone("dave", name="mobile")
        _, taken = await talk(world, bob, alice)
        dave.reaction = Answer(after_s=3)
        assert await taken.transfer("104") == 200
        assert taken.transfer_statuses == [100, 180, 200]
        assert len(second.calls) == 1

    play(scene)


def test_the_target_is_told_who_transferred() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        made, taken = await talk(world, bob, alice)
        dave.reaction = Answer()
        taken.session.refer(
            "<sip:104@contoso.test>", headers=(("Referred-By", "<sip:alice@contoso.test>"),)
        )
        await made.until_hears("dave")
        (rung,) = dave.calls
        assert rung.session.request.header("Referred-By") == "<sip:alice@contoso.test>"

    play(scene)


def test_one_transfer_at_a_time() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        made, taken = await talk(world, bob, alice)
        first = asyncio.ensure_future(taken.transfer("104"))
        rung = await dave.rings()
        statuses: list[int] = []
        taken.session.refer(
            "<sip:105@contoso.test>", on_response=lambda response: statuses.append(response.status)
        )
        await asyncio.sleep(1)
        assert statuses == [202]
        assert 603 in taken.transfer_statuses
        rung.answer()
        await made.until_hears("dave")
        first.cancel()

    play(scene)


@pytest.mark.parametrize("refusal", [486, 603, 480])
def test_a_target_that_stopped_ringing_for_the_transferor_brings_the_party_back(
    refusal: int,
) -> None:
    async def scene(world: World) -> None:
        alice, bob, carrier = *await phones(world, "alice", "bob"), world.carrier("sbc1")
        from_bob, at_alice = await talk(world, bob, alice)
        abroad = await alice.dial(ABROAD)
        there = await carrier.rings()
        there.ring()
        await abroad.ringing()
        transfer = asyncio.ensure_future(at_alice.transfer_to(abroad))
        again = await carrier.rings()
        again.decline(refusal)
        assert await transfer >= 400
        await from_bob.until_hears("alice")
        await at_alice.until_hears("bob")

    play(scene)


def test_a_transfer_into_a_queue_waits_there_and_meets_an_agent() -> None:
    async def scene(world: World) -> None:
        dave, erin, alice = await phones(world, "dave", "erin", "alice")
        from_dave, at_erin = await talk(world, dave, erin)
        assert await at_erin.transfer(QUEUE) == 200
        await at_erin.ended()
        rung = await alice.rings()
        rung.answer()
        await from_dave.until_hears("alice")

    play(scene)


def test_a_transfer_outside_of_any_call_is_refused() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        refused: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        alice.endpoint.request(
            method="REFER",
            flow=alice.wire.flow_to(alice.transport, alice.server),
            uri=alice.uri_of("101"),
            from_="<sip:alice@contoso.test>",
            to="<sip:101@contoso.test>",
            headers=(("Refer-To", "<sip:102@contoso.test>"), ("Contact", "<sip:alice@10.0.0.1>")),
            on_response=refused.set_result,
        )
        assert (await refused).status == 405
        assert bob.calls == []

    play(scene)


def test_two_calls_cannot_be_replaced_by_one() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        made, taken = await talk(world, alice, bob)
        both = (("Replaces", made.replaces), ("Replaces", made.replaces))
        assert await (await alice.dial("101", headers=both)).ended() == 400
        await taken.until_hears("alice")

    play(scene)


# -- ends ------------------------------------------------------------------------------------------


def test_a_stopping_node_ends_both_joined_calls() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        from_bob, at_dave = await joined(world, alice, bob, dave)
        await world.node.stop(1.0)
        await from_bob.ended()
        await at_dave.ended()
        await world.record(2)

    play(scene)


@pytest.mark.parametrize("seed", range(12))
def test_a_join_succeeds_over_a_bad_network(seed: int) -> None:
    """REFER, its 202 and the NOTIFYs get lost and are repeated; nothing happens twice."""

    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        from_bob, at_alice = await talk(world, bob, alice)
        to_dave, at_dave = await talk(world, alice, dave)
        transfer = asyncio.ensure_future(at_alice.transfer_to(to_dave))
        await from_bob.until_hears("dave", within_s=40)
        await at_dave.until_hears("bob", within_s=40)
        await asyncio.sleep(40)
        assert at_alice.is_over
        assert to_dave.is_over
        transfer.cancel()
        at_dave.hang_up()
        await asyncio.sleep(40)
        records = [await world.record(1), await world.record(2)]
        joins = [step for r in records for step in r.steps if "joins the call" in step.what]
        assert len(joins) == 1

    play(scene, seed=seed, conditions=Conditions(loss=0.2))


USERS = ("alice", "bob", "dave", "erin")


class Crowd:
    """People who dial, hold, transfer and hang up as chance has it."""

    def __init__(self, world: World, phones: list[SimulatedPhone], seed: int) -> None:
        self.world = world
        self.phones = phones
        self.random = random.Random(seed)

    async def act(self) -> None:
        phone = self.random.choice(self.phones)
        live = [call for call in phone.live_calls if call.is_answered]
        ringing = [call for call in phone.live_calls if not call.is_answered]
        choice = self.random.random()
        if len(live) >= 2 and choice < 0.45:
            one, other = self.random.sample(live, 2)
            self._attended(one, other.replaces)
        elif live and choice < 0.55:
            self._blind(self.random.choice(live))
        elif live and choice < 0.65:
            call = self.random.choice(live)
            call.session.reoffer(
                call.audio.offer(self.random.choice(["sendonly", "sendrecv", "inactive"]))
            )
        elif live and ringing and choice < 0.72:
            dialled = [call for call in ringing if call.session.role == "uac" and call.is_ringing]
            if dialled:
                self._attended(self.random.choice(live), self.random.choice(dialled).replaces)
        elif live and choice < 0.78:
            target = self.random.choice(live).replaces
            await self._other(phone).dial("101", headers=(("Replaces", target),))
        elif phone.live_calls and choice < 0.88:
            self.random.choice(phone.live_calls).hang_up()
        else:
            await phone.dial(self.random.choice(("101", "102", "104", "105", QUEUE, ABROAD)))

    def _other(self, phone: SimulatedPhone) -> SimulatedPhone:
        same = [p for p in self.phones if p.user == phone.user and p is not phone]
        return self.random.choice(same or self.phones)

    def _attended(self, call: PhoneCall, replaces: str) -> None:
        call.session.refer(f"<sip:x@contoso.test?Replaces={quote(replaces, safe='')}>")

    def _blind(self, call: PhoneCall) -> None:
        number = self.random.choice(("101", "102", "104", "105", QUEUE, ABROAD, "199"))
        call.session.refer(f"<sip:{number}@contoso.test>")


@pytest.mark.parametrize("network", ["perfect", "rough"])
@pytest.mark.parametrize("seed", range(15))
def test_whatever_people_do_to_their_calls_nothing_is_left_of_them(seed: int, network: str) -> None:
    async def scene(world: World) -> None:
        people = await phones(world, *USERS)
        people += [await world.phone("alice", name="alice 2"), await world.phone("bob", name="b 2")]
        carrier = world.carrier("sbc1")
        carrier.reaction = Answer(after_s=2)
        chance = random.Random(seed)
        for phone in people:
            phone.reaction = chance.choice([Answer(after_s=1), Answer(after_s=4), Decline(486)])
        crowd = Crowd(world, people, seed)
        for _ in range(150):
            await crowd.act()
            await asyncio.sleep(chance.choice([0.0, 0.01, 0.05, 0.5, 2.0, 5.0]))

    conditions = PERFECT if network == "perfect" else Conditions(loss=0.1)
    play(scene, seed=seed, conditions=conditions)
