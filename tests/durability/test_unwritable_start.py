"""A server that is started where nothing can be written: it says so, and leaves what is there."""

import os
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from tests.durability.killing import prepare
from tests.durability.proof import whole
from tests.interop.process import COMMAND

from callwright.storage.database import Database

READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
FULL = (
    'mkdir "$0.kept" && cp -a "$0"/. "$0.kept" && mount -t tmpfs -o size=2m none "$0" '
    '&& cp -a "$0.kept"/. "$0" && (dd if=/dev/zero of="$0/filler" bs=4k 2>&1 || true) >"$0.dd" '
    '&& exec "$@"'
)
WITHIN_S = 60
pytestmark = pytest.mark.timeout(120)


def run(data: Path, mount: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """`callwright` where ``data`` is mounted so, for this process only."""
    as_root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    around = ["unshare", *as_root, "--mount", "sh", "-c"]
    if subprocess.run([*around, "mount -t tmpfs none /mnt"], capture_output=True).returncode:
        pytest.skip("nothing of one's own can be mounted here (user namespaces are off)")
    command = [*around, mount, str(data), COMMAND, *words, "--data", data]
    return subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S)


@pytest.mark.parametrize(
    ("mount", "sign"), [(READ_ONLY, "cannot be written to"), (FULL, "is full")]
)
def test_a_server_says_why_it_cannot_start(tmp_path: Path, mount: str, sign: str) -> None:
    data = tmp_path / "state"
    prepare(data, None)
    elsewhere = ("--sip", "127.0.0.1:0", "--http", "127.0.0.1:0")
    refused = run(data, mount, "serve", *elsewhere)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert str(data) in refused.stderr
    assert sign in refused.stderr
    assert "Traceback" not in refused.stderr
    with closing(Database.open(data)) as database:
        whole(database)
