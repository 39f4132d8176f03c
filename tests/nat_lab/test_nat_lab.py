"""Two-way audio through NATs that are real: the kernel's, in network namespaces."""

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from tests.nat_lab.network import Nat, isolated
from tests.nat_lab.scenes import ROOT, SCENES

TABLE = Path(ROOT, "docs/reference/networks.md")
SCENE_S = 100


@cache
def obstacle() -> str | None:
    """Why there can be no lab here."""
    for tool in ("unshare", "ip", "nft"):
        if shutil.which(tool) is None and not Path("/usr/sbin", tool).exists():
            return f"{tool} is not installed"
    probe = "mount -t tmpfs none /run && ip link add one0 type veth peer name two0"
    tried = subprocess.run(isolated("sh", "-c", probe), capture_output=True, text=True, check=False)
    return f"no network namespaces: {tried.stderr.strip()}" if tried.returncode else None


def run(module: str, word: str) -> subprocess.CompletedProcess[str]:
    """Runs a part of the lab in namespaces of its own."""
    if (why := obstacle()) is not None:
        pytest.skip(why)
    return subprocess.run(
        isolated(sys.executable, "-m", module, word),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SCENE_S,
        check=False,
    )


@pytest.mark.timeout(SCENE_S + 20)
@pytest.mark.parametrize("name", SCENES)
def test_both_are_heard_through(name: str) -> None:
    """rustpbx#231, #117: one address for everybody, and audio sent to private ones."""
    done = run("tests.nat_lab.scenes", name)
    assert done.stdout == "heard\n", done.stderr


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("nat", "one_mapping", "lets_in"),
    [
        (Nat.ONE_TO_ONE, True, True),
        (Nat.FULL_CONE, True, True),
        (Nat.PORT_RESTRICTED, True, False),
        (Nat.SYMMETRIC, False, False),
    ],
)
def test_a_nat_is_what_it_is_called(nat: Nat, one_mapping: bool, lets_in: bool) -> None:
    done = run("tests.nat_lab.probe", nat.name)
    assert json.loads(done.stdout) == {"one_mapping": one_mapping, "lets_in": lets_in}, done.stderr


def test_the_documentation_names_every_network() -> None:
    text = TABLE.read_text()
    for scene in SCENES.values():
        assert f"| {scene.where} |" in text
