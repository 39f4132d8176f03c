"""Numbers are given and taken back, each check with its words, all in one transaction."""

from typing import Any

import pytest
from tests.unit.operations.numbers.office import ACT, BY, Office, codes, texts

from callwright.domains.numbers.states import BlockState, HolderKind, Line, Status
from callwright.operations.administration import EditConflict
from callwright.operations.configuration import Edit, EditRefused
from callwright.operations.numbers.assigning import assign
from callwright.operations.numbers.drawing import Assignment, Quarantine
from callwright.operations.numbers.marking import block, unblock
from callwright.operations.numbers.view import NumbersRefused


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.mark.row(2)
def test_the_voice_flag_follows_the_number(office: Office) -> None:
    office.assign("+14255550101", "ben")
    assert office.users["ben"].number == "+14255550101"
    assert office.users["ben"].voice is True
    office.remove("+14255550101")
    assert office.users["ben"].number is None
    assert office.users["ben"].voice is False


@pytest.mark.row(19)
def test_a_number_without_plus_is_stored_and_shown_with_it(office: Office) -> None:
    office.assign("12065550100", "ann")
    assert office.settings("user", "ann")["number"] == "+12065550100"
    assert office.standing("+12065550100").number == "+12065550100"


@pytest.mark.row(20)
def test_tel_is_refused(office: Office) -> None:
    with pytest.raises(NumbersRefused, match="begins with tel:; write") as refused:
        office.assign("tel:+14255550101", "ben")
    assert codes(refused.value) == ["number-malformed"]
    assert office.users["ben"].number is None


@pytest.mark.row(17)
def test_a_service_number_of_a_calling_plan_is_not_for_people(office: Office) -> None:
    with pytest.raises(NumbersRefused, match="not for user-assignment") as refused:
        office.assign("+12065550150", "ann")
    assert codes(refused.value) == ["number-class-mismatch"]
    office.assign("+12065550150", "main-line")
    assert office.standing("+12065550150").status is Status.VOICE_APPLICATION_ASSIGNED


@pytest.mark.row(18)
def test_a_subscriber_number_of_a_calling_plan_is_not_for_services(office: Office) -> None:
    with pytest.raises(NumbersRefused, match="not for voice-application") as refused:
        office.assign("+12065550100", "main-line")
    assert codes(refused.value) == ["number-class-mismatch"]


@pytest.mark.row(22)
def test_a_number_has_one_holder(office: Office) -> None:
    office.assign("+14255550101", "ann")
    with pytest.raises(NumbersRefused, match="belongs to user ann; remove it there") as refused:
        office.assign("+14255550101", "ben")
    assert codes(refused.value) == ["number-held"]


@pytest.mark.row(6)
def test_a_number_of_another_country_is_refused(office: Office) -> None:
    with pytest.raises(NumbersRefused, match="no number of DE, where user cid is") as refused:
        office.assign("+33142278186", "cid")
    assert codes(refused.value) == ["number-country-mismatch"]


@pytest.mark.row(27)
def test_a_second_private_line_is_refused(office: Office) -> None:
    office.assign("+14255550101", "ben")
    office.assign("+14255550102", "ben", line=Line.PRIVATE)
    with pytest.raises(NumbersRefused, match="has the private line"):
        office.assign("+14255550103", "ben", line=Line.PRIVATE)
    assert office.users["ben"].private_line == "+14255550102"


def test_a_private_line_survives_the_primary_number(office: Office) -> None:
    office.assign("+14255550101", "ben")
    office.assign("+14255550102", "ben", line=Line.PRIVATE)
    office.remove("+14255550101")
    assert office.users["ben"].private_line == "+14255550102"


def test_alternate_lines_come_and_go_one_by_one(office: Office) -> None:
    office.assign("+14255550101", "ben")
    for number in ("+14255550102", "+14255550103"):
        office.assign(number, "ben", line=Line.ALTERNATE)
    assert office.users["ben"].alternate_numbers == ["+14255550102", "+14255550103"]
    office.remove("+14255550102")
    assert office.users["ben"].alternate_numbers == ["+14255550103"]
    assert office.users["ben"].voice is True
    office.remove("+14255550103", "+14255550101")
    assert "alternate_numbers" not in office.settings("user", "ben")


