"""All suppliers of numbers: the built-in one, and those that are installed."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from callwright.domains.numbers.orders import BUILT_IN_SUPPLIER
from callwright.operations.numbers.pool import PoolSupplier
from callwright.operations.numbers.supplier import ENTRY_POINTS, NumberSupplier


@cache
def suppliers() -> Mapping[str, NumberSupplier]:
    """By name. A plug-in that cannot be loaded raises what it raises: who installed it sees why."""
    installed = {point.name: point.load()() for point in entry_points(group=ENTRY_POINTS)}
    return {BUILT_IN_SUPPLIER: PoolSupplier(), **installed}
