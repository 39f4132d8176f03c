"""Edits, one after the other, come to what reading everything that is stored comes to.

Compared with the order of everything, since the first location and the first route can decide.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.operations.whole_file import whole_organisation

from callwright.operations.configuration import Configuration, Edit, EditRefused
from callwright.operations.organisation_file import (
    Former,
    build_snapshot,
    follow_snapshot,
    to_entities,
)
from callwright.operations.organisation_file.entities import ORDER, EntityKey
from callwright.operations.organisation_file.soundness import mistakes, mistakes_after

WHOLE = whole_organisation()
ENTITIES = dict(to_entities(WHOLE))
ADDRESSES = sorted(a for a in ENTITIES if a != ("organisation", "organisation"))
PLACE = {"address": "3 Contoso Way, Redmond, WA 98052, US"}
PERSON = {"name": "Zoe", "number": "+14255550109", "extension": "109"}
WRITTEN: dict[EntityKey, list[Any]] = {
    ("location", "barn"): [PLACE, {**PLACE, "elin": "+14255550109"}],
    ("location", "annex"): [{**PLACE, "elin": "+14255550117"}],
    ("user", "zoe"): [
        PERSON,
        {**PERSON, "private_line": "+14255550101", "location": "barn"},
        {"name": "Zoe", "policies": {"calling": "domestic", "caller_id": "team"}},
        {"name": "Zoe", "licences": ["premium"], "voicemail": {"enabled": False}},
    ],
    ("user", "alice"): [
        {"name": "Alice", "alternate_numbers": ["+14255550109", "+14255550103"]},
        {
            "name": "Al",
            "number": "+14255550108;ext=1",
            "profile": {"phones": {"m": "+12065550123"}},
        },
        {"name": "Al", "answering": {"forward": {"to": {"voicemail": "zoe"}}}, "country": "DE"},
    ],
    ("user", "bob"): [
        {"name": "Bo", "number": "+14255550108;ext=1"},
        {"name": "Bo", "voice": True},
    ],
    ("group", "zebras"): [
        {"members": ["zoe", {"group": "support-team"}], "licences": ["premium"]},
        {"members": [], "policies": {"calling": {"name": "domestic", "rank": 2}}},
    ],
    ("group", "support-team"): [{"members": ["erin"], "licences": ["phone-system"]}],
    ("route", "us-main"): [
        {"name": "us-main", "pattern": r"^\+1", "usage": "national", "sbcs": ["sbc2"]}
    ],
    ("route", "a"): [{"name": "a", "pattern": r"^\+1", "usage": "other", "sbcs": ["sbc2"]}],
    ("number-range", "+14255550108"): [
        {"number": "+14255550108", "kind": "user", "source": "direct-routing"}
    ],
    ("number-range", "+14255550101..+14255550119"): [
        {"range": "+14255550101..+14255550119", "kind": "user", "source": "calling-plan"}
    ],
    ("resource-account", "main-line"): [
        {"name": "M", "answers": {"call_queue": "sales"}, "location": "annex"}
    ],
    ("resource-account", "a-line"): [
        {"name": "A", "answers": {"call_queue": "sales"}, "number": "+14255550159"},
        {"name": "A", "answers": {"call_queue": "sales"}, "number": "+14255550103"},
    ],
    ("contact", "zed"): [{"name": "Zed", "phones": ["+12065550124"]}],
    ("shared-voicemail", "zoe"): [{}],
    ("calling-policy", "domestic"): [{"calls": False}],
    ("calling-policy", "b"): [{}],
    ("organisation", "organisation"): [
        {**WHOLE.organisation.model_dump(), "country": "GB"},
        {**WHOLE.organisation.model_dump(), "language": "de-DE"},
    ],
    ("licences", "licences"): [{"phone-system": 30, "premium": 1}],
    (ORDER, "emergency.locations"): [["annex", "hq"], ["barn", "hq", "annex"]],
    (ORDER, "pstn.direct_routing.routes"): [["world", "us-backup"], []],
    (ORDER, "users"): [["zoe", "bob"], ["erin", "dave", "bob"], []],
}


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    upserts: dict[EntityKey, Any] = {}
    addresses = st.one_of(st.sampled_from(sorted(WRITTEN)), st.sampled_from([*ADDRESSES, *WRITTEN]))
    for address in draw(st.lists(addresses, unique=True, max_size=4)):
        known = [ENTITIES[address]] if address in ENTITIES else []
        upserts[address] = draw(st.sampled_from([*WRITTEN.get(address, []), *known]))
    removable = [a for a in (*ADDRESSES, *WRITTEN) if a[0] != "organisation"]
    return Edit(upserts, draw(st.lists(st.sampled_from(removable), unique=True, max_size=2)))


class Stored:
    """What a database holds: changed entities keep their place, new ones come last."""

    def __init__(self) -> None:
        self.entities = dict(ENTITIES)

    def take(self, edit: Edit) -> None:
        for address in edit.removals:
            if address not in edit.upserts:
                self.entities.pop(address, None)
        self.entities |= edit.upserts


@settings(max_examples=200)
@given(steps=st.lists(edits(), max_size=6))
def test_edits_come_to_what_is_stored(steps: list[Edit]) -> None:
    stored, now = Stored(), Configuration(1, ENTITIES)
    assert now.organisation is not None
    snapshot = build_snapshot(now.organisation, revision=1, base=None)
    for step in steps:
        before = now.organisation
        assert before is not None
        try:
            merged = now.merged(step)
        except EditRefused:
            continue
        assert merged.organisation is not None
        found = set(mistakes(merged.organisation))
        assert set(mistakes_after(before, merged.organisation)) == found
        if found:
            continue
        now = now.edited(step)
        after = now.organisation
        assert after is not None
        stored.take(step)
        read = Configuration(1, stored.entities).organisation
        assert read is not None
        assert after.model_dump_json() == read.model_dump_json()
        snapshot = follow_snapshot(Former(before, snapshot), after, revision=1)
        built = build_snapshot(read, revision=1, base=None)
        assert snapshot == built
        assert snapshot.emergency == built.emergency
        assert snapshot.main_number == built.main_number
        assert snapshot.giving_groups == built.giving_groups
        assert snapshot.routes_by_usage == built.routes_by_usage
