"""Lines and offers under random callers, agents, phones and administrators (`queue_world`).

`STEPS=1000000` plays so many steps; a failing seed is the bug report.
"""

import os

import pytest
from tests.model.queue_world import QueueWorld

STEPS = int(os.environ.get("STEPS", "20000"))
SEEDS = 10


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_happens_every_caller_is_served_in_order_by_one_agent(seed: int) -> None:
    world = QueueWorld(seed, is_presence_based=seed % 2 == 0)
    for _ in range(STEPS // SEEDS):
        world.step()
    world.drain()
    assert world.results["answered"] > world.steps // 100
    assert world.results["abandoned"]
