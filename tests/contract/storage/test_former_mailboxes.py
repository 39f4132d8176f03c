"""What a mailbox held is no namesake's, comes back with an undo, and is erased in the end."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.storage.test_history import AT, DAVE, OLIVE, Office
from tests.contract.storage.test_history import office as office
from tests.contract.storage.test_voicemail_service import run, wav

from callwright.apps.services import Message
from callwright.domains.voicemail.model import (
    NOTHING_CHOSEN,
    NOTHING_HELD,
    Choice,
    GreetingKind,
    KeptMessage,
    VoicemailPolicy,
)
from callwright.kernel.ids import MailboxId
from callwright.kernel.limits.voicemail import FORMER_MAILBOX_DAYS
from callwright.operations.organisation_file.entities import EntityKey
from callwright.runtime.clock import LoopClock
from callwright.runtime.stored_mailboxes import WorkerMailboxes
from callwright.runtime.voicemail_keeping import MessageSweep
from callwright.storage.database import Database
from callwright.storage.former_mailboxes import former_within, set_apart_within
from callwright.storage.voicemail import Voicemails
from callwright.storage.worker import StorageWorker
from callwright.testing.builders import contoso_snapshot

NIGHT = ("shared-voicemail", "night")
SNAPSHOT = contoso_snapshot()


class Life(Office):
    """An office, and a mailbox that holds a saved message, a PIN and a greeting."""

    def __init__(self, database: Database, mailbox: str) -> None:
        super().__init__(database)
        self.mailbox = MailboxId(mailbox)
        self.voicemails = Voicemails(database, new_id=lambda: f"of-{mailbox}")

    def leave(self, *, is_saved: bool = True) -> KeptMessage:
        path = self.voicemails.new_path(self.mailbox)
        path.write_bytes(wav(1.0))
        message = self.voicemails.add(Message(self.mailbox, "102", "Bob", AT, 1.0, path))
        self.voicemails.mark_read(message, AT, is_saved=is_saved)
        kept = self.voicemails.get(message)
        assert kept is not None
        return kept

    def choose(self) -> Choice:
        greeting = self.voicemails.greeting_path(self.mailbox, GreetingKind.DEFAULT)
        greeting.write_bytes(wav(1.0))
        choice = Choice(pin_hash="a hash", greeting=greeting)
        self.voicemails.choose(self.mailbox, choice)
        return choice


@pytest.mark.parametrize("owner", [DAVE, NIGHT])
def test_who_comes_under_a_name_that_somebody_had_finds_an_empty_mailbox(
    database: Database, office: Office, owner: EntityKey
) -> None:
    life = Life(database, owner[1])
    if owner == NIGHT:
        life.edit({NIGHT: {"email": "night@contoso.test"}})
    settings = life.settings(owner)
    message, _ = life.leave(), life.choose()
    life.edit({}, owner)
    life.edit({owner: settings})
    assert life.voicemails.list(life.mailbox) == []
    assert life.voicemails.holdings(life.mailbox) == NOTHING_HELD
    assert life.voicemails.choice(life.mailbox) == NOTHING_CHOSEN
    former = life.voicemails.get(message.id)
    assert former is not None
    assert former.mailbox != life.mailbox
    assert former.path.exists()


def test_who_comes_back_by_an_undo_has_it_all_again(database: Database, office: Office) -> None:
    life = Life(database, "dave")
    message, choice = life.leave(), life.choose()
    removed = life.edit({}, DAVE)
    life.rewinder.undo(removed, by=OLIVE, now=AT)
    assert life.voicemails.list(life.mailbox) == [message]
    assert life.voicemails.choice(life.mailbox) == choice
    with database.reading() as connection:
        assert former_within(connection) == set()


@pytest.mark.parametrize("days", [FORMER_MAILBOX_DAYS - 1, FORMER_MAILBOX_DAYS + 1])
def test_what_nobody_takes_back_is_erased_saved_messages_too(
    database: Database, office: Office, days: int
) -> None:
    life = Life(database, "dave")
    message, choice = life.leave(), life.choose()
    assert choice.greeting is not None
    kept: list[Path] = [message.path, choice.greeting]

    async def script(worker: StorageWorker) -> None:
        clock = LoopClock(asyncio.get_running_loop())
        removed_at = clock.utc() - timedelta(days=days)
        await worker.perform(
            lambda connection: set_apart_within(
                connection, [life.mailbox], revision=7, at=removed_at
            )
        )
        erased = days > FORMER_MAILBOX_DAYS
        sweep = MessageSweep(worker, clock, lambda: SNAPSHOT)
        assert await sweep.sweep() == erased
        assert [path.exists() for path in kept] == [not erased] * 2
        there = worker.voicemails.get(message.id)
        assert (there is None) == erased

    run(database, script)


def test_a_message_that_was_being_spoken_meanwhile_is_set_apart_too(
    database: Database, office: Office
) -> None:
    life = Life(database, "dave")
    life.edit({}, DAVE)
    message = life.leave()

    async def script(worker: StorageWorker) -> None:
        clock = LoopClock(asyncio.get_running_loop())
        assert await MessageSweep(worker, clock, lambda: SNAPSHOT).sweep() == 0
        assert await WorkerMailboxes(worker).messages(life.mailbox) == []
        assert worker.voicemails.get(message.id) is not None

    run(database, script)


def test_messages_of_who_is_gone_stay_no_longer_than_those_of_everybody(
    database: Database, office: Office
) -> None:
    life = Life(database, "dave")
    life.leave(is_saved=False)
    life.edit({}, DAVE)
    policies = {"default": VoicemailPolicy(keep_days=7)}

    async def script(worker: StorageWorker) -> None:
        clock = LoopClock(asyncio.get_running_loop())
        sweep = MessageSweep(worker, clock, lambda: contoso_snapshot(voicemail_policies=policies))
        assert await sweep.sweep() == 1

    run(database, script)
