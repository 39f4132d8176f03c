"""Virtual time: it jumps, it repeats, and it does not stand still in silence."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from callwright.testing.virtual_loop import (
    Deadlock,
    NeverEnding,
    VirtualClock,
    run,
    running_loop,
)


def test_an_hour_of_sleep_takes_no_time() -> None:
    async def main() -> float:
        await asyncio.sleep(3_600)
        return running_loop().time()

    began = time.monotonic()
    assert run(main()) == 3_600
    assert time.monotonic() - began < 1


def test_timers_fire_at_their_instant_and_in_their_order() -> None:
    async def main() -> list[tuple[str, float]]:
        clock = VirtualClock(running_loop())
        fired: list[tuple[str, float]] = []
        for name, delay_s in (("late", 86_400.5), ("early", 0.25), ("middle", 32.0)):
            clock.call_later(delay_s, lambda name=name: fired.append((name, clock.monotonic())))
        clock.call_later(1.0, lambda: fired.append(("cancelled", 0.0))).cancel()
        await asyncio.sleep(100_000)
        return fired

    assert run(main()) == [("early", 0.25), ("middle", 32.0), ("late", 86_400.5)]


def test_the_civil_clock_goes_with_the_virtual_one() -> None:
    start = datetime(2026, 12, 24, 23, 59, tzinfo=UTC)

    async def main() -> datetime:
        await asyncio.sleep(120)
        return VirtualClock(running_loop()).utc()

    assert run(main(), started_at=start) == start + timedelta(seconds=120)


def test_a_world_that_stands_still_names_who_waits() -> None:
    async def waits_for_nothing() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        await asyncio.gather(asyncio.create_task(waits_for_nothing(), name="the forgotten one"))

    with pytest.raises(Deadlock, match=r"the forgotten one .*waits_for_nothing"):
        run(main())


def test_timers_that_renew_themselves_end_at_the_bound() -> None:
    async def main() -> None:
        clock = VirtualClock(running_loop())

        def again() -> None:
            clock.call_later(60, again)

        again()
        await asyncio.Event().wait()

    with pytest.raises(NeverEnding, match="still running after 600 s"):
        run(main(), limit_s=600)


def test_a_busy_loop_is_found() -> None:
    async def main() -> None:
        def again() -> None:
            asyncio.get_running_loop().call_soon(again)

        again()
        await asyncio.Event().wait()

    with pytest.raises(NeverEnding, match="busy without end at 0 s"):
        run(main())


def test_the_seed_is_the_only_chance() -> None:
    async def main() -> list[float]:
        return [running_loop().random.random() for _ in range(5)]

    assert run(main(), seed=7) == run(main(), seed=7) != run(main(), seed=8)


def test_work_for_threads_is_done_on_the_spot() -> None:
    async def main() -> int:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return await asyncio.to_thread(lambda: 42)

    assert run(main()) == 42


def test_there_are_no_sockets() -> None:
    async def main() -> None:
        await asyncio.open_connection("127.0.0.1", 5060)

    with pytest.raises(RuntimeError, match="no sockets"):
        run(main())


def test_what_a_callback_raises_fails_the_run() -> None:
    async def main() -> None:
        def fail() -> None:
            raise LookupError("in a callback")

        asyncio.get_running_loop().call_later(1, fail)
        await asyncio.sleep(2)

    with pytest.raises(BaseExceptionGroup) as raised:
        run(main())
    assert raised.group_contains(LookupError, match="in a callback")


def test_leftover_tasks_are_ended_in_order() -> None:
    ended: list[str] = []

    async def lives_on(name: str) -> None:
        try:
            await asyncio.sleep(10)
        finally:
            ended.append(name)

    async def main() -> None:
        tasks = [asyncio.create_task(lives_on(name), name=name) for name in "cab"]
        await asyncio.sleep(1)
        assert tasks

    run(main())
    assert ended == ["a", "b", "c"]
