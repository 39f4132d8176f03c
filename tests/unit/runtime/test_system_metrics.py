"""What is measured of one organisation has no label, of several each has its domain."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from callwright.runtime.system_metrics import SystemMetrics


def node(calls: float) -> CollectorRegistry:
    registry = CollectorRegistry()
    Gauge("callwright_calls", "Running calls.", registry=registry).set(calls)
    ended = Counter("callwright_calls_ended", "Ended.", ["result"], registry=registry)
    ended.labels("answered").inc(calls)
    Histogram("callwright_talk_seconds", "Talk.", buckets=(5,), registry=registry).observe(calls)
    return registry


def told(**organisations: CollectorRegistry) -> list[str]:
    metrics = SystemMetrics(lambda: organisations)
    metrics.watch("connections", "Open now.", lambda: 7)
    lines = generate_latest(metrics).decode().splitlines()
    return [line for line in lines if "_created" not in line]


def test_one_is_told_as_it_always_was() -> None:
    lines = told(contoso=node(3))
    assert "callwright_connections 7.0" in lines
    assert "callwright_calls 3.0" in lines
    assert 'callwright_calls_ended_total{result="answered"} 3.0' in lines
    assert not any("organisation" in line for line in lines)


def test_several_are_told_by_name_and_each_measure_once() -> None:
    lines = told(contoso=node(3), fabrikam=node(9))
    assert "callwright_connections 7.0" in lines
    assert 'callwright_calls{organisation="contoso"} 3.0' in lines
    assert 'callwright_calls{organisation="fabrikam"} 9.0' in lines
    assert 'callwright_calls_ended_total{organisation="fabrikam",result="answered"} 9.0' in lines
    assert 'callwright_talk_seconds_bucket{le="5.0",organisation="contoso"} 1.0' in lines
    assert 'callwright_talk_seconds_sum{organisation="fabrikam"} 9.0' in lines
    heads = [line for line in lines if line.startswith("# TYPE")]
    assert len(heads) == len(set(heads))
