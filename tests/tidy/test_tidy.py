"""The style rules fire, and the list of exceptions can only shrink."""

from pathlib import Path

import pytest

import tidy


def rules_broken(root: Path, place: str, text: str) -> list[str]:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return [found.rule for found in tidy.check_file(path, root)]


def function_of(lines: int) -> str:
    return "def long():\n" + "    x = 1\n" * (lines - 1)


@pytest.mark.parametrize(
    ("place", "text", "broken"),
    [
        ("src/callwright/sip/uri.py", "x = 1\n", []),
        ("src/callwright/sip/sip_utils.py", "x = 1\n", ["name"]),
        ("src/callwright/sip/uri.py", "x = 1\n" * 400, []),
        ("src/callwright/sip/uri.py", "x = 1\n" * 401, ["module-lines"]),
        ("native/crates/media-io/src/lib.rs", "// x\n" * 401, ["module-lines"]),
        ("src/callwright/sip/uri.py", function_of(70), []),
        ("tests/unit/test_uri.py", function_of(71), ["function-lines"]),
        ("src/callwright/calls/fork.py", "asyncio.create_task(ring())\n", ["ambient"]),
        ("src/callwright/runtime/tasks.py", "asyncio.create_task(ring())\n", []),
        ("src/callwright/runtime/node.py", "asyncio.create_task(ring())\n", ["ambient"]),
        ("src/callwright/calls/call.py", "group.create_task(ring())\n", []),
        ("src/callwright/apps/park.py", "at = datetime.datetime.now(UTC)\n", ["ambient"]),
        ("src/callwright/runtime/clock.py", "at = time.monotonic()\n", []),
        ("tests/unit/test_uri.py", "at = time.monotonic()\n", []),
    ],
)
def test_rules(tmp_path: Path, place: str, text: str, broken: list[str]) -> None:
    assert rules_broken(tmp_path, place, text) == broken


def test_a_docstring_does_not_make_a_function_long(tmp_path: Path) -> None:
    text = 'def long():\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 69
    assert rules_broken(tmp_path, "src/callwright/a.py", text) == []


def test_an_exception_excuses_up_to_the_hard_limit() -> None:
    soft = tidy.Finding("module-lines", "src/a.py", 1, "450 lines")
    hard = tidy.Finding("module-lines", "src/a.py", 1, "650 lines", is_excusable=False)
    excused = {("module-lines", "src/a.py")}
    assert list(tidy.unexcused([soft], excused)) == []
    assert list(tidy.unexcused([hard], excused)) == ["src/a.py:1: module-lines: 650 lines"]


def test_an_exception_that_nothing_needs_is_an_error() -> None:
    (problem,) = tidy.needless([], {("module-lines", "src/a.py")})
    assert "no longer needed" in problem
