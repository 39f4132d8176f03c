"""`callwright prompts` on a data directory."""

import json
from pathlib import Path

from tests.unit.cli.test_voicemail import Desk, wav


def test_an_upload_is_listed_and_removed_when_nothing_plays_it(tmp_path: Path) -> None:
    desk, sound = Desk(tmp_path / "data"), tmp_path / "welcome.wav"
    sound.write_bytes(wav())
    added = desk.ask("prompts", "add", sound, "--json")
    assert added.exit_code == 0, added.stderr
    (file,) = (each["file"] for each in json.loads(added.stdout))
    _sets_greeting(desk, {"file": file, "say": None})
    kept = desk.ask("prompts", "remove", file, "--yes")
    assert kept.exit_code == 1
    assert "call-queue support (greeting.file)" in kept.stderr
    assert Path(file).exists()
    _sets_greeting(desk, {"say": "Hello.", "file": None})
    removed = desk.ask("prompts", "remove", Path(file).name, "--yes")
    assert removed.exit_code == 0, removed.stderr
    assert json.loads(desk.ask("prompts", "list", "--json").stdout) == []


def _sets_greeting(desk: Desk, greeting: dict[str, str | None]) -> None:
    told = desk.ask("queues", "set", "support", f"greeting:={json.dumps(greeting)}")
    assert told.exit_code == 0, told.stderr
