"""Sends events to webhooks, each in order, at least once, and for as long as they are not taken.

A hook's cursor is durable: what a restart interrupted is sent again. Each hook waits for itself
only; one that does not answer holds up no other.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from callwright.kernel.clock import Clock
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.api import (
    EVENTS_READ_AT_ONCE,
    WEBHOOK_GIVE_UP_S,
    WEBHOOK_LOOK_S,
    WEBHOOK_RETRY_S_FIRST,
    WEBHOOK_RETRY_S_MAX,
    WEBHOOK_UNNOTED_S,
)
from callwright.runtime.tasks import Tasks
from callwright.runtime.webhook_posting import NotDelivered, Poster
from callwright.storage.events import Event, EventKind, Events
from callwright.storage.faults import DatabaseError
from callwright.storage.webhooks import Delivery, Webhook, Webhooks

log = structlog.get_logger("callwright.webhooks")
VERSION = "v1"


@dataclass(slots=True)
class WebhookDelivery:
    """Of one organisation; ``run`` until it is cancelled."""

    webhooks: Webhooks
    events: Events
    poster: Poster
    clock: Clock
    tasks: Tasks
    organisation: Callable[[], str | None]
    """Its domain, as receivers are told."""
    has_news: Callable[[], bool] = lambda: True
    """Whether anything was stored since it was asked last."""
    _may_have_work: bool = True
    _busy: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    _resting_until_s: dict[str, float] = field(default_factory=dict)
    """Hooks of which nothing can be written just now, on the monotonic clock."""

    async def run(self) -> None:
        while True:
            await asyncio.sleep(WEBHOOK_LOOK_S)
            if not (self.has_news() or self._may_have_work):
                continue
            try:
                await self.look()
            except DatabaseError as error:
                self._may_have_work = True
                log.error("webhooks cannot be looked at", because=str(error))

    async def look(self) -> None:
        """Begins with every hook that has something to be sent and need not wait."""
        hooks = await asyncio.to_thread(self.webhooks.all)
        self._may_have_work = False
        if not hooks:
            return
        newest = await asyncio.to_thread(self.events.newest)
        now, now_s = self.clock.utc(), self.clock.monotonic()
        self._may_have_work = any(hook.is_enabled and hook.cursor < newest for hook in hooks)
        for hook in hooks:
            is_due = hook.next_try_at is None or hook.next_try_at <= now
            is_due = is_due and self._resting_until_s.get(hook.id, 0.0) <= now_s
            if hook.is_enabled and hook.cursor < newest and is_due and hook.id not in self._busy:
                name = f"webhook {hook.id}"
                self._busy[hook.id] = self.tasks.spawn(self._serve(hook), name)

    async def settled(self) -> None:
        """Returns when no attempt runs."""
        while self._busy:
            await asyncio.wait(tuple(self._busy.values()))

    async def _serve(self, hook: Webhook) -> None:
        try:
            await self.send_all(hook)
        except DatabaseError as error:
            self._resting_until_s[hook.id] = self.clock.monotonic() + WEBHOOK_UNNOTED_S
            log.error("a webhook is put off", webhook=hook.id, because=str(error))
        else:
            self._resting_until_s.pop(hook.id, None)
        finally:
            del self._busy[hook.id]

    async def send_all(self, hook: Webhook) -> None:
        """Until everything is sent or something is not taken. What was changed of the hook
        meanwhile counts after at most EVENTS_READ_AT_ONCE events."""
        while True:
            newest = await asyncio.to_thread(self.events.newest)
            kinds = {*hook.events, EventKind.WEBHOOK_TEST.value}
            found = await asyncio.to_thread(
                self.events.after, hook.cursor, limit=EVENTS_READ_AT_ONCE, kinds=kinds
            )
            for event in found:
                if event.kind == EventKind.WEBHOOK_TEST and event.data != {"webhook": hook.id}:
                    continue
                sent = await self._send(hook, event)
                if sent is None:
                    return
                hook = sent
            is_all = len(found) < EVENTS_READ_AT_ONCE
            await asyncio.to_thread(
                self.webhooks.passed, hook.id, newest if is_all else found[-1].id
            )
            again = None if is_all else await asyncio.to_thread(self.webhooks.get, hook.id)
            if again is None or not again.is_enabled:
                return
            hook = again

    async def _send(self, hook: Webhook, event: Event) -> Webhook | None:
        """How the hook stands then; None: the event was not taken, and a later try follows."""
        at, began_s = self.clock.utc(), self.clock.monotonic()
        status, error = await self._attempt(hook, event)
        is_taken = status is not None and 200 <= status < 300
        failing_since = hook.failing_since or at
        is_given_up = (at - failing_since).total_seconds() >= WEBHOOK_GIVE_UP_S
        delivery = Delivery(
            id=0,
            webhook=hook.id,
            event=event.id,
            attempt=hook.attempts + 1,
            at=at,
            duration_ms=round((self.clock.monotonic() - began_s) * 1000),
            status=status,
            error=None if is_taken else error or f"it answered {status}",
            outcome="delivered" if is_taken else "given-up" if is_given_up else "failed",
        )
        if is_taken:
            await asyncio.to_thread(self.webhooks.delivered, delivery)
            return replace(hook, attempts=0, failing_since=None)
        if is_given_up:
            log.warning("an event was given up", webhook=hook.id, number=event.id)
            await asyncio.to_thread(self.webhooks.given_up, delivery)
            return replace(hook, attempts=0, failing_since=failing_since)
        wait_s = min(WEBHOOK_RETRY_S_FIRST * 2 ** min(hook.attempts, 20), WEBHOOK_RETRY_S_MAX)
        next_try_at = self.clock.utc() + timedelta(seconds=wait_s)
        await asyncio.to_thread(self.webhooks.failed, delivery, next_try_at)
        return None

    async def _attempt(self, hook: Webhook, event: Event) -> tuple[int | None, str | None]:
        body = self.body_of(event)
        headers = signed_headers(hook.secret, event, body, int(self.clock.utc().timestamp()))
        try:
            return await self.poster.post(hook.url, body, headers), None
        except NotDelivered as error:
            return None, str(error)

    def body_of(self, event: Event) -> bytes:
        told = {
            "id": event.id,
            "kind": event.kind,
            "at": iso_utc(event.at),
            "organisation": self.organisation(),
            "data": event.data,
        }
        return json.dumps(told, separators=(",", ":")).encode()


def signed_headers(secret: str, event: Event, body: bytes, timestamp: int) -> dict[str, str]:
    """The receiver computes the same over ``timestamp.body``, and refuses old timestamps."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Callwright-Webhook",
        "Callwright-Event": event.kind,
        "Callwright-Event-Id": str(event.id),
        "Callwright-Timestamp": str(timestamp),
        "Callwright-Signature": f"{VERSION}={signature(secret, timestamp, body)}",
    }


def signature(secret: str, timestamp: int, body: bytes) -> str:
    signed = f"{timestamp}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
