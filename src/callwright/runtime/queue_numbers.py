"""What `/metrics` tells of queues."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from callwright.apps.call_queue.floor import Floor
from callwright.domains.queues.view import AgentCondition, QueueView


class QueueNumbers(Collector):
    """Read when somebody asks. How callers left is counted where records are made."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = map(self._floor.view, self._floor.queues)
        views = [view for view in found if view is not None]
        for name, text, read in (
            ("waiting", "Callers who wait.", lambda view: float(len(view.waiting))),
            ("longest_wait_seconds", "Of callers who wait now.", self._longest_wait_s),
            (
                "idle_wait_seconds",
                "How long a caller has waited while an agent was free; above a moment is a defect.",
                lambda view: view.oldest_idle_wait_s,
            ),
        ):
            family = GaugeMetricFamily(f"callwright_queue_{name}", text, labels=["queue"])
            for view in views:
                family.add_metric([view.queue], read(view))
            yield family
        yield _agents(views)
        yield _service_levels(views)

    def _longest_wait_s(self, view: QueueView) -> float:
        since = view.longest_wait_since
        return 0.0 if since is None else (self._floor.clock.utc() - since).total_seconds()


def _agents(views: list[QueueView]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "callwright_queue_agents", "Agents by what they do.", labels=["queue", "state"]
    )
    for view in views:
        for condition in AgentCondition:
            count = sum(agent.condition is condition for agent in view.agents)
            family.add_metric([view.queue, condition.value], count)
    return family


def _service_levels(views: list[QueueView]) -> GaugeMetricFamily:
    """Of queues that have one, and had callers."""
    family = GaugeMetricFamily(
        "callwright_queue_service_level",
        "Share of callers answered in time since the start.",
        labels=["queue"],
    )
    for view in views:
        if view.service_level is not None:
            family.add_metric([view.queue], view.service_level)
    return family
