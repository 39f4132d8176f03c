"""Whoever administers the directory cannot lock out the last owner who can sign in."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.api.access.access_scene import LOCAL, PASSWORD

from callwright.cli.access import desk_on
from callwright.domains.access.account import Account
from callwright.operations.access.accounts import Wanted, change_account, make_account
from callwright.operations.access.desk import AccessDesk
from callwright.operations.actor import SYSTEM, Actor
from callwright.operations.administration import Administration
from callwright.operations.configuration import Edit, EditRefused
from callwright.operations.organisation_file.entities import from_entities
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.system import System

PROFILE = {
    "name": "Contoso", "domain": "contoso.test", "country": "US", "timezone": "UTC",
    "language": "en-US",
}  # fmt: skip
SCIM = Actor("scim", "entra")
OLGA = ("user", "olga")
SAID = "users.olga: olga, whose account this is, is the last owner who can sign in"


class Place:
    """A system with the users olga, who is its owner, and otto."""

    def __init__(self, system: System, desk: AccessDesk, administration: Administration) -> None:
        self.desk = desk
        self.administration = administration
        people = {("user", name): {"name": name.title()} for name in ("olga", "otto")}
        first: Any = {("organisation", "organisation"): PROFILE, **people}
        administration.change(Edit(first), by=SYSTEM)
        self.owner("olga")

    def owner(self, name: str, *, password: str | None = PASSWORD) -> Account:
        wanted = Wanted(name=name, user=name, roles=["owner"], password=password)
        return make_account(self.desk, wanted, by=LOCAL, knows_user=lambda key: True)

    def leave(self, name: str = "olga", *, by: Actor = SCIM) -> None:
        edit = Edit({("user", name): {"name": name.title(), "enabled": False}})
        self.administration.change(edit, by=by)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with (
        closing(System.open(tmp_path)) as system,
        closing(system.open_first()) as database,
    ):
        stored = StoredConfiguration(database, utc=lambda: datetime(2026, 3, 1, tzinfo=UTC))
        yield Place(system, desk_on(database), Administration(stored, system.outside(None)))


def test_the_last_owners_user_is_neither_disabled_nor_removed(place: Place) -> None:
    with pytest.raises(EditRefused, match=SAID):
        place.leave()
    with pytest.raises(EditRefused, match=SAID):
        place.administration.change(Edit(removals=[OLGA]), by=Actor("account", "anna"))
    entities = dict(place.administration.current().entities)
    del entities[OLGA]
    with pytest.raises(EditRefused, match=SAID):
        place.administration.replace(from_entities(entities), by=Actor("account", "anna"))
    assert OLGA in place.administration.current().entities
    place.leave("otto")


def test_another_owner_must_be_able_to_sign_in(place: Place) -> None:
    otto = place.owner("otto", password=None)
    with pytest.raises(EditRefused, match=SAID):
        place.leave()
    wanted = Wanted(password=PASSWORD)
    change_account(place.desk, otto.id, wanted, by=LOCAL, knows_user=lambda key: True)
    place.leave()
    with pytest.raises(EditRefused, match=r"users\.otto"):
        place.leave("otto")


def test_both_do_not_leave_at_once(place: Place) -> None:
    place.owner("otto")
    edit = Edit(removals=[OLGA, ("user", "otto")])
    with pytest.raises(EditRefused) as refused:
        place.administration.change(edit, by=SCIM)
    assert [problem.path for problem in refused.value.problems] == [
        ("users", "olga"), ("users", "otto"),
    ]  # fmt: skip


def test_who_may_open_the_data_directory_may_do_so_and_make_a_link(place: Place) -> None:
    place.leave(by=Actor("local", "root"))


def test_an_organisation_without_an_owner_goes_on(place: Place) -> None:
    place.leave(by=Actor("local", "root"))
    place.leave("otto")
