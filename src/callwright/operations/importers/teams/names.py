"""Keys for what Teams names by text and finds by GUID, and the list of what was left behind."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from callwright.kernel.limits.configuration import NAME_CHARS_MAX


@dataclass(frozen=True, slots=True)
class Loss:
    what: str
    """``call queue support``."""
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(slots=True)
class Ledger:
    """What could not be carried over, in the order in which it was met."""

    losses: list[Loss] = field(default_factory=list)

    def lose(self, what: str, why: str) -> None:
        self.losses.append(Loss(what, why))


@dataclass(frozen=True, slots=True)
class Keys:
    """What each GUID or other identity is called in the file, by kind."""

    users: Mapping[str, str]
    accounts: Mapping[str, str]
    """Resource accounts."""
    queues: Mapping[str, str]
    attendants: Mapping[str, str]


class Namer:
    """Gives each of one kind a key of its own."""

    def __init__(self, fallback: str) -> None:
        self._fallback = fallback
        self._taken: set[str] = set()

    def key(self, text: str) -> str:
        base = slug(text) or self._fallback
        key, count = base, 2
        while key in self._taken:
            key = f"{base[: NAME_CHARS_MAX - 6]}-{count}"
            count += 1
        self._taken.add(key)
        return key


def slug(text: str) -> str:
    """``Größe & Form`` as ``grosse-form``; empty where no letter is left."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore")
    made = re.sub(r"[^a-z0-9._-]+", "-", plain.decode().lower())
    return made.lstrip("-._0123456789").rstrip("-._")[:NAME_CHARS_MAX]


def shown_name(text: str) -> str:
    """What callers and agents are told; Teams' names are no longer than ours may be."""
    return " ".join(text.split())[:NAME_CHARS_MAX]


def policy_name(identity: str) -> str:
    """``Tag:US Only`` as ``us-only``; ``Global``, which is everybody's, as ``default``."""
    name = identity.removeprefix("Tag:")
    return "default" if name.lower() in ("", "global") else slug(name) or "policy"
