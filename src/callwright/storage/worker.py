"""One thread that writes for a running node, so that no call waits for a disk it need not wait for.

What is given to it while it writes goes into its next transaction: the busier the node, the more
calls share one trip to the disk. Starts and ends of calls, for which nobody waits, are collected
for STORAGE_GROUP_S; an act that a call waits for is written at once, with what is there.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

import structlog
from sqlalchemy import Connection

from callwright.apps.services import Message
from callwright.calls.record import CallRecord, Direction
from callwright.domains.emergency.model import Callback
from callwright.domains.voicemail.model import KeptMessage
from callwright.kernel.ids import CallId
from callwright.kernel.limits.storage import (
    STORAGE_GROUP_MAX,
    STORAGE_GROUP_S,
    STORAGE_RETRY_S,
    STORAGE_WAITING_MAX,
    VOICEMAIL_ATTEMPTS_MAX,
)
from callwright.kernel.money import Money
from callwright.storage.call_legs import LegsByCall, note_legs_within
from callwright.storage.call_records import CallRecords, CallStart
from callwright.storage.database import Database, DatabaseError
from callwright.storage.emergency_callbacks import StoredCallbacks
from callwright.storage.ledger import Ledger
from callwright.storage.registrations import RegistrationChanges, StoredRegistrations
from callwright.storage.sealing import Sealer
from callwright.storage.voicemail import Voicemails

T = TypeVar("T")
_log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Awaited(Generic[T]):
    """An act that somebody waits for, on that one's loop."""

    act: Callable[[Connection], T]
    answer: "asyncio.Future[T]"
    result: T | None = None
    touches_money: bool = False


@dataclass(frozen=True, slots=True)
class _Posted:
    """An act that nobody waits for."""

    act: Callable[[Connection], object]


_Work = CallStart | CallRecord | _Posted | _Awaited[Any]


class StorageWorker:
    """Its async methods belong on an event loop; the others may be called from any thread.

    ``utc`` dates ledger entries, ``new_id`` names messages.
    """

    def __init__(
        self,
        database: Database,
        *,
        utc: Callable[[], datetime],
        new_id: Callable[[], str],
        sealer: Sealer | None = None,
    ) -> None:
        self.ledger = Ledger(database)
        self.call_records = CallRecords(database)
        self.voicemails = Voicemails(database, new_id=new_id, sealer=sealer)
        self.registrations = StoredRegistrations(database)
        self.callbacks = StoredCallbacks(database)
        self.wallet = StoredWallet(self, self.ledger, utc)
        self.lost = 0
        """Call records and the like that could not be kept, since the start."""
        self._database = database
        self._waiting: deque[_Work] = deque()
        self._awaited = 0
        self._is_closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="storage", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How much is still to be written."""
        return len(self._waiting)

    def record_started(
        self,
        call_id: CallId,
        started_at: datetime,
        caller: str,
        callee: str,
        direction: Direction,
    ) -> None:
        self._put(CallStart(call_id, started_at, caller, callee, direction))

    def record_ended(self, record: CallRecord) -> None:
        self._put(record)

    def legs_measured(self, legs: LegsByCall) -> None:
        """Of calls that run."""
        self.post(lambda connection: note_legs_within(connection, legs))

    def registrations_changed(self, changes: RegistrationChanges) -> None:
        """Writes what is noted in them when their turn comes."""
        self.post(changes.write_within)

    def callback_noted(self, callback: Callback) -> None:
        self.post(lambda connection: self.callbacks.keep_within(connection, callback))

    def post(self, act: Callable[[Connection], object]) -> None:
        """Runs ``act`` in a transaction as soon as one is possible; nobody waits for it."""
        self._put(_Posted(act))

    def leg_answered(self, key: str, slice_s: int, at: datetime) -> None:
        """A paid leg; nobody waits for it, and a crash before it is written costs nobody money."""
        self.post(lambda connection: self.ledger.note_answered_within(connection, key, slice_s, at))

    async def voicemail_add(self, message: Message) -> KeptMessage:
        """The message is durable when this returns. A database that refuses for a while is asked
        again, for nobody says a message twice. Raises OSError, DatabaseError."""
        loop = asyncio.get_running_loop()
        message = await loop.run_in_executor(None, self.voicemails.made_durable, message)

        def add(connection: Connection) -> KeptMessage:
            return self.voicemails.add_within(connection, message)

        for _ in range(VOICEMAIL_ATTEMPTS_MAX - 1):
            try:
                return await self.perform(add)
            except DatabaseError as error:
                if not error.may_pass:
                    raise
            await asyncio.sleep(STORAGE_RETRY_S)
        return await self.perform(add)

    def perform(self, act: Callable[[Connection], T]) -> Awaitable[T]:
        """Runs ``act`` in the worker's transaction; the result is durable when it is given.

        Acts run in the order in which they were given. Raises what ``act`` raises, DatabaseError.
        """
        return self._ask(_Awaited(act, asyncio.get_running_loop().create_future()))

    async def flush(self) -> None:
        """Returns when everything given before is durable."""
        await self.perform(lambda connection: None)

    async def close(self) -> None:
        """Writes what waits and ends the thread; what comes later is refused."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    def money(self, act: Callable[[Connection], T]) -> Awaitable[T]:
        """As ``perform``, for an act on the ledger."""
        answer = asyncio.get_running_loop().create_future()
        return self._ask(_Awaited(act, answer, touches_money=True))

    def _ask(self, awaited: _Awaited[T]) -> Awaitable[T]:
        with self._changed:
            if self._is_closing:
                awaited.answer.set_exception(DatabaseError("the storage is closed"))
            elif len(self._waiting) >= STORAGE_WAITING_MAX:
                awaited.answer.set_exception(DatabaseError("too much waits for the disk"))
            else:
                self._waiting.append(awaited)
                self._awaited += 1
                self._changed.notify()
        return awaited.answer

    def _put(self, work: _Work) -> None:
        with self._changed:
            if not self._is_closing and len(self._waiting) < STORAGE_WAITING_MAX:
                self._waiting.append(work)
                if len(self._waiting) == 1:
                    self._changed.notify()
                return
        self._lose(work, "closed" if self._is_closing else "too much waits")

    def _run(self) -> None:
        while group := self._next_group():
            self._write(group)

    def _next_group(self) -> list[_Work]:
        """Empty: closed and nothing left."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closing)
            self._changed.wait_for(lambda: self._awaited or self._is_closing, STORAGE_GROUP_S)
            count = min(len(self._waiting), STORAGE_GROUP_MAX)
            group = [self._waiting.popleft() for _ in range(count)]
            self._awaited -= sum(isinstance(work, _Awaited) for work in group)
            return group

    def _write(self, group: Sequence[_Work]) -> None:
        try:
            with self._database.writing() as connection:
                self._write_within(connection, group)
        except DatabaseError as error:
            if error.may_pass:
                self._put_back(group, error)
            else:
                self._find_fault(group, error)
        except Exception as error:
            self._find_fault(group, error)
        else:
            _answer([(work, None) for work in group if isinstance(work, _Awaited)])

    def _write_within(self, connection: Connection, group: Sequence[_Work]) -> None:
        """A call's start is given before its end, so all starts may go before all ends."""
        if any(isinstance(work, _Awaited) and work.touches_money for work in group):
            self.ledger.catch_up_within(connection)
        starts = [work for work in group if isinstance(work, CallStart)]
        self.call_records.started_within(connection, starts)
        records = [work for work in group if isinstance(work, CallRecord)]
        self.call_records.add_within(connection, records)
        for work in group:
            if isinstance(work, _Awaited):
                work.result = work.act(connection)
            elif isinstance(work, _Posted):
                work.act(connection)

    def _find_fault(self, group: Sequence[_Work], error: Exception) -> None:
        """One of them cannot be written: each gets a transaction of its own, to find which."""
        if len(group) > 1:
            for work in group:
                self._write([work])
            return
        work = group[0]
        if isinstance(work, _Awaited):
            _answer([(work, error)])
        else:
            self._lose(work, str(error))

    def _put_back(self, group: Sequence[_Work], error: DatabaseError) -> None:
        """A full disk may have room again: only who waits is told now."""
        _answer([(work, error) for work in group if isinstance(work, _Awaited)])
        kept = [work for work in group if not isinstance(work, _Awaited)]
        _log.error("storage.write_failed", error=str(error), waiting=self.waiting + len(kept))
        with self._changed:
            if not self._is_closing:
                self._waiting.extendleft(reversed(kept))
                self._changed.wait_for(lambda: self._awaited or self._is_closing, STORAGE_RETRY_S)
                return
        for work in kept:
            self._lose(work, str(error))

    def _lose(self, work: _Work, why: str) -> None:
        self.lost += 1
        what = getattr(work, "id", type(work).__name__)
        _log.error("storage.lost", what=what, why=why, lost=self.lost)


