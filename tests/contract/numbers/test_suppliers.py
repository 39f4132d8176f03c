"""One suite for the built-in supplier and for a carrier's plug-in; how plug-ins are found."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.numbers.carrier import Carrier
from tests.contract.numbers.supplier_contract import Given, SupplierContract
from tests.unit.operations.numbers.office import ACT, Office

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import OrderState
from callwright.domains.numbers.search import Criteria, SearchMode
from callwright.domains.numbers.spans import Span
from callwright.kernel.e164 import E164
from callwright.operations.configuration import Edit, EditRefused
from callwright.operations.numbers import ordering
from callwright.operations.numbers.desk import Act
from callwright.operations.numbers.order_records import read_order
from callwright.operations.numbers.pool import PoolSupplier, stock
from callwright.operations.numbers.releasing import release
from callwright.operations.numbers.supplier import NumberSupplier, SupplierRefused
from callwright.operations.numbers.suppliers import suppliers
from callwright.operations.numbers.view import View

SEATTLE = Criteria("US", NumberKind.USER, 3, SearchMode.CITY, "Seattle")


def office() -> Office:
    """Without numbers of Seattle."""
    made = Office()
    plan = [
        ("number-range", entry.key)
        for entry in made.desk.view().inventory.entries
        if entry.source is NumberSource.CALLING_PLAN
    ]
    made.administration.change(Edit(removals=plan), by=ACT.by)
    return made


class Shop:
    """Implements Given."""

    def __init__(self, supplier: NumberSupplier) -> None:
        self._supplier = supplier
        self.office = office()

    def supplier(self) -> NumberSupplier:
        return self._supplier

    def view(self) -> View:
        return self.office.desk.view()


class TestPool(SupplierContract):
    @pytest.fixture
    def given(self) -> Given:
        shop = Shop(PoolSupplier())
        span = Span(E164("+12065550100"), E164("+12065550149"))
        stock(
            shop.office.desk,
            [span],
            ACT,
            kind=NumberKind.USER,
            source=NumberSource.CALLING_PLAN,
            country="US",
            city="Seattle",
        )
        return shop


class TestCarrier(SupplierContract):
    @pytest.fixture
    def given(self) -> Given:
        return Shop(Carrier())


def test_a_carriers_numbers_are_ordered_and_given_back() -> None:
    made, carrier = office(), Carrier()
    order = ordering.search(made.desk, carrier, ordering.Search("Office", SEATTLE), ACT)
    assert carrier.reserved == {order.id: order.numbers}
    done = ordering.complete(made.desk, order.id, {"carrier": carrier}, ACT)
    assert done.state is OrderState.COMPLETED
    assert set(carrier.sold) == set(order.numbers)
    assert made.standing(order.numbers[0]).entry.source is NumberSource.OPERATOR_CONNECT
    release(made.desk, list(order.numbers), carrier, ACT)
    assert carrier.sold == {}
    assert not made.holds(order.numbers[0])


def test_a_dry_run_asks_the_carrier_for_nothing() -> None:
    made, carrier = office(), Carrier()
    trial = Act(ACT.by, dry_run=True)
    search = ordering.Search("Office", SEATTLE)
    ordering.search(made.desk, carrier, search, trial)
    assert carrier.reserved == {}
    order = ordering.search(made.desk, carrier, search, ACT)
    ordering.complete(made.desk, order.id, {"carrier": carrier}, trial)
    assert carrier.sold == {}
    ordering.complete(made.desk, order.id, {"carrier": carrier}, ACT)
    release(made.desk, list(order.numbers), carrier, trial)
    assert set(carrier.sold) == set(order.numbers)


def test_a_carrier_sells_nothing_that_the_organisation_cannot_take() -> None:
    """Somebody uploads one of the numbers between the search and the order."""
    made, carrier = office(), Carrier()
    order = ordering.search(made.desk, carrier, ordering.Search("Office", SEATTLE), ACT)
    mine = {"number": str(order.numbers[0]), "kind": "user", "source": "direct-routing"}
    edit = Edit({("number-range", str(order.numbers[0])): mine})
    made.administration.change(edit, by=ACT.by)
    with pytest.raises(EditRefused, match="take it out of one of them"):
        ordering.complete(made.desk, order.id, {"carrier": carrier}, ACT)
    assert carrier.sold == {}


def test_an_order_of_a_carrier_that_is_gone_is_told_so() -> None:
    made = office()
    order = ordering.search(made.desk, Carrier(), ordering.Search("Office", SEATTLE), ACT)
    with pytest.raises(SupplierRefused, match="carrier is not installed; install it again"):
        ordering.complete(made.desk, order.id, suppliers(), ACT)
    kept = read_order(made.desk.view(), order.id)
    assert kept is not None
    assert kept.state is OrderState.FAILED


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed package with the entry point ``carrier``."""
    made = tmp_path / "carrier_plug_in-1.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: carrier-plug-in\nVersion: 1\n")
    words = "[callwright.number_sources]\ncarrier = tests.contract.numbers.carrier:make\n"
    (made / "entry_points.txt").write_text(words)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    suppliers.cache_clear()
    yield
    suppliers.cache_clear()


@pytest.mark.usefixtures("plug_in")
def test_an_installed_plug_in_is_found_beside_the_pool() -> None:
    assert set(suppliers()) == {"pool", "carrier"}
    assert suppliers()["carrier"].name == "carrier"
