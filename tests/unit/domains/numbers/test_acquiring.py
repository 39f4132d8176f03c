"""Searching, reserving, ordering and porting numbers, each as a pure rule (SPEC 3.4, 3.11)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.orders import NumberOrder, OrderNotOpen, OrderState, require_open
from callwright.domains.numbers.porting import (
    RIGHTS,
    PortRefused,
    PortRequest,
    PortRight,
    PortScope,
    PortState,
    mistakes,
    require_right,
    require_step,
    state_at,
)
from callwright.domains.numbers.search import (
    Criteria,
    PoolEntry,
    SearchMode,
    find_numbers,
)
from callwright.domains.numbers.spans import Span
from callwright.kernel.e164 import E164

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
USER, SERVICE, PLAN = NumberKind.USER, NumberKind.SERVICE, NumberSource.CALLING_PLAN


def pool(first: str, last: str, country: str, city: str, kind: NumberKind = USER) -> PoolEntry:
    span = Span(E164(first), E164(last))
    return PoolEntry(str(span), span, kind, PLAN, country, city)


POOL = (
    pool("+12065550100", "+12065550199", "US", "Seattle"),
    pool("+14255550100", "+14255550199", "US", "Redmond"),
    pool("+14255550900", "+14255550909", "US", "Redmond", SERVICE),
    pool("+442079460100", "+442079460199", "GB", "London"),
)


@pytest.mark.parametrize(
    ("mode", "text", "prefix"),
    [
        (SearchMode.PREFIX, "+1425555", "+1425555"),
        (SearchMode.PREFIX, "1206", "+1206"),
        (SearchMode.AREA_CODE, "206", "+1206"),
        (SearchMode.CITY, "redmond", "+1425"),
    ],
)
def test_a_search_returns_only_what_matches(mode: SearchMode, text: str, prefix: str) -> None:
    found = find_numbers(POOL, (), Criteria("US", USER, 5, mode, text))
    assert len(found) == 5
    assert all(number.startswith(prefix) for number, _ in found)
    assert all(entry.kind is USER and entry.country == "US" for _, entry in found)


@given(st.sets(st.integers(0, 99)), st.integers(1, 150))
def test_a_search_never_returns_what_is_taken(taken: set[int], quantity: int) -> None:
    gone = {E164(f"+120655501{n:02}") for n in taken}
    found = find_numbers(POOL, gone, Criteria("US", USER, quantity, SearchMode.AREA_CODE, "206"))
    numbers = [number for number, _ in found]
    assert len(numbers) == len(set(numbers)) == min(quantity, 100 - len(gone))
    assert not gone & set(numbers)


def test_nothing_is_found_where_nothing_matches() -> None:
    assert find_numbers(POOL, (), Criteria("US", USER, 1, SearchMode.AREA_CODE, "212")) == []
    assert find_numbers(POOL, (), Criteria("DE", USER, 1, SearchMode.PREFIX, "+1206")) == []
    london = find_numbers(POOL, (), Criteria("GB", USER, 1, SearchMode.AREA_CODE, "020"))
    assert [number for number, _ in london] == ["+442079460100"]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("1 Contoso Way, Redmond, WA 98052, US", ["+14255550100"]),
        ("1 Redmond Road, Bellevue", []),
    ],
)
def test_an_address_names_its_city(address: str, found: list[str]) -> None:
    wanted = Criteria("US", USER, 1, SearchMode.ADDRESS, address)
    assert [number for number, _ in find_numbers(POOL, (), wanted)] == found


ORDER = NumberOrder(
    "order-1", "Seattle", "", "US", USER, PLAN, (E164("+12065550100"),), made_at=NOW
)


def test_a_reservation_ends_after_ten_minutes() -> None:
    last = NOW + timedelta(minutes=10) - timedelta(microseconds=1)
    require_open(ORDER, last)
    assert ORDER.reserves_at(last)
    over = NOW + timedelta(minutes=10)
    assert ORDER.state_at(over) is OrderState.EXPIRED
    assert not ORDER.reserves_at(over)
    with pytest.raises(OrderNotOpen, match="search again"):
        require_open(ORDER, over)


@pytest.mark.parametrize(
    "state", [OrderState.COMPLETED, OrderState.CANCELLED, OrderState.FAILED, OrderState.EXPIRED]
)
def test_an_order_is_placed_once(state: OrderState) -> None:
    with pytest.raises(OrderNotOpen):
        require_open(ORDER.moved_to(state), NOW)
    assert ORDER.moved_to(state).state_at(NOW + timedelta(days=1)) is state


REQUEST = PortRequest(
    organisation="Contoso",
    authoriser="Alice Adams",
    country="US",
    kind=USER,
    scope=PortScope.PARTIAL,
    billing_number=E164("+12065550100"),
    account="4711",
    service_address="1 Contoso Way, Redmond",
    numbers=(E164("+12065550101"), E164("+12065550102")),
)


@pytest.mark.parametrize(
    ("request_", "remedy"),
    [
        (replace(REQUEST, organisation="x" * 26), "write 1 to 25"),
        (replace(REQUEST, organisation=" "), "write 1 to 25"),
        (replace(REQUEST, authoriser="x" * 16), "write 1 to 15"),
        (replace(REQUEST, numbers=()), "list those to move"),
        (replace(REQUEST, numbers=(E164("+12065550101"),) * 2), "list each once"),
        (replace(REQUEST, numbers=(E164("+18005550100"),)), "toll-free numbers separately"),
        (replace(REQUEST, kind=NumberKind.TOLL_FREE), "toll-free numbers separately"),
        (replace(REQUEST, numbers=(E164("+80012345678"),)), "cannot move; leave it out"),
        (replace(REQUEST, country="FR", numbers=(E164("+33612345678"),)), "is mobile"),
        (replace(REQUEST, scope=PortScope.FULL), "list it, or order a partial port"),
        (replace(REQUEST, billing_number=E164("+12065550101")), "or order a full port"),
        (
            replace(REQUEST, numbers=tuple(E164(f"+1206555{n:04}") for n in range(1_000, 2_000))),
            "split it into 999 each",
        ),
    ],
)
def test_what_the_losing_carrier_would_refuse_is_refused(
    request_: PortRequest, remedy: str
) -> None:
    assert any(remedy in mistake for mistake in mistakes(request_))


def test_the_last_of_many_toll_free_numbers_is_looked_at_too() -> None:
    toll_free = [E164(f"+1888555{n:04}") for n in range(1_000)]
    request = replace(
        REQUEST, kind=NumberKind.TOLL_FREE, numbers=(*toll_free, E164("+80012345678"))
    )
    assert any("+80012345678 is an international" in mistake for mistake in mistakes(request))


def test_a_sound_request_has_no_mistakes() -> None:
    assert list(mistakes(REQUEST)) == []
    assert list(mistakes(replace(REQUEST, organisation="x" * 25, authoriser="y" * 15))) == []
    numbers = tuple(E164(f"+1206555{n:04}") for n in range(1_000, 1_999))
    assert list(mistakes(replace(REQUEST, numbers=numbers))) == []
    full = replace(
        REQUEST,
        scope=PortScope.FULL,
        numbers=(REQUEST.billing_number, *REQUEST.numbers),
    )
    assert list(mistakes(full)) == []


RIGHTS_OF_SPEC = {
    "processing": "view cancel",
    "contacting-carrier": "view cancel",
    "transfer-approved": "view cancel",
    "transfer-pending": "view",
    "error": "edit cancel delete",
    "completed": "view",
    "cancelled": "edit",
}


@pytest.mark.parametrize(("state", "rights"), RIGHTS_OF_SPEC.items())
def test_each_state_has_the_rights_of_the_spec(state: str, rights: str) -> None:
    assert {right.value for right in RIGHTS[PortState(state)]} == set(rights.split())
    for right in PortRight:
        if right.value in rights.split():
            require_right(PortState(state), right)
        else:
            with pytest.raises(PortRefused, match="possible while it is"):
                require_right(PortState(state), right)


def test_an_approved_transfer_is_pending_within_its_last_day() -> None:
    moves_at = NOW + timedelta(hours=24)
    approved = PortState.TRANSFER_APPROVED
    assert state_at(approved, moves_at, NOW) is approved
    soon = NOW + timedelta(microseconds=1)
    assert state_at(approved, moves_at, soon) is PortState.TRANSFER_PENDING
    assert state_at(PortState.PROCESSING, moves_at, soon) is PortState.PROCESSING


@given(st.lists(st.sampled_from(PortState), max_size=12))
def test_an_order_only_ever_moves_forward(wishes: list[PortState]) -> None:
    order = [
        PortState.PROCESSING,
        PortState.CONTACTING_CARRIER,
        PortState.TRANSFER_APPROVED,
        PortState.TRANSFER_PENDING,
        PortState.COMPLETED,
    ]
    state = PortState.PROCESSING
    for wish in wishes:
        try:
            require_step(state, wish, NOW)
        except PortRefused:
            continue
        assert wish is PortState.ERROR or order.index(wish) == order.index(state) + 1
        state = wish


def test_an_approved_transfer_needs_its_date() -> None:
    with pytest.raises(PortRefused, match="say when"):
        require_step(PortState.CONTACTING_CARRIER, PortState.TRANSFER_APPROVED, None)
