"""A hundred calls over a bad network, for a few seeds; `make soak` plays a thousand of them."""

import pytest

from callwright.testing.network import Conditions
from callwright.testing.storm import HEAVY, LIGHT, play_storm

SEEDS = 12


@pytest.mark.parametrize("conditions", [LIGHT, HEAVY], ids=["5 %", "20 %"])
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_storm_leaves_nothing_but_right_records(conditions: Conditions, seed: int) -> None:
    counted = play_storm(seed, conditions)
    assert counted["= answered"] > 15, "the storm should not keep everybody from talking"
