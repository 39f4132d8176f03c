"""What the ledger posts: accounts, the acts that move money between them, and entries."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Row

from callwright.kernel.money import Money
from callwright.storage.schema import from_us

OPENING_KEY = "opening-balance"
NO_CURRENCY = "XXX"
"""ISO 4217's code where no currency is involved: nothing was ever posted."""


class Account(Enum):
    FUNDING = "funding"
    """Where top-ups come from; minus what was ever paid in."""
    WALLET = "wallet"
    """What calls may still reserve."""
    RESERVED = "reserved"
    CARRIER = "carrier"
    """What calls have cost."""


class Act(Enum):
    DEPOSIT = "deposit"
    RESERVE = "reserve"
    RELEASE = "release"
    CHARGE = "charge"


SIDES = {
    Act.DEPOSIT: (Account.FUNDING, Account.WALLET),
    Act.RESERVE: (Account.WALLET, Account.RESERVED),
    Act.RELEASE: (Account.RESERVED, Account.WALLET),
    Act.CHARGE: (Account.WALLET, Account.CARRIER),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer; ``id`` rises in the order of posting."""

    id: int
    key: str
    act: Act
    slice_number: int
    source: Account
    destination: Account
    amount: Money
    at: datetime
    note: str | None


@dataclass(frozen=True, slots=True)
class OpenReservation:
    key: str
    slices: int
    amount: Money
    began_at: datetime


def open_of(row: Row[Any]) -> OpenReservation:
    amount = Money(int(row.micros), row.currency)
    return OpenReservation(row.key, row.slices, amount, from_us(row.began_at_us))


def entry_of(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        key=row.key,
        act=Act(row.act),
        slice_number=row.slice_number,
        source=Account(row.source),
        destination=Account(row.destination),
        amount=Money(row.micros, row.currency),
        at=from_us(row.at_us),
        note=row.note,
    )
