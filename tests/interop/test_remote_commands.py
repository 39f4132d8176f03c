"""Commands that ask a server over HTTP, with a token, as from another machine."""

from pathlib import Path

import pytest
import yaml
from tests.interop.process import CONTOSO, Command, ServerProcess, callwright, callwright_inside

PERMISSIONS = (
    "organisation", "users", "groups", "licences", "numbers", "pstn", "services", "policies",
    "emergency", "credits", "audit", "access", "devices", "shield", "system",
)  # fmt: skip


@pytest.fixture
def token(server: ServerProcess, tmp_path: Path) -> Path:
    options = [
        word
        for area in PERMISSIONS
        for right in ("read", "write")
        for word in ("--permission", f"{area}:{right}")
    ]
    made = callwright("tokens", "create", "deploy", *options, "--data", server.data)
    assert made.code == 0, made.stderr
    file = tmp_path / "token"
    file.write_text(made.stdout)
    return file


def test_a_server_is_administered_from_afar(
    server: ServerProcess, token: Path, tmp_path: Path
) -> None:
    elsewhere = ("--server", f"http://{server.http}", "--token-file", token)

    def ask(*words: str | Path) -> Command:
        return callwright_inside(*words, *elsewhere)

    exported = ask("export")
    assert exported.code == 0, exported.stderr
    file = tmp_path / "here.yaml"
    file.write_text(exported.stdout)
    assert ask("plan", file).stdout.startswith("nothing would change\n")

    wanted = yaml.safe_load(exported.stdout)
    wanted["users"]["bob"]["name"] = "Bob Braun"
    file.write_text(yaml.safe_dump(wanted, sort_keys=False))
    applied = ask("apply", file, "--why", "He married")
    assert applied.stdout.startswith("~ user bob\n    name: Bob Brown -> Bob Braun\n")
    (entry,) = ask("history", "--key", "bob", "--limit", "1", "--json").json
    assert (entry["why"], entry["by"]) == ("He married", {"kind": "token", "name": "deploy"})
    assert server.look("users", "show", "bob")["name"] == "Bob Braun"

    changed = ask("queues", "set", "support", "alert_s:=20")
    assert changed.stdout == "call queue support is changed\n"
    drift = ask("drift", file)
    assert (drift.code, "call-queue support: is another" in drift.stdout) == (2, True)
    undone = ask("undo", str(entry["revision"]), "--yes")
    assert "    name: Bob Braun -> Bob Brown\n" in undone.stdout

    table = tmp_path / "users.csv"
    table.write_text("user,name,extension\nzoe,Zoe,177\n")
    assert ask("import", "csv", table, "--yes").stdout == "1 added, 0 changed, 0 left out\n"


def test_who_has_no_right_token_is_told_so(server: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("cw_nobody")
    refused = callwright_inside(
        "users", "list", "--server", f"http://{server.http}", "--token-file", file
    )
    assert refused.code == 1
    assert refused.stderr.startswith("the token is unknown")


def test_mistakes_of_a_file_are_told_where_it_is(
    server: ServerProcess, token: Path, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(CONTOSO.read_text().replace("alert_s: 15", "alert_s: 1", 1))
    words = ("--server", f"http://{server.http}", "--token-file", token)
    refused = callwright_inside("apply", file, *words)
    assert refused.code == 1
    assert refused.stderr.startswith(f"{file}:")
    assert "call_queues.support.alert_s" in refused.stderr


def test_an_organisation_comes_and_goes(server: ServerProcess, token: Path) -> None:
    def ask(*words: str) -> Command:
        elsewhere = ("--server", f"http://{server.http}", "--token-file", token)
        return callwright_inside("organisations", *words, *elsewhere)

    assert ask("create", "fabrikam.test").stdout == "fabrikam.test is made; apply its file next\n"
    assert [one["domain"] for one in ask("list", "--json").json] == [
        "contoso.test", "fabrikam.test",
    ]  # fmt: skip
    taken = ask("create", "fabrikam.test")
    assert (taken.code, "fabrikam.test is there already" in taken.stderr) == (1, True)
    removed = ask("remove", "fabrikam.test", "--yes")
    assert removed.stdout.startswith("fabrikam.test is removed; its running calls have a while")
    first = ask("remove", "contoso.test", "--yes")
    assert (first.code, "operates the system" in first.stderr) == (1, True)
