"""A node that is killed at any moment: what it was told is true, and the sums are right."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from callwright.kernel.ids import CallId
from callwright.kernel.reason import Reason
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database
from callwright.storage.ledger import Account, Act, Ledger
from callwright.storage.recovery import recover

AT = datetime(2025, 3, 10, 9, 31, tzinfo=UTC)
ROUNDS = 20
VICTIM = Path(__file__).with_name("victim.py")

Nodes = subprocess.Popen[str]


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Nodes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, VICTIM, tmp_path / "system"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def confirmed_before_the_kill(nodes: Nodes, name: str, acts: int) -> list[list[str]]:
    """Starts a node, kills it after it was told ``acts`` things, returns all it was told."""
    assert nodes.stdin is not None
    assert nodes.stdout is not None
    print(name, file=nodes.stdin, flush=True)
    _, pid = nodes.stdout.readline().split()
    lines = [nodes.stdout.readline() for _ in range(acts)]
    os.kill(int(pid), signal.SIGKILL)
    while (line := nodes.stdout.readline()) != "dead\n":
        lines.append(line.removesuffix("dead\n"))
        if line.endswith("dead\n"):
            break
    return [line.split() for line in lines if line.endswith("\n")]


def test_every_confirmed_act_is_there_whenever_the_node_is_killed(
    tmp_path: Path, nodes: Nodes
) -> None:
    chance = Random(20)
    closed = 0
    for number in range(ROUNDS):
        told = confirmed_before_the_kill(nodes, f"n{number}", chance.randint(1, 120))
        database = Database.open(tmp_path / "system")
        assert_kept(database, told)
        closed += recover(database, AT).calls
        assert_settled(Ledger(database))
        assert CallRecords(database).open_calls() == ()
        database.close()
    assert closed > 0


def assert_kept(database: Database, told: list[list[str]]) -> None:
    entries = Ledger(database).entries(limit=100_000)
    posted = {(entry.key, entry.act, entry.slice_number) for entry in entries}
    records = CallRecords(database)
    for act, *words in told:
        if act == "reserved":
            assert (words[0], Act.RESERVE, int(words[1])) in posted
        elif act == "settled":
            assert (words[0], Act.CHARGE, 0) in posted
        elif act == "recorded":
            record = records.get(CallId(words[0]))
            assert record is not None
            assert record.reason is Reason.NORMAL


def assert_settled(ledger: Ledger) -> None:
    accounts = ledger.accounts()
    assert sum(money.micros for money in accounts.values()) == 0
    assert accounts[Account.RESERVED].micros == 0
    assert accounts[Account.WALLET].micros >= 0
    assert ledger.open_reservations() == []
