"""The stub of the extension module says what the module does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ONLY_IN_THE_STUB = ("Quality", "Counters", "Event", "Addresses", "Format", "Stream", "Protection",
                    "Ice", "Datagram")  # fmt: skip
"""Names for shapes of tuples."""


def stubtest(stubs: Path, allowed: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy.stubtest", "callwright.media._native", "--concise"]
    return subprocess.run(
        [*command, "--ignore-disjoint-bases", "--allowlist", str(allowed)],
        cwd=ROOT,
        env=os.environ | {"MYPYPATH": str(stubs)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def allowed(tmp_path: Path) -> Path:
    path = tmp_path / "allowed"
    path.write_text("".join(f"callwright.media._native.{name}\n" for name in ONLY_IN_THE_STUB))
    return path


@pytest.mark.timeout(300)
def test_the_stub_and_the_module_agree(allowed: Path) -> None:
    compared = stubtest(ROOT / "src", allowed)
    assert compared.returncode == 0, compared.stdout + compared.stderr


@pytest.mark.timeout(300)
def test_a_stub_that_is_wrong_is_found(allowed: Path, tmp_path: Path) -> None:
    """Else the test above could not fail."""
    stub = (ROOT / "src/callwright/media/_native.pyi").read_text()
    package = tmp_path / "wrong/callwright/media"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.pyi").touch()
    wrong = stub.replace("tick(self)", "tock(self)").replace("samples: int", "seconds: int")
    (package / "_native.pyi").write_text(wrong)
    compared = stubtest(tmp_path / "wrong", allowed)
    assert compared.returncode == 1, compared.stdout + compared.stderr
    assert "Core.tock is not present at runtime" in compared.stdout
    assert 'Core.pass_time is inconsistent, stub parameter "seconds"' in compared.stdout
