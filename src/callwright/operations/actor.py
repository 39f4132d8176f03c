"""Who changes an organisation's configuration; stands in every entry of its history."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["local", "account", "token", "scim", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """``local`` is whoever may open the data directory; ``system`` is the program itself."""

    kind: ActorKind
    name: str
    """Shown: an account's e-mail address, a token's name, a login of the machine."""

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"


SYSTEM = Actor("system", "callwright")
