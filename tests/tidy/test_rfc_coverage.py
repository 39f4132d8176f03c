"""docs/rfc/coverage.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = {"sip": "tests/ladders/sip", "world": "tests/world"}


def test_each_test_that_the_table_names_exists() -> None:
    table = (ROOT / "docs/rfc/coverage.md").read_text(encoding="utf-8")
    named = re.findall(r"`(sip|world)/(test_\w+\.py)(?:::(test_\w+))?`", table)
    assert len(named) > 30
    for folder, file, test in named:
        text = (ROOT / FOLDERS[folder] / file).read_text(encoding="utf-8")
        assert f"def {test}" in text, f"{folder}/{file} has no {test}"
