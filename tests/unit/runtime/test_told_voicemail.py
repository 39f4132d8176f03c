"""Voicemail as calls see it, while the database is away."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from callwright.domains.voicemail.model import NOTHING_CHOSEN, NOTHING_HELD, Choice
from callwright.kernel.ids import MailboxId
from callwright.runtime.clock import LoopClock
from callwright.runtime.voicemail import ToldVoicemail
from callwright.storage.faults import DatabaseError
from callwright.testing.builders import contoso_snapshot
from callwright.testing.stores import MemoryMailboxes, MemoryPostbox

ALICE = MailboxId("alice")
CONTOSO = contoso_snapshot()


class Unreadable(MemoryMailboxes):
    async def choice(self, mailbox: MailboxId) -> Choice:
        raise DatabaseError("the database is away", may_pass=True)


def test_callers_are_served_and_nobody_is_let_in_while_choices_cannot_be_read(
    tmp_path: Path,
) -> None:
    """The PIN of the file was only a beginning, and what owners chose must not be written over."""
    nobody: Any = None

    async def main() -> None:
        clock = LoopClock(asyncio.get_running_loop())
        store = ToldVoicemail(Unreadable(tmp_path), nobody, MemoryPostbox(), nobody, clock)
        assert await store.met(ALICE) == (NOTHING_CHOSEN, NOTHING_HELD)
        pin = CONTOSO.mailboxes[ALICE].pin
        assert pin is not None
        with pytest.raises(DatabaseError):
            await store.opens(CONTOSO, ALICE, pin)
        with pytest.raises(DatabaseError):
            await store.choice(ALICE)

    asyncio.run(main())
