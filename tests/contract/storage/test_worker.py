"""The writing thread of a node: durable when it answers, and nothing is forgotten on the way."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Connection

import callwright.storage.worker
from callwright.apps.services import Message
from callwright.calls.metering import Wallet
from callwright.calls.record import CallRecord, Direction
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import MailboxId
from callwright.kernel.money import Money
from callwright.storage.call_records import CallRecords
from callwright.storage.database import Database, DatabaseError
from callwright.storage.ledger import Ledger
from callwright.storage.registrations import (
    RegistrationChanges,
    StoredBinding,
    StoredRegistrations,
)
from callwright.storage.voicemail import Voicemails
from callwright.storage.worker import StorageWorker

AT = datetime(2025, 3, 10, 9, 30, tzinfo=UTC)
ALICE = MailboxId("alice")
CENT = Money(10_000, "USD")
RecordMaker = Callable[..., CallRecord]
Script = Callable[[StorageWorker], Awaitable[None]]


def run(database: Database, script: Script) -> StorageWorker:
    names = count(1)

    async def main() -> StorageWorker:
        worker = StorageWorker(database, utc=lambda: AT, new_id=lambda: f"01J{next(names):023d}")
        try:
            await script(worker)
        finally:
            await worker.close()
        return worker

    return asyncio.run(main())


@contextmanager
def held(worker: StorageWorker) -> Iterator[None]:
    """The thread is busy until the block ends; what is given meanwhile comes in one group."""
    started, may_go_on = threading.Event(), threading.Event()

    def wait(connection: Connection) -> None:
        started.set()
        may_go_on.wait()

    waiting = worker.perform(wait)
    started.wait()
    try:
        yield
    finally:
        may_go_on.set()
    del waiting


def test_the_wallets_answers_are_durable_when_given(
    database: Database, open_again: Callable[[], Database]
) -> None:
    other = Ledger(open_again())
    other.post_opening(CENT * 5, AT)

    async def script(worker: StorageWorker) -> None:
        wallet: Wallet = worker.wallet
        assert await wallet.reserve("call_1/1", 0, CENT * 4)
        assert other.reserved() == CENT * 4
        assert not await wallet.reserve("call_2/1", 0, CENT * 2)
        await wallet.settle("call_1/1", CENT * 3)
        assert (other.balance(), other.reserved()) == (CENT * 2, CENT * 0)
        assert await wallet.reserve("call_3/1", 0, CENT)
        await wallet.release("call_3/1")
        assert other.available() == CENT * 2
        assert other.entries(limit=2)[1].at == AT

    run(database, script)


def test_an_answer_is_noted_beside_the_call_and_counts_after_a_crash(
    database: Database, open_again: Callable[[], Database]
) -> None:
    other = Ledger(open_again())
    other.post_opening(CENT * 5, AT)

    async def script(worker: StorageWorker) -> None:
        for key in ("call_1/1", "call_2/1"):
            assert await worker.wallet.reserve(key, 0, CENT * 2)
        worker.wallet.note_answered("call_1/1", 60)
        await worker.flush()
        assert other.recover(AT) == 2
        assert other.balance() == CENT * 3

    run(database, script)


def test_many_calls_at_once_never_overdraw(database: Database) -> None:
    Ledger(database).post_opening(CENT * 50, AT)

    async def script(worker: StorageWorker) -> None:
        async def call(number: int) -> bool:
            granted = await worker.wallet.reserve(f"call_{number}/1", 0, CENT)
            if granted:
                await worker.wallet.settle(f"call_{number}/1", CENT)
            return granted

        granted = await asyncio.gather(*(call(number) for number in range(200)))
        assert granted.count(True) == 50

    run(database, script)
    assert Ledger(database).balance() == CENT * 0
    assert sum(money.micros for money in Ledger(database).accounts().values()) == 0


def test_records_and_journal_are_written_without_waiting(
    database: Database, open_again: Callable[[], Database], make_record: RecordMaker
) -> None:
    other = CallRecords(open_again())
    ended, running = [make_record() for _ in range(300)], make_record()

    async def script(worker: StorageWorker) -> None:
        for record in [*ended, running]:
            worker.record_started(record.id, AT, record.caller, record.callee, record.direction)
        for record in ended:
            worker.record_ended(record)
        await worker.flush()
        assert other.list(limit=1_000) == ended[::-1]
        assert [start.id for start in other.open_calls()] == [running.id]

    run(database, script)


def test_closing_writes_what_waits_and_refuses_what_comes_later(
    database: Database, make_record: RecordMaker
) -> None:
    first, late = make_record(), make_record()

    async def script(worker: StorageWorker) -> None:
        worker.record_ended(first)

    worker = run(database, script)
    worker.record_ended(late)
    assert CallRecords(database).list(limit=10) == [first]
    assert worker.lost == 1

    async def ask_late() -> None:
        await worker.wallet.reserve("call_1/1", 0, CENT)

    with pytest.raises(DatabaseError, match="closed"):
        asyncio.run(ask_late())


def test_a_message_counts_when_it_was_added(
    database: Database, open_again: Callable[[], Database]
) -> None:
    other = Voicemails(open_again(), new_id=lambda: "unused")

    async def script(worker: StorageWorker) -> None:
        path = worker.voicemails.new_path(ALICE)
        path.write_bytes(b"RIFF")
        added = await worker.voicemail_add(Message(ALICE, "101", "Bob", AT, 2.0, path))
        assert [message.id for message in other.list(ALICE)] == [added.id]
        other.mark_read(added.id, AT)
        assert [message.is_read for message in worker.voicemails.list(ALICE)] == [True]

    run(database, script)


def test_phones_are_saved_and_removed_in_order(database: Database) -> None:
    here = HostPort("192.0.2.1", 5060)
    desk = StoredBinding(
        "alice@contoso.test", "sip:a@192.0.2.7", "udp", here, here, "c1", 1, 1.0, (), "Desk", AT
    )

    async def script(worker: StorageWorker) -> None:
        first, second = RegistrationChanges(), RegistrationChanges()
        first.note(desk.aor, desk.key, desk)
        second.note(desk.aor, desk.key, None)
        second.note(desk.aor, desk.key, desk)
        second.note(desk.aor, "another", None)
        worker.registrations_changed(first)
        worker.registrations_changed(second)

    run(database, script)
    assert StoredRegistrations(database).load(AT.replace(year=2024)) == [desk]


def test_one_act_that_fails_leaves_the_others_of_its_group_alone(
    database: Database, make_record: RecordMaker
) -> None:
    Ledger(database).post_opening(CENT * 5, AT)
    record = make_record()

    def broken(connection: Connection) -> None:
        raise ValueError("a defect")

    async def script(worker: StorageWorker) -> None:
        with held(worker):
            worker.record_ended(record)
            reserving = asyncio.ensure_future(worker.wallet.reserve("call_1/1", 0, CENT * 3))
            again = asyncio.ensure_future(worker.wallet.reserve("call_2/1", 0, CENT * 3))
            await asyncio.sleep(0)
            failing = worker.perform(broken)
        with pytest.raises(ValueError, match="a defect"):
            await failing
        assert [await reserving, await again] == [True, False]

    worker = run(database, script)
    assert CallRecords(database).list(limit=10) == [record]
    assert Ledger(database).reserved() == CENT * 3
    assert worker.lost == 0


def test_a_record_that_cannot_be_written_is_counted_and_the_others_are_kept(
    database: Database, make_record: RecordMaker
) -> None:
    good, bad = make_record(), make_record(sip_status=None)

    async def script(worker: StorageWorker) -> None:
        with held(worker):
            worker.record_ended(bad)
            worker.record_ended(good)

    assert run(database, script).lost == 1
    assert CallRecords(database).list(limit=10) == [good]


def test_a_caller_that_gave_up_disturbs_nobody(database: Database) -> None:
    Ledger(database).post_opening(CENT * 5, AT)

    async def script(worker: StorageWorker) -> None:
        with held(worker):
            gone = asyncio.ensure_future(worker.wallet.reserve("call_1/1", 0, CENT))
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.sleep(0)
        assert await worker.wallet.reserve("call_2/1", 0, CENT)
        await worker.wallet.release("call_1/1")

    run(database, script)
    assert Ledger(database).reserved() == CENT


def test_what_comes_on_top_of_the_bound_is_counted(
    database: Database, make_record: RecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callwright.storage.worker, "STORAGE_WAITING_MAX", 3)
    made = [make_record() for _ in range(5)]

    async def script(worker: StorageWorker) -> None:
        with held(worker):
            for record in made:
                worker.record_ended(record)
            assert worker.waiting == 3
            with pytest.raises(DatabaseError, match="too much waits"):
                await worker.wallet.reserve("call_1/1", 0, CENT)

    assert run(database, script).lost == 2
    assert CallRecords(database).list(limit=10) == made[2::-1]


class FullDisk(Database):
    """Refuses so many transactions, as a disk without room does."""

    refusals = 0

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        if self.refusals > 0:
            self.refusals -= 1
            raise DatabaseError("the disk is full", may_pass=True)
        with super().writing() as connection:
            yield connection


def test_records_wait_for_room_on_the_disk_and_callers_are_told(
    tmp_path: Path, make_record: RecordMaker
) -> None:
    database = FullDisk.open(tmp_path)
    Ledger(database).post_opening(CENT * 5, AT)
    records = [make_record() for _ in range(3)]

    async def script(worker: StorageWorker) -> None:
        database.refusals = 2
        for record in records:
            worker.record_started(record.id, AT, "101", "102", Direction.INTERNAL)
            worker.record_ended(record)
        for _ in range(2):
            with pytest.raises(DatabaseError, match="full"):
                await worker.wallet.reserve("call_1/1", 0, CENT)
        assert await worker.wallet.reserve("call_1/1", 0, CENT)

    assert run(database, script).lost == 0
    assert CallRecords(database).list(limit=10) == records[::-1]
    database.close()


def test_a_call_that_ends_on_a_full_disk_is_settled_when_there_is_room(tmp_path: Path) -> None:
    database = FullDisk.open(tmp_path)
    Ledger(database).post_opening(CENT * 5, AT)

    async def script(worker: StorageWorker) -> None:
        for key in ("call_1/0", "call_2/0"):
            assert await worker.wallet.reserve(key, 0, CENT * 2)
        database.refusals = 2
        await worker.wallet.settle("call_1/0", CENT)
        await worker.wallet.release("call_2/0")
        await worker.flush()

    assert run(database, script).lost == 0
    assert Ledger(database).reserved() == Money(0, "USD")
    assert Ledger(database).balance() == CENT * 4
    database.close()


def test_a_disk_that_stays_full_loses_records_only_when_the_node_stops(
    tmp_path: Path, make_record: RecordMaker
) -> None:
    database = FullDisk.open(tmp_path)

    async def script(worker: StorageWorker) -> None:
        database.refusals = 1_000
        worker.record_ended(make_record())

    assert run(database, script).lost == 1
    database.close()


def test_a_message_that_is_left_while_the_disk_refuses_is_listed_when_it_has_room(
    tmp_path: Path,
) -> None:
    database = FullDisk.open(tmp_path)

    async def script(worker: StorageWorker) -> None:
        path = worker.voicemails.new_path(ALICE)
        path.write_bytes(b"RIFF")
        database.refusals = 1
        added = await worker.voicemail_add(Message(ALICE, "101", "Bob", AT, 2.0, path))
        await worker.flush()
        assert worker.voicemails.list(ALICE) == [added]

    assert run(database, script).lost == 0
    database.close()