def test_extensions_share_a_number(office: Office) -> None:
    office.assign("+14255550110;ext=1001", "ann")
    office.assign("+14255550110;ext=1002", "ben")
    with pytest.raises(NumbersRefused):
        office.assign("+14255550110;ext=1001", "ben")
    held = {h.holder for h in office.standing("+14255550110").holdings}
    assert held == {"ann", "ben"}


def test_an_emergency_address_comes_with_a_calling_plan_number(office: Office) -> None:
    plan = Office({"users": {"eve": {"name": "Eve", "licences": [
        "phone-system-with-calling-plan"]}}})  # fmt: skip
    with pytest.raises(NumbersRefused, match="no emergency address, which US requires") as refused:
        plan.assign("+12065550100", "eve")
    assert codes(refused.value) == ["number-emergency-address-missing"]
    with pytest.raises(NumbersRefused, match="no location 'hk'"):
        plan.assign("+12065550100", "eve", location="hk")
    plan.assign("+12065550100", "eve", location="hq")
    assert plan.users["eve"].location == "hq"
    office.assign("+14255550101", "ben")  # own numbers need none


def test_who_holds_no_licence_gets_no_number(office: Office) -> None:
    for number, holder, sku in (
        ("+14255550101", "dot", "phone-system"),
        ("+14255550150", "unlicensed", "resource-account"),
        ("+12065550100", "ben", "calling plan"),
    ):
        with pytest.raises(NumbersRefused, match=f"holds no {sku}"):
            office.assign(number, holder, location="hq")


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_written(office: Office) -> None:
    before = office.desk.view().configuration.revision
    wishes = [
        Assignment("+14255550101", HolderKind.USER, "ben"),
        Assignment("+12065550150", HolderKind.USER, "cid"),
        Assignment("+14255550101", HolderKind.USER, "ann"),
        Assignment("+19995550101", HolderKind.USER, "ann"),
        Assignment("+14255550102", HolderKind.USER, "nobody"),
    ]
    with pytest.raises(NumbersRefused) as refused:
        assign(office.desk, wishes, ACT)
    assert codes(refused.value) == [
        "number-class-mismatch",
        "number-country-mismatch",
        "number-licence-missing",
        "number-held",
        "number-not-in-inventory",
        "holder-unknown",
    ]
    assert texts(refused.value)[0].startswith("users.cid.number: ")
    assert office.desk.view().configuration.revision == before
    assert office.users["ben"].number is None


def test_another_number_replaces_the_first(office: Office) -> None:
    office.assign("+14255550101", "ben")
    office.assign("+14255550102", "ben")
    assert office.users["ben"].number == "+14255550102"
    assert office.standing("+14255550101").status is Status.UNASSIGNED


def test_a_dry_run_writes_nothing(office: Office) -> None:
    applied = office.assign("+14255550101", "ben", dry_run=True)
    assert [str(change) for change in applied.changes] == ["~ user ben"]
    assert office.users["ben"].number is None


def test_a_number_of_a_location_is_changed_there(office: Office) -> None:
    with pytest.raises(NumbersRefused, match="belongs to location hq; change it there"):
        office.remove("+14255550119")
    with pytest.raises(NumbersRefused, match="nobody has"):
        office.remove("+14255550101")


@pytest.mark.row(36)
def test_a_number_that_was_taken_back_for_30_days_waits(office: Office) -> None:
    office.assign("+14255550101", "ben")
    office.remove("+14255550101", block=Quarantine(30))
    for days in (0, 29):
        office.wait(days=days)
        with pytest.raises(NumbersRefused, match="is blocked until 2026-03-31") as refused:
            office.assign("+14255550101", "ann")
        assert codes(refused.value) == ["number-blocked"]
    office.wait(days=1)
    office.assign("+14255550101", "ann")
    assert office.standing("+14255550101").status is Status.USER_ASSIGNED
    assert office.desk.view().records("number-block") == {}


def test_a_block_for_ever_ends_when_it_is_lifted(office: Office) -> None:
    office.assign("+14255550101", "ben")
    office.remove("+14255550101", block=Quarantine(None))
    office.wait(days=10_000)
    assert office.standing("+14255550101").block_state is BlockState.BLOCKED_FOREVER
    with pytest.raises(NumbersRefused, match="blocked for ever; unblock it"):
        office.assign("+14255550101", "ben")
    unblock(office.desk, ["+14255550101"], ACT)
    office.assign("+14255550101", "ben")


