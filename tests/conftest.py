"""What every test has: row marks and their evidence, hypothesis profiles, an untouched log.

A test that shows an acceptance row of docs/spec/rows.tsv carries ``@pytest.mark.row(25)``. With
``--results DIR`` the outcomes are written to ``DIR/rows.json`` for ``make rows``.
"""

import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import structlog
import typer.testing
from hypothesis import HealthCheck, settings
from typer.main import get_command

ROOT = Path(__file__).parent.parent
ROWS_FILE = ROOT / "docs/spec/rows.tsv"
settings.register_profile(
    "fast", derandomize=True, deadline=None, max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.register_profile("deep", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
# The tree of two hundred commands does not differ from one run of a command to the next.
assert hasattr(typer.testing, "_get_command"), "typer calls it by another name now"
typer.testing._get_command = cache(get_command)


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    """A command that a test runs in this process sets the log up for the process."""
    yield
    structlog.reset_defaults()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--results", metavar="DIR", help="write rows.json there")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "row(number): shows this row of docs/spec/rows.tsv")
    is_worker = hasattr(config, "workerinput")
    directory = config.getoption("--results")
    if directory and not is_worker:
        config.pluginmanager.register(RowEvidence(Path(directory)), "row-evidence")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = known_rows()
    for item in items:
        for row in rows_of(item):
            if row not in known:
                raise pytest.UsageError(f"{item.nodeid} is marked row({row}), which does not exist")
            item.user_properties.append(("row", row))


def known_rows() -> frozenset[int]:
    with ROWS_FILE.open(encoding="utf-8", newline="") as file:
        return frozenset(int(row["row"]) for row in csv.DictReader(file, delimiter="\t"))


def rows_of(item: pytest.Item) -> Iterator[int]:
    for mark in item.iter_markers("row"):
        yield from mark.args


class RowEvidence:
    """Gathers outcomes by row; with xdist it lives in the controller, where all reports arrive."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._outcomes: dict[int, dict[str, str]] = defaultdict(dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, row in report.user_properties:
            if name == "row":
                self._note(int(str(row)), report)

    def _note(self, row: int, report: pytest.TestReport) -> None:
        """The worst of set-up, call and tear-down is the outcome of a test."""
        test = report.nodeid
        worst_first = ("failed", "skipped", "passed")
        seen = self._outcomes[row].get(test, "passed")
        self._outcomes[row][test] = min(seen, report.outcome, key=worst_first.index)

    def pytest_sessionfinish(self) -> None:
        rows = {
            str(row): [{"test": test, "outcome": tests[test]} for test in sorted(tests)]
            for row, tests in sorted(self._outcomes.items())
        }
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / "rows.json").write_text(json.dumps(rows, indent=1) + "\n")
