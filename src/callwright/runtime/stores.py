"""The node's stores over the storage worker, and the mail that waits to be sent."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from callwright.apps.services import Message
from callwright.domains.credits.model import Standing
from callwright.kernel.clock import Clock
from callwright.kernel.ids import MailboxId
from callwright.sip.flow import Flow
from callwright.sip.registrar import Binding, Registrar
from callwright.sip.uri import parse_uri
from callwright.storage.registrations import StoredBinding
from callwright.storage.voicemail import discard_recording
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


class WorkerMailboxes:
    """``Mailboxes``: files on disk and their rows."""

    def __init__(self, worker: StorageWorker) -> None:
        self._worker = worker
        self.count = worker.voicemail_count
        self.counts = worker.voicemail_counts
        self.discard = discard_recording

    def new_path(self, mailbox: MailboxId) -> Path:
        return self._worker.voicemails.new_path(mailbox)

    async def add(self, message: Message) -> None:
        await self._worker.voicemail_add(message)


class WorkerRegistrations:
    """``RegistrationStore``: writes what changed of an AOR's bindings."""

    def __init__(self, worker: StorageWorker, clock: Clock) -> None:
        self._worker = worker
        self._clock = clock
        self._known: dict[str, frozenset[str]] = {}

    def save(self, aor: str, bindings: Sequence[Binding]) -> None:
        contacts = frozenset(str(binding.contact) for binding in bindings)
        for gone in self._known.get(aor, frozenset()) - contacts:
            self._worker.registration_removed(aor, gone)
        self._known[aor] = contacts
        for binding in bindings:
            self._worker.registration_saved(self._stored(aor, binding))

    def restore(self, registrar: Registrar) -> int:
        """Brings back the phones that a stopped or killed node knew; returns how many."""
        now, now_s = self._clock.utc(), self._clock.monotonic()
        by_aor: dict[str, list[Binding]] = {}
        for stored in self._worker.registrations.load(now):
            if stored.transport == "udp":  # a TCP connection did not survive
                expires_at_s = now_s + (stored.expires_at - now).total_seconds()
                by_aor.setdefault(stored.aor, []).append(_binding(stored, expires_at_s))
        for aor, bindings in by_aor.items():
            registrar.restore(aor, bindings)
            self._known[aor] = frozenset(str(binding.contact) for binding in bindings)
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
        user_agent=stored.user_agent,
    )
