"""`history`, `diff`, `drift`, `undo` and `rollback`, over the API in the command's own process."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import callwright
from callwright.cli.main import app

CONTOSO = Path(callwright.__file__).parent / "examples" / "contoso.yaml"


def command(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Contoso, then with another name of Bob and without Dave."""
    place = tmp_path / "data"
    assert command("apply", CONTOSO, "--data", place).exit_code == 0
    text = CONTOSO.read_text().replace("name: Bob Brown", "name: Bob Braun")
    before, _, rest = text.partition("  dave:\n")
    changed = tmp_path / "changed.yaml"
    changed.write_text(before + "  erin:\n" + rest.partition("  erin:\n")[2])
    assert command("apply", changed, "--data", place, "--why", "He married").exit_code == 0
    return place


def test_a_change_is_shown_and_taken_back(data: Path) -> None:
    entries = json.loads(command("history", "--data", data, "--key", "bob", "--json").stdout)
    assert [(each["revision"], each["why"]) for each in entries] == [(2, "He married"), (1, None)]
    shown = command("history", "--data", data, "--limit", 4).stdout
    assert "He married" in shown
    assert "~ user bob: name" in shown

    difference = command("diff", 1, "--data", data).stdout
    assert "    name: Bob Brown -> Bob Braun\n" in difference
    assert "- user dave\n2 changed\n" in difference

    unasked = command("undo", 2, "--data", data)
    assert (unasked.exit_code, "add --yes" in unasked.stderr) == (1, True)
    undone = command("undo", 2, "--data", data, "--yes")
    assert "+ user dave" in undone.stdout
    assert "\n2 changed\n" in undone.stdout
    assert command("drift", CONTOSO, "--data", data).stdout == "no drift\n"
    again = command("undo", 2, "--data", data, "--yes")
    assert "was changed again in revision 3" in again.stderr

    back = command("rollback", 2, "--data", data, "--yes", "--json")
    assert [each["key"] for each in json.loads(back.stdout)] == ["bob", "dave"]
    assert "there is no revision 99" in command("rollback", 99, "--data", data, "--yes").stderr


def test_drift_says_what_differs_and_who_made_it_so(data: Path) -> None:
    drift = command("drift", CONTOSO, "--data", data)
    assert drift.exit_code == 2
    assert "user bob: is another\n    name: stored Bob Braun, in the file Bob Brown" in drift.stdout
    assert "user dave: is in the file, and not stored\n    revision 2, " in drift.stdout
    assert drift.stdout.endswith("2 differ\n")


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (["--server", "http://pbx.contoso.test"], "use https"),
        (["--server", "ftp://localhost"], "is no URL"),
        (["--server", "https://localhost"], "no token; make one"),
    ],
)
def test_a_server_is_not_asked_without_a_token_or_in_clear(
    words: list[str], because: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALLWRIGHT_TOKEN", raising=False)
    refused = command("history", *words)
    assert (refused.exit_code, because in refused.stderr) == (1, True)


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLWRIGHT_TOKEN", "cw_none")
    refused = command("history", "--server", "http://127.0.0.1:1")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("http://127.0.0.1:1 cannot be reached: ")
