"""Who may register and call (ADR 0009)."""

import asyncio

import pytest

from callwright.calls.record import CallResult
from callwright.kernel.reason import Reason
from callwright.testing.world import World, play


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_phone_registers_with_either_digest_over_either_transport(
    algorithm: str, transport: str
) -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob", algorithm=algorithm, transport=transport)
        alice = await world.phone("alice")
        call = await alice.dial("102")
        await bob.rings()
        call.hang_up()

    play(scene)


def test_a_wrong_password_registers_nothing() -> None:
    async def scene(world: World) -> None:
        phone = await world.phone("bob", password="guessed", register=False)
        assert (await phone.try_register()).status == 401
        assert not world.registrations.bindings

    play(scene)


def test_an_unknown_user_gets_the_same_answer_as_a_wrong_password() -> None:
    async def scene(world: World) -> None:
        phone = await world.phone("mallory", register=False)
        assert (await phone.try_register()).status == 401

    play(scene)


def test_a_stranger_rings_nobody_and_leaves_a_record() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        stranger = await world.phone("mallory", register=False)
        call = await stranger.dial("102")
        status = await call.ended()
        assert status == Reason.SOURCE_UNKNOWN.sip_status
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.REJECTED, Reason.SOURCE_UNKNOWN)
        assert bob.calls == []

    play(scene)


def test_a_phone_that_signs_out_is_not_rung() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        await bob.unregister()
        call = await alice.dial("102")
        await call.answered(within_s=1)
        assert bob.calls == []

    play(scene)


def test_a_phone_stays_registered_for_a_day() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        await asyncio.sleep(86_400)
        call = await alice.dial("102")
        await bob.rings()
        call.hang_up()

    play(scene)
