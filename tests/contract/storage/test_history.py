"""Every edit has a history, which others follow and which can be taken back; on both databases."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue
from sqlalchemy import text

import callwright
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration, EditConflict
from callwright.operations.configuration import Edit, EditRefused
from callwright.operations.history import HistoryFilter, Rewinder
from callwright.operations.organisation_file import read_organisation, to_entities
from callwright.operations.organisation_file.entities import EntityKey
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database, DatabaseError
from callwright.storage.history import StoredHistory

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
OLIVE, TOKEN = Actor("account", "olive@contoso.test"), Actor("token", "payroll")
ALICE, DAVE, ZOE = ("user", "alice"), ("user", "dave"), ("user", "zoe")
FILE = Path(callwright.__file__).parent / "examples/contoso.yaml"
CONTOSO = read_organisation(FILE)
ENTITIES = to_entities(CONTOSO)


class Office:
    """One process that administers, and the means to take back."""

    def __init__(self, database: Database) -> None:
        self.administration = Administration(StoredConfiguration(database, utc=lambda: AT))
        self.history = StoredHistory(database)
        self.rewinder = Rewinder(self.administration, self.history)

    def edit(
        self,
        upserts: Mapping[EntityKey, JsonValue],
        *removals: EntityKey,
        by: Actor = OLIVE,
        why: str | None = None,
    ) -> int:
        return self.administration.change(Edit(upserts, removals), by=by, why=why).revision

    def settings(self, address: EntityKey) -> dict[str, Any]:
        value = self.administration.current().entities[address]
        assert isinstance(value, dict)
        return dict(value)


@pytest.fixture
def office(database: Database) -> Office:
    made = Office(database)
    made.administration.replace(CONTOSO, by=OLIVE, why="the first day")
    return made


def test_an_entry_says_who_when_why_and_what(office: Office) -> None:
    alice = office.settings(ALICE)
    new = {**alice, "name": "Alice Brown", "sip": {"password": "another-secret"}}
    assert office.edit({ALICE: new}, by=TOKEN, why="she married") == 2
    (entry,) = office.history.page(HistoryFilter(revision=2), before=None, limit=10)
    assert (entry.at, entry.by, entry.why) == (AT, TOKEN, "she married")
    assert (entry.before, entry.after) == (alice, new)
    assert entry.change is not None
    assert str(entry.change) == "~ user alice"
    assert list(map(str, entry.change.fields)) == [
        "name: Alice Adams -> Alice Brown",
        "sip.password: (secret) -> (another secret)",
    ]


def test_pages_go_back_to_the_first_edit(office: Office) -> None:
    for number in range(5):
        office.edit({DAVE: {**office.settings(DAVE), "name": f"Dave {number}"}}, by=TOKEN)
    wanted = HistoryFilter(kind="user", key="dave")
    first = office.history.page(wanted, before=None, limit=4)
    rest = office.history.page(wanted, before=first[-1].number, limit=4)
    assert [entry.revision for entry in (*first, *rest)] == [6, 5, 4, 3, 2, 1]
    assert len(office.history.page(HistoryFilter(actor="payroll"), before=None, limit=9)) == 5
    late = HistoryFilter(since=AT + timedelta(microseconds=1))
    assert office.history.page(late, before=None, limit=9) == []
    assert len(office.history.page(HistoryFilter(until=AT), before=None, limit=9)) == 0


def test_two_processes_follow_each_other(
    office: Office, open_again: Callable[[], Database]
) -> None:
    other = Office(open_again())
    kept = other.administration.current().organisation
    assert kept is not None
    office.edit({ZOE: {"name": "Zoe"}}, ALICE_NOTIFIED_NO_MORE, by=TOKEN)
    seen = other.administration.current()
    assert seen.revision == 2
    assert seen.entities == office.administration.current().entities
    assert seen.organisation is not None
    assert seen.organisation.users["zoe"].name == "Zoe"
    assert seen.organisation.users["bob"] is kept.users["bob"]
    other.edit({}, ZOE)
    assert ZOE not in office.administration.current().entities


ALICE_NOTIFIED_NO_MORE = ("shared-voicemail", "unused")
"""Removing what is not there is nothing."""


def test_who_looked_before_somebody_elses_edit_is_told(
    office: Office, open_again: Callable[[], Database]
) -> None:
    other = Office(open_again())
    etag = other.administration.current().etag(*DAVE)
    office.edit({DAVE: {**office.settings(DAVE), "name": "David"}})
    with pytest.raises(EditConflict, match="user dave was changed meanwhile"):
        other.administration.change(Edit({DAVE: {"name": "D"}}), by=TOKEN, expected={DAVE: etag})
    with pytest.raises(EditConflict):
        other.administration.change(Edit({DAVE: {"name": "D"}}), by=TOKEN, expected={DAVE: None})
    applied = other.administration.change(
        Edit({ZOE: {"name": "Z"}}), by=TOKEN, expected={ZOE: None}
    )
    assert applied.revision == 3


def test_a_dry_run_tells_what_would_change(office: Office) -> None:
    applied = office.administration.change(
        Edit({ZOE: {"name": "Zoe"}}, [DAVE]), by=OLIVE, dry_run=True
    )
    assert (applied.revision, list(map(str, applied.changes))) == (1, ["- user dave", "+ user zoe"])
    assert ZOE not in office.administration.current().entities


def test_what_is_written_beside_an_edit_stands_or_falls_with_it(
    office: Office, database: Database
) -> None:
    def noted(connection: Any, _: object = None) -> None:
        connection.execute(text("INSERT INTO ledger_hold VALUES ('beside')"))

    def holds() -> int:
        with database.reading() as connection:
            return int(connection.execute(text("SELECT count(*) FROM ledger_hold")).scalar_one())

    def broken(connection: Any, _: object) -> None:
        noted(connection)
        connection.execute(text("SELECT 1 FROM nowhere"))

    with pytest.raises(DatabaseError):
        office.administration.change(Edit({ZOE: {"name": "Z"}}), by=OLIVE, beside=[broken])
    assert (ZOE in office.administration.current().entities, holds()) == (False, 0)
    office.administration.change(Edit({ZOE: {"name": "Z"}}), by=OLIVE, beside=[noted])
    assert (ZOE in office.administration.current().entities, holds()) == (True, 1)


def test_an_edit_is_taken_back(office: Office) -> None:
    before = dict(office.administration.current().entities)
    dave = office.settings(DAVE)
    office.edit({ZOE: {"name": "Zoe"}, DAVE: {**dave, "name": "David"}}, ("user", "erin"))
    applied = office.rewinder.undo(2, by=TOKEN, now=AT)
    assert applied.revision == 3
    assert dict(office.administration.current().entities) == before
    entry = office.history.last_change_of(DAVE)
    assert entry is not None
    assert (entry.by, entry.why, entry.undoes) == (TOKEN, "undo of revision 2", 2)
    office.rewinder.undo(3, by=OLIVE, now=AT)
    assert office.settings(DAVE)["name"] == "David"


def test_an_edit_that_others_built_on_is_not_taken_back(office: Office) -> None:
    dave = office.settings(DAVE)
    office.edit({DAVE: {**dave, "name": "David"}, ZOE: {"name": "Zoe"}})
    office.edit({DAVE: {**dave, "name": "Davy"}}, by=TOKEN)
    with pytest.raises(EditRefused, match=r"user.dave: .* in revision 3 by payroll \(token\)"):
        office.rewinder.undo(2, by=OLIVE, now=AT)
    assert ZOE in office.administration.current().entities


def test_what_an_undo_would_break_is_refused(office: Office) -> None:
    office.edit({ZOE: {"name": "Zoe"}})
    group = ("group", "support-team")
    members = office.settings(group)["members"]
    office.edit({group: {**office.settings(group), "members": [*members, "zoe"]}})
    with pytest.raises(EditRefused, match="there is no user 'zoe'"):
        office.rewinder.undo(2, by=OLIVE, now=AT)


def test_after_thirty_days_it_is_too_late(office: Office) -> None:
    office.edit({ZOE: {"name": "Zoe"}})
    with pytest.raises(EditRefused, match="older than 30 days"):
        office.rewinder.undo(2, by=OLIVE, now=AT + timedelta(days=30, seconds=1))
    office.rewinder.undo(2, by=OLIVE, now=AT + timedelta(days=30))
    with pytest.raises(EditRefused, match="there is no revision 9"):
        office.rewinder.undo(9, by=OLIVE, now=AT)


def test_a_rollback_gives_back_the_whole_of_a_former_day(office: Office) -> None:
    then = dict(office.administration.current().entities)
    office.edit({ZOE: {"name": "Zoe"}})
    office.edit({ZOE: {"name": "Zoë"}, DAVE: {**office.settings(DAVE), "name": "David"}})
    office.edit({}, ("user", "erin"))
    assert list(map(str, office.rewinder.difference(1, 4))) == [
        "~ user dave", "- user erin", "+ user zoe",
    ]  # fmt: skip
    assert list(map(str, office.rewinder.difference(2, 3))) == ["~ user dave", "~ user zoe"]
    assert office.rewinder.rollback(1, by=OLIVE, dry_run=True).revision == 4
    assert office.rewinder.rollback(1, by=OLIVE).revision == 5
    assert dict(office.administration.current().entities) == then
    for unknown in (-1, 9):
        with pytest.raises(EditRefused, match="name one of 0 to 5"):
            office.rewinder.rollback(unknown, by=OLIVE)


def test_nothing_can_be_rolled_back_to_before_the_history(office: Office) -> None:
    """Of a database of an earlier version, or to no organisation at all."""
    with pytest.raises(EditRefused, match="cannot be removed"):
        office.rewinder.rollback(0, by=OLIVE)
