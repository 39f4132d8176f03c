"""`callwright numbers` and `callwright licences change`, typed as an administrator types them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import callwright
from callwright.cli import number_lists
from callwright.cli.main import app

CONTOSO = Path(callwright.__file__).parent / "examples" / "contoso.yaml"
FREE = "+14255550110"


class Desk:
    """Commands about one data directory."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def run(self, *words: object) -> Result:
        typed = [*map(str, words), "--data", str(self._data)]
        return CliRunner().invoke(app, typed, env={"COLUMNS": "200"})

    def done(self, *words: object) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *words: object) -> Any:
        return json.loads(self.done(*words, "--json"))

    def refused(self, *words: object) -> str:
        result = self.run(*words)
        assert result.exit_code != 0, result.output
        return result.stderr


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "data")
    made.done("apply", CONTOSO)
    return made


def test_numbers_are_listed_by_filters_and_pages(desk: Desk) -> None:
    table = desk.done("numbers", "--status", "user-assigned")
    assert "+14255550101  user-assigned  user alice" in table
    assert "+14255550104" not in table
    listed = desk.run("numbers", "list", "--limit", 2, "--json")
    assert [item["number"] for item in json.loads(listed.stdout)] == [
        "+14255550101",
        "+14255550102",
    ]
    assert "--after +14255550102" in listed.stderr
    following = desk.json("numbers", "list", "--limit", 1, "--after", "+14255550102")
    assert following[0]["holders"][0]["key"] == "carol"
    assert desk.done("numbers", "--search", "nobody").startswith("no number passes")
    assert "is not a number" in desk.refused("numbers", "--within", "x")


def test_one_number_is_shown(desk: Desk) -> None:
    shown = desk.done("numbers", "show", "14255550101")
    assert "held by  user alice as +14255550101" in shown
    assert "is not in the inventory" in desk.refused("numbers", "show", "+19995550100")


def test_a_number_is_assigned_and_taken_back(desk: Desk) -> None:
    assert "~ user alice" in desk.done("numbers", "assign", "14255550110", "alice", "--dry-run")
    assert desk.json("numbers", "show", FREE)["status"] == "unassigned"
    desk.done("numbers", "assign", "14255550110", "alice", "--why", "moved")
    assert "belongs to user alice" in desk.refused("numbers", "assign", FREE, "bob")
    history = desk.done("numbers", "history", FREE)
    assert "number: +14255550101 -> +14255550110" in history
    assert "moved" in history
    assert desk.json("numbers", "history", FREE)[0]["subject"] == "user alice"
    desk.done("numbers", "remove", FREE, "--block-days", 30)
    blocked = desk.json("numbers", "show", FREE)
    assert (blocked["status"], blocked["block"]) == ("unassigned", "blocked-until")
    assert "is blocked until" in desk.refused("numbers", "assign", FREE, "alice")
    desk.done("numbers", "unblock", FREE)
    desk.done("numbers", "assign", "+14255550153", "main-line")
    assert desk.json("numbers", "show", "+14255550153")["holders"][0]["key"] == "main-line"


def test_numbers_are_tagged_blocked_and_released(desk: Desk) -> None:
    desk.done("numbers", "tag", FREE, "+14255550111", "--add", "Lobby")
    assert len(desk.json("numbers", "--tag", "lobby")) == 2
    desk.done("numbers", "tag", FREE, "--remove", "lobby")
    assert "--add TAG" in desk.refused("numbers", "tag", FREE)
    desk.done("numbers", "block", FREE)
    assert desk.json("numbers", "show", FREE)["block"] == "blocked-forever"
    desk.done("numbers", "release", FREE)
    assert "is not in the inventory" in desk.refused("numbers", "show", FREE)
    assert "belongs to user alice" in desk.refused("numbers", "release", "+14255550101")


