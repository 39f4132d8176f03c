"""What every supplier of numbers has to do; a plug-in's tests may use it, too."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import pytest

from callwright.domains.numbers.model import NumberKind
from callwright.domains.numbers.orders import NumberOrder
from callwright.domains.numbers.search import Criteria, SearchMode
from callwright.operations.numbers.supplier import NumberSupplier, SupplierRefused
from callwright.operations.numbers.view import View

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Given(Protocol):
    """A supplier that has at least five user numbers of US that begin with +1206."""

    def supplier(self) -> NumberSupplier: ...

    def view(self) -> View: ...


class SupplierContract:
    """Subclasses give a ``given`` fixture."""

    def wanted(self, quantity: int = 3) -> Criteria:
        return Criteria("US", NumberKind.USER, quantity, SearchMode.PREFIX, "+1206")

    def order_of(self, given: Given, quantity: int = 3) -> NumberOrder:
        supplier = given.supplier()
        found = supplier.search(given.view(), self.wanted(quantity), ())
        numbers = tuple(number for number, _ in found)
        source = found[0][1].source
        return NumberOrder(
            "order-1",
            "Office",
            "",
            "US",
            NumberKind.USER,
            source,
            numbers,
            made_at=AT,
            supplier=supplier.name,
        )

    def test_it_has_a_name(self, given: Given) -> None:
        assert given.supplier().name

    def test_it_finds_as_many_as_wanted_and_all_match(self, given: Given) -> None:
        found = given.supplier().search(given.view(), self.wanted(), ())
        assert len(found) == 3
        assert len({number for number, _ in found}) == 3
        assert all(number.startswith("+1206") for number, _ in found)
        assert all(entry.kind is NumberKind.USER for _, entry in found)
        assert len({entry.source for _, entry in found}) == 1

    def test_it_never_finds_what_is_taken(self, given: Given) -> None:
        first = {number for number, _ in given.supplier().search(given.view(), self.wanted(), ())}
        second = given.supplier().search(given.view(), self.wanted(2), first)
        assert first.isdisjoint({number for number, _ in second})

    def test_it_finds_nothing_where_nothing_is(self, given: Given) -> None:
        nowhere = Criteria("US", NumberKind.USER, 1, SearchMode.PREFIX, "+1999")
        assert list(given.supplier().search(given.view(), nowhere, ())) == []

    def test_an_order_may_be_placed_again_when_the_answer_was_lost(self, given: Given) -> None:
        supplier, order = given.supplier(), self.order_of(given)
        supplier.reserve(order)
        assert supplier.order(given.view(), order) == supplier.order(given.view(), order)

    def test_a_reservation_is_of_what_was_asked_last(self, given: Given) -> None:
        supplier, order = given.supplier(), self.order_of(given)
        supplier.reserve(order)
        fewer = replace(order, numbers=order.numbers[:1])
        supplier.reserve(fewer)
        supplier.order(given.view(), fewer)
        found = supplier.search(given.view(), self.wanted(50), set(fewer.numbers))
        assert set(order.numbers[1:]) <= {number for number, _ in found}

    def test_a_reservation_may_be_given_up_twice(self, given: Given) -> None:
        supplier, order = given.supplier(), self.order_of(given)
        supplier.reserve(order)
        supplier.cancel(order)
        supplier.cancel(order)

    def test_numbers_that_it_never_had_are_refused(self, given: Given) -> None:
        order = self.order_of(given)
        strange = type(order.numbers[0])("+19995550100")
        bogus = NumberOrder(
            "order-2",
            "Office",
            "",
            "US",
            NumberKind.USER,
            order.source,
            (strange,),
            made_at=AT,
            supplier=order.supplier,
        )
        with pytest.raises(SupplierRefused, match=";"):
            given.supplier().order(given.view(), bogus)
