"""Numbers are found, kept for ten minutes, and ordered within the quota (SPEC 3.3, 3.4)."""

from typing import Any

import pytest
from tests.unit.operations.numbers.office import ACT, Office, codes

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import NumberOrder, OrderState
from callwright.domains.numbers.search import Criteria, SearchMode
from callwright.domains.numbers.spans import Span
from callwright.kernel.e164 import E164
from callwright.operations.configuration import Edit
from callwright.operations.numbers import ordering
from callwright.operations.numbers.order_records import read_order
from callwright.operations.numbers.pool import PoolSupplier, read_pool, stock
from callwright.operations.numbers.supplier import NumberSupplier, SupplierRefused
from callwright.operations.numbers.suppliers import suppliers
from callwright.operations.numbers.view import NumbersRefused, View

USER, SERVICE, TOLL_FREE = NumberKind
PLAN = NumberSource.CALLING_PLAN
POOL = PoolSupplier()
SUPPLIERS: dict[str, NumberSupplier] = {"pool": POOL}


def office(licences: dict[str, int] | None = None, more: dict[str, Any] | None = None) -> Office:
    """One without numbers of a calling plan, with a pool of them."""
    made = Office({"licences": licences or {}, **(more or {})})
    view = made.desk.view()
    plan = [("number-range", e.key) for e in view.inventory.entries if e.source is PLAN]
    made.administration.change(Edit(removals=plan), by=ACT.by)
    fill(made, "+12065551000..+12065552999", "US", "Seattle")
    fill(made, "+14255551000..+14255551999", "US", "Redmond")
    fill(made, "+12065553000..+12065554999", "US", "Seattle", SERVICE)
    fill(made, "+18885551000..+18885552999", "US", None, TOLL_FREE)
    fill(made, "+442079460100..+442079460199", "GB", "London")
    return made


def fill(made: Office, text: str, country: str, city: str | None, kind: NumberKind = USER) -> None:
    first, last = text.split("..")
    span = Span(E164(first), E164(last))
    stock(made.desk, [span], ACT, kind=kind, source=PLAN, country=country, city=city)


def search(
    made: Office,
    quantity: int = 1,
    text: str = "206",
    *,
    mode: SearchMode = SearchMode.AREA_CODE,
    kind: NumberKind = USER,
    country: str = "US",
    location: str | None = None,
) -> NumberOrder:
    wanted = Criteria(country, kind, quantity, mode, text)
    return ordering.search(
        made.desk, POOL, ordering.Search("Office", wanted, location=location), ACT
    )


def complete(made: Office, order: NumberOrder) -> NumberOrder:
    return ordering.complete(made.desk, order.id, SUPPLIERS, ACT)


def pooled(made: Office) -> set[str]:
    return {number for entry in read_pool(made.desk.view()) for number in entry.span}


@pytest.mark.row(16)
@pytest.mark.parametrize(
    ("mode", "text", "prefix"),
    [
        (SearchMode.PREFIX, "+1425555", "+1425555"),
        (SearchMode.AREA_CODE, "206", "+1206"),
        (SearchMode.CITY, "redmond", "+1425"),
        (SearchMode.ADDRESS, "1 Contoso Way, Redmond, WA 98052, US", "+1425"),
    ],
)
def test_each_way_to_search_finds_only_what_matches(
    mode: SearchMode, text: str, prefix: str
) -> None:
    order = search(office(), 5, text, mode=mode)
    assert len(order.numbers) == 5
    assert all(number.startswith(prefix) for number in order.numbers)


def test_what_was_ordered_is_ours_and_no_longer_in_the_pool() -> None:
    made = office()
    order = search(made, 3)
    assert not made.holds(order.numbers[0])
    done = complete(made, order)
    assert done.state is OrderState.COMPLETED
    entry = made.standing(order.numbers[0]).entry
    assert (entry.kind, entry.source, entry.country, entry.city) == (USER, PLAN, "US", "Seattle")
    assert pooled(made).isdisjoint(order.numbers)
    assert made.file_is_whole()
    with pytest.raises(NumbersRefused, match="is completed; search again"):
        complete(made, order)


@pytest.mark.row(15)
def test_after_ten_minutes_the_numbers_are_back_and_the_order_fails() -> None:
    made = office()
    order = search(made, 5)
    assert set(search(made, 5).numbers).isdisjoint(order.numbers)
    made.wait(minutes=10)
    with pytest.raises(NumbersRefused, match="back in the pool; search again") as refused:
        complete(made, order)
    assert codes(refused.value) == ["order-not-open"]
    assert not made.holds(order.numbers[0])
    assert search(made, 5).numbers == order.numbers
    stale = read_order(made.desk.view(), order.id)
    assert stale is not None
    assert stale.state_at(made.now) is OrderState.EXPIRED


def test_an_order_that_is_given_up_frees_its_numbers_at_once() -> None:
    made = office()
    order = search(made, 5)
    assert ordering.cancel(made.desk, order.id, SUPPLIERS, ACT).state is OrderState.CANCELLED
    assert search(made, 5).numbers == order.numbers
    with pytest.raises(NumbersRefused, match="is cancelled"):
        complete(made, order)


