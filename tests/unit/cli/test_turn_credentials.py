"""`callwright turn-credentials`: what a page is given, and how mistakes are told."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from callwright.cli.main import app

SECRET = "north wind and the sun"
SERVERS = ("turn:turn.contoso.test:3478", "turns:turn.contoso.test:5349?transport=tcp")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    return file


def command(*words: object) -> Result:
    return CliRunner().invoke(app, ["turn-credentials", *map(str, words)])


def test_a_page_gets_what_its_browser_takes(secret: Path) -> None:
    servers = [word for server in SERVERS for word in ("--turn", server)]
    shown = command("bob", *servers, "--turn-secret", secret, "--hours", 2)
    made = json.loads(shown.stdout)
    assert made["urls"] == list(SERVERS)
    until_s, user = made["username"].split(":")
    assert user == "bob"
    expires_at = datetime.fromtimestamp(int(until_s), UTC)
    assert datetime.fromisoformat(made["expires_at"]) == expires_at
    assert abs(expires_at - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)
    assert SECRET not in shown.stdout


def test_no_server_and_no_secret_are_told_in_one_line(secret: Path, tmp_path: Path) -> None:
    wrong_address = command("bob", "--turn", "stun:a.test", "--turn-secret", secret)
    no_file = command("bob", "--turn", SERVERS[0], "--turn-secret", tmp_path / "none")
    (tmp_path / "short").write_text("password")
    short = command("bob", "--turn", SERVERS[0], "--turn-secret", tmp_path / "short")
    for refused, why in (
        (wrong_address, "is no TURN server"),
        (no_file, "No such file"),
        (short, "shorter than 16"),
    ):
        assert refused.exit_code == 1
        assert why in refused.stderr
        assert refused.stderr.count("\n") == 1
        assert refused.stdout == ""
