"""`callwright organisations`, and which organisation the other commands are about."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

import callwright
from callwright.cli.main import app

CONTOSO = Path(callwright.__file__).parent / "examples" / "contoso.yaml"


def command(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def listed(data: Path) -> list[str | None]:
    shown = command("organisations", "list", "--json", "--data", data)
    assert shown.exit_code == 0, shown.output
    return [one["domain"] for one in json.loads(shown.stdout)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory that holds Contoso."""
    assert command("apply", CONTOSO, "--data", tmp_path / "data").exit_code == 0
    return tmp_path / "data"


@pytest.fixture
def fabrikam(tmp_path: Path) -> Path:
    """The file of another organisation, without a trunk."""
    tree = yaml.safe_load(CONTOSO.read_text())
    tree["organisation"] |= {"domain": "fabrikam.test", "name": "Fabrikam"}
    for sbc, address in zip(
        tree["pstn"]["direct_routing"]["sbcs"].values(), ("127.0.0.1:5180", "127.0.0.1:5190"),
        strict=True,
    ):  # fmt: skip
        sbc["address"] = address
    file = tmp_path / "fabrikam.yaml"
    file.write_text(yaml.safe_dump(tree, sort_keys=False))
    return file


def test_there_is_none_before_the_first_file(tmp_path: Path) -> None:
    assert listed(tmp_path / "data") == []
    refused = command("organisations", "create", "fabrikam.test", "--data", tmp_path / "data")
    assert refused.exit_code == 1
    assert "the first organisation operates the system" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_one_is_made_told_listed_and_removed(data: Path, fabrikam: Path) -> None:
    made = command("organisations", "create", "fabrikam.test", "--data", data)
    assert (made.exit_code, made.stdout) == (0, "fabrikam.test is made; apply its file next\n")
    assert command("apply", fabrikam, "--data", data).exit_code == 0
    assert listed(data) == ["contoso.test", "fabrikam.test"]
    table = command("organisations", "--data", data).stdout
    assert "operates the system" in table
    exported = command("export", "--organisation", "fabrikam.test", "--data", data)
    assert yaml.safe_load(exported.stdout)["organisation"]["name"] == "Fabrikam"

    remove = ("organisations", "remove", "fabrikam.test", "--data", data)
    kept = command(*remove)  # nobody is there to be asked
    assert kept.exit_code == 1
    assert "Remove fabrikam.test?" in kept.stderr
    assert "add --yes" in kept.stderr
    assert listed(data) == ["contoso.test", "fabrikam.test"]
    removed = command(*remove, "--yes")
    assert removed.exit_code == 0
    assert ".removed/fabrikam.test." in removed.stdout
    assert listed(data) == ["contoso.test"]
    assert command("export", "--data", data).exit_code == 0  # which one is clear again


def test_the_first_one_cannot_be_removed(data: Path) -> None:
    refused = command("organisations", "remove", "contoso.test", "--yes", "--data", data)
    assert refused.exit_code == 1
    assert "operates the system" in refused.stderr


def test_commands_ask_which_one_is_meant(data: Path) -> None:
    command("organisations", "create", "fabrikam.test", "--data", data)
    for words in (("calls",), ("export",), ("credits", "show"), ("shield", "list")):
        unclear = command(*words, "--data", data)
        assert unclear.exit_code == 1, words
        assert "add --organisation DOMAIN: contoso.test, fabrikam.test" in unclear.stderr
        clear = command(*words, "--data", data, "--organisation", "contoso.test")
        assert clear.exit_code == 0, words
    unknown = command("calls", "--data", data, "--organisation", "nowhere.test")
    assert "there is no organisation nowhere.test" in unknown.stderr


def test_a_file_is_planned_and_applied_where_its_domain_is(data: Path, fabrikam: Path) -> None:
    command("organisations", "create", "fabrikam.test", "--data", data)
    planned = json.loads(command("plan", fabrikam, "--data", data, "--json").stdout)
    assert {change["action"] for change in planned} == {"add"}
    assert command("apply", fabrikam, "--data", data).exit_code == 0
    for file in (CONTOSO, fabrikam):
        assert json.loads(command("plan", file, "--data", data, "--json").stdout) == []


def test_an_address_of_the_neighbours_sbc_is_refused(data: Path, fabrikam: Path) -> None:
    command("organisations", "create", "fabrikam.test", "--data", data)
    fabrikam.write_text(fabrikam.read_text().replace("127.0.0.1:5180", "127.0.0.1:5080"))
    refused = command("apply", fabrikam, "--data", data)
    assert refused.exit_code == 1
    assert "needs a login in both" in refused.stderr
    assert "nothing was changed" in refused.stderr
    exported = command("export", "--organisation", "fabrikam.test", "--data", data)
    assert "127.0.0.1:5080" not in exported.stdout


def test_a_database_url_is_never_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://someone:kept-to-itself@127.0.0.1:1/nowhere"
    refused = command("calls", "--data", tmp_path, "--database", url)
    assert refused.exit_code == 1
    assert "kept-to-itself" not in refused.output
    monkeypatch.setenv("CALLWRIGHT_DATABASE", url)
    from_environment = command("calls", "--data", tmp_path)
    assert from_environment.exit_code == 1
    assert "127.0.0.1" in from_environment.stderr
    assert "kept-to-itself" not in command("calls", "--help").output
    wrong = command("calls", "--data", tmp_path, "--database", "mysql://x:kept-to-itself@h/d")
    assert "is no PostgreSQL URL" in wrong.stderr
    assert "kept-to-itself" not in wrong.output
