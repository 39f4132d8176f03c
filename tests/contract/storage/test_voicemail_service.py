"""Voicemail beside a node, on a real database: retention, choices of owners, lamps."""

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.contract.storage.test_history import CONTOSO as ORGANISATION

from callwright.apps.services import Message
from callwright.domains.voicemail.model import (
    Choice,
    Forwarding,
    GreetingKind,
    KeptMessage,
    Mailbox,
    TranscriptState,
    VoicemailPolicy,
    WrongPins,
)
from callwright.domains.voicemail.rules import forwarding
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.limits.voicemail import VOICEMAIL_PIN_FAILURES_FREE, VOICEMAIL_S_RANGE
from callwright.operations.actor import SYSTEM
from callwright.operations.administration import Administration
from callwright.runtime.clock import LoopClock
from callwright.runtime.stored_mailboxes import WorkerMailboxes
from callwright.runtime.voicemail_keeping import LampWatch, MessageSweep
from callwright.runtime.voicemail_service import VoicemailService
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.events import Event, EventKind, Events, News, add_within
from callwright.storage.unfinished_messages import note_transcript_within
from callwright.storage.voicemail import Voicemails
from callwright.storage.worker import StorageWorker
from callwright.testing.builders import contoso_snapshot

ALICE, BOB = MailboxId("alice"), MailboxId("bob")
BOBS = Mailbox(BOB, "Bob", email=None, pin=None)
PLAIN = VoicemailPolicy()
AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def wav(seconds: float, rate_hz: int = 8_000) -> bytes:
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(b"\x01\x00" * int(seconds * rate_hz))
    return whole.getvalue()


def run(database: Database, script: Callable[[StorageWorker], Awaitable[None]]) -> None:
    numbers = iter(range(100))

    async def main() -> None:
        clock = LoopClock(asyncio.get_running_loop())
        worker = StorageWorker(database, utc=clock.utc, new_id=lambda: f"01J{next(numbers):023d}")
        try:
            await script(worker)
        finally:
            await worker.close()

    asyncio.run(main())


async def leave(
    worker: StorageWorker,
    *,
    state: TranscriptState = TranscriptState.WAITING,
    at: datetime = AT,
    seconds: float = 2.0,
) -> KeptMessage:
    path = worker.voicemails.new_path(ALICE)
    await asyncio.to_thread(path.write_bytes, wav(seconds))
    message = Message(ALICE, "102", "Bob", at, seconds, path, transcript_state=state)
    return await worker.voicemail_add(message)


def to_bob(message: KeptMessage, policy: VoicemailPolicy = PLAIN) -> Forwarding:
    return forwarding(message, BOBS, policy, by=UserId(ALICE), at=AT, profanities=("widget",))


def test_messages_past_their_days_are_deleted_unless_saved_and_it_is_told(
    database: Database,
) -> None:
    administration = Administration(StoredConfiguration(database, utc=lambda: AT))
    administration.replace(ORGANISATION, by=SYSTEM)
    snapshot = contoso_snapshot(voicemail_policies={"default": VoicemailPolicy(keep_days=30)})

    async def script(worker: StorageWorker) -> None:
        clock = LoopClock(asyncio.get_running_loop())
        now = clock.utc()
        old = await leave(worker, at=now - timedelta(days=31))
        saved = await leave(worker, at=now - timedelta(days=31))
        young = await leave(worker, at=now - timedelta(days=29))
        await WorkerMailboxes(worker).mark(saved, is_saved=True, at=now)
        assert await MessageSweep(worker, clock, lambda: snapshot).sweep() == 1
        kept = {message.id for message in worker.voicemails.list(ALICE)}
        assert kept == {saved.id, young.id}
        assert not old.path.exists()
        told = Events(database).after(0, limit=10)[-1]
        assert told.kind == "voicemail.deleted"
        assert told.data == {
            "id": old.id, "mailbox": "alice", "because": "kept for 30 days"
        }  # fmt: skip

    run(database, script)


