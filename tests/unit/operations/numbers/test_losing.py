"""A number goes with its licence whichever way that is lost: each of them is an edit (SPEC 1.4)."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import JsonValue
from tests.unit.operations.numbers.office import BY, Office

from callwright.domains.licences.model import Sku
from callwright.domains.numbers.licence_loss import Loss
from callwright.domains.numbers.states import BlockState, Status
from callwright.operations.administration import Applied
from callwright.operations.configuration import Edit, EditRefused
from callwright.operations.licences.changing import Swap, change_licences
from callwright.operations.numbers.desk import Act
from callwright.operations.organisation_file.entities import EntityKey, from_entities

OWN = "+14255550105"
"""Direct routing: it leaves the inventory."""
PLAN = "+12065550100"
"""Of a calling plan: it is free again."""
PHONE = "phone-system"


@pytest.fixture
def office() -> Office:
    """Ben holds the phone system himself, dot by the group sales, which has another group in it."""
    office = Office(
        {
            "users": {"eve": {"name": "Eve"}},
            "groups": {
                "sales": {"members": ["dot", {"group": "field"}], "licences": [PHONE]},
                "field": {"members": ["eve"]},
            },
        }
    )
    office.assign(OWN, "ben")
    office.assign("+14255550106", "dot")
    office.assign("+14255550107", "eve")
    office.assign(PLAN, "ann")
    return office


def written(
    office: Office, changes: Mapping[EntityKey, Mapping[str, Any] | None], **how: Any
) -> Applied:
    """An edit of some fields of entities; None: the entity is removed."""
    edit: dict[EntityKey, JsonValue] = {
        (kind, key): None if fields is None else {**office.settings(kind, key), **fields}
        for (kind, key), fields in changes.items()
    }
    return office.administration.change(Edit.towards(edit), by=BY, **how)


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({("user", "ben"): {"licences": []}}, {"ben": OWN}),
        ({("group", "sales"): {"licences": []}}, {"dot": "+14255550106", "eve": "+14255550107"}),
        ({("group", "sales"): {"members": ["dot"]}}, {"eve": "+14255550107"}),
        ({("group", "sales"): None}, {"dot": "+14255550106", "eve": "+14255550107"}),
        (
            {("group", "field"): None, ("group", "sales"): {"members": ["dot"]}},
            {"eve": "+14255550107"},
        ),
    ],
    ids=["a licence", "a group's licence", "a member", "a group", "a group in a group"],
)
def test_a_number_goes_with_the_licence(
    office: Office, changes: Mapping[EntityKey, Mapping[str, Any] | None], lost: dict[str, str]
) -> None:
    tried = written(office, changes, dry_run=True)
    assert office.holds(OWN), "a trial takes nothing"
    applied = written(office, changes)
    assert {each.user: str(each.number) for each in applied.lost} == lost
    assert applied.lost == tried.lost
    for user, number in lost.items():
        assert office.users[user].number is None
        assert office.users[user].voice is False
        assert not office.holds(number)
        (told,) = [each for each in applied.cautions if each.path[:2] == ("users", user)]
        assert number in told.text
        assert "leaves the inventory" in told.text
        assert told in tried.cautions
    assert {change.key for change in applied.changes} >= set(lost), "the answer says all of it"
    assert office.file_is_whole()


def test_a_number_of_a_plan_is_free_again_and_quarantined(office: Office) -> None:
    profile = {("organisation", "organisation"): {"number_quarantine_days": 7}}
    written(office, profile)
    applied = written(office, {("user", "ann"): {"licences": [PHONE]}})
    assert [(one.user, one.loss) for one in applied.lost] == [("ann", Loss.UNASSIGNED)]
    assert office.standing(PLAN).status is Status.UNASSIGNED
    assert office.standing(PLAN).block_state is BlockState.BLOCKED_UNTIL


@pytest.mark.row(5)
@pytest.mark.parametrize(
    "changes",
    [
        {("user", "ben"): {"licences": ["phone-system-with-calling-plan"]}},
        {
            ("user", "ben"): {"licences": []},
            ("group", "sales"): {"members": ["dot", "ben", {"group": "field"}]},
        },
        {("user", "ben"): {"enabled": False}},
        {("group", "sales"): {"name": "Sellers"}},
    ],
    ids=["a bundle instead", "by the group instead", "disabled", "renamed"],
)
def test_who_keeps_the_right_keeps_the_number(
    office: Office, changes: Mapping[EntityKey, Mapping[str, Any] | None]
) -> None:
    applied = written(office, changes)
    assert applied.lost == ()
    assert office.users["ben"].number == OWN


def test_a_number_is_given_on_in_the_change_that_takes_the_licence(office: Office) -> None:
    applied = written(
        office,
        {
            ("user", "ben"): {"licences": [], "number": None, "voice": False},
            ("user", "cid"): {"number": "+14255550105", "country": "US"},
        },
    )
    assert applied.lost == ()
    assert office.users["cid"].number == OWN


def test_every_way_comes_to_the_same(office: Office) -> None:
    other = Office()
    other.assign(OWN, "ben")
    first = change_licences(other.desk, Swap([("user", "ben")], remove=[Sku.PHONE_SYSTEM]), Act(BY))
    second = written(office, {("user", "ben"): {"licences": []}})
    assert first.lost == second.lost
    assert [c for c in first.changes if c.kind == "number-range"] == [
        c for c in second.changes if c.kind == "number-range"
    ]
    assert office.settings("user", "ben") == other.settings("user", "ben")


def test_a_file_says_both_or_is_refused(office: Office) -> None:
    """What is stored after an apply is what the file says."""
    entities = dict(office.desk.view().configuration.entities)
    entities["user", "ben"] = {**office.settings("user", "ben"), "licences": []}
    with pytest.raises(EditRefused) as refused:
        office.administration.replace(from_entities(entities), by=BY)
    (problem,) = refused.value.problems
    assert problem.path == ("users", "ben", "number")
    assert "leave the number out, too, or keep the licence" in problem.text
    assert office.users["ben"].number == OWN
    entities["user", "ben"] = {"name": "Ben"}
    office.administration.replace(from_entities(entities), by=BY)
    assert office.users["ben"].number is None
    assert office.standing(OWN).status is Status.UNASSIGNED
