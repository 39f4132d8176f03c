"""`callwright import`: what it takes in, and what it says of the rest."""

import csv
import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import callwright
from callwright.cli import importing
from callwright.cli.main import app

CONTOSO = Path(callwright.__file__).parent / "examples" / "contoso.yaml"
EXPORTS = Path(__file__).parents[1] / "operations" / "importers" / "teams_exports"
ROWS = """user,name,number,extension
zoe,Zoë Zander,+14255550110,110
yan,Yan Yu,+14255550101,111
alice,Alice Again,,
"""


def command(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    place = tmp_path / "data"
    assert command("apply", CONTOSO, "--data", place).exit_code == 0
    (tmp_path / "users.csv").write_text(ROWS)
    return place


def test_a_table_is_taken_whole_or_without_what_is_wrong(data: Path, tmp_path: Path) -> None:
    table = tmp_path / "users.csv"
    whole = command("import", "csv", table, "--data", data, "--yes")
    assert whole.exit_code == 1
    assert whole.stderr == (
        "line 3: yan: number: +14255550101 belongs to user alice; give user yan another number\n"
        "line 4: alice: is there already; add --update to change who is there\n"
    )

    passwords = tmp_path / "passwords.csv"
    words = ("--skip-bad", "--yes", "--json", "--passwords", passwords)
    taken = command("import", "csv", table, "--data", data, *words)
    assert taken.exit_code == 0, taken.output
    assert [(each["user"], each["result"]) for each in json.loads(taken.stdout)] == [
        ("zoe", "added"),
        ("yan", "left out"),
        ("alice", "left out"),
    ]
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    ((user, password),) = list(csv.reader(passwords.read_text().splitlines()))[1:]
    exported = command("export", "--data", data).stdout
    assert user == "zoe"
    assert f"sip: {{password: {password}}}" in exported

    table.write_text("user,name\nalice,Alice Again\n")
    changed = command("import", "csv", table, "--data", data, "--update", "--yes")
    assert changed.stdout == "0 added, 1 changed, 0 left out\n"
    exported = command("export", "--data", data).stdout
    assert "name: Alice Again" in exported
    assert "alice-secret" in exported


def test_nobody_is_taken_in_unasked(data: Path, tmp_path: Path) -> None:
    table = tmp_path / "one.csv"
    table.write_text("user,name\nzoe,Zoe\n")
    asked = command("import", "csv", table, "--data", data)
    assert asked.exit_code == 1
    assert "add --yes" in asked.stderr
    assert "zoe" not in command("export", "--data", data).stdout


def test_what_somebody_changed_meanwhile_is_not_written_over(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person who is asked takes his time."""

    def think(question: str, *, yes: bool) -> None:
        assert command("users", "set", "alice", "extension=191", "--data", data).exit_code == 0

    monkeypatch.setattr(importing, "agreed", think)
    table, passwords = tmp_path / "one.csv", tmp_path / "passwords.csv"
    table.write_text("user,name\nalice,Alice Again\nzoe,Zoe\n")
    words = ("import", "csv", table, "--data", data, "--update", "--passwords", passwords)
    refused = command(*words)
    assert refused.exit_code == 1, refused.output
    assert "revision" in refused.stderr
    assert not passwords.exists()  # nobody has them
    assert _alice(data) == ("Alice Adams", "191")
    monkeypatch.undo()
    assert command(*words, "--yes").exit_code == 0
    assert _alice(data) == ("Alice Again", "191")


def _alice(data: Path) -> tuple[str, str]:
    shown = json.loads(command("users", "show", "alice", "--json", "--data", data).stdout)
    return shown["name"], shown["extension"]


def test_what_teams_says_becomes_a_file_that_applies(tmp_path: Path) -> None:
    out = tmp_path / "made.yaml"
    options = ("--domain", "contoso.example", "--country", "US", "--timezone", "America/New_York")
    made = command("import", "teams", EXPORTS, *options, "--out", out)
    assert made.exit_code == 0, made.output
    assert "not carried over: auto attendant Reception, open, key 4" in made.stdout
    assert "to put right" not in made.stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    planned = command("plan", out, "--data", tmp_path / "data")
    assert planned.exit_code == 0, planned.output
    again = command("import", "teams", EXPORTS, *options, "--out", out)
    assert again.exit_code == 1
    assert "File exists" in again.stderr
