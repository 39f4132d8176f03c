"""However many queues there are, showing them holds nobody up."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from prometheus_client.core import CollectorRegistry
from tests.model.queue_phones import AGENTS, Phones, SteppedClock

from callwright.apps.call_queue.floor import Floor
from callwright.apps.call_queue.ticket import Guest
from callwright.domains.queues.model import CallQueue
from callwright.domains.queues.supervision import SupervisionState
from callwright.domains.queues.view import QueueView
from callwright.kernel.ids import CallId, CallQueueId
from callwright.kernel.limits.supervision import LIVE_QUEUES_AT_ONCE
from callwright.runtime.live_board import LiveBoard
from callwright.runtime.queue_numbers import QueueNumbers

QUEUES = tuple(CallQueueId(f"queue-{number}") for number in range(10 * LIVE_QUEUES_AT_ONCE))


class CountedFloor(Floor):
    """Counts how many queues are looked at between two turns of the loop."""

    looked_at = 0

    def view(self, queue: CallQueueId) -> QueueView | None:
        self.looked_at += 1
        return super().view(queue)


@dataclass
class Supervised:
    """Nobody is."""

    listeners: list[Callable[[], None]] = field(default_factory=list)

    def running(self) -> tuple[SupervisionState, ...]:
        return ()

    def on_change(self, listener: Callable[[], None]) -> None:
        self.listeners.append(listener)


def open_floor() -> tuple[CountedFloor, SteppedClock]:
    clock = SteppedClock()
    floor = CountedFloor(Phones(clock), clock, lambda queue: (queue, ()))
    floor.follow({queue: CallQueue(queue, queue, AGENTS) for queue in QUEUES})
    return floor, clock


async def most_at_once(floor: CountedFloor, work: "asyncio.Task[object]") -> int:
    """How many queues were looked at before anything else got its turn."""
    most = 0
    while not work.done():
        before = floor.looked_at
        await asyncio.sleep(0)
        most = max(most, floor.looked_at - before)
    return most


def test_other_things_get_their_turn_while_all_queues_are_looked_at() -> None:
    async def scene() -> None:
        floor, _ = open_floor()
        supervised = Supervised()
        live = LiveBoard(floor, supervised)
        for work in (live.boards(), live.look()):
            most = await most_at_once(floor, asyncio.ensure_future(work))
            assert most == LIVE_QUEUES_AT_ONCE
        assert floor.looked_at == 2 * len(QUEUES)
        await live.boards()
        assert floor.looked_at == 2 * len(QUEUES), "nothing changed"
        supervised.listeners[0]()
        await live.boards()
        assert floor.looked_at == 3 * len(QUEUES)

    asyncio.run(scene())


def test_numbers_look_at_no_queue_and_tell_lines_as_they_are() -> None:
    async def scene() -> None:
        floor, clock = open_floor()
        live = LiveBoard(floor, Supervised())
        numbers = CollectorRegistry()
        numbers.register(QueueNumbers(floor, live))
        await live.boards()
        looked_at = floor.looked_at
        queue = floor.queues[QUEUES[0]]
        floor.join(queue, Guest(CallId("call_1"), "+12065550101", None, 3))
        for callback in clock.due(7.0):
            callback()
        floor.join(queue, Guest(CallId("call_2"), "+12065550102", None, 1))

        def told(name: str, **labels: str) -> float | None:
            return numbers.get_sample_value(
                f"callwright_queue_{name}", {"queue": queue.id} | labels
            )

        assert (told("waiting"), told("longest_wait_seconds")) == (2.0, 7.0)
        assert told("agents", state="available") == len(AGENTS)
        assert floor.looked_at == looked_at

    asyncio.run(scene())
