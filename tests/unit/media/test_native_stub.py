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
        [*command, "--allowlist", str(allowed)],
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
