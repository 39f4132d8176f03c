"""A site starts again: a thousand phones register within a second, over real sockets."""

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from tests.interop.conftest import StartServer
from tests.interop.process import Organisation, ServerProcess, free_address

LOADGEN = Path(__file__).parents[2] / "bench/loadgen"
USERS, PHONES = 100, 1_000
WRITTEN_S = 1.5
"""Registrations are written together, half a second after the first of them."""

pytestmark = pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")


@pytest.fixture(scope="module")
def loadgen() -> Path:
    subprocess.run(
        ["cargo", "build", "--release", "--locked", "--quiet"], cwd=LOADGEN, check=True, timeout=50
    )
    return LOADGEN / "target/release/loadgen"


def with_many_users(organisation: Organisation) -> None:
    organisation["licences"]["phone-system"] = USERS + 100
    for number in range(USERS):
        organisation["users"][f"u{number:02}"] = {
            "name": "Somebody",  # one greeting is spoken for all of them
            "licences": ["phone-system"],
            "sip": {"password": f"bench-secret-{number:02}"},
        }


def storm(
    loadgen: Path, server: ServerProcess, *, port: int, algorithm: str = "MD5"
) -> dict[str, Any]:
    """All at once, from one port each time; what came of it."""
    run = subprocess.run(
        [loadgen, "register", "--target", str(server.sip), "--domain", "contoso.test",
         "--users", str(USERS), "--phones", str(PHONES), "--rate", "100000", "--rounds", "1",
         "--algorithm", algorithm, "--port", str(port)],
        capture_output=True, text=True, timeout=55, check=False,
    )  # fmt: skip
    assert run.stdout, run.stderr
    result: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return result


def test_a_storm_of_registrations_refuses_nobody_and_outlives_the_server(
    loadgen: Path, start_server: StartServer
) -> None:
    server = start_server(with_many_users)
    port = free_address().port
    result = storm(loadgen, server, port=port)
    assert (result["ok"], result["refused"]) == (PHONES, 0), result
    assert server.metric("callwright_registrations") == PHONES
    time.sleep(WRITTEN_S)
    address = server.sip
    server.kill()
    server.start(sip=address)
    assert server.metric("callwright_registrations") == PHONES
    result = storm(loadgen, server, port=port, algorithm="SHA-256")
    assert (result["ok"], result["refused"]) == (PHONES, 0), result
    assert server.metric("callwright_registrations") == PHONES