def test_a_file_is_uploaded_and_each_wrong_line_named(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("number,tags\n+12065550100..+12065550109,Seattle\nx,\n", encoding="utf-8")
    refused = desk.refused("numbers", "upload", file)
    assert "rows.3: 'x' is not a number; write digits only" in refused
    assert "nothing was changed" in refused
    some = desk.run("numbers", "upload", file, "--good-ones")
    assert some.exit_code == 1
    assert "10 added, 0 were there, 1 left out" in some.stdout
    assert f"{file}:3: 'x' is not a number" in some.stderr
    assert len(desk.json("numbers", "--tag", "seattle")) == 10
    assert "cannot be read" in desk.refused("numbers", "upload", tmp_path / "missing.csv")
    monkeypatch.setattr(number_lists, "IMPORT_FILE_BYTES_MAX", 3)
    assert "is larger than 3 bytes" in desk.refused("numbers", "upload", file)


def test_a_download_can_be_uploaded_again(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text(desk.done("numbers", "--csv"), encoding="utf-8")
    assert "0 added, 30 were there, 0 left out" in desk.done("numbers", "upload", file)


def test_numbers_are_ordered_from_the_pool(desk: Desk) -> None:
    assert "pool is empty" in desk.done("numbers", "pool")
    desk.done("numbers", "pool", "add", "+12065550100..+12065550199", "--country", "US",
              "--city", "Seattle")  # fmt: skip
    search = ("numbers", "orders", "search", "city", "Seattle", "--country", "US")
    (found,) = desk.json(*search, "--quantity", 3, "--name", "Office")
    assert found["numbers"] == ["+12065550100", "+12065550101", "+12065550102"]
    (done,) = desk.json("numbers", "orders", "complete", found["id"])
    assert done["state"] == "completed"
    assert "is completed" in desk.refused("numbers", "orders", "cancel", found["id"])
    assert "+12065550100..+12065550102" in desk.done("numbers", "orders")
    assert "user" in desk.done("numbers", "quotas")
    assert "12 may be had" in desk.refused(*search, "--quantity", 10)
    assert desk.json("numbers", "pool")[0]["numbers"] == "+12065550103..+12065550199"


def test_numbers_are_ported(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "port.csv"
    file.write_text("PhoneNumber\n+12065550100\n", encoding="utf-8")
    create = [
        "numbers", "ports", "create", file, "--billing-number", "+12065550100",
        "--company", "Contoso", "--authoriser", "Alice Adams", "--authorisation", "letter",
        "--account", "4711", "--service-address", "1 Contoso Way", "--requester", "Alice",
        "--country", "US",
    ]  # fmt: skip
    assert "write 1 to 25" in desk.refused(*create, "--company", "x" * 26)
    (wrong,) = desk.json(*create)
    desk.done("numbers", "ports", "move", wrong["id"], "error", "--remark", "account unknown")
    assert "account unknown" in desk.done("numbers", "ports")
    assert "fields are account" in desk.refused(
        "numbers", "ports", "edit", wrong["id"], "--set", "x"
    )
    (again,) = desk.json("numbers", "ports", "edit", wrong["id"], "--set", "account=4712")
    assert again["state"] == "processing"
    desk.done("numbers", "ports", "cancel", wrong["id"])
    (order,) = desk.json(*create)
    for state in ("contacting-carrier", "transfer-approved", "transfer-pending"):
        desk.done("numbers", "ports", "move", order["id"], state, "--at", "2030-03-20T09:00:00")
    assert "does not allow to cancel" in desk.refused("numbers", "ports", "cancel", order["id"])
    desk.done("numbers", "ports", "move", order["id"], "completed")
    assert desk.json("numbers", "show", "+12065550100")["ported"] is True
    assert "completed" in desk.done("numbers", "ports")
    assert "does not allow to delete" in desk.refused("numbers", "ports", "delete", order["id"])


def test_licences_change_with_what_that_does_to_numbers(desk: Desk) -> None:
    would = desk.run("licences", "change", "--remove", "phone-system", "--user", "bob", "--dry-run")
    assert "bob loses +14255550102, which is deleted" in would.stderr
    assert desk.json("numbers", "show", "+14255550102")["status"] == "user-assigned"
    desk.done("licences", "change", "--remove", "phone-system", "--user", "bob")
    assert "is not in the inventory" in desk.refused("numbers", "show", "+14255550102")
    assert "for whom" in desk.refused("licences", "change", "--add", "phone-system")
