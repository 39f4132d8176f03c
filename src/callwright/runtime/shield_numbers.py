"""What `/metrics` tells of the shield."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from callwright.runtime.shield import Shield


class ShieldNumbers(Collector):
    """Read when somebody asks; nothing is counted twice."""

    def __init__(self, shield: Shield) -> None:
        self._shield = shield

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        shield = self._shield
        yield GaugeMetricFamily(
            "callwright_shield_blocks", "Sources and networks kept out.", shield.block_count
        )
        for name, text, value in (
            ("shield_dropped", "Messages of blocked sources.", shield.dropped),
            ("shield_spared", "Blocks that did not happen to who has business.", shield.spared),
            ("wrong_credentials", "Proofs that proved nothing.", shield.wrong_credentials),
        ):
            yield CounterMetricFamily(f"callwright_{name}", text, value)
        malformed = CounterMetricFamily(
            "callwright_sip_malformed_messages",
            "Messages that could not be used.",
            labels=["transport", "reason"],
        )
        for (transport, reason), count in sorted(shield.malformed.items()):
            malformed.add_metric([transport, reason], count)
        yield malformed
