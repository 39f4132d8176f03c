"""Session-ID (RFC 7989): one name for a conversation on every leg that it has."""

import re

from callwright.sip.message import Message

SESSION_ID = "Session-ID"
NIL = "0" * 32
_UUID = re.compile(r"[0-9a-f]{32}")


class SessionIds:
    """The two halves as this side writes them; both change while a call finds its parties."""

    __slots__ = ("local", "remote")

    def __init__(self, local: str, remote: str = NIL) -> None:
        self.local = local
        """Stands for the party behind us: the one that the peer talks to."""
        self.remote = remote
        """The peer's own; NIL until it is known."""

    @property
    def header(self) -> tuple[str, str]:
        return (SESSION_ID, f"{self.local};remote={self.remote}")

    @property
    def is_known(self) -> bool:
        """The peer has a name: its own, or one that was made for it."""
        return self.remote != NIL

    def learn(self, message: Message) -> None:
        """The peer named itself."""
        self.remote = uuid_of(message) or self.remote


def new_uuid(token: str) -> str:
    """A UUID of version 4 (RFC 7989 §4.1) from 32 random hexadecimal digits."""
    return f"{token[:12]}4{token[13:16]}8{token[17:32]}"


def uuid_of(message: Message) -> str | None:
    """What its sender calls its side; None: nothing, or nothing that can be read. An older form has
    no ``remote`` (§11)."""
    value = message.header(SESSION_ID)
    if value is None:
        return None
    local = value.partition(";")[0].strip(" \t").lower()
    return local if local != NIL and _UUID.fullmatch(local) is not None else None
