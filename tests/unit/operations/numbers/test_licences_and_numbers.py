"""What becomes of numbers when licences come and go (SPEC 1.4)."""

from collections.abc import Sequence
from time import process_time

import pytest
from tests.unit.operations.numbers.office import ACT, Office, codes

from callwright.domains.licences.model import Sku
from callwright.domains.numbers.licence_loss import Loss
from callwright.domains.numbers.states import BlockState, HolderKind, Line, Status
from callwright.operations.configuration import EditRefused
from callwright.operations.licences.changing import Swap, change_licences
from callwright.operations.licences.losing import LostNumber
from callwright.operations.numbers.assigning import assign
from callwright.operations.numbers.drawing import Assignment
from callwright.operations.numbers.view import NumbersRefused

PHONE, BUNDLE = Sku.PHONE_SYSTEM, Sku.PHONE_SYSTEM_WITH_CALLING_PLAN
PLAN = Sku.CALLING_PLAN_DOMESTIC


@pytest.fixture
def office() -> Office:
    return Office()


def swap(
    office: Office, *users: str, add: Sequence[Sku] = (), remove: Sequence[Sku] = ()
) -> list[tuple[str, str, Loss]]:
    wanted = Swap([("user", user) for user in users], add, remove)
    return [told(lost) for lost in change_licences(office.desk, wanted, ACT).lost]


def told(lost: LostNumber) -> tuple[str, str, Loss]:
    return lost.user, lost.number, lost.loss


@pytest.mark.row(3)
def test_without_the_calling_plan_its_number_is_free_again(office: Office) -> None:
    office.assign("+12065550100", "ann")
    lost = swap(office, "ann", remove=[PLAN])
    assert lost == [("ann", "+12065550100", Loss.UNASSIGNED)]
    assert office.standing("+12065550100").status is Status.UNASSIGNED
    assert office.users["ann"].number is None
    assert office.users["ann"].voice is False


@pytest.mark.row(4)
def test_without_the_phone_system_an_own_number_leaves_the_inventory(office: Office) -> None:
    office.assign("+14255550105", "ben")
    office.assign("+14255550106", "ben", line=Line.PRIVATE)
    lost = swap(office, "ben", remove=[PHONE])
    assert lost == [
        ("ben", "+14255550105", Loss.DELETED),
        ("ben", "+14255550106", Loss.DELETED),
    ]
    assert office.users["ben"].number is None
    assert office.users["ben"].private_line is None
    assert office.users["ben"].voice is False
    assert not office.holds("+14255550105")
    assert not office.holds("+14255550106")
    assert office.standing("+14255550104").tags == ("Redmond",)
    assert office.holds("+14255550107")
    assert office.file_is_whole()


def test_without_the_phone_system_an_operators_number_is_free_again(office: Office) -> None:
    office.assign("+13605550100", "ben")
    assert swap(office, "ben", remove=[PHONE]) == [("ben", "+13605550100", Loss.UNASSIGNED)]
    assert office.standing("+13605550100").status is Status.UNASSIGNED


@pytest.mark.row(5)
def test_a_swap_in_one_act_keeps_the_number_and_in_two_loses_it(office: Office) -> None:
    office.assign("+14255550105", "ben")
    assert swap(office, "ben", add=[BUNDLE], remove=[PHONE]) == []
    assert office.users["ben"].number == "+14255550105"
    assert office.users["ben"].voice is True
    assert office.settings("user", "ben")["licences"] == ["phone-system-with-calling-plan"]
    assert swap(office, "ben", remove=[BUNDLE]) == [("ben", "+14255550105", Loss.DELETED)]
    swap(office, "ben", add=[PHONE])
    assert office.users["ben"].number is None
    assert not office.holds("+14255550105")


def test_a_licence_that_a_group_gives_too_is_not_missed(office: Office) -> None:
    change_licences(office.desk, Swap([("group", "sales")], add=[PHONE]), ACT)
    office.assign("+14255550105", "ben")
    office.assign("+14255550106", "dot")
    assert swap(office, "ben", remove=[PHONE]) == []
    taken = change_licences(office.desk, Swap([("group", "sales")], remove=[PHONE]), ACT).lost
    assert sorted(map(told, taken)) == [
        ("ben", "+14255550105", Loss.DELETED),
        ("dot", "+14255550106", Loss.DELETED),
    ]


def test_a_group_of_thousands_changes_licences_at_once() -> None:
    names = [f"u{n:04}" for n in range(4_000)]
    office = Office(
        {
            "licences": {"phone-system": 5_000},
            "users": {name: {"name": "U"} for name in names},
            "groups": {
                "all": {"members": names, "licences": ["phone-system"]},
                **{f"also-{n}": {"members": names} for n in range(3)},
            },
        }
    )
    wishes = [Assignment(f"+142555501{n:02}", HolderKind.USER, names[n]) for n in range(1, 10)]
    assign(office.desk, wishes, ACT)
    begun = process_time()
    lost = change_licences(office.desk, Swap([("group", "all")], remove=[PHONE]), ACT).lost
    took_s = process_time() - begun
    assert sorted(one.number for one in lost) == [f"+142555501{n:02}" for n in range(1, 10)]
    assert took_s < 1, "each user is looked at once, not once for each other one"


def test_a_shared_number_leaves_with_the_last_who_has_it(office: Office) -> None:
    office.assign("+14255550110;ext=1", "ann")
    office.assign("+14255550110;ext=2", "ben")
    swap(office, "ann", remove=[PHONE])
    assert office.holds("+14255550110")
    swap(office, "ben", remove=[PHONE])
    assert not office.holds("+14255550110")


def test_a_shared_number_leaves_when_all_lose_it_at_once(office: Office) -> None:
    office.assign("+14255550110;ext=1", "ann")
    office.assign("+14255550110;ext=2", "ben")
    swap(office, "ann", "ben", remove=[PHONE])
    assert not office.holds("+14255550110")


def test_many_get_a_licence_at_once_or_nobody(office: Office) -> None:
    swap(office, "dot", "cid", add=[PHONE])
    assert office.settings("user", "dot")["licences"] == ["phone-system"]
    more = Office({"users": {f"u{n}": {"name": "U"} for n in range(6)}})
    with pytest.raises(EditRefused, match="seats are held and 5 bought"):
        swap(more, *(f"u{n}" for n in range(6)), add=[BUNDLE])
    with pytest.raises(NumbersRefused) as refused:
        swap(office, "ann", "nobody", remove=[PHONE])
    assert codes(refused.value) == ["holder-unknown"]
    assert "phone-system" in office.users["ann"].licences


def test_what_changes_nothing_is_no_mistake(office: Office) -> None:
    assert swap(office, "dot", remove=[PHONE]) == []
    assert swap(office, "ben", add=[PHONE]) == []
    assert office.settings("user", "ben")["licences"] == ["phone-system"]


def test_a_resource_account_keeps_what_nobody_took(office: Office) -> None:
    account = [("resource-account", "main-line")]
    change_licences(office.desk, Swap(account, add=[PLAN]), ACT)  # type: ignore[arg-type]
    assert office.settings("resource-account", "main-line")["licences"] == [
        "resource-account",
        "calling-plan-domestic",
    ]


def test_a_lost_number_is_quarantined_where_that_is_the_rule() -> None:
    office = Office({"organisation": {"number_quarantine_days": 7}})
    office.assign("+12065550100", "ann")
    swap(office, "ann", remove=[PLAN])
    assert office.standing("+12065550100").block_state is BlockState.BLOCKED_UNTIL
