"""What a node does all day, each act told to somebody else as soon as it was confirmed.

Lines of acts run side by side, as on a busy system: paid calls, edits, numbers, voicemails, phones
that register, top-ups. An act that the database refuses is tried again, as people do.
"""

import asyncio
import contextlib
import hashlib
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import Connection

from callwright.apps.services import Message
from callwright.calls.record import CallRecord, CallResult, Direction
from callwright.domains.numbers.states import HolderKind
from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import CallId, MailboxId, VoicemailId
from callwright.kernel.money import Money
from callwright.kernel.reason import Reason
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration, Applied
from callwright.operations.configuration import Edit
from callwright.operations.numbers.assigning import assign
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.drawing import Assignment
from callwright.storage.configuration import StoredConfiguration
from callwright.storage.database import Database
from callwright.storage.faults import DatabaseError
from callwright.storage.idempotency import KeptAnswer, keep_within
from callwright.storage.registrations import RegistrationChanges, StoredBinding
from callwright.storage.worker import StorageWorker

PRICE = Money(70_000, "USD")
SLICES, SLICE_S = 3, 60
PAIR = (("user", "alice"), ("user", "dave"))
"""Edited together: nobody may ever see one without the other."""
ASKER, NUMBER_ASKER = "token/durability", "token/numbers"
NUMBERS = [f"+142555501{number:02d}" for number in range(6, 19)]
TRY_AGAIN_S = 0.05
PROGRAM = Actor("token", "durability")
Tell = Callable[..., None]


def utc() -> datetime:
    return datetime.now(UTC)


class Life:
    """``name`` is the node's, and begins the name of everything it makes."""

    def __init__(self, database: Database, name: str, tell: Tell) -> None:
        self.name = name
        self.tell = tell
        self.ids = (f"{name}-{number}" for number in count())
        self.worker = StorageWorker(database, utc=utc, new_id=lambda: next(self.ids))
        self.administration = Administration(StoredConfiguration(database, utc=utc))
        self.desk = NumberDesk(self.administration, utc, lambda: next(self.ids))

    async def run(self) -> None:
        """Until somebody kills the process."""
        async with asyncio.TaskGroup() as group:
            for act in (self.call, self.call, self.call, self.edit, self.assign, self.record,
                        self.register, self.top_up):  # fmt: skip
                group.create_task(self._again_and_again(act, f"{self.name}-{next(self.ids)}"))

    async def _again_and_again(self, act: Callable[[str], Awaitable[None]], line: str) -> None:
        for number in count():
            try:
                await act(f"{line}-{number}")
            except DatabaseError:
                self.tell("refused", act.__name__)
                await asyncio.sleep(TRY_AGAIN_S)

    async def call(self, name: str) -> None:
        """One with a paid leg that is answered after its first slice was reserved."""
        call_id, key, at = CallId(name), f"{name}/1", utc()
        self.worker.record_started(call_id, at, "101", "+4930123456", Direction.OUTBOUND)
        for slice_number in range(SLICES):
            assert await self.worker.wallet.reserve(key, slice_number, PRICE)
            self.tell("reserved", key, slice_number)
            if slice_number == 0:
                self.worker.wallet.note_answered(key, SLICE_S)
        await self.worker.wallet.settle(key, PRICE)
        self.tell("settled", key)
        self.worker.record_ended(
            CallRecord(
                id=call_id,
                started_at=at,
                answered_at=at,
                ended_at=utc(),
                caller="101",
                callee="+4930123456",
                direction=Direction.OUTBOUND,
                result=CallResult.ANSWERED,
                sip_status=200,
                reason=Reason.NORMAL,
                charge=PRICE,
            )
        )
        await self.worker.flush()
        self.tell("recorded", call_id)

    async def edit(self, name: str) -> None:
        """Two users and the answer to who asked for it."""

        def change() -> int:
            entities = self.administration.current().entities
            upserts = {}
            for address in PAIR:
                settings = entities[address]
                assert isinstance(settings, dict)
                upserts[address] = {**settings, "name": name}
            answer = KeptAnswer("digest", 200, {}, name)
            return self.administration.change(
                Edit(upserts, ()),
                by=PROGRAM,
                why=name,
                beside=[lambda to, _: keep_within(to, ASKER, name, answer, utc())],
            ).revision

        self.tell("edited", await asyncio.to_thread(change), name)

    async def assign(self, name: str) -> None:
        number = NUMBERS[int(name.rsplit("-", 1)[1]) % len(NUMBERS)]
        wish = Assignment(number, HolderKind.USER, "carol")
        why = f"{name} {number}"

        def answered(connection: Connection, applied: Applied) -> None:
            if applied.changes:
                answer = KeptAnswer("digest", 200, {}, why)
                keep_within(connection, NUMBER_ASKER, why, answer, utc())

        act = Act(PROGRAM, why, witness=answered)
        applied = await asyncio.to_thread(assign, self.desk, [wish], act)
        if applied.changes:
            self.tell("assigned", applied.revision, number)

    async def record(self, name: str) -> None:
        """A voicemail: sound on the disk, then the row that lists it."""
        path = self.worker.voicemails.new_path(MailboxId("alice"))
        sound = b"RIFF" + hashlib.sha256(name.encode()).digest() * 200
        await asyncio.to_thread(path.write_bytes, sound)
        message = Message(MailboxId("alice"), "+14255550199", None, utc(), 3.0, path)
        message_id: VoicemailId = (await self.worker.voicemail_add(message)).id
        self.tell("left", message_id, hashlib.sha256(sound).hexdigest())

    async def register(self, name: str) -> None:
        """The phone of the line, again and again; each time its CSeq is higher."""
        aor, _, cseq = name.rpartition("-")
        changes = RegistrationChanges()
        binding = binding_of(aor, int(cseq))
        changes.note(aor, binding.key, binding)
        self.worker.registrations_changed(changes)
        await self.worker.flush()
        self.tell("registered", aor, cseq)

    async def top_up(self, name: str) -> None:
        await asyncio.to_thread(
            self.worker.ledger.top_up, name, PRICE * (SLICES + 1), "cash", utc()
        )
        self.tell("deposited", name)


def binding_of(aor: str, cseq: int) -> StoredBinding:
    return StoredBinding(
        aor=aor,
        contact=f"sip:{aor}@127.0.0.1:5062",
        transport="udp",
        local=HostPort("127.0.0.1", 5060),
        remote=HostPort("127.0.0.1", 5062),
        call_id=aor,
        cseq=cseq,
        q=1.0,
        path=(),
        user_agent="phone",
        expires_at=utc() + timedelta(hours=1),
    )


def write_line(descriptor: int) -> Tell:
    """Tells in one write, which a kill leaves whole: it is far shorter than PIPE_BUF."""

    def tell(*words: object) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(descriptor, (" ".join(map(str, words)) + "\n").encode())

    return tell
