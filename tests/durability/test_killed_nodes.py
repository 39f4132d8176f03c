"""Nodes that are killed again and again: what was confirmed is there, nothing is half done."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tests.contract.storage.conftest import Cluster, running_cluster
from tests.durability.killing import Toll, rounds

KILLS_OF_SQLITE, KILLS_OF_POSTGRESQL = 20, 10
pytestmark = pytest.mark.timeout(240)  # seconds where the machine is idle


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as started:
        yield started


def test_nothing_is_lost_in_sqlite(tmp_path: Path) -> None:
    assert_told(rounds(tmp_path / "system", None, KILLS_OF_SQLITE, Random(32)), KILLS_OF_SQLITE)


def test_nothing_is_lost_in_postgresql(tmp_path: Path, cluster: Cluster) -> None:
    url, kills = cluster.new_url(), KILLS_OF_POSTGRESQL
    assert_told(rounds(tmp_path / "system", url, kills, Random(33), server=cluster), kills)


def assert_told(toll: Toll, kills: int) -> None:
    """The proof itself is in the rounds; here: that there was something to lose."""
    assert toll.kills.total() == kills
    assert toll.calls_closed
    assert toll.reservations_closed
    for act in ("reserved", "settled", "recorded", "edited", "assigned", "left", "registered",
                "deposited"):  # fmt: skip
        assert toll.confirmed[act], f"nothing was {act}"
