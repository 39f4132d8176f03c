"""A node that is behind refuses new calls, and serves those that it has (ADR 0021)."""

import asyncio

import pytest

from callwright.kernel.limits.running import OVERLOAD_HIGH_S, OVERLOAD_LOW_S
from callwright.runtime.backlog import BUSY, FULL, NONE, Backlog
from callwright.testing.agent import Answer
from callwright.testing.ladder import assert_ladder
from callwright.testing.virtual_loop import VirtualClock, run, running_loop
from callwright.testing.world import World, play

READER = "a socket"
ELIN = "+14255550119"


async def fall_behind(backlog: Backlog, for_s: float) -> None:
    backlog.fell_behind(READER)
    await asyncio.sleep(for_s)
    backlog.fell_behind(READER)


def test_how_late_a_node_is() -> None:
    async def main() -> None:
        backlog = Backlog(VirtualClock(running_loop()))
        backlog.fell_behind(READER)
        assert backlog.level == NONE, "one full batch is no overload"
        levels = []
        for _ in range(5):
            await asyncio.sleep(0.06)
            backlog.fell_behind(READER)
            levels.append(backlog.level)
        assert levels == [NONE, BUSY, BUSY, FULL, FULL]
        backlog.caught_up("another socket")
        assert backlog.level == FULL
        backlog.caught_up(READER)
        assert backlog.level == NONE
        await asyncio.sleep(10)
        backlog.fell_behind(READER)
        assert backlog.level == NONE, "the time in between was not spent reading"

    run(main())


def test_strangers_are_refused_first_and_registered_phones_last() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob", register=False)
        (await world.phone("dave")).reaction = Answer(1)
        await fall_behind(world.backlog, OVERLOAD_LOW_S + 0.01)
        assert await (await bob.dial("104")).ended() == 503
        call = await alice.dial("104")
        await call.answered()
        call.hang_up()
        await world.record()
        world.backlog.caught_up(READER)
        await fall_behind(world.backlog, OVERLOAD_HIGH_S + 0.01)
        assert await (await alice.dial("104")).ended() == 503
        assert world.backlog.shed == 2
        assert len(world.journal.records) == 1, "what is refused unread leaves no record"

    play(scene)


@pytest.mark.parametrize("number", ["911", "urn:service:sos"])
def test_a_call_for_help_is_never_refused(number: str) -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", register=False)
        world.carrier("sbc1")
        await fall_behind(world.backlog, OVERLOAD_HIGH_S + 0.01)
        assert world.backlog.level == FULL
        call = await alice.dial(number)
        await call.answered()
        call.hang_up()

    play(scene)


def test_nor_is_the_call_back_of_who_helps() -> None:
    """After a restart all comes at once, and the centre asks whether help is still needed."""

    async def scene(world: World) -> None:
        dave = await world.phone("dave")
        carrier = world.carrier("sbc1")
        call = await dave.dial("911")
        await call.answered()
        call.hang_up()
        await world.record()
        await fall_behind(world.backlog, OVERLOAD_HIGH_S + 0.01)
        assert world.backlog.level == FULL
        assert await carrier.call("+14255550101", calling="+12065550199").ended() == 503
        dave.reaction = Answer(1)
        back = carrier.call(ELIN, calling="911")
        await back.answered()
        back.hang_up()

    play(scene)


def test_running_calls_go_on_and_a_copy_of_an_invite_that_was_let_in_is_no_new_call() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer(3)
        call = await alice.dial("102")
        await call.ringing()
        await fall_behind(world.backlog, OVERLOAD_HIGH_S + 0.01)
        invite = next(
            p.data for p in reversed(world.recorder.passages)
            if p.sender == "alice" and p.data.startswith(b"INVITE")
        )  # fmt: skip
        alice.wire.transmit(alice.wire.flow_to("udp", world.wire.address), invite)
        await call.answered()
        await call.hold()
        await call.resume()
        await call.until_hears("bob")
        call.hang_up()
        record = await world.record()
        assert record.sip_status == 200
        assert world.backlog.shed == 0

    play(scene)


def test_the_refusal_costs_no_memory_and_neither_does_its_ack() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", register=False)
        await fall_behind(world.backlog, OVERLOAD_HIGH_S + 0.01)
        before = world.node.endpoint.transaction_count
        call = await alice.dial("102")
        assert await call.ended() == 503
        assert call.final is not None
        assert call.final.header("Retry-After")
        assert world.node.endpoint.transaction_count == before
        await asyncio.sleep(0.1)
        assert not world.node.endpoint.counters.get("unmatched_acks")
        assert_ladder(
            world.recorder,
            """
            alice -> node  INVITE
            node  -> alice 503
            alice -> node  ACK
            """,
            between=("alice", "node"),
        )

    play(scene)
