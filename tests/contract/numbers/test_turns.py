"""Several programs administer the same numbers at once, over one database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import yaml
from tests.unit.operations.numbers.office import ACT, FABRIKAM

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import NumberOrder
from callwright.domains.numbers.search import Criteria, SearchMode
from callwright.domains.numbers.spans import Span
from callwright.domains.numbers.states import HolderKind
from callwright.kernel.e164 import E164
from callwright.operations.administration import Administration
from callwright.operations.configuration import EditRefused
from callwright.operations.numbers import ordering
from callwright.operations.numbers.assigning import assign
from callwright.operations.numbers.desk import NumberDesk
from callwright.operations.numbers.drawing import Assignment
from callwright.operations.numbers.pool import PoolSupplier, stock
from callwright.operations.organisation_file.schema import Organisation
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PROGRAMS = 4
_ids = count(1)


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[list[NumberDesk]]:
    """One for each program: nothing is shared but the database's file."""
    databases = [Database.open(tmp_path) for _ in range(PROGRAMS)]
    administrations = [
        Administration(StoredConfiguration(database, utc=lambda: NOW)) for database in databases
    ]
    tree = yaml.safe_load(FABRIKAM)
    tree["licences"]["calling-plan-domestic"] = 10
    administrations[0].replace(Organisation.model_validate(tree), by=ACT.by)
    made = [NumberDesk(a, lambda: NOW, lambda: f"id-{next(_ids):04}") for a in administrations]
    span = Span(E164("+13055550100"), E164("+13055550199"))
    stock(
        made[0],
        [span],
        ACT,
        kind=NumberKind.USER,
        source=NumberSource.CALLING_PLAN,
        country="US",
    )
    yield made
    for database in databases:
        with closing(database):
            pass


def at_once(desks: list[NumberDesk], act: Callable[[NumberDesk], object]) -> list[object]:
    """What each returns, or the refusal that it meets."""

    def one(desk: NumberDesk) -> object:
        try:
            return act(desk)
        except EditRefused as refused:
            return refused

    with ThreadPoolExecutor(len(desks)) as pool:
        return list(pool.map(one, desks))


def search(desk: NumberDesk) -> NumberOrder:
    wanted = Criteria("US", NumberKind.USER, 3, SearchMode.PREFIX, "+1305")
    return ordering.search(desk, PoolSupplier(), ordering.Search("Office", wanted), ACT)


def test_no_number_is_offered_to_two(desks: list[NumberDesk]) -> None:
    found = at_once(desks, search)
    numbers = [n for order in found if isinstance(order, NumberOrder) for n in order.numbers]
    assert len(numbers) == len(set(numbers)) == 3 * PROGRAMS


def test_no_two_orders_pass_the_quota_together(desks: list[NumberDesk]) -> None:
    """26 may be had and 10 are: five orders of three fit, and there are two rounds of four."""
    orders = [search(desk) for desk in desks] + [search(desk) for desk in desks]
    pairs = iter(orders)
    for _ in range(2):
        at_once(
            desks,
            lambda desk: ordering.complete(desk, next(pairs).id, {"pool": PoolSupplier()}, ACT),
        )
    view = desks[0].view()
    assert view.inventory.count(NumberKind.USER, NumberSource.CALLING_PLAN) == 25


def test_a_number_goes_to_one_of_those_who_want_it(desks: list[NumberDesk]) -> None:
    wishes = iter(["ann", "ben", "ann", "ben"])

    def want(desk: NumberDesk) -> object:
        return assign(desk, [Assignment("+14255550101", HolderKind.USER, next(wishes))], ACT)

    at_once(desks, want)
    holders = desks[0].view().inventory.holdings_of(E164("+14255550101"))
    assert len(holders) == 1
