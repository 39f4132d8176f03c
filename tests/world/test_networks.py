"""The same calls over networks that lose, double, reorder and translate."""

import asyncio

import pytest

from callwright.testing.agent import Answer
from callwright.testing.ladder import ladder_of
from callwright.testing.nat import SYMMETRIC, Dependence, NatBehaviour
from callwright.testing.network import ROUGH, Conditions
from callwright.testing.world import World, play

TERRIBLE = Conditions(delay_s=0.1, jitter_s=0.3, loss=0.2, duplication=0.1)
FRIEND = "+12065550199"


@pytest.mark.parametrize("conditions", [ROUGH, TERRIBLE], ids=["rough", "terrible"])
@pytest.mark.parametrize("seed", range(12))
def test_a_call_comes_about_and_ends_whatever_is_lost(conditions: Conditions, seed: int) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer(after_s=3)
        call = await alice.dial("102")
        await call.answered()
        await call.until_hears("bob", within_s=40)
        await bob.calls[0].until_hears("alice", within_s=40)
        await asyncio.sleep(world.loop.random.uniform(0, 20))
        world.loop.random.choice((call, bob.calls[0])).hang_up()
        await call.ended()
        await bob.calls[0].ended()

    play(scene, conditions=conditions, seed=seed)


@pytest.mark.parametrize("seed", range(12))
def test_callers_who_leave_at_random_leave_nothing_behind(seed: int) -> None:
    async def scene(world: World) -> None:
        random = world.loop.random
        phones = [await world.phone(user) for user in ("alice", "bob", "dave", "erin")]
        world.carrier("sbc1").reaction = Answer(after_s=2)
        for phone in phones:
            phone.reaction = Answer(after_s=random.uniform(0, 8))
        targets = ("101", "102", "103", "104", "2065550199", "+14255550150", "+14255550151", "199")
        for _ in range(25):
            call = await random.choice(phones).dial(random.choice(targets))
            asyncio.get_running_loop().call_later(random.uniform(0, 12), call.hang_up)
            await asyncio.sleep(random.uniform(0, 4))

    play(scene, conditions=ROUGH, seed=seed)


@pytest.mark.parametrize(
    "behaviour",
    [NatBehaviour(), SYMMETRIC, NatBehaviour(mapping=Dependence.ADDRESS_DEPENDENT)],
    ids=["home router", "symmetric", "address-dependent"],
)
def test_phones_behind_nat_call_and_are_called(behaviour: NatBehaviour) -> None:
    async def scene(world: World) -> None:
        at_home, in_office = world.nat(behaviour), world.nat(behaviour)
        alice = await world.phone("alice", nat=at_home)
        bob = await world.phone("bob", nat=in_office)
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        await call.until_hears("bob")
        await rung.until_hears("alice")
        await rung.hold()
        await call.until_hears("music")
        await rung.resume()
        await call.until_hears("bob")
        rung.hang_up()
        await call.ended()

    play(scene)


def test_two_phones_behind_one_nat_box_reach_each_other_through_the_node() -> None:
    async def scene(world: World) -> None:
        home = world.nat()
        alice, bob = await world.phone("alice", nat=home), await world.phone("bob", nat=home)
        bob.reaction = Answer()
        call = await alice.dial("102")
        await call.answered()
        await call.until_hears("bob")

    play(scene)


@pytest.mark.parametrize("keeps_alive", [True, False])
def test_a_phone_behind_nat_is_reached_whether_or_not_it_keeps_its_binding(
    keeps_alive: bool,
) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob", nat=world.nat(), keeps_alive=keeps_alive)
        bob.reaction = Answer()
        await asyncio.sleep(1_000)
        call = await alice.dial("102")
        await call.answered()
        assert bob.calls

    play(scene)


def test_a_phone_behind_nat_is_reached_over_its_tcp_connection() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob", nat=world.nat(), transport="tcp")
        await asyncio.sleep(600)
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.until_hears("bob")

    play(scene)


def test_tcp_in_small_pieces_carries_whole_messages() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", transport="tcp")
        bob = await world.phone("bob", transport="tcp")
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.answered()
        await call.until_hears("bob")

    play(scene, conditions=Conditions(jitter_s=0.02, tcp_segment_bytes=97))


def test_a_call_survives_the_loss_of_its_tcp_connection() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", transport="tcp")
        bob = await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        alice.wire.cut_connections()
        await asyncio.sleep(30)
        await call.until_hears("bob")
        call.hang_up()
        await rung.ended(within_s=1)

    play(scene)


def test_a_phone_whose_tcp_connection_is_gone_is_not_rung_until_it_is_back() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        bob = await world.phone("bob", transport="tcp")
        bob.wire.cut_connections()
        await asyncio.sleep(1)
        call = await alice.dial("102")
        await call.answered(within_s=1)  # voicemail
        call.hang_up()
        await bob.register()
        await alice.dial("102")
        await bob.rings()

    play(scene)


def test_a_network_that_is_cut_for_a_minute_does_not_end_the_call() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        world.network.block(bob.host, world.host)
        await asyncio.sleep(60)
        assert call.hears() == frozenset()
        world.network.unblock(bob.host, world.host)
        await call.until_hears("bob")
        await rung.until_hears("alice")

    play(scene)


# -- the world itself ------------------------------------------------------------------------------


async def _busy_hour(world: World) -> list[str]:
    """Calls of every kind; returns the ladder with its instants."""
    random = world.loop.random
    home = world.nat()
    phones = [
        await world.phone("alice"),
        await world.phone("bob", nat=home),
        await world.phone("dave", transport="tcp"),
        await world.phone("erin"),
    ]
    carrier = world.carrier("sbc1")
    for phone in phones:
        phone.reaction = Answer(after_s=random.uniform(0, 8))
    targets = ("101", "102", "103", "104", "2065550199", "+442079460123")
    for _ in range(30):
        call = await random.choice(phones).dial(random.choice(targets))
        asyncio.get_running_loop().call_later(random.uniform(0, 60), call.hang_up)
        carrier.call(f"+142555501{random.choice((50, 51, 52, 1, 2))}", calling=FRIEND)
        await asyncio.sleep(random.uniform(0, 60))
    return [f"{step.at_s:.6f} {step.line}" for step in ladder_of(world.recorder)]


def test_the_same_seed_gives_the_same_ladder_to_the_last_packet() -> None:
    first = play(_busy_hour, conditions=ROUGH, seed=11)
    assert len(first) > 500
    assert play(_busy_hour, conditions=ROUGH, seed=11) == first
    assert play(_busy_hour, conditions=ROUGH, seed=12) != first
