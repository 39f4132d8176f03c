"""The ledger against a reference that a child could check: dictionaries and additions."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from callwright.kernel.money import Money
from callwright.storage.database import Database
from callwright.storage.ledger import Ledger

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
SLICE_S = 60
KEYS = st.sampled_from(["call_1/1", "call_1/2", "call_2/1", "call_3/1"])
AMOUNTS = st.integers(0, 12).map(lambda micros: Money(micros, "USD"))
OPENINGS = st.integers(0, 40).map(lambda micros: Money(micros, "USD"))


@cache
def empty_system() -> Path:
    """Migrating for each example would take most of the time."""
    directory = Path(tempfile.mkdtemp(prefix="callwright-ledger-"))
    atexit.register(shutil.rmtree, directory)
    Database.open(directory).close()
    return directory


@dataclass
class Reference:
    paid_in: int = 0
    charged: int = 0
    deposits: set[str] = field(default_factory=set)
    open: dict[str, dict[int, int]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)

    @property
    def reserved(self) -> int:
        return sum(sum(slices.values()) for slices in self.open.values())

    @property
    def balance(self) -> int:
        return self.paid_in - self.charged

    def deposit(self, key: str, micros: int) -> bool:
        if key in self.deposits:
            return False
        self.deposits.add(key)
        self.paid_in += micros
        return True

    def reserve(self, key: str, slice_number: int, micros: int) -> bool:
        if key in self.closed:
            return False
        if slice_number in self.open.get(key, {}):
            return True
        if micros > self.balance - self.reserved:
            return False
        self.open.setdefault(key, {})[slice_number] = micros
        return True

    def settle(self, key: str, micros: int) -> None:
        if key in self.open:
            self.charged += min(micros, sum(self.open.pop(key).values()))
            self.closed.add(key)
            self.answered.discard(key)


class LedgerMachine(RuleBasedStateMachine):
    """Two objects take turns, as two processes would; one of them forgets now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="callwright-ledger-"))
        shutil.copytree(empty_system(), self.directory, dirs_exist_ok=True)
        self.databases = [Database.open(self.directory) for _ in range(2)]
        self.ledgers = [Ledger(database) for database in self.databases]
        self.reference = Reference()

    def teardown(self) -> None:
        for database in self.databases:
            database.close()
        shutil.rmtree(self.directory)

    def ledger(self) -> Ledger:
        self.ledgers.reverse()
        return self.ledgers[0]

    @initialize(amount=OPENINGS)
    def opens(self, amount: Money) -> None:
        assert self.ledger().post_opening(amount, AT)
        self.reference.deposit("opening-balance", amount.micros)

    @rule(key=st.sampled_from(["invoice 1", "invoice 2", "call_1/1"]), amount=AMOUNTS)
    def tops_up(self, key: str, amount: Money) -> None:
        posted = self.ledger().top_up(key, amount, None, AT)
        assert posted == self.reference.deposit(key, amount.micros)

    @rule(key=KEYS, slice_number=st.integers(0, 3), amount=AMOUNTS)
    def reserves(self, key: str, slice_number: int, amount: Money) -> None:
        granted = self.ledger().reserve(key, slice_number, amount, AT)
        assert granted == self.reference.reserve(key, slice_number, amount.micros)

    @rule(key=KEYS, amount=AMOUNTS)
    def settles(self, key: str, amount: Money) -> None:
        self.ledger().settle(key, amount, AT)
        self.reference.settle(key, amount.micros)

    @rule(key=KEYS)
    def releases(self, key: str) -> None:
        self.ledger().release(key, AT)
        self.reference.settle(key, 0)

    @rule(key=KEYS)
    def answers(self, key: str) -> None:
        self.ledger().note_answered(key, SLICE_S, AT)
        if key in self.reference.open:
            self.reference.answered.add(key)

    @rule(alive=st.sets(KEYS), slices=st.integers(1, 4))
    def recovers(self, alive: set[str], slices: int) -> None:
        """``slices``: how many have begun of every leg that was answered."""
        dead = set(self.reference.open) - alive
        at = AT + timedelta(seconds=SLICE_S * slices)
        assert self.ledger().recover(at, alive) == len(dead)
        for key in dead:
            begun = slices if key in self.reference.answered else 0
            reserved = self.reference.open[key]
            self.reference.settle(key, sum(reserved.get(each, 0) for each in range(begun)))

    @rule()
    def restarts(self) -> None:
        self.ledgers[0] = Ledger(self.databases[0])

    @invariant()
    def agrees(self) -> None:
        ledger, reference = self.ledger(), self.reference
        balance, available = ledger.balance(), ledger.available()
        if not reference.deposits:
            assert balance is None
            return
        assert balance == Money(reference.balance, "USD")
        assert available == Money(reference.balance - reference.reserved, "USD")
        assert ledger.reserved() == Money(reference.reserved, "USD")
        assert available.micros >= 0
        assert {
            each.key: (each.slices, each.amount.micros) for each in ledger.open_reservations()
        } == {key: (len(slices), sum(slices.values())) for key, slices in reference.open.items()}
        assert sum(money.micros for money in ledger.accounts().values()) == 0


TestLedger = LedgerMachine.TestCase
