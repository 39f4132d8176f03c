"""Kills nodes and looks what they left: the rounds that tests and ``make kills`` play."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from pathlib import Path
from random import Random
from typing import Protocol

from tests.durability.life import utc
from tests.durability.proof import Proof, Told, every_sound_has_its_row, settled, whole

from callwright.operations.apply_organisation import apply_organisation
from callwright.operations.organisation_file import read_organisation
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.recovery import recover

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "src/callwright/examples/contoso.yaml"
VICTIM = Path(__file__).with_name("victim.py")
ACTS_MAX = 60
"""So many confirmations a node gets at most before it is killed from outside."""
TRAPS_MAX = 250
SERVER_EVERY = 5
LATE_MAX_S = 0.02
"""A node is killed up to so long after a confirmation: at any instant of the next acts."""


class Mode(Enum):
    OUTSIDE = "at any instant"
    TRAP = "at a chosen point"
    SERVER = "after the database's server crashed"


class Crashes(Protocol):
    """A database server that can be ended at once and started again."""

    def crash(self) -> None: ...
    def start(self) -> None: ...


@dataclass(slots=True)
class Toll:
    """What was counted."""

    kills: Counter[str] = field(default_factory=Counter)
    """By the point at which the node was."""
    confirmed: Counter[str] = field(default_factory=Counter)
    """Acts, by kind."""
    calls_closed: int = 0
    reservations_closed: int = 0
    sounds_removed: int = 0

    def add(self, other: "Toll") -> None:
        self.kills += other.kills
        self.confirmed += other.confirmed
        self.calls_closed += other.calls_closed
        self.reservations_closed += other.reservations_closed
        self.sounds_removed += other.sounds_removed


class Nodes:
    """Nodes on one database, one after the other."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._heard: list[Told] = []
        self._pid = 0

    def begin(self, name: str, trap: int) -> None:
        assert self._process.stdin is not None
        print(name, trap, file=self._process.stdin, flush=True)
        self._heard = []
        word, pid = self._line()
        assert word == "node"
        self._pid = int(pid)

    def listen(self, acts: int) -> None:
        """Until so many acts were confirmed."""
        while acts:
            line = self._line()
            assert line != ["dead"], f"the node ended by itself after {self._heard[-3:]}"
            self._heard.append(line)
            acts -= line[0] != "refused"

    def kill(self) -> list[Told]:
        os.kill(self._pid, signal.SIGKILL)
        return self.end()

    def end(self) -> list[Told]:
        """Everything it was told until it was dead."""
        while (line := self._line()) != ["dead"]:
            self._heard.append(line)
        return self._heard

    def _line(self) -> Told:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.endswith("\n"), "the parent of the nodes ended"
        return line.split()


@contextmanager
def nodes_on(data: Path, url: str | None) -> Iterator[Nodes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, VICTIM, data, *([] if url is None else [url])]
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            yield Nodes(process)
        finally:  # with the node that may be alive: they are a group of their own
            os.killpg(process.pid, signal.SIGKILL)


def prepare(data: Path, url: str | None) -> None:
    with closing(Database.open(data, url=url)) as database:
        apply_organisation(StoredConfiguration(database, utc=utc), read_organisation(CONTOSO))


def rounds(
    data: Path,
    url: str | None,
    kills: int,
    chance: Random,
    *,
    server: Crashes | None = None,
) -> Toll:
    """Kills ``kills`` nodes one after the other on one database; proves it after each.

    ``server``: of the database; in every SERVER_EVERY th round that one crashes first.
    """
    toll, proof = Toll(), Proof()
    prepare(data, url)
    with nodes_on(data, url) as nodes:
        for number in range(kills):
            if server is not None and number % SERVER_EVERY == 0:
                mode = Mode.SERVER
                told = crash_and_kill(nodes, f"n{number}", server, chance)
            else:
                mode = Mode.TRAP if number % 2 else Mode.OUTSIDE
                told = one_kill(nodes, f"n{number}", mode, chance)
            count(toll, told, mode)
            proof.hear(told)
            look(data, url, proof, toll)
    with closing(Database.open(data, url=url)) as database:
        toll.sounds_removed += recover(database, utc() + timedelta(days=2)).recordings
        every_sound_has_its_row(database)
    return toll


def one_kill(nodes: Nodes, name: str, mode: Mode, chance: Random) -> list[Told]:
    if mode is Mode.TRAP:
        nodes.begin(name, trap=chance.randint(1, TRAPS_MAX))
        return nodes.end()
    nodes.begin(name, trap=0)
    nodes.listen(chance.randint(0, ACTS_MAX))
    time.sleep(chance.uniform(0, LATE_MAX_S))
    return nodes.kill()


def crash_and_kill(nodes: Nodes, name: str, server: Crashes, chance: Random) -> list[Told]:
    """The node goes on when the database is there again, before it is killed, too."""
    nodes.begin(name, trap=0)
    nodes.listen(chance.randint(1, ACTS_MAX))
    server.crash()
    server.start()
    nodes.listen(ACTS_MAX)
    return nodes.kill()


def count(toll: Toll, told: list[Told], mode: Mode) -> None:
    points = [words[1] for words in told if words[0] == "trap"]
    toll.kills[points[0] if points else mode.value] += 1
    toll.confirmed.update(words[0] for words in told if words[0] not in ("trap", "refused"))


def look(data: Path, url: str | None, proof: Proof, toll: Toll) -> None:
    """As the next node would: what is there before its recovery, and after."""
    with closing(Database.open(data, url=url)) as database:
        proof.kept(database)
        whole(database)
        found = recover(database, utc())
        toll.calls_closed += found.calls
        toll.reservations_closed += found.reservations
        settled(database)
        whole(database)
