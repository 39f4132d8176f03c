"""How the native engine brings events to Python."""

import asyncio
from typing import Any

import pytest
from tests.contract.media.native_stage import NativeStage

from callwright.kernel.ids import PromptId
from callwright.media.events import LegClosed, MediaEvent, PlayFinished
from callwright.media.native import EVENTS_PER_TURN_MAX, NativeEngine


def test_a_listener_that_fails_misses_one_event_only(native: NativeStage) -> None:
    async def scene() -> None:
        reported: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, what: reported.append(what))
        seen: list[MediaEvent] = []
        both = asyncio.Event()

        def listen(event: MediaEvent) -> None:
            seen.append(event)
            if len(seen) == 2:
                both.set()
            if event.leg == first:
                raise RuntimeError("a defect of the first leg's owner")

        (first, _), (second, _) = native.open_leg(), native.open_leg()
        native.engine.on_event(listen)
        native.engine.close_leg(first)
        native.engine.close_leg(second)
        await both.wait()
        assert [event.leg for event in seen] == [first, second]
        assert [str(what["exception"]) for what in reported] == [
            "a defect of the first leg's owner"
        ]

    native.run(scene())


def test_many_events_arrive_in_order(native: NativeStage) -> None:
    async def scene() -> None:
        leg, _ = native.open_leg()
        empty = PromptId(1)
        native.engine.load_prompt(empty, b"")
        count = EVENTS_PER_TURN_MAX + 50
        legs = [leg, *(native.open_leg()[0] for _ in range(count - 1))]
        for each in legs:
            native.engine.play(each, [empty], loop=True, token=each)
        await native.event(PlayFinished, nth=count)
        for each in legs:
            native.engine.close_leg(each)
        await native.event(LegClosed, nth=count)
        assert {event.token for event in native.events_of(PlayFinished)} == set(legs)
        assert [event.leg for event in native.events_of(LegClosed)] == legs

    native.run(scene())


def test_a_listener_needs_a_running_loop() -> None:
    engine = NativeEngine()
    with pytest.raises(RuntimeError, match="running event loop"):
        engine.on_event(lambda event: None)
    engine.close()


def test_a_closed_engine_opens_nothing_and_ignores_the_rest(native: NativeStage) -> None:
    async def scene() -> None:
        leg, port = native.open_leg()
        native.engine.close()
        with pytest.raises(OSError, match="closed"):
            native.engine.open_leg(leg, "127.0.0.1", port)
        native.engine.stop_play(leg)
        native.engine.close_leg(leg)
        native.engine.close()
        assert [type(event) for event in native.events] == [LegClosed]

    native.run(scene())
