"""`callwright accounts` and `callwright tokens`, on the data itself."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from callwright.cli.access import first_sign_in
from callwright.cli.main import app
from callwright.storage.access_events import AccessEvents
from callwright.storage.database import Database


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Database.open(tmp_path).close()
    return tmp_path


def command(data: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--data", str(data)])


def test_an_account_is_made_with_a_link_and_no_password(data: Path) -> None:
    made = command(
        data, "accounts", "create", "Olga", "--role", "owner", "--url", "https://pbx.test"
    )
    assert made.exit_code == 0, made.output
    assert "sign in: https://pbx.test/sign-in#cwl_" in made.stdout
    (listed,) = json.loads(command(data, "accounts", "list", "--json").stdout)
    assert (listed["name"], listed["roles"], listed["signed_in_at"]) == ("olga", ["owner"], None)
    assert "olga" in command(data, "accounts").stdout


def test_who_is_locked_out_gets_a_link(data: Path) -> None:
    command(data, "accounts", "create", "olga", "--role", "owner")
    assert "#cwl_" in command(data, "accounts", "link", "OLGA").stdout
    unknown = command(data, "accounts", "link", "eve")
    assert unknown.exit_code == 1
    assert "there is no account 'eve'; see `callwright accounts`" in unknown.stderr


def test_an_account_is_disabled_but_not_the_last_owner(data: Path) -> None:
    command(data, "accounts", "create", "olga", "--role", "owner")
    command(data, "accounts", "create", "bob", "--role", "user")
    assert command(data, "accounts", "disable", "bob").exit_code == 0
    assert "disabled" in command(data, "accounts", "list").stdout
    refused = command(data, "accounts", "disable", "olga")
    assert (refused.exit_code, "last owner" in refused.stderr) == (1, True)
    assert command(data, "accounts", "link", "bob").exit_code == 1


def test_a_wrong_word_is_named(data: Path) -> None:
    refused = command(data, "accounts", "create", "bob", "--role", "emperor")
    assert refused.exit_code == 1
    assert "roles: 'emperor' is no role; use owner, administrator" in refused.stderr
    assert "'nobody'" in command(data, "accounts", "create", "bob", "--user", "nobody").stderr


def test_a_token_is_printed_once(data: Path) -> None:
    made = command(data, "tokens", "create", "backup", "--permission", "users:read")
    token = made.stdout.strip()
    assert token.startswith("cw_")
    (listed,) = json.loads(command(data, "tokens", "list", "--json").stdout)
    assert token.rpartition("_")[2] not in json.dumps(listed)
    assert listed["permissions"] == ["users:read"]
    assert command(data, "tokens", "revoke", listed["id"]).exit_code == 0
    assert "revoked" in command(data, "tokens").stdout
    assert command(data, "tokens", "revoke", listed["id"]).exit_code == 1


def test_what_was_done_stands_in_the_log(data: Path) -> None:
    command(data, "accounts", "create", "olga", "--role", "owner")
    with closing(Database.open(data)) as database:
        events = AccessEvents(database).newest(before=None, limit=9)
    assert [event.act for _, event in events] == ["link.made", "account.made"]
    assert {event.by.kind for _, event in events} == {"local"}


def test_a_new_system_is_entered_by_a_link(data: Path) -> None:
    with closing(Database.open(data)) as database:
        first = first_sign_in(database, "http://127.0.0.1:8080")
    assert first is not None
    assert first.startswith("http://127.0.0.1:8080/sign-in#cwl_")
    command(data, "accounts", "create", "olga", "--role", "owner")
    with closing(Database.open(data)) as database:
        assert first_sign_in(database, "http://127.0.0.1:8080") is None