def test_a_choice_is_kept_and_the_greeting_that_it_replaces_removed(database: Database) -> None:
    async def script(worker: StorageWorker) -> None:
        mailboxes = WorkerMailboxes(worker)
        first = mailboxes.greeting_path(ALICE, GreetingKind.DEFAULT)
        second = mailboxes.greeting_path(ALICE, GreetingKind.DEFAULT)
        for path in (first, second):
            await asyncio.to_thread(path.write_bytes, wav(1.0))
        hashed = await mailboxes.hash_pin("739152")
        await mailboxes.choose(ALICE, Choice(greeting=first, pin_hash=hashed))
        await mailboxes.choose(ALICE, Choice(greeting=second, pin_hash=hashed))
        assert await mailboxes.choice(ALICE) == Choice(greeting=second, pin_hash=hashed)
        assert (first.exists(), second.exists()) == (False, True)
        assert await mailboxes.pin_fits("739152", hashed)
        assert not await mailboxes.pin_fits("739153", hashed)
        assert await mailboxes.choice(BOB) == Choice()

    run(database, script)


def test_wrong_pins_are_counted_until_the_right_one_or_another_pin(database: Database) -> None:
    async def script(worker: StorageWorker) -> None:
        mailboxes = WorkerMailboxes(worker)
        for _ in range(2):
            assert await mailboxes.count_guess(ALICE, AT)
        assert await WorkerMailboxes(worker).wrong_pins(ALICE) == WrongPins(2, AT)
        assert await mailboxes.wrong_pins(BOB) == WrongPins()
        await mailboxes.forget_wrong_pins(ALICE)
        assert await mailboxes.wrong_pins(ALICE) == WrongPins()
        assert await mailboxes.count_guess(ALICE, AT)
        await mailboxes.choose(ALICE, Choice(out_of_office=True))
        assert (await mailboxes.wrong_pins(ALICE)).count == 1
        await mailboxes.choose(ALICE, Choice(pin_hash="another"))
        assert await mailboxes.wrong_pins(ALICE) == WrongPins()

    run(database, script)


def test_of_guesses_that_come_at_once_some_are_looked_at(database: Database) -> None:
    async def script(worker: StorageWorker) -> None:
        mailboxes = WorkerMailboxes(worker)
        guesses = [mailboxes.count_guess(ALICE, AT) for _ in range(20)]
        assert sum(await asyncio.gather(*guesses)) == VOICEMAIL_PIN_FAILURES_FREE
        assert (await mailboxes.wrong_pins(ALICE)).count == VOICEMAIL_PIN_FAILURES_FREE
        assert await mailboxes.count_guess(ALICE, AT + timedelta(days=1))

    run(database, script)


@pytest.mark.parametrize("comment_hz", [8_000, 16_000])
def test_a_forwarded_message_begins_with_the_comment(database: Database, comment_hz: int) -> None:
    """Whoever forwards has a better telephone than the caller, as often as not."""

    async def script(worker: StorageWorker) -> None:
        mailboxes = WorkerMailboxes(worker)
        left = await leave(worker)
        comment = mailboxes.new_path(ALICE)
        await asyncio.to_thread(comment.write_bytes, wav(1.0, comment_hz))
        bobs = replace(BOBS, is_protected=True)
        copy = await mailboxes.forward(
            forwarding(left, bobs, PLAIN, by=UserId(ALICE), at=AT, comment=comment)
        )
        assert copy.duration_s == pytest.approx(3.6)
        assert (copy.forwarded_by, copy.is_protected) == ("alice", True)
        with wave.open(str(copy.path)) as file:
            assert (file.getframerate(), file.getnframes()) == (8_000, 3.6 * 8_000)
        assert not comment.exists()
        assert (await mailboxes.holdings(BOB)).new == 1

    run(database, script)


