"""Several nodes on one media engine: each hears of its own legs only."""

import asyncio

from callwright.kernel.ids import LegId
from callwright.media.events import LegClosed, MediaEvent
from callwright.runtime.shared_media import SharedMedia, first_id
from callwright.testing.media import SimulatedMedia
from callwright.testing.network import Network
from callwright.testing.virtual_loop import run


def test_events_reach_the_node_whose_leg_it_is() -> None:
    async def scene() -> None:
        engine = SimulatedMedia(Network().add_host("node", "192.0.2.1"))
        shared = SharedMedia(engine)
        heard: dict[int, list[MediaEvent]] = {0: [], 1: [], 2: []}
        shares = {number: shared.share(number) for number in heard}
        for number, share in shares.items():
            share.on_event(heard[number].append)
            share.open_leg(LegId(first_id(number)), "192.0.2.1", 20_000 + 2 * number)
        assert engine.open_count == 3
        for number, share in shares.items():
            share.close_leg(LegId(first_id(number)))
        await asyncio.sleep(1)
        for number, events in heard.items():
            assert [event.leg for event in events] == [first_id(number)]
            assert isinstance(events[0], LegClosed)

    run(scene())


def test_who_left_hears_no_more_and_troubles_nobody() -> None:
    async def scene() -> None:
        engine = SimulatedMedia(Network().add_host("node", "192.0.2.1"))
        shared = SharedMedia(engine)
        first, second = shared.share(0), shared.share(1)
        heard: list[MediaEvent] = []
        gone: list[MediaEvent] = []
        first.on_event(heard.append)
        second.on_event(gone.append)
        for share, number in ((first, 0), (second, 1)):
            share.open_leg(LegId(first_id(number)), "192.0.2.1", 20_000 + 2 * number)
        shared.leave(1)
        second.close_leg(LegId(first_id(1)))
        first.close_leg(LegId(first_id(0)))
        second.close()
        await asyncio.sleep(1)
        assert not gone
        assert LegClosed in map(type, heard)

    run(scene())


def test_a_node_that_is_alone_is_told_by_the_engine_itself() -> None:
    """Nothing stands between, so that one organisation pays nothing for what several need."""

    async def scene() -> None:
        told: list[object] = []

        class Engine(SimulatedMedia):
            def on_event(self, listener: object) -> None:  # type: ignore[override]
                told.append(listener)

        engine = Engine(Network().add_host("node", "192.0.2.1"))
        shared = SharedMedia(engine)
        share = shared.share(0)
        listener = told.index
        share.on_event(listener)  # type: ignore[arg-type]
        assert told == [listener]
        assert share.open_leg == engine.open_leg

    run(scene())
