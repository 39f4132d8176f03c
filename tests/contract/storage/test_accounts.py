"""Accounts, sessions, links and tokens, in each database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callwright.domains.access.account import Account, ApiToken, Identity, Session
from callwright.domains.access.model import Permission
from callwright.kernel.ids import UserId
from callwright.kernel.limits.access import API_TOKEN_MEMORY_S, SESSIONS_PER_ACCOUNT_MAX
from callwright.operations.access.store import Event, NameTaken
from callwright.operations.actor import Actor
from callwright.storage.access_events import AccessEvents
from callwright.storage.access_tables import ACCESS_EVENT
from callwright.storage.accounts import StoredAccounts
from callwright.storage.api_tokens import StoredTokens
from callwright.storage.database import Database
from callwright.storage.faults import DatabaseError

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
MADE = Event(AT, Actor("local", "root"), "account.made", "alice")
ALICE = Account(
    id="a1",
    name="alice",
    display_name="Alice",
    email="alice@contoso.test",
    user=UserId("alice"),
    roles=("owner", "user"),
    password_hash="$argon2id$...",
    identity=Identity("https://login.test", "00u1"),
    made_at=AT,
)


@pytest.fixture
def accounts(database: Database) -> StoredAccounts:
    kept = StoredAccounts(database)
    kept.add(ALICE, MADE)
    return kept


def session(hash: str, *, used_at: datetime = AT) -> Session:
    return Session(
        hash=hash, account="a1", method="password", source="::1", began_at=AT, used_at=used_at
    )


def token(id: str, *, account: str | None) -> ApiToken:
    return ApiToken(
        id=id,
        hash=f"hash of {id}",
        name="backup",
        account=account,
        permissions=frozenset({Permission.USERS_READ}),
        made_at=AT,
        expires_at=AT + timedelta(days=1),
    )


def test_an_account_is_found_by_all_that_names_it(accounts: StoredAccounts) -> None:
    assert accounts.account("a1") == ALICE
    assert accounts.named("alice") == ALICE
    assert accounts.of_email("alice@contoso.test") == ALICE
    assert accounts.of_identity(Identity("https://login.test", "00u1")) == ALICE
    assert accounts.of_identity(Identity("https://other.test", "00u1")) is None
    assert accounts.named("nobody") is None
    assert accounts.count() == 1


@pytest.mark.parametrize(
    "same",
    [
        {"name": "alice"},
        {"email": "alice@contoso.test"},
        {"identity": Identity("https://login.test", "00u1")},
    ],
)
def test_no_two_accounts_have_the_same_name_mail_or_identity(
    accounts: StoredAccounts, same: dict[str, object]
) -> None:
    bob = replace(ALICE, id="b1", name="bob", email=None, identity=None)
    with pytest.raises(NameTaken):
        accounts.add(replace(bob, **same), MADE)  # type: ignore[arg-type]
    assert accounts.count() == 1
    accounts.add(bob, MADE)
    after = replace(bob, **same)  # type: ignore[arg-type]
    with pytest.raises(NameTaken):
        accounts.replace(after, MADE, seen=bob, ends_sessions=False)
    assert accounts.named("bob") == bob


def test_lists_are_by_name_and_in_parts(accounts: StoredAccounts) -> None:
    for name in ("carol", "bob"):
        accounts.add(replace(ALICE, id=name, name=name, email=None, identity=None), MADE)
    assert [a.name for a in accounts.accounts(limit=2)] == ["alice", "bob"]
    assert [a.name for a in accounts.accounts(after="bob", limit=2)] == ["carol"]


def test_another_password_ends_sessions_and_links(accounts: StoredAccounts) -> None:
    accounts.begin_session(session("s1"), MADE)
    accounts.add_link("l1", "a1", AT + timedelta(minutes=5), MADE)
    after = replace(ALICE, password_hash="other", signed_in_at=AT)
    accounts.replace(after, MADE, seen=ALICE, ends_sessions=False)
    assert accounts.session("s1") == (session("s1"), accounts.account("a1"))
    accounts.replace(after, MADE, seen=ALICE, ends_sessions=True)
    assert accounts.session("s1") is None
    assert accounts.take_link("l1", AT) is None


def test_who_begins_many_sessions_keeps_those_he_used_last(accounts: StoredAccounts) -> None:
    for number in range(SESSIONS_PER_ACCOUNT_MAX + 3):
        used_at = AT + timedelta(minutes=number)
        accounts.begin_session(session(f"s{number:02}", used_at=used_at), MADE)
    kept = [each.hash for each in accounts.sessions("a1")]
    assert len(kept) == SESSIONS_PER_ACCOUNT_MAX
    assert kept[-1] == "s03"


def test_a_touched_session_is_used_later(accounts: StoredAccounts) -> None:
    accounts.begin_session(session("s1"), MADE)
    accounts.touch_session("s1", AT + timedelta(minutes=9))
    assert accounts.sessions("a1")[0].used_at == AT + timedelta(minutes=9)
    accounts.end_session("s1")
    assert accounts.sessions("a1") == []


def test_a_link_works_once_also_for_two_at_the_same_time(
    accounts: StoredAccounts, open_again: Callable[[], Database]
) -> None:
    accounts.add_link("l1", "a1", AT + timedelta(minutes=5), MADE)
    processes = [StoredAccounts(open_again()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda each: each.take_link("l1", AT), processes))
    assert sorted(map(str, taken)) == ["None", "None", "None", "a1"]


def test_a_link_ends_by_time_and_by_the_next_one(accounts: StoredAccounts) -> None:
    accounts.add_link("l1", "a1", AT, MADE)
    assert accounts.take_link("l1", AT) is None
    accounts.add_link("l2", "a1", AT + timedelta(minutes=5), MADE)
    accounts.add_link("l3", "a1", AT + timedelta(minutes=5), MADE)
    assert accounts.take_link("l2", AT) is None
    assert accounts.take_link("l3", AT) == "a1"


def test_a_code_counts_once_also_for_two_at_the_same_time(
    accounts: StoredAccounts, open_again: Callable[[], Database]
) -> None:
    accounts.enrol("a1", "SECRET", ["r1", "r2"], MADE)
    processes = [StoredAccounts(open_again()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda each: each.take_step("a1", 7), processes)) == 1
        assert sum(pool.map(lambda each: each.take_recovery("a1", "r1"), processes)) == 1
    assert not accounts.take_step("a1", 6)
    found = accounts.account("a1")
    assert found is not None
    assert (found.totp_secret, found.totp_step) == ("SECRET", 7)


def test_changing_an_account_leaves_its_second_factor(accounts: StoredAccounts) -> None:
    accounts.enrol("a1", "SECRET", ["r1"], MADE)
    accounts.take_step("a1", 7)
    after = replace(ALICE, display_name="A.")
    accounts.replace(after, MADE, seen=ALICE, ends_sessions=True)
    found = accounts.account("a1")
    assert found is not None
    assert (found.display_name, found.totp_secret, found.totp_step) == ("A.", "SECRET", 7)


def test_a_token_is_found_with_who_made_it(database: Database, accounts: StoredAccounts) -> None:
    tokens = StoredTokens(database)
    tokens.add(token("t1", account="a1"), MADE)
    tokens.add(token("t2", account=None), MADE)
    assert tokens.find("hash of t1") == (token("t1", account="a1"), ALICE)
    assert tokens.find("hash of t2") == (token("t2", account=None), None)
    assert tokens.find("another") is None
    tokens.touch("t1", AT)
    assert [each.used_at for each in tokens.tokens(limit=9)] == [AT, None]


def test_tokens_that_ended_long_ago_are_forgotten(
    database: Database, accounts: StoredAccounts
) -> None:
    tokens = StoredTokens(database)
    tokens.add(token("t1", account=None), MADE)
    assert (tokens.count(AT), tokens.count(AT + timedelta(days=2))) == (1, 0)
    later = AT + timedelta(seconds=API_TOKEN_MEMORY_S, days=2)
    fresh = replace(token("t2", account=None), made_at=later, expires_at=later + timedelta(days=1))
    tokens.add(fresh, MADE)
    assert [each.id for each in tokens.tokens(limit=9)] == ["t2"]


def test_a_token_is_revoked_once(database: Database, accounts: StoredAccounts) -> None:
    tokens = StoredTokens(database)
    tokens.add(token("t1", account="a1"), MADE)
    assert tokens.revoke("t1", AT, MADE)
    assert not tokens.revoke("t1", AT, MADE)
    assert [each.holds(AT) for each in tokens.tokens(limit=9)] == [False]


def test_who_is_removed_leaves_nothing_but_history(
    database: Database, accounts: StoredAccounts
) -> None:
    tokens = StoredTokens(database)
    tokens.add(token("t1", account="a1"), MADE)
    accounts.begin_session(session("s1"), MADE)
    accounts.enrol("a1", "SECRET", ["r1"], MADE)
    accounts.remove("a1", replace(MADE, act="account.removed"))
    assert accounts.session("s1") is None
    assert tokens.find("hash of t1") is None
    newest = AccessEvents(database).newest(before=None, limit=1)
    assert newest[0][1].act == "account.removed"


def test_history_is_told_in_parts_and_cannot_be_changed(
    database: Database, accounts: StoredAccounts
) -> None:
    events = AccessEvents(database)
    accounts.begin_session(session("s1"), replace(MADE, act="signed-in"))
    (last, newest), (first, oldest) = events.newest(before=None, limit=9)
    assert (newest.act, oldest) == ("signed-in", MADE)
    assert events.newest(before=last, limit=9) == [(first, MADE)]
    for statement in (ACCESS_EVENT.delete(), ACCESS_EVENT.update().values(actor="nobody")):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            database.writing() as connection,
        ):
            connection.execute(statement)
