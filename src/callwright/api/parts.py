"""Which module has which routes: a command makes only those that it asks (half a second of 250)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib import import_module

from fastapi import APIRouter


@dataclass(frozen=True, slots=True)
class Part:
    module: str
    """Of ``callwright.api``."""
    words: str = ""
    """First words of its paths below ``/api/v1``; none: those of any kind of entity."""

    def has(self, word: str) -> bool:
        return not self.words or word in self.words.split()

    def router(self, words: Collection[str] | None) -> APIRouter:
        module = import_module(f"callwright.api.{self.module}")
        router: APIRouter = module.router if self.words else module.make_router(words)
        return router


PARTS = (
    Part("organisation", "organisation"),
    Part("organisations", "organisations"),
    Part("changes", "changes"),
    Part("history", "difference history rollback"),
    Part("events", "events"),
    Part("webhooks", "webhooks"),
    Part("jobs", "jobs"),
    Part("calls", "calls explain"),
    Part("usage", "reports"),
    Part("reports", "reports"),
    Part("credits", "credits"),
    Part("phones", "registrations voicemail"),
    Part("voicemail", "voicemail"),
    Part("shield", "shield"),
    Part("supervision", "supervision"),
    Part("agents", "agents call-queues"),
    Part("live_queues", "call-queues live"),
    Part("shared_history", "call-queues"),
    Part("queue_keeping", "queue-callbacks recordings"),
    Part("numbers", "numbers"),
    Part("number_orders", "number-orders number-pool port-orders"),
    Part("licence_changes", "licence-changes"),
    Part("service", "licence-report users"),
    Part("audio_files", "audio-files"),
    Part("schedules", "auto-attendants holiday-sets schedules"),
    Part("entities"),
)
"""Routes with fixed words come before those whose path has a key there."""


def routers(words: Collection[str] | None = None) -> Iterator[APIRouter]:
    """Makes the routes whose paths begin with one of ``words``, all without; a part may have
    others besides."""
    for part in PARTS:
        if words is None or any(part.has(word) for word in words):
            yield part.router(words)