@pytest.mark.row(10)
def test_30_plan_and_20_pay_as_you_go_seats_order_63_numbers_and_not_64() -> None:
    seats = {
        "calling-plan-domestic": 20,
        "calling-plan-international": 10,
        "calling-plan-pay-as-you-go": 20,
        "phone-system-with-calling-plan": 0,
    }
    made = office(seats)
    with pytest.raises(NumbersRefused, match="63 may be had") as refused:
        search(made, 64)
    assert codes(refused.value) == ["number-quota"]
    complete(made, search(made, 63))
    with pytest.raises(NumbersRefused, match="63 are; order 0 at most"):
        search(made, 1)


def test_orders_that_wait_do_not_pass_the_quota_together() -> None:
    made = office({"calling-plan-domestic": 1, "phone-system-with-calling-plan": 0})
    one, two = search(made, 8), search(made, 8)  # 11 may be had
    complete(made, one)
    with pytest.raises(NumbersRefused, match="11 may be had"):
        complete(made, two)


@pytest.mark.row(11)
def test_51_licences_order_20_toll_service_numbers_and_not_21() -> None:
    made = office({"phone-system": 41, "audio-conferencing": 5})  # and 5 bundles
    with pytest.raises(NumbersRefused, match="20 may be had"):
        search(made, 21, kind=SERVICE)
    complete(made, search(made, 20, kind=SERVICE))
    with pytest.raises(NumbersRefused, match="20 may be had"):
        search(made, 1, kind=SERVICE)


@pytest.mark.row(12)
def test_1001_licences_order_125_toll_free_numbers_and_not_126() -> None:
    made = office({"phone-system": 996})  # and 5 bundles
    with pytest.raises(NumbersRefused, match="125 may be had"):
        search(made, 126, "888", kind=TOLL_FREE)
    assert len(complete(made, search(made, 125, "888", kind=TOLL_FREE)).numbers) == 125


@pytest.mark.row(13)
def test_50000_licences_order_1500() -> None:
    made = office({"phone-system": 50_000})
    assert len(complete(made, search(made, 1_500, kind=SERVICE)).numbers) == 1_500
    with pytest.raises(NumbersRefused, match="1500 may be had"):
        search(made, 1, kind=SERVICE)


@pytest.mark.row(14)
def test_ported_numbers_do_not_count() -> None:
    made = office({"calling-plan-domestic": 1, "phone-system-with-calling-plan": 0})
    complete(made, search(made, 11))
    with pytest.raises(NumbersRefused, match="11 may be had"):
        search(made, 1)
    ported = {"range": "+13605550900..+13605550904", "kind": "user", "source": "calling-plan"}
    key = ("number-range", str(ported["range"]))
    made.administration.change(Edit({key: {**ported, "ported": True}}), by=ACT.by)
    assert made.desk.view().inventory.count(USER, PLAN) == 11


def test_toll_free_numbers_need_credits() -> None:
    made = office()
    made.administration.change(Edit(removals=[("credits", "credits")]), by=ACT.by)
    with pytest.raises(NumbersRefused, match="communications credits; add credits") as refused:
        search(made, 1, "888", kind=TOLL_FREE)
    assert codes(refused.value) == ["credits-missing"]


def test_in_emea_an_address_comes_with_the_numbers() -> None:
    made = office()
    with pytest.raises(NumbersRefused, match="GB come with an emergency address") as refused:
        search(made, 1, "020", country="GB")
    assert codes(refused.value) == ["number-emergency-address-missing"]
    order = complete(made, search(made, 1, "020", country="GB", location="hq"))
    assert made.standing(order.numbers[0]).entry.location == "hq"


@pytest.mark.parametrize(
    ("quantity", "text", "code"),
    [(0, "206", "order-quantity"), (1_501, "206", "order-quantity"), (1, "2o6", "order-search"),
     (1, "212", "numbers-not-found")],
)  # fmt: skip
def test_a_search_that_cannot_be_is_refused(quantity: int, text: str, code: str) -> None:
    with pytest.raises(NumbersRefused) as refused:
        search(office(), quantity, text)
    assert codes(refused.value) == [code]


def test_twenty_orders_wait_at_most() -> None:
    made = office()
    for _ in range(20):
        search(made)
    with pytest.raises(NumbersRefused, match="20 orders wait already") as refused:
        search(made)
    assert codes(refused.value) == ["orders-open-full"]
    made.wait(minutes=10)
    search(made)


def test_the_pool_takes_no_number_twice() -> None:
    made = office()
    with pytest.raises(NumbersRefused, match="is there already"):
        fill(made, "+12065551990..+12065553000", "US", "Seattle")
    with pytest.raises(NumbersRefused, match="is there already"):
        fill(made, "+14255550101..+14255550102", "US", "Redmond")


class Balky(PoolSupplier):
    """Says yes, and no when it comes to it."""

    def order(self, view: View, order: NumberOrder) -> Edit:
        raise SupplierRefused("the carrier is on strike; try again next week")


def test_an_order_that_the_supplier_refuses_has_failed() -> None:
    made = office()
    order = search(made)
    with pytest.raises(SupplierRefused, match="on strike"):
        ordering.complete(made.desk, order.id, {"pool": Balky()}, ACT)
    failed = read_order(made.desk.view(), order.id)
    assert failed is not None
    assert (failed.state, failed.remark) == (
        OrderState.FAILED,
        "the carrier is on strike; try again next week",
    )
    assert not made.holds(order.numbers[0])


def test_the_built_in_supplier_is_always_there() -> None:
    assert suppliers()["pool"].name == "pool"
