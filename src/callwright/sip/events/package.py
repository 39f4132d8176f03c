"""Which events we tell of (RFC 6665 §7.2), and what a SUBSCRIBE or PUBLISH asks for."""

from dataclasses import dataclass
from typing import Protocol

from callwright.kernel.limits.subscriptions import (
    PUBLICATION_BYTES_MAX,
    SUBSCRIPTION_EXPIRES_S_MAX,
    SUBSCRIPTION_EXPIRES_S_MIN,
)
from callwright.sip.message import Request
from callwright.sip.screening import Refusal


class Document(Protocol):
    """One state, comparable: who was shown an equal one need not be told again."""

    def body(self, version: int) -> bytes:
        """``version`` counts the documents of one subscription, from 0; some packages show it."""
        ...


@dataclass(frozen=True, slots=True)
class EventPackage:
    name: str
    content_type: str
    default_s: int
    """How long a subscription lasts whose SUBSCRIBE does not say."""
    min_s: int = SUBSCRIPTION_EXPIRES_S_MIN
    max_s: int = SUBSCRIPTION_EXPIRES_S_MAX


MESSAGE_SUMMARY = EventPackage("message-summary", "application/simple-message-summary", 3_600)
"""RFC 3842 §3.4 leaves the default open; an hour is what phones ask for."""
DIALOG = EventPackage("dialog", "application/dialog-info+xml", 3_600)
"""RFC 4235 §3.4."""
PRESENCE = EventPackage("presence", "application/pidf+xml", 3_600)
"""RFC 3856 §6.4."""
REG = EventPackage("reg", "application/reginfo+xml", 3_761)
"""RFC 3680 §4.4: a little longer than registrations last."""

PACKAGES = {package.name: package for package in (MESSAGE_SUMMARY, DIALOG, PRESENCE, REG)}
ALLOW_EVENTS = ("Allow-Events", ", ".join(sorted(PACKAGES)))
BAD_EVENT = Refusal(489, None, (ALLOW_EVENTS,))


def event_name(request: Request) -> str:
    """``dialog``; "" without an Event."""
    return (request.header("Event") or "").partition(";")[0].strip().lower()


def same_event(one: str, other: str) -> bool:
    """Whether two Event values mean one subscription: package and ``id`` (RFC 6665 §8.2.1)."""
    return one == other or _event_key(one) == _event_key(other)


def screen_subscribe(request: Request) -> Refusal | None:
    """Why a SUBSCRIBE is refused, whoever sends it: 489, 406, 423."""
    package = PACKAGES.get(event_name(request))
    if package is None:
        return BAD_EVENT
    if not _takes(request, package.content_type):
        return Refusal(406, f"Only {package.content_type} tells of it")
    expires_s = request.expires
    if expires_s is not None and 0 < expires_s < package.min_s:
        return too_brief(package.min_s)
    return None


def screen_publish(request: Request) -> Refusal | None:
    """Why a PUBLISH is refused, whoever sends it (RFC 3903 §6): 489, 413, 415, 423."""
    if event_name(request) != PRESENCE.name:
        return Refusal(489, None, (("Allow-Events", PRESENCE.name),))
    if len(request.body) > PUBLICATION_BYTES_MAX:
        return Refusal(413)
    if request.body and request.content_type != PRESENCE.content_type:
        return Refusal(415, None, (("Accept", PRESENCE.content_type),))
    expires_s = request.expires
    if expires_s is not None and 0 < expires_s < PRESENCE.min_s:
        return too_brief(PRESENCE.min_s)
    return None


def granted_s(request: Request, package: EventPackage) -> int:
    """How long it may last; 0: a look, or the end."""
    asked_s = request.expires
    return package.default_s if asked_s is None else min(asked_s, package.max_s)


def too_brief(min_s: int) -> Refusal:
    return Refusal(423, None, (("Min-Expires", str(min_s)),))


def _event_key(text: str) -> tuple[str, str]:
    name, _, parameters = text.partition(";")
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "id":
            return name.strip().lower(), value.strip()
    return name.strip().lower(), ""


def _takes(request: Request, content_type: str) -> bool:
    """Without an Accept the package's own type is meant (RFC 6665 §3.1.3)."""
    if request.header("Accept") is None:
        return True
    ranges = {value.partition(";")[0].strip().lower() for value in request.header_values("Accept")}
    return not ranges.isdisjoint({content_type, "application/*", "*/*"}) or not ranges
