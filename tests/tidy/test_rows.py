"""Evidence by row: marks, the file that a run leaves, and what `make rows` prints of it."""

import json
import subprocess
import sys
from pathlib import Path

import rows

ROOT = Path(__file__).parent.parent.parent
SAMPLE = """\
import pytest

@pytest.mark.row(1)
@pytest.mark.row(2)
def test_two_rows(): pass

@pytest.mark.row(2)
def test_fails(): assert False

@pytest.mark.row(3)
@pytest.mark.skip(reason="no peer")
def test_skipped(): pass

@pytest.mark.row(4)
def test_passes_but_does_not_clean_up(unclean): pass

@pytest.fixture
def unclean():
    yield
    raise RuntimeError
"""


def run_sample(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs a test file of its own under this project's conftest."""
    (folder / "test_sample.py").write_text(text)
    (folder / "conftest.py").write_text(
        (ROOT / "tests/conftest.py")
        .read_text()
        .replace("Path(__file__).parent.parent", f"Path({str(ROOT)!r})")
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."]
    return subprocess.run(
        [*command, *options], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_run_leaves_the_outcomes_by_row(tmp_path: Path) -> None:
    for workers in ("0", "2"):
        options = ("--results", "out", "-n", workers, "--dist", "loadfile")
        ran = run_sample(tmp_path, SAMPLE, *options)
        evidence = json.loads((tmp_path / "out/rows.json").read_text())
        states = {row: rows.state(tests) for row, tests in evidence.items()}
        assert states == {"1": "shown", "2": "failing", "3": "absent", "4": "failing"}, ran.stdout
        (tmp_path / "out/rows.json").unlink()


def test_a_mark_for_a_row_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    text = "import pytest\n@pytest.mark.row(9999)\ndef test_it(): pass\n"
    ran = run_sample(tmp_path, text)
    assert ran.returncode != 0
    assert "row(9999)" in ran.stdout + ran.stderr


def test_rows_prints_each_area_and_row(tmp_path: Path) -> None:
    evidence = {"1": [{"test": "tests/a.py::test_a", "outcome": "passed"}]}
    (tmp_path / "rows.json").write_text(json.dumps(evidence))
    command = [sys.executable, "tools/rows.py", "--results", str(tmp_path), "--area", "lic"]
    printed = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert printed[0].split() == ["LIC", "1", "shown", "0", "failing", "8", "absent"]
    assert printed[1].split()[:2] == ["1", "shown"]
    assert printed[2].split()[:2] == ["2", "absent"]


def test_rows_says_what_to_do_without_results(tmp_path: Path) -> None:
    command = [sys.executable, "tools/rows.py", "--results", str(tmp_path / "none")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "make test" in ran.stderr
