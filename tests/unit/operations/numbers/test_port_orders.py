"""Numbers move here from another carrier, step by step (SPEC 3.11)."""

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.operations.numbers.office import ACT, START, Office, codes

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.porting import PortState
from callwright.kernel.limits.numbers import PORT_ORDERS_OPEN_MAX
from callwright.operations.numbers import port_orders
from callwright.operations.numbers.pool import PoolSupplier
from callwright.operations.numbers.supplier import NumberSupplier
from callwright.operations.numbers.view import NumbersRefused

POOL = PoolSupplier()
SUPPLIERS: dict[str, NumberSupplier] = {"pool": POOL}
CONTACTING, APPROVED = PortState.CONTACTING_CARRIER, PortState.TRANSFER_APPROVED
PENDING, COMPLETED = PortState.TRANSFER_PENDING, PortState.COMPLETED
REQUEST: dict[str, Any] = {
    "organisation": "Fabrikam",
    "authoriser": "Ann Adams",
    "authorisation": "letter signed 2026-02-28",
    "country": "US",
    "kind": "user",
    "source": "calling-plan",
    "scope": "partial",
    "billing_number": "12125550199",
    "account": "4711",
    "pin": "2468",
    "service_address": "1 Contoso Way, Redmond",
    "requester": "Ann",
    "numbers": ["12125550100", "+12125550101"],
}


@pytest.fixture
def office() -> Office:
    return Office()


def create(office: Office, **changes: Any) -> port_orders.PortOrder:
    return port_orders.create(office.desk, POOL, {**REQUEST, **changes}, ACT)


def state_of(office: Office, identifier: str) -> PortState:
    return port_orders.read_port_order(office.desk.view(), identifier).state


@pytest.mark.row(40)
def test_an_order_walks_to_its_end_and_cannot_be_cancelled_on_the_last_day(office: Office) -> None:
    order = create(office)
    assert order.state is PortState.PROCESSING
    port_orders.move(office.desk, order.id, CONTACTING, ACT)
    moves_at = START + timedelta(days=3)
    port_orders.move(office.desk, order.id, APPROVED, ACT, transfer_at=moves_at)
    assert state_of(office, order.id) is APPROVED
    office.wait(days=2, seconds=1)
    assert state_of(office, order.id) is PENDING
    with pytest.raises(NumbersRefused, match="transfer-pending does not allow to cancel") as no:
        port_orders.cancel(office.desk, order.id, SUPPLIERS, ACT)
    assert codes(no.value) == ["port-order-state"]
    port_orders.move(office.desk, order.id, COMPLETED, ACT)
    assert state_of(office, order.id) is COMPLETED
    assert "pin" not in office.settings("port-order", order.id)
    entry = office.standing("+12125550100").entry
    assert entry.key == "+12125550100..+12125550101"
    assert (entry.source, entry.is_ported) == (NumberSource.CALLING_PLAN, True)
    assert office.file_is_whole()


@pytest.mark.row(14)
def test_numbers_are_ported_at_full_quota(office: Office) -> None:
    seats = {"calling-plan-domestic": 1, "phone-system-with-calling-plan": 0}
    full = Office(
        {
            "licences": seats,
            "numbers": [
                {"number": "+12065550110", "kind": "user", "source": "calling-plan"},
            ],
        }
    )
    held = full.desk.view().inventory.count(NumberKind.USER, NumberSource.CALLING_PLAN)
    assert held == 11  # as many as one seat allows
    five = [f"+1212555010{n}" for n in range(5)]
    order = create(full, numbers=five)
    for state in (CONTACTING, APPROVED, PENDING, COMPLETED):
        port_orders.move(full.desk, order.id, state, ACT, transfer_at=START + timedelta(days=9))
    assert all(full.holds(number) for number in five)
    now = full.desk.view().inventory.count(NumberKind.USER, NumberSource.CALLING_PLAN)
    assert now == held


