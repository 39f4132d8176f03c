"""Whichever way an organisation came to be what it is, it is the same: to the process that edited
it, to one that followed, and to one that reads it now."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.operations.whole_file import whole_organisation

from callwright.operations.actor import Actor
from callwright.operations.administration import Administration, Applied
from callwright.operations.configuration import Configuration, Edit, EditRefused
from callwright.operations.export_organisation import export_organisation
from callwright.operations.organisation_file import read_organisation
from callwright.operations.organisation_file.entities import ORDER, EntityKey
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
OLIVE = Actor("account", "olive@contoso.test")
HQ, ANNEX, BARN = ("location", "hq"), ("location", "annex"), ("location", "barn")
PLACE = {"address": "3 Contoso Way, Redmond, WA 98052, US"}
FEW = {"communications-credits": 9, "calling-plan-domestic": 1}
WHOLE = whole_organisation()


class Process:
    """One that administers the same organisation as others."""

    def __init__(self, database: Database) -> None:
        self.administration = Administration(StoredConfiguration(database, utc=lambda: AT))

    @property
    def now(self) -> Configuration:
        return self.administration.current()

    def edit(self, upserts: dict[EntityKey, Any], *removals: EntityKey) -> None:
        self.administration.change(Edit(upserts, removals), by=OLIVE)


def places(process: Process) -> list[str]:
    organisation = process.now.organisation
    assert organisation is not None
    assert organisation.emergency is not None
    return list(organisation.emergency.locations)


@pytest.fixture
def writer(database: Database) -> Process:
    process = Process(database)
    process.administration.replace(WHOLE, by=OLIVE)
    return process


def test_a_location_that_was_added_does_not_become_the_first_at_the_next_start(
    writer: Process, database: Database
) -> None:
    """The first one is told in emergency calls of who says no place (SPEC 9.2)."""
    added = ["annex", "barn", "aa", "yard", "hall", "zoo", "den", "cafe", "mill"]
    writer.edit({}, ANNEX)
    writer.edit({("location", name): PLACE for name in added})
    assert places(writer) == places(Process(database)) == ["hq", *added]


def test_an_entry_that_comes_back_is_where_everybody_has_it(
    writer: Process, database: Database
) -> None:
    follower = Process(database)
    places(follower)
    writer.edit({BARN: PLACE, ANNEX: {**PLACE, "elin": "+14255550117"}})
    writer.edit({}, HQ)
    writer.edit({HQ: PLACE})
    assert places(writer) == places(Process(database)) == places(follower)


def test_an_order_that_is_taken_back_is_taken_back(writer: Process, database: Database) -> None:
    order = (ORDER, "emergency.locations")
    writer.edit({}, order)
    writer.edit({order: ["annex", "hq"]})
    assert places(writer) == places(Process(database)) == ["annex", "hq"]
    writer.edit({}, order)
    assert places(writer) == places(Process(database)) == ["hq", "annex"]


def apply_export(process: Process, folder: Path) -> Applied:
    file = folder / "exported.yaml"
    file.write_text(export_organisation(process.now.entities), encoding="utf-8")
    return process.administration.replace(read_organisation(file), by=OLIVE)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        (("licences", "licences"), {"phone-system": {"seats": 9}, **FEW}),
        (("sign_in", "sign_in"), {"url": "https://phone.contoso.test/"}),
        (("shield", "shield"), {}),
        (("shared-voicemail", "a"), {"email": None}),
        (("user", "dave"), {"name": "Dave", "sip": None, "location": None, "profile": {}}),
        (("group", "support-team"), {"members": ["bob"], "policies": {"calling": None}}),
        (("dial-plan", "a"), [{"name": "n", "pattern": r"^(\d)$", "to": "+1$1"}]),
        (("calling-plan", "sbcs"), ["sbc2"]),
        (("sbc", "sbc1"), {"address": "127.0.0.1:5080", "failover": {"after_s": 3.0}}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_an_export_of_what_programs_wrote_is_read_and_changes_nothing(
    writer: Process, database: Database, address: EntityKey, written: Any, tmp_path: Path
) -> None:
    """Programs send null for what is not there, which no file may have."""
    writer.edit({address: written})
    revision = writer.now.revision
    applied = apply_export(writer, tmp_path)
    assert (applied.changes, applied.revision) == ((), revision)
    assert writer.now.etag(*address) == Process(database).now.etag(*address)


def test_nothing_is_no_settings(writer: Process) -> None:
    with pytest.raises(EditRefused, match="sign: is empty; write its settings, or"):
        writer.edit({("stir", "sign"): None})


def test_locations_are_no_part_of_emergency(writer: Process, database: Database) -> None:
    emergency = {"numbers": ["911"], "route": {"sbcs": ["sbc1"]}}
    with pytest.raises(EditRefused, match="locations: are entries of their own"):
        writer.edit({("emergency", "emergency"): {**emergency, "locations": {"q": PLACE}}})
    writer.edit({("emergency", "emergency"): {**emergency, "locations": {}}})
    assert places(writer) == places(Process(database)) == ["hq", "annex"]
