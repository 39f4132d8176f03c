"""Two acts at once: each looks at an organisation that the other is about to change."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from tests.unit.operations.numbers.office import ACT, Office

from callwright.domains.licences.model import Sku
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.states import HolderKind
from callwright.operations.licences.changing import Swap, change_licences
from callwright.operations.numbers.assigning import assign
from callwright.operations.numbers.converting import convert
from callwright.operations.numbers.desk import NumberDesk
from callwright.operations.numbers.drawing import Assignment
from callwright.operations.numbers.view import NumbersRefused

SALES = {"sales": {"members": ["dot"], "licences": ["phone-system"]}}
NUMBER = "+14255550105"
MORE = [{"range": "+12065550110..+12065550119", "kind": "user", "source": "calling-plan"}]
FIRST = ["+12065550101", "+12065550102", "+12065550103"]
SECOND = ["+12065550111", "+12065550112", "+12065550113"]
TAKE_FROM_SALES = Swap([("group", "sales")], remove=[Sku.PHONE_SYSTEM])


def crossed(office: Office, other: Callable[[], object]) -> NumberDesk:
    """A desk at which ``other`` happens once, between the first look and what is written."""
    waiting = [other]

    def utc() -> datetime:
        if waiting:
            waiting.pop()()
        return office.now

    return NumberDesk(office.administration, utc, lambda: "id")


def dot(office: Office) -> dict[str, Any]:
    found = office.administration.current().entities["user", "dot"]
    assert isinstance(found, dict)
    return found


def test_a_licence_that_goes_directly_and_by_group_at_once_takes_the_number() -> None:
    person = {"name": "Dot", "licences": ["phone-system"], "number": NUMBER}
    office = Office({"users": {"dot": person}, "groups": SALES})
    desk = crossed(office, lambda: change_licences(office.desk, TAKE_FROM_SALES, ACT))
    change_licences(desk, Swap([("user", "dot")], remove=[Sku.PHONE_SYSTEM]), ACT)
    assert dot(office).get("number") is None


def test_a_licence_that_goes_by_group_and_directly_at_once_takes_the_number() -> None:
    person = {"name": "Dot", "licences": ["phone-system"], "number": NUMBER}
    office = Office({"users": {"dot": person}, "groups": SALES})
    direct = Swap([("user", "dot")], remove=[Sku.PHONE_SYSTEM])
    desk = crossed(office, lambda: change_licences(office.desk, direct, ACT))
    change_licences(desk, TAKE_FROM_SALES, ACT)
    assert dot(office).get("number") is None


def test_nobody_gets_a_number_whose_group_loses_the_licence_for_it() -> None:
    office = Office({"groups": SALES})
    desk = crossed(office, lambda: change_licences(office.desk, TAKE_FROM_SALES, ACT))
    with pytest.raises(NumbersRefused, match="dot holds no phone-system licence"):
        assign(desk, [Assignment(NUMBER, HolderKind.USER, "dot")], ACT)
    assert dot(office).get("number") is None


def test_a_number_that_is_assigned_as_the_group_loses_its_licence_does_not_stay() -> None:
    office = Office({"groups": SALES})
    wish = Assignment(NUMBER, HolderKind.USER, "dot")
    desk = crossed(office, lambda: assign(office.desk, [wish], ACT))
    change_licences(desk, TAKE_FROM_SALES, ACT)
    assert dot(office).get("number") is None


def test_two_conversions_at_once_stay_within_one_quota() -> None:
    """There are 5 service numbers, and 10 may be had with more than 25 licences (row 11)."""
    office = Office({"numbers": MORE, "licences": {"phone-system": 26}})
    desk = crossed(office, lambda: convert(office.desk, FIRST, NumberKind.SERVICE, ACT))
    with pytest.raises(NumbersRefused, match="beyond the quota"):
        convert(desk, SECOND, NumberKind.SERVICE, ACT)
    view = office.desk.view()
    assert view.inventory.count(NumberKind.SERVICE, NumberSource.CALLING_PLAN) == 8