def test_the_organisation_may_quarantine_by_default() -> None:
    office = Office({"organisation": {"number_quarantine_days": 7}})
    office.assign("+14255550101", "ben")
    office.assign("+14255550102", "ben")
    assert office.standing("+14255550101").block_state is BlockState.BLOCKED_UNTIL
    office.remove("+14255550102")
    assert office.standing("+14255550102").block_state is BlockState.BLOCKED_UNTIL
    office.wait(days=7)
    assert office.standing("+14255550102").block_state is BlockState.NOT_BLOCKED


def test_a_shared_number_is_not_blocked_while_somebody_has_it(office: Office) -> None:
    office.assign("+14255550110;ext=1001", "ann")
    office.assign("+14255550110;ext=1002", "ben")
    office.remove("+14255550110;ext=1001", block=Quarantine(30))
    assert office.standing("+14255550110").block_state is BlockState.NOT_BLOCKED
    office.remove("+14255550110;ext=1002", block=Quarantine(30))
    assert office.standing("+14255550110").block_state is BlockState.BLOCKED_UNTIL


def test_only_free_numbers_of_ours_are_blocked(office: Office) -> None:
    office.assign("+14255550101", "ben")
    with pytest.raises(NumbersRefused) as refused:
        block(office.desk, ["+14255550101", "+19995550100", "tel:1"], Quarantine(1), ACT)
    assert sorted(codes(refused.value)) == [
        "number-held",
        "number-malformed",
        "number-not-in-inventory",
    ]


def test_a_block_in_the_same_moment_is_seen(office: Office) -> None:
    """Somebody else blocks the number between the look and the write."""
    view = office.desk.view()
    office.administration.change(Edit({("number-block", "+14255550101"): {}}), by=BY)
    with pytest.raises(EditConflict):
        office.administration.change(
            Edit({("user", "ben"): {"name": "Ben"}}),
            by=BY,
            expected={("number-block", "+14255550101"): view.configuration.etag(
                "number-block", "+14255550101")},
        )  # fmt: skip
    with pytest.raises(NumbersRefused, match="blocked for ever"):
        office.assign("+14255550101", "ben")


def test_what_is_stored_is_an_organisation_file_still(office: Office) -> None:
    office.assign("+14255550101", "ben")
    office.assign("+12065550150", "main-line")
    office.remove("+14255550101", block=Quarantine(30))
    assert office.file_is_whole()


@pytest.mark.row(36)
def test_a_blocked_number_is_refused_whichever_way_it_is_given(office: Office) -> None:
    block(office.desk, ["+14255550101", "+14255550151"], Quarantine(30), ACT)
    ways: list[tuple[str, str, dict[str, object]]] = [
        ("user", "ben", {"number": "+14255550101;ext=7"}),
        ("user", "ben", {"private_line": "+14255550101"}),
        ("user", "ben", {"alternate_numbers": ["+14255550101"]}),
        ("resource-account", "main-line", {"number": "+14255550151"}),
        ("location", "hq", {"elin": "+14255550101"}),
    ]
    for kind, key, change in ways:
        settings: Any = {**office.settings(kind, key), **change}
        with pytest.raises(EditRefused, match="is blocked until 2026-03-31 12:00 UTC; unblock it"):
            office.administration.change(Edit({(kind, key): settings}), by=BY)
    office.wait(days=30)
    office.administration.change(Edit({("user", "ben"): {
        **office.settings("user", "ben"), "number": "+14255550101"}}), by=BY)  # fmt: skip
    assert office.users["ben"].number == "+14255550101"


def test_who_has_a_number_keeps_it_when_it_is_blocked_for_others(office: Office) -> None:
    office.assign("+14255550101", "ben")
    office.administration.change(Edit({("number-block", "+14255550101"): {}}), by=BY)
    renamed: Any = {**office.settings("user", "ben"), "name": "Benjamin"}
    office.administration.change(Edit({("user", "ben"): renamed}), by=BY)
    assert office.users["ben"].name == "Benjamin"
