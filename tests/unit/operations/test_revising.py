"""Editing single entities comes to the same as reading the whole organisation again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.operations.contoso_file import FILE

from callwright.kernel.ids import CallQueueId
from callwright.operations.configuration import Configuration, Edit, EditRefused
from callwright.operations.organisation_file import (
    EntityKey,
    Former,
    build_snapshot,
    follow_snapshot,
    read_organisation,
    to_entities,
)
from callwright.operations.organisation_file.entities import ORDER
from callwright.operations.organisation_file.revising import revise

CONTOSO = read_organisation(FILE)
ENTITIES = dict(to_entities(CONTOSO))
PARTS = sorted(address for address in ENTITIES if address[0] not in (ORDER, "organisation"))
WHOLE = Configuration(1, ENTITIES)


def problems(edit: Edit) -> list[str]:
    with pytest.raises(EditRefused) as refused:
        WHOLE.edited(edit)
    return [str(problem) for problem in refused.value.problems]


def settings_of(kind: str, key: str) -> dict[str, Any]:
    value = ENTITIES[kind, key]
    assert isinstance(value, dict)
    return dict(value)


@given(gone=st.sets(st.sampled_from(PARTS)))
def test_what_is_left_after_removals_is_what_was_stored(gone: set[EntityKey]) -> None:
    if ("emergency", "emergency") in gone:
        gone |= {address for address in PARTS if address[0] == "location"}
    left = {address: value for address, value in ENTITIES.items() if address not in gone}
    locations = [address for address in gone if address[0] == "location"]
    first, no_findings = revise(CONTOSO, {}, locations)
    after, findings = revise(first, {}, gone)
    assert (no_findings, findings) == ([], [])
    parts = {a: v for a, v in to_entities(after).items() if a[0] != ORDER}
    assert parts == {a: v for a, v in left.items() if a[0] != ORDER}
    back, findings = revise(after, {address: ENTITIES[address] for address in gone}, ())
    assert findings == []
    again, _ = revise(back, {a: v for a, v in ENTITIES.items() if a[0] == ORDER}, ())
    assert to_entities(again) == ENTITIES
    assert list(again.users) == list(CONTOSO.users)


@given(renamed=st.sets(st.sampled_from(sorted(CONTOSO.users)), min_size=1))
def test_a_snapshot_that_followed_is_the_one_that_is_built(renamed: set[str]) -> None:
    edit = Edit({("user", key): {**settings_of("user", key), "name": "New"} for key in renamed})
    before, after = WHOLE.organisation, WHOLE.edited(edit).organisation
    assert before is not None
    assert after is not None
    former = Former(before, build_snapshot(before, revision=1, base=None))
    followed = follow_snapshot(former, after, revision=2)
    assert followed == build_snapshot(after, revision=2, base=None)
    assert {str(key) for key, user in followed.users.items() if user.name == "New"} == renamed
    kept = [key for key in followed.users if str(key) not in renamed]
    assert all(followed.users[key] is former.snapshot.users[key] for key in kept)
    assert followed.attendants is former.snapshot.attendants


@given(data=st.data())
def test_indexes_follow_people_who_swap_numbers_and_phones(data: st.DataObject) -> None:
    lines = ["+14255550101", "+14255550102", "+14255550109"]
    drawn = data.draw(st.permutations(lines)), data.draw(st.permutations(["101", "102", "109"]))
    changes: dict[EntityKey, Any] = {}
    for key, number, extension in zip(["alice", "bob", "zoe"], *drawn, strict=True):
        phones = data.draw(st.dictionaries(st.just("mobile"), st.sampled_from(lines)))
        person = {"name": key.title(), "number": number, "extension": extension}
        changes["user", key] = {**person, "profile": {"phones": phones}} if phones else person
    gone = data.draw(
        st.lists(st.sampled_from([("user", "alice"), ("shared-voicemail", "support")]))
    )
    swapped: dict[EntityKey, Any] = (
        {("shared-voicemail", "alice"): {}} if ("user", "alice") in gone else {}
    )
    steps = [Edit(changes), Edit(swapped, gone), Edit({a: ENTITIES[a] for a in gone}, swapped)]
    organisation, snapshot = CONTOSO, build_snapshot(CONTOSO, revision=1, base=None)
    for revision, step in enumerate(steps, start=2):
        after, findings = revise(organisation, step.upserts, step.removals)
        assert findings == []
        followed = follow_snapshot(Former(organisation, snapshot), after, revision=revision)
        assert followed == build_snapshot(after, revision=revision, base=None)
        organisation, snapshot = after, followed


@pytest.mark.parametrize("address", PARTS, ids=lambda address: "-".join(address))
def test_a_snapshot_follows_a_change_of_any_part(address: EntityKey) -> None:
    """Also where other parts read it: a group's queues, the organisation's language."""
    after, findings = revise(CONTOSO, {}, [address])
    assert findings == [] or address == ("emergency", "emergency")
    former = Former(CONTOSO, build_snapshot(CONTOSO, revision=1, base=None))
    if address[0] == "group":
        after, _ = revise(CONTOSO, {address: {"members": ["carol"]}}, ())
    assert follow_snapshot(former, after, revision=2) == build_snapshot(
        after, revision=2, base=None
    )


def test_another_language_is_heard_in_every_prompt() -> None:
    profile = {**settings_of("organisation", "organisation"), "language": "de-DE"}
    after = WHOLE.edited(Edit({("organisation", "organisation"): profile})).organisation
    assert after is not None
    former = Former(CONTOSO, build_snapshot(CONTOSO, revision=1, base=None))
    assert follow_snapshot(former, after, revision=2) == build_snapshot(
        after, revision=2, base=None
    )


def test_what_the_schema_refuses_is_named_by_the_entity() -> None:
    bad = Edit(
        {
            ("user", "alice"): {"name": 7, "extension": "1x"},
            ("user", "Bad Key"): {"name": "X"},
            ("route", "us-main"): {**settings_of("route", "us-main"), "prio": 1},
            ("route", "other"): settings_of("route", "us-main"),
            ("licences", "licences"): {"phone-sistem": 3},
            ("phone", "x"): {},
        }
    )
    found = problems(bad)
    assert any(line.startswith("users.alice.name: must be text, not a number") for line in found)
    assert any(line.startswith("users.alice.extension: ") for line in found)
    assert any(line.startswith("users.Bad Key: ") for line in found)
    assert any("routes.us-main.prio: there is no such key; did you mean" in line for line in found)
    assert any("routes.other.name: is us-main, but it is stored as other" in ln for ln in found)
    assert any(line.startswith("licences.phone-sistem: ") for line in found)
    assert any("there is no kind 'phone'" in line for line in found)


def test_what_does_not_fit_together_is_refused() -> None:
    taken = Edit({("user", "dave"): {**settings_of("user", "dave"), "extension": "101"}})
    assert problems(taken) == [
        "users.dave.extension: 101 is also users.alice.extension; "
        "give each user an extension of their own"
    ]
    gone = Edit(removals=[("call-queue", "support")])
    assert any("there is no call queue 'support'" in line for line in problems(gone))


def test_the_organisation_itself_cannot_be_removed() -> None:
    edit = Edit(removals=[("organisation", "organisation")])
    assert problems(edit) == ["organisation: cannot be removed; remove the organisation instead"]


def test_emergency_goes_after_its_locations_and_comes_before_them() -> None:
    assert "locations" in problems(Edit(removals=[("emergency", "emergency")]))[0]
    bare, _ = revise(CONTOSO, {}, [("location", "hq")])
    bare, _ = revise(bare, {}, [("emergency", "emergency")])
    assert bare.emergency is None
    location, emergency = ENTITIES["location", "hq"], ENTITIES["emergency", "emergency"]
    _, findings = revise(bare, {("location", "hq"): location}, ())
    assert "write that section first" in findings[0].text
    both, findings = revise(
        bare, {("location", "hq"): location, ("emergency", "emergency"): emergency}, ()
    )
    assert findings == []
    assert both == CONTOSO


def test_the_first_edit_makes_the_organisation() -> None:
    nothing = Configuration(0, {}, None)
    with pytest.raises(EditRefused, match="there is no organisation yet"):
        nothing.edited(Edit({("user", "alice"): {"name": "Alice"}}))
    with pytest.raises(EditRefused, match="needs name, domain"):
        nothing.edited(Edit({("organisation", "organisation"): {"name": "Contoso"}}))
    made = nothing.edited(Edit(ENTITIES))
    assert made.organisation == CONTOSO


def test_an_etag_follows_the_settings_and_not_the_order_of_keys() -> None:
    one = Configuration(1, {("user", "a"): {"name": "A", "extension": "1"}}, None)
    other = Configuration(2, {("user", "a"): {"extension": "1", "name": "A"}}, None)
    assert one.etag("user", "a") == other.etag("user", "a") is not None
    assert one.etag("user", "b") is None


def test_an_optional_part_is_begun_entry_by_entry() -> None:
    """The section is not there before; its first entry makes it, its last one takes it along."""
    made = WHOLE.edited(Edit({("calling-plan", "sbcs"): ["sbc1"]}))
    assert made.organisation is not None
    plan = made.organisation.pstn.calling_plan
    assert plan is not None
    assert plan.sbcs == ["sbc1"]
    wrong = problems(Edit({("calling-plan", "status"): []}))
    assert {text.partition(":")[0] for text in wrong} == {"pstn.calling_plan.status"}
    gone = made.edited(Edit(removals=[("calling-plan", "sbcs")]))
    assert gone.organisation is not None
    assert gone.organisation.pstn.calling_plan is None


def test_a_new_name_decides_anew_who_of_too_many_agents_takes_part() -> None:
    """Of more than 200 members of groups the first by name do (SPEC 5.2)."""
    people = {f"u{n:03}": {"name": f"Person {n:03}"} for n in range(201)}
    upserts: dict[EntityKey, Any] = {("user", key): user for key, user in people.items()}
    upserts["group", "support-team"] = {"members": list(people)}
    before = WHOLE.edited(Edit(upserts)).organisation
    assert before is not None
    renamed, _ = revise(before, {("user", "u200"): {"name": "Aaron"}}, ())
    former = Former(before, build_snapshot(before, revision=1, base=None))
    followed = follow_snapshot(former, renamed, revision=2)
    assert followed == build_snapshot(renamed, revision=2, base=None)
    assert "u199" not in followed.queues[CallQueueId("support")].agents


@pytest.mark.parametrize(
    ("label", "order"),
    [("users", "alice"), ("users", [["alice"]]), ("users", {"alice": 1}), ("people", ["alice"])],
)
def test_an_order_is_the_keys_of_a_section(label: str, order: Any) -> None:
    (problem,) = problems(Edit({(ORDER, label): order}))
    assert problem.startswith(f"order.{label}: ")
