"""The node's stores over the storage worker, and the mail that waits to be sent."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from sys import intern

from sqlalchemy import Connection

from callwright.domains.credits.model import Standing
from callwright.domains.queues.absence import Absence
from callwright.domains.queues.place import KeptPlace
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.ids import CallId, CallQueueId, UserId
from callwright.kernel.limits.agents import PLACE_CHANGES_MAX, PLACES_GROUP_S
from callwright.kernel.limits.registrations import REGISTRATION_CHANGES_MAX, REGISTRATIONS_GROUP_S
from callwright.runtime.identifiers import new_sortable_id
from callwright.runtime.queue_stores import WorkerCallbackRequests, WorkerRecordings
from callwright.sip.flow import Flow
from callwright.sip.registrar import Binding, Registrar
from callwright.sip.uri import parse_uri
from callwright.storage.database import Database, DatabaseError
from callwright.storage.queue_agents import PlaceChanges, StoredAbsences, StoredPlaces
from callwright.storage.registrations import RegistrationChanges, StoredBinding
from callwright.storage.worker import StorageWorker


class WorkerWallet:
    """``CreditWallet``: the ledger, on the worker's thread."""

    def __init__(self, worker: StorageWorker) -> None:
        self._worker = worker
        self.reserve = worker.wallet.reserve
        self.settle = worker.wallet.settle
        self.release = worker.wallet.release
        self.note_answered = worker.wallet.note_answered

    async def standing(self) -> Standing | None:
        """What is committed; to read needs no turn of the worker."""
        return await asyncio.to_thread(self._worker.ledger.standing)


class WorkerCallbacks:
    """``CallbackStore``: written in the worker's next transaction."""

    def __init__(self, worker: StorageWorker) -> None:
        self.keep = worker.callback_noted
        self.load = worker.callbacks.load


class WorkerQueues:
    """``QueueStore``: what agents chose is awaited, who waits is written soon."""

    def __init__(self, worker: StorageWorker, database: Database, clock: Clock) -> None:
        self._worker = worker
        self._clock = clock
        self.absences = StoredAbsences(database)
        self.kept_places = StoredPlaces(database).all
        self._places = PlaceChanges()
        self._timer: Timer | None = None
        self.callback_requests = WorkerCallbackRequests(worker, database)
        self.recordings = WorkerRecordings(worker, database, new_id=new_sortable_id)

    async def begin(self, absence: Absence) -> None:
        await self._write(lambda connection: self.absences.begin_within(connection, absence))

    async def end(self, user: UserId, queue: CallQueueId | None) -> None:
        await self._write(lambda connection: self.absences.end_within(connection, user, queue))

    async def _write(self, act: Callable[[Connection], object]) -> None:
        try:
            await self._worker.perform(act)
        except DatabaseError as error:
            raise OSError(str(error)) from error

    def forget(self, absence: Absence) -> None:
        user, queue = absence.user, absence.queue
        self._worker.post(lambda connection: self.absences.end_within(connection, user, queue))

    def place_taken(self, place: KeptPlace) -> None:
        self._places.taken(place)
        self._post_soon()

    def places_left(self, calls: Sequence[CallId]) -> None:
        self._places.left(calls)
        self._post_soon()

    def _post_soon(self) -> None:
        if len(self._places) >= PLACE_CHANGES_MAX:
            self.post()
        elif self._timer is None and len(self._places):
            self._timer = self._clock.call_later(PLACES_GROUP_S, self.post)

    def post(self) -> None:
        """Gives who came and who left to the worker now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if len(self._places):
            changes, self._places = self._places, PlaceChanges()
            self._worker.post(changes.write_within)


class WorkerRegistrations:
    """``RegistrationStore``: writes what changed of an AOR's bindings."""

    def __init__(self, worker: StorageWorker, clock: Clock) -> None:
        self._worker = worker
        self._clock = clock
        self._known: dict[str, tuple[Binding, ...]] = {}
        """What was given last, by AOR; the registrar has the same objects."""
        self._changes = RegistrationChanges()
        self._timer: Timer | None = None

    def save(self, aor: str, bindings: Sequence[Binding]) -> None:
        former = self._known.get(aor, ())
        for binding in bindings:
            if binding not in former:
                stored = self._stored(aor, binding)
                self._changes.note(aor, stored.key, stored)
        if former:
            keys = {binding.key for binding in bindings}
            for gone in [binding.key for binding in former if binding.key not in keys]:
                self._changes.note(aor, gone, None)
        if bindings:
            self._known[aor] = tuple(bindings)
        else:
            self._known.pop(aor, None)
        if len(self._changes) >= REGISTRATION_CHANGES_MAX:
            self.post()
        elif self._timer is None:
            self._timer = self._clock.call_later(REGISTRATIONS_GROUP_S, self.post)

    def post(self) -> None:
        """Gives what changed to the worker now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if len(self._changes):
            changes, self._changes = self._changes, RegistrationChanges()
            self._worker.registrations_changed(changes)

    async def flush(self) -> None:
        """Returns when everything that the worker was ever given is on disk, and these, too."""
        self.post()
        await self._worker.flush()

    def restore(self, registrar: Registrar) -> int:
        """Brings back the phones that a stopped or killed node knew; returns how many."""
        now, now_s = self._clock.utc(), self._clock.monotonic()
        by_aor: dict[str, list[Binding]] = {}
        for stored in self._worker.registrations.load(now):
            if stored.transport == "udp":  # a connection did not survive
                expires_at_s = now_s + (stored.expires_at - now).total_seconds()
                by_aor.setdefault(stored.aor, []).append(_binding(stored, expires_at_s))
        for aor, bindings in by_aor.items():
            registrar.restore(aor, bindings)
            self._known[aor] = tuple(bindings)
        return sum(map(len, by_aor.values()))

    def _stored(self, aor: str, binding: Binding) -> StoredBinding:
        left_s = binding.expires_at_s - self._clock.monotonic()
        return StoredBinding(
            aor=aor,
            contact=str(binding.contact),
            transport=binding.flow.transport,
            local=binding.flow.local,
            remote=binding.flow.remote,
            call_id=binding.call_id,
            cseq=binding.cseq,
            q=binding.q,
            path=binding.path,
            user_agent=binding.user_agent,
            expires_at=self._clock.utc() + timedelta(seconds=left_s),
            instance=binding.instance,
            reg_id=binding.reg_id,
            is_behind_nat=binding.is_behind_nat,
        )


def _binding(stored: StoredBinding, expires_at_s: float) -> Binding:
    return Binding(
        contact=parse_uri(stored.contact),
        flow=Flow(stored.transport, stored.local, stored.remote),
        expires_at_s=expires_at_s,
        call_id=stored.call_id,
        cseq=stored.cseq,
        q=stored.q,
        path=stored.path,
        user_agent=intern(stored.user_agent),
        instance=stored.instance,
        reg_id=stored.reg_id,
        is_behind_nat=stored.is_behind_nat,
    )