@pytest.mark.row(41)
def test_a_csv_of_1000_user_numbers_is_refused(office: Office) -> None:
    thousand = ["PhoneNumber", *(f"+1212555{n:04}" for n in range(1_000, 2_000))]
    numbers = port_orders.read_port_csv("\n".join(thousand))
    with pytest.raises(NumbersRefused, match="1000 numbers are too many for one order"):
        create(office, numbers=[str(number) for number in numbers])
    assert port_orders.read_port_orders(office.desk.view()) == []
    fewer = port_orders.read_port_csv("\n".join(thousand[:-1]))
    assert create(office, numbers=[str(number) for number in fewer]).state is PortState.PROCESSING


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("", "write it in the first line"),
        ("Number\n+12125550100", "write it in the first line"),
        ("PhoneNumber\nnonsense\ntel:+1212\n", "begins with tel:"),
        ("PhoneNumber,Name\n+12125550100,Ann", "alone"),
    ],
)
def test_the_csv_has_one_column_of_numbers(text: str, remedy: str) -> None:
    with pytest.raises(NumbersRefused, match=remedy):
        port_orders.read_port_csv(text)


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"organisation": "x" * 26}, "write 1 to 25"),
        ({"authoriser": "x" * 16}, "write 1 to 15"),
        ({"account": None}, "account: is missing"),
        ({"kind": "flying"}, "no kind is called 'flying'"),
        ({"billing_number": "tel:+1"}, "billing_number: .*begins with tel:"),
        ({"numbers": ["x"]}, "numbers.0: .*write digits only"),
        ({"scope": "full"}, "a full port moves the billing number"),
        ({"numbers": ["+14255550101"]}, "is in the inventory already"),
        ({"location": "moon"}, "there is no location 'moon'"),
        ({"numbers": ["+18005550100"]}, "toll and toll-free numbers separately"),
        (
            {"country": "GB", "billing_number": "+442079460199", "numbers": ["+442079460100"]},
            "come with an emergency address",
        ),
    ],
)
def test_what_cannot_be_ordered_is_refused(
    office: Office, changes: dict[str, Any], remedy: str
) -> None:
    with pytest.raises(NumbersRefused, match=remedy):
        create(office, **changes)
    assert port_orders.read_port_orders(office.desk.view()) == []


def test_a_number_is_in_one_order_only(office: Office) -> None:
    order = create(office)
    with pytest.raises(NumbersRefused, match="is in another port order"):
        create(office)
    port_orders.cancel(office.desk, order.id, SUPPLIERS, ACT)
    create(office)


def test_what_was_refused_is_corrected_and_sent_again(office: Office) -> None:
    order = create(office)
    with pytest.raises(NumbersRefused, match="processing does not allow to edit"):
        port_orders.edit(office.desk, order.id, {"account": "42"}, SUPPLIERS, ACT)
    port_orders.move(office.desk, order.id, PortState.ERROR, ACT, remark="wrong account")
    refused = port_orders.read_port_order(office.desk.view(), order.id)
    assert (refused.state, refused.remark) == (PortState.ERROR, "wrong account")
    again = port_orders.edit(office.desk, order.id, {"account": "42"}, SUPPLIERS, ACT)
    assert (again.state, again.request.account, again.remark) == (PortState.PROCESSING, "42", "")


def test_a_refused_order_may_be_deleted_and_a_running_one_not(office: Office) -> None:
    order = create(office)
    with pytest.raises(NumbersRefused, match="does not allow to delete"):
        port_orders.delete(office.desk, order.id, ACT)
    port_orders.move(office.desk, order.id, PortState.ERROR, ACT)
    port_orders.delete(office.desk, order.id, ACT)
    with pytest.raises(NumbersRefused, match="there is no port order"):
        port_orders.read_port_order(office.desk.view(), order.id)


def test_so_many_orders_are_open_at_once(office: Office) -> None:
    first, *_ = (
        create(office, numbers=[f"1212555{n:04}"])
        for n in range(1_000, 1_000 + PORT_ORDERS_OPEN_MAX)
    )
    with pytest.raises(NumbersRefused, match="complete, cancel or delete one first") as refused:
        create(office)
    assert codes(refused.value) == ["port-orders-open-full"]
    port_orders.cancel(office.desk, first.id, SUPPLIERS, ACT)
    create(office)


def test_steps_are_not_skipped(office: Office) -> None:
    order = create(office)
    with pytest.raises(NumbersRefused, match="next can be contacting-carrier or error"):
        port_orders.move(office.desk, order.id, COMPLETED, ACT)
    port_orders.move(office.desk, order.id, CONTACTING, ACT)
    with pytest.raises(NumbersRefused, match="say when the numbers move"):
        port_orders.move(office.desk, order.id, APPROVED, ACT)
