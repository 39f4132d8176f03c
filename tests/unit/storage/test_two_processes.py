"""A command beside a running server, and two that start at the same time."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from callwright.kernel.money import Money
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.recovery import recover
from callwright.storage.worker import StorageWorker

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
CENT = Money(10_000, "USD")

APPLY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from callwright.kernel.money import Money
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database

database = Database.open(Path(sys.argv[1]))
stored = StoredConfiguration(database, utc=lambda: datetime(2025, 3, 10, tzinfo=UTC))
for number in range(20):
    stored.apply(
        {("user", "alice"): {"number": number}}, (),
        expected_revision=stored.revision(), opening_balance=Money(10_000_000, "USD"),
    )
database.close()
"""
OPEN = """
import sys
from pathlib import Path
from callwright.storage.database import Database
sys.stdin.readline()
Database.open(Path(sys.argv[1])).close()
"""


def start(program: str, data: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-c", program, data],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_an_apply_beside_a_server_that_is_busy(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    recover(database, AT)

    async def serve() -> int:
        worker = StorageWorker(database, utc=lambda: AT, new_id=lambda: "unused")
        command = start(APPLY, tmp_path)
        paid = number = 0
        while command.poll() is None:
            key = f"call_{number}/1"
            if await worker.wallet.reserve(key, 0, CENT):
                await worker.wallet.settle(key, CENT)
                paid += 1
            number += 1
        assert command.communicate()[1] == ""
        assert command.returncode == 0
        await worker.close()
        assert worker.ledger.balance() == Money(10_000_000, "USD") - CENT * paid
        return paid

    asyncio.run(serve())
    stored = StoredConfiguration(database, utc=lambda: AT)
    assert stored.load() == (20, {("user", "alice"): {"number": 19}})
    database.close()


def test_several_that_open_a_new_directory_at_once(tmp_path: Path) -> None:
    programs = [start(OPEN, tmp_path / "system") for _ in range(4)]
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    assert [program.communicate()[1] for program in programs] == [""] * 4
    Database.open(tmp_path / "system", read_only=True).close()
