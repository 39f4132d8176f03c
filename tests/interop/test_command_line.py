"""The command line: what each command says, and as a process of its own at least once."""

from pathlib import Path

import pytest
import yaml
from tests.interop.phones import OUTSIDE, carrier, play
from tests.interop.process import (
    CONTOSO,
    ServerProcess,
    callwright,
    callwright_inside,
    free_address,
    installed,
)

import callwright as package

FIELDS = {
    "id", "started_at", "answered_at", "ended_at", "caller", "callee", "direction", "result",
    "duration_s", "sip_status", "reason", "charge",
}  # fmt: skip


@pytest.fixture
def applied(tmp_path: Path) -> Path:
    """A data directory with Contoso in it."""
    data = tmp_path / "state"
    assert callwright_inside("apply", CONTOSO, "--data", data).code == 0
    return data


@pytest.fixture
def changed_file(tmp_path: Path) -> Path:
    """Contoso's file with another name and without its holiday."""
    organisation = yaml.safe_load(CONTOSO.read_text())
    organisation["organisation"]["name"] = "Contoso Again"
    del organisation["auto_attendants"]["reception"]["holidays"]
    file = tmp_path / "changed.yaml"
    file.write_text(yaml.safe_dump(organisation, sort_keys=False))
    return file


def test_the_program_names_its_version() -> None:
    assert installed("--version").stdout == f"callwright {package.__version__}\n"


def test_what_is_exported_and_applied_again_changes_nothing(applied: Path, tmp_path: Path) -> None:
    exported = callwright("export", "--data", applied)
    file = tmp_path / "exported.yaml"
    file.write_text(exported.stdout)
    assert callwright("plan", file, "--data", applied, "--json").json == []
    again = callwright("apply", file, "--data", applied)
    said, *cautions = again.stdout.splitlines()
    assert (again.code, said) == (0, "nothing changed")
    assert all(line.startswith("caution: ") for line in cautions)
    assert callwright_inside("export", "--data", applied).stdout == exported.stdout


def test_an_export_sets_up_a_second_system(applied: Path, tmp_path: Path) -> None:
    file = tmp_path / "exported.yaml"
    file.write_text(callwright("export", "--data", applied).stdout)
    second = tmp_path / "second"
    assert callwright_inside("apply", file, "--data", second).code == 0
    assert callwright_inside("plan", CONTOSO, "--data", second, "--json").json == []


def test_a_plan_names_what_would_change_and_changes_nothing(
    applied: Path, changed_file: Path
) -> None:
    planned = callwright_inside("plan", changed_file, "--data", applied, "--json").json
    assert {change["key"] for change in planned} == {"organisation", "reception"}
    assert callwright_inside("plan", CONTOSO, "--data", applied, "--json").json == []

    assert callwright_inside("apply", changed_file, "--data", applied, "--json").json == planned
    assert callwright_inside("plan", changed_file, "--data", applied, "--json").json == []


def test_a_wrong_file_is_refused_whole(applied: Path, changed_file: Path) -> None:
    """Two of its lines are right and new; they are not taken either."""
    text = changed_file.read_text()
    wrong = text.replace("user: bob", "user: bop", 1).replace("'2468'", "2468")
    changed_file.write_text(wrong)
    before = callwright_inside("export", "--data", applied).stdout
    for command in ("plan", "apply"):
        refused = callwright_inside(command, changed_file, "--data", applied)
        assert refused.code == 1
        assert "there is no user 'bop'; did you mean bob?" in refused.stderr
        assert "users.alice.voicemail.pin" in refused.stderr
        *mistakes, last = refused.stderr.splitlines()
        assert last == "nothing was changed: 2 mistakes"
        numbers = [int(line.split(":")[1]) for line in mistakes]
        assert all("bop" in wrong.splitlines()[n - 1] or "2468" in wrong.splitlines()[n - 1]
                   for n in numbers)  # fmt: skip
    assert callwright_inside("export", "--data", applied).stdout == before


def test_a_server_does_not_start_with_a_wrong_file(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(CONTOSO.read_text().replace("kind: user", "kind: person"))
    at = free_address()
    served = callwright(
        "serve", "--org", file, "--data", tmp_path / "state", "--sip", str(at), "--http",
        "127.0.0.1:0",
    )  # fmt: skip
    assert served.code == 1
    assert served.stdout == ""
    assert "numbers[0].kind" in served.stderr


def test_there_is_nothing_to_read_where_nothing_was_applied(tmp_path: Path) -> None:
    for command in (("calls",), ("export",), ("credits", "show")):
        nothing = callwright_inside(*command, "--data", tmp_path / "nowhere")
        assert nothing.code == 1
        assert "nowhere" in nothing.stderr
        assert "Traceback" not in nothing.stderr


def test_explain_needs_no_server() -> None:
    told = callwright("explain", "--org", CONTOSO, "--from", "dave", "--to", "+12065550199")
    assert told.code == 0
    assert told.stdout.endswith("=> refused: licence-phone-system-missing (403)\n")


@pytest.mark.parametrize(
    ("caller", "dialled", "outcome", "because"),
    [
        ("alice", "+442071838750", "calls +442071838750 through sbc1", "rate +44"),
        ("carol", "+442071838750", "refused: licence-communications-credits-missing", "carol"),
        ("dave", "+12065550199", "refused: licence-phone-system-missing", "phone-system licence"),
        ("alice", "103", "rings bob", "immediate forward"),
        ("dave", "911", "sbc1", "before every other rule"),
        (OUTSIDE, "+14255550150", "Happy holidays.", "2026-12-25 09:00 America/Los_Angeles"),
        (OUTSIDE, "+14255550118", "refused: number-unknown", "assigned to nobody"),
    ],
)
def test_explain_says_what_would_happen_and_why(
    caller: str, dialled: str, outcome: str, because: str
) -> None:
    explained = callwright_inside(
        "explain", "--org", CONTOSO, "--from", caller, "--to", dialled, "--at", "2026-12-25T09:00",
        "--json",
    ).json  # fmt: skip
    assert outcome in explained["outcome"]
    assert any(because in step["because"] for step in explained["steps"])


def test_reading_works_while_the_server_runs(server: ServerProcess) -> None:
    async def scene() -> None:
        async with carrier(server) as outside:
            assert await (await outside.dial("+14255550118")).refused() == 404
            await server.record(callee="+14255550118")

    play(scene())
    (record,) = server.run("calls", "--json").json
    assert record.keys() >= FIELDS
    assert (record["caller"], record["callee"]) == (OUTSIDE, "+14255550118")
    assert (record["direction"], record["result"]) == ("inbound", "rejected")
    assert (record["sip_status"], record["reason"]) == (404, "number-unknown")
    assert (record["answered_at"], record["charge"]) == (None, None)
    assert record["started_at"] <= record["ended_at"]
    assert record["duration_s"] == 0
    money = server.run("credits", "show", "--json").json
    assert money == {"currency": "USD", "balance": "50.00", "reserved": "0.00"}
    assert server.run("voicemail", "list", "--mailbox", "alice", "--json").json == []
    assert server.organisation is not None
    assert server.run("plan", server.organisation, "--json").json == []
    table = server.run("calls").stdout
    assert "+14255550118" in table
    assert "number-unknown" in table