class StoredWallet:
    """Implements ``calls.metering.Wallet``: each answer is durable when it is given.

    What ends a paid leg is never given up while the disk refuses: it waits with the records, and
    a crash before leaves it to the next start (``recovery``).
    """

    def __init__(self, worker: StorageWorker, ledger: Ledger, utc: Callable[[], datetime]) -> None:
        self._worker = worker
        self._ledger = ledger
        self._utc = utc

    async def reserve(self, key: str, slice_number: int, amount: Money) -> bool:
        at = self._utc()
        return await self._worker.money(
            lambda connection: self._ledger.reserve_within(
                connection, key, slice_number, amount, at
            )
        )

    def note_answered(self, key: str, slice_s: int) -> None:
        self._worker.leg_answered(key, slice_s, self._utc())

    async def settle(self, key: str, amount: Money) -> None:
        at = self._utc()
        await self._end(lambda connection: self._ledger.settle_within(connection, key, amount, at))

    async def release(self, key: str) -> None:
        at = self._utc()
        await self._end(lambda connection: self._ledger.release_within(connection, key, at))

    async def _end(self, act: Callable[[Connection], object]) -> None:
        try:
            await self._worker.money(act)
        except DatabaseError as error:
            if not error.may_pass:
                raise
            self._worker.post(act)


def _answer(outcomes: Sequence[tuple[_Awaited[Any], Exception | None]]) -> None:
    """One wake-up for each loop, however many wait there."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Awaited[Any], Exception | None]]] = {}
    for awaited, error in outcomes:
        by_loop.setdefault(awaited.answer.get_loop(), []).append((awaited, error))
    for loop, theirs in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, theirs)
        except RuntimeError:
            _log.warning("storage.nobody_waits", answers=len(theirs))  # the loop is closed


def _resolve(outcomes: Sequence[tuple[_Awaited[Any], Exception | None]]) -> None:
    for awaited, error in outcomes:
        if awaited.answer.done():
            continue
        if error is not None:
            awaited.answer.set_exception(error)
        else:
            awaited.answer.set_result(cast(object, awaited.result))
