"""What `/metrics` tells of queues."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from callwright.apps.call_queue.floor import Floor
from callwright.domains.queues.board import Board
from callwright.domains.queues.view import AgentCondition
from callwright.runtime.live_board import LiveBoard


class QueueNumbers(Collector):
    """Read when somebody asks, while calls wait: lines as they are, the rest as the live view knows
    it. How callers left is counted where records are made."""

    def __init__(self, floor: Floor, live: LiveBoard) -> None:
        self._floor = floor
        self._live = live

    def collect(self) -> Iterator[GaugeMetricFamily]:
        boards = self._live.known()
        yield from self._lines()
        yield _idle_waits(boards)
        yield _agents(boards)
        yield _service_levels(boards)

    def _lines(self) -> Iterator[GaugeMetricFamily]:
        waiting = _family("waiting", "Callers who wait.")
        longest = _family("longest_wait_seconds", "Of callers who wait now.")
        now_s = self._floor.clock.monotonic()
        for queue in self._floor.queues:
            line = self._floor.line(queue)
            waiting.add_metric([queue], len(line))
            waits_s = (now_s - ticket.since_s for ticket in line)
            longest.add_metric([queue], max(waits_s, default=0.0))
        yield from (waiting, longest)


def _idle_waits(boards: Sequence[Board]) -> GaugeMetricFamily:
    text = "How long a caller has waited while an agent was free; above a moment is a defect."
    family = _family("idle_wait_seconds", text)
    for board in boards:
        family.add_metric([board["queue"]], board["idle_wait_s"])
    return family


def _agents(boards: Sequence[Board]) -> GaugeMetricFamily:
    family = _family("agents", "Agents by what they do.", "state")
    for board in boards:
        for condition in AgentCondition:
            count = board["agent_counts"].get(condition.value, 0)
            family.add_metric([board["queue"], condition.value], count)
    return family


def _service_levels(boards: Sequence[Board]) -> GaugeMetricFamily:
    """Of queues that have one, and had callers."""
    family = _family("service_level", "Share of callers answered in time since the start.")
    for board in boards:
        if board["service_level"] is not None:
            family.add_metric([board["queue"]], board["service_level"])
    return family


def _family(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"callwright_queue_{name}", text, labels=["queue", *labels])
