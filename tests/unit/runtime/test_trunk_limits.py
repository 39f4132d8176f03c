"""How many calls an SBC takes."""

from callwright.domains.pstn.model import Sbc
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import SbcId
from callwright.runtime.trunk_limits import TrunkLimits


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s


def sbc(**limits: float | int) -> Sbc:
    return Sbc(SbcId("sbc1"), HostPort("192.0.2.9", 5_060), **limits)  # type: ignore[arg-type]


def test_live_calls_of_both_directions_count() -> None:
    live = 1
    limits = TrunkLimits(Hands(), lambda _: live)  # type: ignore[arg-type]
    assert limits.outbound_bar(sbc(max_calls=2)) is None
    live = 2
    assert limits.outbound_bar(sbc(max_calls=2)) == "it has 2 calls, and max_calls is 2"
    assert limits.inbound_retry_s(sbc(max_calls=2)) == 1
    assert limits.refused == 1
    assert limits.outbound_bar(sbc()) is None


def test_a_second_brings_its_calls() -> None:
    clock = Hands()
    limits = TrunkLimits(clock, lambda _: 0)  # type: ignore[arg-type]
    trunk = sbc(max_calls_per_s=3)
    taken = [limits.outbound_bar(trunk) is None for _ in range(5)]
    assert taken == [True, True, True, False, False]
    assert limits.inbound_retry_s(trunk) is None, "each direction has its own"
    clock.now_s += 0.34
    assert [limits.outbound_bar(trunk) is None for _ in range(2)] == [True, False]
    clock.now_s += 3_600
    assert sum(limits.outbound_bar(trunk) is None for _ in range(10)) == 3


def test_less_than_a_call_per_second_is_a_limit_too() -> None:
    clock = Hands()
    limits = TrunkLimits(clock, lambda _: 0)  # type: ignore[arg-type]
    trunk = sbc(max_calls_per_s=0.1)
    assert limits.outbound_bar(trunk) is None
    clock.now_s += 9.9
    assert limits.outbound_bar(trunk) is not None
    clock.now_s += 0.1
    assert limits.outbound_bar(trunk) is None
