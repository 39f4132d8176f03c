"""Verbs that are the same for everything the API keeps in collections."""

import json
import os
from pathlib import Path

import pytest
from tests.interop.process import callwright as program
from typer.testing import CliRunner, Result

import callwright
from callwright.api.entity_kinds import entity_kinds
from callwright.cli.collections import COLLECTIONS, USERS
from callwright.cli.main import app

CONTOSO = Path(callwright.__file__).parent / "examples" / "contoso.yaml"


def command(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    place = tmp_path / "data"
    assert command("apply", CONTOSO, "--data", place).exit_code == 0
    return place


def test_each_group_of_commands_is_a_collection_of_the_api() -> None:
    kinds = entity_kinds()
    assert all(kinds[each.kind].collection == each.path for each in (USERS, *COLLECTIONS))


def test_entries_are_listed_shown_changed_added_and_removed(data: Path) -> None:
    at = ("--data", data)
    listed = json.loads(command("users", "list", "--filter", "key:b*", "--json", *at).stdout)
    assert [each["key"] for each in listed] == ["bob"]
    assert "+14255550102" in command("users", "list", "--search", "brown", *at).stdout
    shown = command("users", "show", "bob", *at).stdout
    assert "name: Bob Brown" in shown
    assert "bob-secret" not in shown

    fields = ("alert_s:=20", "greeting.say=Hello: there")
    changed = command("queues", "set", "support", *fields, "--why", "slow agents", *at)
    assert changed.stdout == "call queue support is changed\n"
    queue = json.loads(command("queues", "show", "support", "--json", *at).stdout)
    assert (queue["alert_s"], queue["greeting"]) == (20, {"say": "Hello: there"})
    assert "slow agents" in command("history", "--limit", 1, *at).stdout

    added = command("users", "add", "zed", "name=Zed", "extension=199", *at)
    assert added.stdout == "user zed is added\n"
    again = command("users", "add", "zed", "name=Zed", *at)
    assert (again.exit_code, "it is there already" in again.stderr) == (1, True)
    unasked = command("users", "remove", "zed", *at)
    assert (unasked.exit_code, "add --yes" in unasked.stderr) == (1, True)
    assert command("users", "remove", "zed", "--yes", *at).stdout == "user zed is removed\n"
    missing = command("users", "remove", "zed", "--yes", *at)
    assert "there is no user 'zed'" in missing.stderr


def test_callbacks_are_listed_here_and_cancelled_where_a_server_runs(data: Path) -> None:
    assert json.loads(command("queues", "callbacks", "--json", "--data", data).stdout) == []
    refused = command("queues", "cancel-callback", "call_1", "--data", data)
    assert (refused.exit_code, "say --server" in refused.stderr) == (1, True)


def test_a_number_that_goes_with_a_licence_is_told(data: Path) -> None:
    changed = command("users", "set", "alice", "licences:=[]", "--data", data)
    caution = "caution: users.alice.number: +14255550101 goes with the licence that it needs"
    assert caution in changed.stdout
    quiet = command("users", "set", "bob", "licences:=[]", "--json", "--data", data)
    assert "number" not in json.loads(quiet.stdout)
    assert "caution: users.bob.number: +14255550102" in quiet.stderr


def test_a_mistake_names_the_field_and_the_remedy(data: Path) -> None:
    refused = command("queues", "set", "support", "alert_s=20", "--data", data)
    assert refused.exit_code == 1
    assert refused.stderr == (
        "alert_s: must be a whole number, not '20'; write 20 without quotes\nnothing was changed\n"
    )
    assert (
        "is neither FIELD=TEXT" in command("queues", "set", "support", "x", "--data", data).stderr
    )
    assert "is no JSON" in command("queues", "set", "support", "x:=y", "--data", data).stderr


def test_the_shell_completes_names(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "_CALLWRIGHT_COMPLETE", "complete_bash")
    monkeypatch.setitem(os.environ, "COMP_WORDS", f"callwright users show --data {data} c")
    monkeypatch.setitem(os.environ, "COMP_CWORD", "5")
    assert program().stdout.split() == ["carol"]
