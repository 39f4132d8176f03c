"""Entities as rows: what was applied comes back, in its order, and the revision tells."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pydantic import JsonValue
from sqlalchemy import text

from callwright.kernel.money import Money
from callwright.operations.revision import RevisionConflict
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database, DatabaseError
from callwright.storage.ledger import Ledger

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
ALICE, BOB, CAROL = ("user", "alice"), ("user", "bob"), ("user", "carol")
SALES = ("queue", "sales")

SETTINGS: dict[tuple[str, str], JsonValue] = {
    BOB: {"name": "Bob", "numbers": ["+14255550102"]},
    ALICE: {"name": "Älice", "answering": {"delay_s": 20, "unanswered": None}, "weight": 1.5},
    SALES: {"agents": ["bob", "alice"], "open": True},
}


@pytest.fixture
def configuration(database: Database) -> StoredConfiguration:
    return StoredConfiguration(database, utc=lambda: AT)


def apply(
    configuration: StoredConfiguration,
    upserts: dict[tuple[str, str], JsonValue],
    removals: tuple[tuple[str, str], ...] = (),
) -> int:
    return configuration.apply(
        upserts,
        removals,
        expected_revision=configuration.revision(),
        opening_balance=None,
    )


def test_before_the_first_apply_there_is_nothing(configuration: StoredConfiguration) -> None:
    assert configuration.revision() == 0
    assert configuration.load() == (0, {})


def test_what_was_applied_comes_back_in_its_order(
    configuration: StoredConfiguration, open_again: Callable[[], Database]
) -> None:
    assert apply(configuration, SETTINGS) == 1
    revision, loaded = StoredConfiguration(open_again(), utc=lambda: AT).load()
    assert (revision, loaded) == (1, SETTINGS)
    assert list(loaded) == [BOB, ALICE, SALES]


def test_the_same_again_changes_nothing(configuration: StoredConfiguration) -> None:
    apply(configuration, SETTINGS)
    assert apply(configuration, SETTINGS) == 1
    assert configuration.revision() == 1


def test_a_changed_entity_keeps_its_place_and_a_new_one_comes_last(
    configuration: StoredConfiguration,
) -> None:
    apply(configuration, SETTINGS)
    assert apply(configuration, {BOB: {"name": "Robert"}, CAROL: {"name": "Carol"}}) == 2
    _, loaded = configuration.load()
    assert list(loaded) == [BOB, ALICE, SALES, CAROL]
    assert loaded[BOB] == {"name": "Robert"}
    assert loaded[ALICE] == SETTINGS[ALICE]


def test_removed_entities_are_gone_and_the_others_keep_their_order(
    configuration: StoredConfiguration,
) -> None:
    apply(configuration, SETTINGS)
    assert apply(configuration, {CAROL: {}}, removals=(ALICE,)) == 2
    assert list(configuration.load()[1]) == [BOB, SALES, CAROL]
    assert apply(configuration, {}, removals=(ALICE,)) == 2


def test_the_order_inside_an_entity_is_kept(configuration: StoredConfiguration) -> None:
    apply(configuration, {SALES: {"z": 1, "a": 2}})
    loaded = configuration.load()[1][SALES]
    assert isinstance(loaded, dict)
    assert list(loaded) == ["z", "a"]


def test_who_planned_on_an_older_revision_is_refused(configuration: StoredConfiguration) -> None:
    apply(configuration, SETTINGS)
    with pytest.raises(RevisionConflict, match="at revision 1, this was planned at 0"):
        configuration.apply(
            {CAROL: {}}, (), expected_revision=0, opening_balance=Money(1_000_000, "USD")
        )
    assert CAROL not in configuration.load()[1]


def test_the_opening_balance_is_posted_with_the_first_apply_only(
    configuration: StoredConfiguration, database: Database
) -> None:
    five, nine = Money(5_000_000, "USD"), Money(9_000_000, "USD")
    configuration.apply(SETTINGS, (), expected_revision=0, opening_balance=five)
    configuration.apply({CAROL: {}}, (), expected_revision=1, opening_balance=nine)
    entries = Ledger(database).entries(limit=10)
    assert [(entry.key, entry.amount, entry.at) for entry in entries] == [
        ("opening-balance", five, AT)
    ]


def test_another_currency_than_the_wallets_is_refused_whole(
    configuration: StoredConfiguration,
) -> None:
    configuration.apply(SETTINGS, (), expected_revision=0, opening_balance=Money(5, "USD"))
    with pytest.raises(DatabaseError, match="the wallet holds USD"):
        configuration.apply({CAROL: {}}, (), expected_revision=1, opening_balance=Money(5, "EUR"))
    assert configuration.load() == (1, SETTINGS)


def test_the_difference_since_a_revision_is_told_with_what_is_there_now(
    configuration: StoredConfiguration,
) -> None:
    apply(configuration, SETTINGS)
    apply(configuration, {BOB: {"name": "Robert"}, CAROL: {"name": "Carol"}})
    apply(configuration, {BOB: {"name": "Bert"}}, removals=(SALES,))
    assert configuration.changed_since(3) == (3, {})
    assert configuration.changed_since(2) == (3, {BOB: {"name": "Bert"}, SALES: None})
    assert configuration.changed_since(1) == (
        3,
        {BOB: {"name": "Bert"}, CAROL: {"name": "Carol"}, SALES: None},
    )


def test_a_difference_that_is_too_large_is_not_told(
    configuration: StoredConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callwright.storage.configuration.CONFIGURATION_FOLLOWED_MAX", 2)
    apply(configuration, {BOB: {}, ALICE: {}})
    assert configuration.changed_since(0) is not None
    apply(configuration, SETTINGS)
    assert configuration.changed_since(0) is None


def test_a_history_that_begins_later_tells_no_difference_from_before(
    configuration: StoredConfiguration, database: Database
) -> None:
    """As in a database of an earlier version."""
    with database.writing() as connection:
        connection.execute(text("UPDATE configuration_revision SET revision = 4"))
    apply(configuration, SETTINGS)
    assert configuration.changed_since(3) is None
    told = configuration.changed_since(4)
    assert told is not None
    assert told[0] == 5


def test_many_entities_at_once(configuration: StoredConfiguration) -> None:
    """More than one query may ask for."""
    many: dict[tuple[str, str], JsonValue] = {("user", f"u{n}"): {"n": n} for n in range(1_001)}
    assert apply(configuration, many) == 1
    assert apply(configuration, many) == 1
    assert apply(configuration, {**many, ("user", "u7"): {}}, removals=(("user", "u8"),)) == 2
    assert configuration.changed_since(1) == (2, {("user", "u7"): {}})


@pytest.mark.parametrize("act", ["DELETE FROM", "UPDATE"])
def test_nobody_rewrites_the_history(
    configuration: StoredConfiguration, database: Database, act: str
) -> None:
    apply(configuration, SETTINGS)
    end = " SET actor = 'nobody'" if act == "UPDATE" else ""
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as connection:
        connection.execute(text(f"{act} configuration_change{end}"))
