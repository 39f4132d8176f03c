"""The commands that need no server: what they print, and how they refuse."""

import json
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import callwright
from callwright.calls.record import CallRecord, CallResult, Direction, LegRecord
from callwright.cli.main import app
from callwright.kernel.ids import CallId, UserId
from callwright.kernel.reason import Reason
from callwright.media.events import LegQuality, LegStatistics
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database

NOON = datetime(2026, 12, 25, 17, 0, tzinfo=UTC)
COUNTED = LegStatistics(
    packets_received=980,
    packets_sent=1_000,
    bytes_received=156_800,
    bytes_sent=160_000,
    packets_lost=20,
    packets_rejected=0,
    jitter_ms=3.5,
    round_trip_ms=40.25,
    received=LegQuality(packets=980, lost=20, jitter_ms=3.5, late=4, mos=4.21),
    sent=LegQuality(packets=900, lost=1, jitter_ms=None, late=None, mos=None),
)
CONTOSO = Path(callwright.__file__).parent / "examples" / "contoso.yaml"


def command(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def answer(*words: object) -> object:
    result = command(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def add_records(data: Path) -> None:
    """One call that was heard, and a later one that was not."""
    heard = CallRecord(
        id=CallId("call_1"),
        started_at=NOON,
        answered_at=NOON,
        ended_at=NOON + timedelta(seconds=20),
        caller="101",
        callee="102",
        direction=Direction.INTERNAL,
        result=CallResult.ANSWERED,
        sip_status=200,
        reason=Reason.NORMAL,
        charge=None,
        legs=(
            LegRecord(1, "101", UserId("alice"), None, "PCMU", COUNTED),
            LegRecord(2, "102", None, None, None, COUNTED._replace(received=None, sent=None)),
        ),
    )
    later = replace(heard, id=CallId("call_2"), started_at=NOON + timedelta(seconds=1), legs=())
    with closing(Database.open(data)) as database:
        CallRecords(database).add([heard, later])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory that holds Contoso."""
    assert command("apply", CONTOSO, "--data", tmp_path / "data").exit_code == 0
    return tmp_path / "data"


def test_the_version_is_told() -> None:
    assert command("--version").stdout == f"callwright {callwright.__version__}\n"


def test_plan_shows_and_changes_nothing(tmp_path: Path) -> None:
    shown = command("plan", CONTOSO, "--data", tmp_path / "data")
    assert "+ user alice" in shown.stdout
    assert "alice-secret" not in shown.stdout
    assert not (tmp_path / "data").exists()


@pytest.mark.row(282)
@pytest.mark.parametrize("act", ["plan", "apply"])
def test_what_captures_everybody_is_cautioned_about(act: str, tmp_path: Path) -> None:
    shown = command(act, CONTOSO, "--data", tmp_path / "data")
    (caution,) = [line for line in shown.stdout.splitlines() if line.startswith("caution: ")]
    assert "pstn.direct_routing.policies.default" in caution
    assert "everybody: true" in caution
    meant = tmp_path / "meant.yaml"
    usages = "{usages: [national, international]"
    meant.write_text(CONTOSO.read_text().replace(usages, f"{usages}, everybody: true"))
    assert "caution" not in command(act, meant, "--data", tmp_path / "data").stdout


def test_what_was_applied_is_exported_and_is_no_change(data: Path, tmp_path: Path) -> None:
    exported = command("export", "--data", data)
    file = tmp_path / "exported.yaml"
    file.write_text(exported.stdout)
    assert answer("plan", file, "--data", data) == []
    assert answer("plan", CONTOSO, "--data", data) == []


def test_apply_says_what_it_changed(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "changed.yaml"
    file.write_text(
        CONTOSO.read_text().replace("after_s: 20, to: voicemail", "after_s: 30, to: voicemail")
    )
    (change,) = answer("apply", file, "--data", data)  # type: ignore[misc]
    assert (change["kind"], change["key"], change["action"]) == ("user", "bob", "change")
    assert answer("plan", file, "--data", data) == []


def test_a_wrong_file_is_refused_whole(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    text = CONTOSO.read_text().replace('extension: "102"', 'extension: "101"')
    file.write_text(text.replace("name: Alice Adams", "name: Alice Changed"))
    refused = command("apply", file, "--data", data)
    assert refused.exit_code == 1
    line = text[: text.rindex('extension: "101"')].count("\n") + 1
    assert f"{file}:{line}: users.bob.extension" in refused.stderr
    assert "Alice Changed" not in command("export", "--data", data).stdout


def test_the_opening_balance_is_posted_once(data: Path, tmp_path: Path) -> None:
    expected = {"currency": "USD", "balance": "50.00", "reserved": "0.00"}
    assert answer("credits", "show", "--data", data) == expected
    file = tmp_path / "richer.yaml"
    file.write_text(
        CONTOSO.read_text().replace('opening_balance: "50.00"', 'opening_balance: "99.00"')
    )
    assert command("apply", file, "--data", data).exit_code == 0
    assert answer("credits", "show", "--data", data) == expected


def test_lists_are_empty_before_the_first_call(data: Path) -> None:
    assert answer("calls", "--data", data) == []
    assert answer("voicemail", "list", "--mailbox", "alice", "--data", data) == []
    assert "caller" in command("calls", "--data", data).stdout


def test_plain_calls_and_calls_list_are_the_same(data: Path) -> None:
    add_records(data)
    listed = answer("calls", "list", "--data", data)
    assert [record["id"] for record in listed] == ["call_2", "call_1"]  # type: ignore[attr-defined]
    assert answer("calls", "--data", data) == listed
    assert answer("calls", "list", "--limit", 1, "--before", "call_2", "--data", data) == [
        listed[1]  # type: ignore[index]
    ]
    assert answer("calls", "--result", "busy", "--data", data) == []


def test_a_call_is_shown_with_how_it_sounded(data: Path) -> None:
    add_records(data)
    shown: dict[str, Any] = answer("calls", "show", "call_1", "--data", data)  # type: ignore[assignment]
    assert (shown["state"], shown["started_at"]) == ("ended", "2026-12-25T17:00:00.000Z")
    leg, silent = shown["legs"]
    assert (leg["party"], leg["codec"], leg["round_trip_ms"]) == ("101", "PCMU", 40.25)
    assert leg["received"] == {
        "packets": 980, "lost": 20, "late": 4, "jitter_ms": 3.5, "mos": 4.21,
        "class": "good",
    }  # fmt: skip
    assert leg["sent"]["mos"] is None
    assert silent["received"]["lost"] is None
    text = command("calls", "show", "call_1", "--data", data).stdout
    assert "2026-12-25 09:00:00 PST" in text
    assert "20 (2.0 %)" in text
    assert "4.2" in text
    assert "no audio" in command("calls", "show", "call_2", "--data", data).stdout


def test_a_running_call_is_shown_as_far_as_it_is_known(data: Path) -> None:
    with closing(Database.open(data)) as database:
        CallRecords(database).started(CallId("call_3"), NOON, "101", "102", Direction.INTERNAL)
    (listed,) = answer("calls", "--running", "--data", data)  # type: ignore[misc]
    assert (listed["id"], listed["caller"]) == ("call_3", "101")
    assert "call_3" in command("calls", "list", "--running", "--data", data).stdout
    shown = answer("calls", "show", "call_3", "--data", data)
    assert shown["state"] == "running"  # type: ignore[call-overload, index]
    assert "running" in command("calls", "show", "call_3", "--data", data).stdout


def test_a_call_that_never_was_is_told_in_one_line(data: Path) -> None:
    refused = command("calls", "show", "call_9", "--data", data)
    assert refused.exit_code == 2
    assert "there is no call call_9" in refused.stderr


@pytest.mark.parametrize(
    ("caller", "dialled", "at", "outcome"),
    [
        ("alice", "102", "2026-11-25T09:00", "rings bob (20 s), then voicemail of bob"),
        ("dave", "+12065550199", "2026-11-25T09:00", "refused: licence-phone-system-missing (403)"),
        (
            "+12065550100",
            "+14255550150",
            "2026-12-25T09:00",
            'attendant reception plays "Happy holidays.", then the call ends',
        ),
    ],
)
def test_explain_needs_nothing_but_the_file(
    caller: str, dialled: str, at: str, outcome: str
) -> None:
    words = ("explain", "--org", CONTOSO, "--from", caller, "--to", dialled, "--at", at)
    explained = answer(*words)
    assert explained["outcome"] == outcome  # type: ignore[call-overload, index]
    assert outcome in command(*words).stdout


ASKED = ("explain", "--org", CONTOSO, "--from", "+12065550123", "--to", "+14255550150")


def test_explain_presses_keys_and_prints_what_the_caller_hears() -> None:
    printed = command(*ASKED, "--at", "2026-11-25T09:00", "--keys", "3 7 102").stdout
    heard = [line.partition("hears ")[2] for line in printed.splitlines() if "hears " in line]
    assert heard == [
        '"Welcome to Contoso."',
        heard[1],
        '"Our address is one Contoso way."',
        heard[1],
        '"Sorry, that is not a valid choice."',
        heard[1],
        '"Transferring your call to Bob Brown."',
    ]
    assert heard[1].startswith('"For support, press 1.')
    assert "the caller dialled extension 102" in printed
    assert printed.rstrip().endswith("then rings bob (20 s), then voicemail of bob")


def test_explain_says_what_a_silent_caller_comes_to() -> None:
    explained = answer(*ASKED, "--at", "2026-11-25T09:00", "--keys", "")
    assert "rings alice" in explained["outcome"]  # type: ignore[call-overload, index]


def test_explain_knows_keys_from_letters() -> None:
    refused = command(*ASKED, "--keys", "1 a2")
    assert refused.exit_code == 2
    assert "which is no key; write 0-9, * and #" in refused.stderr


def test_a_directory_without_data_is_told_in_one_line(tmp_path: Path) -> None:
    for words in (("calls",), ("credits", "show"), ("export",)):
        refused = command(*words, "--data", tmp_path)
        assert refused.exit_code == 1
        assert "callwright apply" in refused.stderr
        assert "Traceback" not in refused.output


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--sip", "5060", "HOST:PORT"),
        ("--http", "127.0.0.1:x", "HOST:PORT"),
        ("--rtp", "20000", "LOW-HIGH"),
        ("--rtp", "30000-20000", "lower one first"),
    ],
)
def test_serve_refuses_addresses_that_are_none(
    tmp_path: Path, option: str, value: str, words: str
) -> None:
    refused = command("serve", option, value, "--data", tmp_path / "data")
    assert refused.exit_code == 2
    assert words in refused.output


def test_serve_refuses_a_wrong_file_before_anything_else(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("organisation: 7\n")
    refused = command("serve", "--org", file, "--data", tmp_path / "data")
    assert refused.exit_code == 1
    assert f"{file}:1: organisation" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_a_damaged_directory_is_told(tmp_path: Path) -> None:
    shutil.copy(CONTOSO, tmp_path / "callwright.db")
    refused = command("calls", "--data", tmp_path)
    assert refused.exit_code == 1
    assert "callwright.db" in refused.stderr


def test_why_a_user_cannot_call_out_is_told(data: Path) -> None:
    told = command("users", "why", "dave", "--to", "+12065550199", "--data", data).stdout
    assert "no  calls outside [licence-phone-system-missing]" in told
    assert "because dave holds no phone-system licence" in told
    assert "=> refused: licence-phone-system-missing (403)" in told
    answered = answer("users", "why", "alice", "--data", data)
    assert answered["service"]["outbound"]["given"] is True  # type: ignore[index, call-overload]


def test_why_asks_for_a_user_that_is_there(data: Path) -> None:
    refused = command("users", "why", "daev", "--data", data)
    assert refused.exit_code == 1
    assert "there is no user 'daev'; did you mean dave?" in refused.stderr


def test_licences_are_listed_with_what_is_unused(data: Path) -> None:
    listed = command("licences", "--data", data).stdout
    assert ["phone-system", "10", "4", "6", "valid", "-"] in [
        line.split() for line in listed.splitlines()
    ]
    report = answer("licences", "--data", data)
    assert report["waste"] == []  # type: ignore[call-overload]
