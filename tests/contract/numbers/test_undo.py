"""What was done to numbers can be taken back as any other change."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import yaml
from tests.unit.operations.numbers.office import ACT, FABRIKAM

from callwright.domains.licences.model import Sku
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.search import Criteria, SearchMode
from callwright.domains.numbers.spans import Span
from callwright.domains.numbers.states import HolderKind, Status
from callwright.kernel.e164 import E164, LineNumber
from callwright.operations.administration import Administration
from callwright.operations.history import Rewinder
from callwright.operations.licences.changing import Swap, change_licences
from callwright.operations.numbers import ordering
from callwright.operations.numbers.assigning import assign, remove
from callwright.operations.numbers.desk import NumberDesk
from callwright.operations.numbers.drawing import Assignment, Quarantine
from callwright.operations.numbers.pool import PoolSupplier, read_pool, stock
from callwright.operations.organisation_file.schema import Organisation
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.history import StoredHistory

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NUMBER = LineNumber("+14255550105")


class Registry:
    """A desk over a database, and what takes back."""

    def __init__(self, database: Database) -> None:
        ids = count(1)
        administration = Administration(StoredConfiguration(database, utc=lambda: NOW))
        administration.replace(Organisation.model_validate(yaml.safe_load(FABRIKAM)), by=ACT.by)
        self.desk = NumberDesk(administration, lambda: NOW, lambda: f"id-{next(ids):04}")
        self._rewinder = Rewinder(administration, StoredHistory(database))

    def undo(self) -> None:
        revision = self.desk.view().configuration.revision
        self._rewinder.undo(revision, by=ACT.by, now=NOW)

    def status(self) -> Status:
        standing = self.desk.view().inventory.standing(NUMBER.base, NOW)
        assert standing is not None
        return standing.status


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    database = Database.open(tmp_path)
    yield Registry(database)
    database.close()


def test_a_number_that_was_taken_back_and_blocked_is_given_again(registry: Registry) -> None:
    assign(registry.desk, [Assignment(NUMBER, HolderKind.USER, "ben")], ACT)
    remove(registry.desk, [NUMBER], ACT, block=Quarantine(30))
    assert registry.status() is Status.UNASSIGNED
    registry.undo()
    assert registry.status() is Status.USER_ASSIGNED
    view = registry.desk.view()
    assert view.organisation.users["ben"].voice is True
    assert view.records("number-block") == {}


def test_a_number_that_left_with_a_licence_comes_back_with_it(registry: Registry) -> None:
    assign(registry.desk, [Assignment(NUMBER, HolderKind.USER, "ben")], ACT)
    swap = Swap([("user", "ben")], remove=[Sku.PHONE_SYSTEM])
    change_licences(registry.desk, swap, ACT)
    assert registry.desk.view().inventory.entry_of(NUMBER.base) is None
    registry.undo()
    assert registry.status() is Status.USER_ASSIGNED
    assert registry.desk.view().organisation.users["ben"].licences == ["phone-system"]


def test_an_order_that_is_taken_back_gives_its_numbers_to_the_pool(registry: Registry) -> None:
    span = Span(E164("+13055550100"), E164("+13055550109"))
    kind, source = NumberKind.USER, NumberSource.CALLING_PLAN
    stock(registry.desk, [span], ACT, kind=kind, source=source, country="US")
    wanted = Criteria("US", kind, 3, SearchMode.PREFIX, "+1305")
    order = ordering.search(registry.desk, PoolSupplier(), ordering.Search("o", wanted), ACT)
    ordering.complete(registry.desk, order.id, {"pool": PoolSupplier()}, ACT)
    registry.undo()
    view = registry.desk.view()
    assert view.inventory.entry_of(order.numbers[0]) is None
    assert [entry.key for entry in read_pool(view)] == ["+13055550100..+13055550109"]
