"""The prepaid balance: append-only double entry of integer micro-units (ADR 0005).

Money comes from ``funding`` into the ``wallet``; a reservation moves it on to ``reserved``; a
settlement moves all of a key's reservations back and the charge to the ``carrier``. No balance is
stored: it is the sum of transfers, of which this object remembers the part that cannot change any
more. ``…_within`` does the same inside a transaction of the caller's.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
)

from callwright.domains.credits.model import Standing
from callwright.kernel.money import Money
from callwright.storage import events
from callwright.storage.database import Database
from callwright.storage.faults import WrongCurrency
from callwright.storage.ledger_entries import (
    NO_CURRENCY,
    OPENING_KEY,
    SIDES,
    Account,
    Act,
    Entry,
    OpenReservation,
    entry_of,
    open_of,
)
from callwright.storage.news import of_deposit
from callwright.storage.schema import (
    LEDGER_ACCOUNT,
    LEDGER_ANSWER,
    LEDGER_HOLD,
    LEDGER_TRANSFER,
    insert_once,
    lock_row,
    storable_or_none,
    to_us,
)

__all__ = ["Account", "Act", "Entry", "Ledger", "OpenReservation"]


@dataclass(frozen=True, slots=True)
class _Sums:
    """Balances of all accounts after the transfer ``last_id``."""

    last_id: int = 0
    currency: str = NO_CURRENCY
    wallet: int = 0
    reserved: int = 0

    @property
    def standing(self) -> Standing | None:
        if self.last_id == 0:
            return None
        balance = Money(self.wallet + self.reserved, self.currency)
        return Standing(balance, Money(self.wallet, self.currency))


_TRANSFER = LEDGER_TRANSFER.c


def _net(account: Account) -> ColumnElement[int]:
    moved = case(
        (_TRANSFER.destination == account.value, _TRANSFER.micros),
        (_TRANSFER.source == account.value, -_TRANSFER.micros),
        else_=0,
    )
    return func.coalesce(func.sum(moved), 0)


_INSERT = insert(LEDGER_TRANSFER)
_INSERT_HOLD = insert(LEDGER_HOLD)
_DELETE_HOLD = delete(LEDGER_HOLD).where(LEDGER_HOLD.c.key == bindparam("of_key"))
_HELD = select(LEDGER_HOLD.c.key).where(LEDGER_HOLD.c.key == bindparam("of_key"))
_SUMS_AFTER = select(
    func.max(_TRANSFER.id),
    func.max(_TRANSFER.currency),
    _net(Account.WALLET),
    _net(Account.RESERVED),
).where(_TRANSFER.id > bindparam("after"))
_ANSWERED = select(_TRANSFER.act).where(
    _TRANSFER.key == bindparam("of_key"),
    or_(
        _TRANSFER.act == Act.RELEASE.value,
        (_TRANSFER.act == Act.RESERVE.value) & (_TRANSFER.slice_number == bindparam("of_slice")),
    ),
)
_IS_POSTED = select(_TRANSFER.id).where(
    _TRANSFER.key == bindparam("of_key"), _TRANSFER.act == Act.DEPOSIT.value
)
_OPEN = (
    select(
        LEDGER_HOLD.c.key,
        func.count().label("slices"),
        func.sum(_TRANSFER.micros).label("micros"),
        func.max(_TRANSFER.currency).label("currency"),
        func.min(_TRANSFER.at_us).label("began_at_us"),
    )
    .join(LEDGER_TRANSFER, LEDGER_HOLD.c.key == _TRANSFER.key)
    .where(_TRANSFER.act == Act.RESERVE.value)
    .group_by(LEDGER_HOLD.c.key)
    .order_by(func.min(_TRANSFER.id))
)
_ANSWER = LEDGER_ANSWER.c
_DELETE_ANSWER = delete(LEDGER_ANSWER).where(_ANSWER.key == bindparam("of_key"))
_ANSWERS = select(LEDGER_ANSWER)
_BEGUN = select(func.coalesce(func.sum(_TRANSFER.micros), 0)).where(
    _TRANSFER.key == bindparam("of_key"),
    _TRANSFER.act == Act.RESERVE.value,
    _TRANSFER.slice_number < bindparam("begun"),
)
_OPEN_ONE = _OPEN.where(LEDGER_HOLD.c.key == bindparam("of_key"))


class Ledger:
    """May be used from any thread. Everything that is given twice is posted once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = _Sums()

    def balance(self) -> Money | None:
        """What was paid in less what calls have cost; None: nothing was ever paid in."""
        sums = self._read_sums()
        if sums.last_id == 0:
            return None
        return Money(sums.wallet + sums.reserved, sums.currency)

    def reserved(self) -> Money:
        sums = self._read_sums()
        return Money(sums.reserved, sums.currency)

    def available(self) -> Money | None:
        """What a new call may reserve: the balance less what is reserved; None as `balance`."""
        sums = self._read_sums()
        return None if sums.last_id == 0 else Money(sums.wallet, sums.currency)

    def standing(self) -> Standing | None:
        """Balance and what is available of it, at one instant; None as `balance`."""
        return self._read_sums().standing

    def standing_within(self, connection: Connection) -> Standing | None:
        return self._sums(connection).standing

    def accounts(self) -> dict[Account, Money]:
        """Every account's balance by summing every transfer; together they are zero."""
        columns = [func.max(_TRANSFER.currency), *(_net(account) for account in Account)]
        with self._database.reading() as connection:
            currency, *nets = connection.execute(select(*columns)).one()
        return {
            account: Money(int(net), currency or NO_CURRENCY)
            for account, net in zip(Account, nets, strict=True)
        }

    def post_opening(self, amount: Money, at: datetime) -> bool:
        """Pays in what the wallet starts with, once ever; False: that was done before."""
        with self._database.writing() as connection:
            return self.post_opening_within(connection, amount, at)

    def top_up(self, key: str, amount: Money, note: str | None, at: datetime) -> bool:
        """Pays in; False: a top-up with this key was posted before.

        Raises WrongCurrency where the wallet holds another one, ValueError for an amount
        below zero.
        """
        with self._database.writing() as connection:
            return self.deposit_within(connection, key, amount, note, at)

    def reserve(self, key: str, slice_number: int, amount: Money, at: datetime) -> bool:
        """True: reserved, now or before. False: not enough available, or the key is settled."""
        with self._database.writing() as connection:
            self.catch_up_within(connection)
            return self.reserve_within(connection, key, slice_number, amount, at)

    def settle(self, key: str, amount: Money, at: datetime) -> None:
        """Releases the key's reservations and charges ``amount``, at most what was reserved."""
        with self._database.writing() as connection:
            self.settle_within(connection, key, amount, at)

    def release(self, key: str, at: datetime) -> None:
        with self._database.writing() as connection:
            self.release_within(connection, key, at)

    def note_answered(self, key: str, slice_s: int, at: datetime) -> None:
        """The key's leg was answered: its slices, of ``slice_s`` seconds each, begin at ``at``."""
        with self._database.writing() as connection:
            self.note_answered_within(connection, key, slice_s, at)

    def open_reservations(self) -> list[OpenReservation]:
        """What is reserved and neither settled nor released, oldest first."""
        with self._database.reading() as connection:
            return [open_of(row) for row in connection.execute(_OPEN)]

    def recover(self, at: datetime, alive: Collection[str] = ()) -> int:
        """Closes what a killed process left behind, but for the keys that are ``alive``.

        A leg that was answered pays for the slices that began between its answer and ``at``, as
        far as they were reserved; any other began none. Returns how many keys.
        """
        with self._database.writing() as connection:
            return len(self.recover_within(connection, at, alive))

    def entries(self, limit: int, after: int = 0) -> list[Entry]:
        """In the order of posting, those with an id above ``after``."""
        return self._entries(
            select(LEDGER_TRANSFER).where(_TRANSFER.id > after).order_by(_TRANSFER.id), limit
        )

    def latest(self, limit: int, before: int | None = None) -> list[Entry]:
        """Newest first, those with an id below ``before``."""
        statement = select(LEDGER_TRANSFER).order_by(_TRANSFER.id.desc())
        if before is not None:
            statement = statement.where(_TRANSFER.id < before)
        return self._entries(statement, limit)

    def catch_up_within(self, connection: Connection) -> None:
        """Remembers the sum so far; call it before the transaction posts anything itself."""
        lock_row(connection, LEDGER_ACCOUNT)
        self._known = self._sums(connection)

    def post_opening_within(self, connection: Connection, amount: Money, at: datetime) -> bool:
        return self.deposit_within(connection, OPENING_KEY, amount, None, at)

    def deposit_within(
        self, connection: Connection, key: str, amount: Money, note: str | None, at: datetime
    ) -> bool:
        _check(amount)
        lock_row(connection, LEDGER_ACCOUNT)
        sums = self._sums(connection)
        if sums.last_id and sums.currency != amount.currency:
            raise WrongCurrency(
                f"the wallet holds {sums.currency}, it cannot take {amount.currency}; "
                f"write amounts in {sums.currency}"
            )
        if connection.execute(_IS_POSTED, {"of_key": key}).first() is not None:
            return False
        _post(connection, key, Act.DEPOSIT, amount, at, note=note)
        events.add_within(connection, [of_deposit(key, amount, note, at)])
        return True

    def reserve_within(
        self, connection: Connection, key: str, slice_number: int, amount: Money, at: datetime
    ) -> bool:
        _check(amount)
        lock_row(connection, LEDGER_ACCOUNT)
        answered = connection.execute(_ANSWERED, {"of_key": key, "of_slice": slice_number})
        acts = answered.scalars().all()
        if Act.RELEASE.value in acts:
            return False
        if acts:
            return True
        sums = self._sums(connection)
        if sums.currency != amount.currency or sums.wallet < amount.micros:
            return False
        if connection.execute(_HELD, {"of_key": key}).first() is None:
            connection.execute(_INSERT_HOLD, {"key": key})
        _post(connection, key, Act.RESERVE, amount, at, slice_number=slice_number)
        return True

    def settle_within(
        self, connection: Connection, key: str, amount: Money, at: datetime
    ) -> Money | None:
        """Returns what was charged; None: nothing was reserved, or it is settled already."""
        _check(amount)
        lock_row(connection, LEDGER_ACCOUNT)
        row = connection.execute(_OPEN_ONE, {"of_key": key}).one_or_none()
        if row is None:
            return None
        reserved = open_of(row).amount
        charge = Money(min(amount.micros, reserved.micros), reserved.currency)
        connection.execute(_DELETE_HOLD, {"of_key": key})
        connection.execute(_DELETE_ANSWER, {"of_key": key})
        _post(connection, key, Act.RELEASE, reserved, at)
        if charge.micros:
            _post(connection, key, Act.CHARGE, charge, at)
        return charge

    def release_within(self, connection: Connection, key: str, at: datetime) -> None:
        self.settle_within(connection, key, Money.zero(NO_CURRENCY), at)

    def note_answered_within(
        self, connection: Connection, key: str, slice_s: int, at: datetime
    ) -> None:
        """Once for each key; does nothing where nothing is reserved."""
        lock_row(connection, LEDGER_ACCOUNT)
        if connection.execute(_HELD, {"of_key": key}).first() is not None:
            answer = {"key": key, "answered_at_us": to_us(at), "slice_s": slice_s}
            connection.execute(insert_once(connection, LEDGER_ANSWER), answer)

    def recover_within(
        self, connection: Connection, at: datetime, alive: Collection[str] = ()
    ) -> dict[str, Money]:
        """Returns the charge of each key that was closed; zero where it was never answered."""
        lock_row(connection, LEDGER_ACCOUNT)
        left = [open_of(row) for row in connection.execute(_OPEN).all()]
        begun = {row.key: _slices_begun(row, at) for row in connection.execute(_ANSWERS)}
        charges = {}
        for each in left:
            if each.key not in alive:
                slices = {"of_key": each.key, "begun": begun.get(each.key, 0)}
                micros = int(connection.execute(_BEGUN, slices).scalar_one())
                charges[each.key] = Money(micros, each.amount.currency)
                self.settle_within(connection, each.key, charges[each.key], at)
        return charges

    def _read_sums(self) -> _Sums:
        with self._database.reading() as connection:
            sums = self._sums(connection)
        self._known = sums  # whatever a reader sees is committed
        return sums

    def _sums(self, connection: Connection) -> _Sums:
        """Adds what is new to what is known; what is known was committed and cannot change."""
        known = self._known
        row = connection.execute(_SUMS_AFTER, {"after": known.last_id}).one()
        last_id, currency, wallet, reserved = row
        if last_id is None:
            return known
        return _Sums(last_id, currency, known.wallet + int(wallet), known.reserved + int(reserved))

    def _entries(self, statement: Select[Any], limit: int) -> list[Entry]:
        with self._database.reading() as connection:
            return [entry_of(row) for row in connection.execute(statement.limit(limit))]


def _post(
    connection: Connection,
    key: str,
    act: Act,
    amount: Money,
    at: datetime,
    *,
    slice_number: int = 0,
    note: str | None = None,
) -> None:
    source, destination = SIDES[act]
    connection.execute(
        _INSERT,
        {
            "key": key,
            "act": act.value,
            "slice_number": slice_number,
            "source": source.value,
            "destination": destination.value,
            "micros": amount.micros,
            "currency": amount.currency,
            "at_us": to_us(at),
            "note": storable_or_none(note),
        },
    )


def _check(amount: Money) -> None:
    if amount.micros < 0:
        raise ValueError(f"an amount below zero cannot be posted: {amount}")


def _slices_begun(answer: Row[Any], at: datetime) -> int:
    """An answered leg has begun its first slice; the edge of one belongs to the one before."""
    talk_us = to_us(at) - int(answer.answered_at_us)
    slice_us = int(answer.slice_s) * 1_000_000
    return max(1, -(-talk_us // slice_us))