@pytest.mark.parametrize(
    ("policy", "text", "state"),
    [
        (PLAIN, "The widget is here.", TranscriptState.DONE),
        (VoicemailPolicy(mask_profanity=True), "The ****** is here.", TranscriptState.DONE),
        (VoicemailPolicy(transcription=False), None, TranscriptState.NONE),
    ],
)
def test_a_forwarded_message_keeps_its_transcript_as_far_as_the_other_mailbox_has_any(
    database: Database, policy: VoicemailPolicy, text: str | None, state: TranscriptState
) -> None:
    async def script(worker: StorageWorker) -> None:
        mailboxes = WorkerMailboxes(worker)
        left = await leave(worker)
        waits = await mailboxes.forward(to_bob(left))
        assert waits.transcript_state is TranscriptState.WAITING
        await worker.perform(
            lambda connection: note_transcript_within(connection, left.id, "The widget is here.")
        )
        written_out = worker.voicemails.get(left.id)
        assert written_out is not None
        copy = await mailboxes.forward(to_bob(written_out, policy))
        assert (copy.transcript, copy.transcript_state) == (text, state)
        assert worker.voicemails.get(copy.id) == copy

    run(database, script)


def test_lamps_and_mail_follow_what_others_do_and_no_message_is_mailed_twice(
    database: Database, open_again: Callable[[], Database]
) -> None:
    """Who reads or deletes by command or API turns the lamp off; who forwards so lights it."""
    told: list[UserId] = []
    arrived: list[KeptMessage] = []

    async def script(worker: StorageWorker) -> None:
        mailboxes = WorkerMailboxes(worker)
        watch = LampWatch(Events(database), mailboxes, told.append, lambda: True, arrived.append)
        await watch.look()
        path = mailboxes.new_path(ALICE)
        await asyncio.to_thread(path.write_bytes, wav(1.0))
        left = await mailboxes.add(Message(ALICE, "102", "Bob", AT, 1.0, path))
        await watch.look()
        assert arrived == []  # the call mailed it
        other = Voicemails(open_again(), new_id=lambda: "elsewhere")
        copy = await asyncio.to_thread(other.forward, to_bob(left))
        other.delete(left.id, AT)
        told.clear()
        await watch.look()
        assert told == ["bob", "alice"]
        assert arrived == [copy]
        assert (await mailboxes.holdings(BOB)).new == 1

    run(database, script)


class NotedEvents(Events):
    """Notes from where it is read."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.read_from: list[int] = []

    def after(
        self, cursor: int, *, limit: int, kinds: Collection[str] | None = None
    ) -> list[Event]:
        self.read_from.append(cursor)
        return super().after(cursor, limit=limit, kinds=kinds)


def test_the_ends_of_calls_are_passed_once(database: Database) -> None:
    """A busy system has 200,000 of them, and the watch looks four times a second."""
    events = NotedEvents(database)
    ends = [News(EventKind.CALL_ENDED, AT, {"id": f"call_{number}"}) for number in range(3)]

    async def script(worker: StorageWorker) -> None:
        mailboxes = WorkerMailboxes(worker)
        watch = LampWatch(events, mailboxes, lambda user: None, lambda: True, lambda left: None)
        await watch.look()
        for _ in range(2):
            await worker.perform(lambda connection: add_within(connection, ends))
            await watch.look()
        await watch.look()

    run(database, script)
    first = events.newest() - 6
    assert events.read_from == [first, first + 3, first + 6]


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
def test_a_message_as_long_as_any_policy_allows_is_heard_by_phone(
    database: Database, rate_hz: int
) -> None:
    """A wideband one of the default length is larger than any sound that is uploaded."""

    async def script(worker: StorageWorker) -> None:
        clock = LoopClock(asyncio.get_running_loop())
        path = worker.voicemails.new_path(ALICE)
        await asyncio.to_thread(path.write_bytes, wav(VOICEMAIL_S_RANGE[1], rate_hz))
        service = VoicemailService(database, worker, clock, None)
        heard = await asyncio.to_thread(service.read_sound, str(path))
        assert len(heard) == VOICEMAIL_S_RANGE[1] * 16_000

    run(database, script)
