"""`callwright unassigned test`: what callers of a number get, without a call (SPEC 3.10)."""

import json
from pathlib import Path

import pytest
from tests.unit.operations.contoso_file import contoso_text
from typer.testing import CliRunner, Result

from callwright.cli.main import app

TREATMENTS = """
unassigned_numbers:
  sorry: {pattern: '^[+]1425555', priority: 20, announcement: {say: Sorry.}}
  desk: {range: "+14255550110..+14255550119", priority: 10, to: {resource_account: main-line}}

resource_accounts:
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "org.yaml"
    path.write_text(contoso_text(("\nresource_accounts:\n", TREATMENTS)), encoding="utf-8")
    return path


def tried(file: Path, number: str, *options: str) -> Result:
    return CliRunner().invoke(app, ["unassigned", "test", number, "--org", str(file), *options])


@pytest.mark.row(33)
def test_all_that_cover_a_number_are_listed_and_the_first_applies(file: Path) -> None:
    result = tried(file, "+14255550118", "--json")

    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["holder"] is None
    assert [(t["name"], t["applies"]) for t in told["treatments"]] == [
        ("desk", True),
        ("sorry", False),
    ]
    assert told["treatments"][0]["action"] == "resource account main-line"


@pytest.mark.parametrize(
    ("number", "conclusion"),
    [
        ("+14255550118", "the first one applies"),
        ("+14255550102", "no treatment applies: whoever has the number is called"),
        ("+12065550123", "callers are refused: number-unknown (404)"),
    ],
)
def test_people_read_how_it_ends(file: Path, number: str, conclusion: str) -> None:
    lines = tried(file, number).stdout.splitlines()

    assert lines[0].startswith(f"{number} is assigned to ")
    assert lines[-1] == conclusion


def test_a_number_without_plus_is_no_number(file: Path) -> None:
    result = tried(file, "5550118")

    assert result.exit_code == 2
    assert "is no number such as +14255550118" in result.output
