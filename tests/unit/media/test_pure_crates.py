"""Crates that are pure have no sockets, threads, files and clocks: who uses them hands these in."""

import re
from pathlib import Path

import pytest

CRATES = Path(__file__).parents[3] / "native/crates"
IMPURE = re.compile(
    r"std::(?:fs|thread|process|os)\b|\b(?:Udp|Tcp)(?:Socket|Stream|Listener)\b"
    r"|\bInstant::now\b|\bSystemTime\b|\bsleep\("
)
TESTS = re.compile(r"#\[cfg\(test\)\]\n(?:#\[path[^\n]*\n)?mod \w+ \{.*", re.DOTALL)


def sources_of(crate: str) -> list[Path]:
    """Without the files that hold tests only."""
    found = (CRATES / crate / "src").rglob("*.rs")
    return [path for path in found if not path.stem.endswith("tests") and "test_" not in path.stem]


@pytest.mark.parametrize("crate", ["media-audio", "media-core", "media-secure"])
def test_a_pure_crate_asks_the_system_for_nothing_but_chance(crate: str) -> None:
    sources = sources_of(crate)
    assert len(sources) > 5
    found = [
        f"{path.name}: {match[0]}"
        for path in sources
        for match in IMPURE.finditer(TESTS.sub("", path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_the_rule_sees_what_is_impure() -> None:
    assert all(IMPURE.search(line) for line in ("Instant::now()", "use std::thread;", "UdpSocket"))
    assert not IMPURE.search("use std::time::Instant;")
