"""What `/metrics` tells of a system: of its sockets once, of each organisation by its domain."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

LABEL = "organisation"


class SystemMetrics(Collector):
    """With one organisation nothing is labelled, as it always was."""

    def __init__(self, organisations: Callable[[], Mapping[str, CollectorRegistry]]) -> None:
        """``organisations()``: what each node counts, by domain."""
        self._organisations = organisations
        self._own = CollectorRegistry()

    def watch(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Adds a gauge of the whole system that is read when somebody asks."""
        Gauge(f"callwright_{name}", text, registry=self._own).set_function(read)

    def collect(self) -> Iterable[Metric]:
        yield from self._own.collect()
        organisations = self._organisations()
        if len(organisations) == 1:
            yield from next(iter(organisations.values())).collect()
        else:
            yield from _merged(organisations)


def _merged(organisations: Mapping[str, CollectorRegistry]) -> Iterator[Metric]:
    families: dict[str, Metric] = {}
    for domain, registry in organisations.items():
        for metric in registry.collect():
            family = families.get(metric.name)
            if family is None:
                family = Metric(metric.name, metric.documentation, metric.type)
                families[metric.name] = family
            family.samples += [
                sample._replace(labels={LABEL: domain, **sample.labels})
                for sample in metric.samples
            ]
    yield from families.values()
