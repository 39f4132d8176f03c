"""The project agrees with itself: versions, locks, carried files."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import callwright

ROOT = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = [Requirement(text) for text in PROJECT["dependencies"]]
DEV = [Requirement(text) for text in PROJECT["optional-dependencies"]["dev"]]


def locked(name: str) -> dict[str, list[str]]:
    """Versions by package: a package has two where Python versions differ."""
    versions: dict[str, list[str]] = {}
    for package, version in re.findall(r"(?m)^([\w.-]+)==([\w.]+)", (ROOT / name).read_text()):
        versions.setdefault(package.lower().replace("_", "-"), []).append(version)
    return versions


def test_the_version_is_written_the_same_everywhere() -> None:
    assert PROJECT["version"] == callwright.__version__
    assert f"## {callwright.__version__}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [("requirements.lock", RUNTIME), ("requirements-dev.lock", RUNTIME + DEV)],
)
def test_the_locks_satisfy_the_project(lock: str, requirements: list[Requirement]) -> None:
    versions = locked(lock)
    for requirement in requirements:
        found = versions.get(requirement.name.lower().replace("_", "-"), [])
        assert found, f"{requirement} is not in {lock}: run `make lock`"
        assert all(requirement.specifier.contains(version) for version in found), requirement


def test_the_dev_lock_holds_the_runtime_lock() -> None:
    runtime, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {name: dev.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_hashes_and_no_place(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "://" not in text


def test_each_dependency_has_its_reason_in_the_decision_record() -> None:
    record = (ROOT / "docs/adr/0008-dependencies.md").read_text()
    missing = [each.name for each in RUNTIME + DEV if f"`{each.name.lower()}`" not in record]
    assert missing == []
