"""Plain data that knows the file and the line where each value of it was written."""

from collections.abc import Hashable
from typing import Any, NamedTuple, TypeAlias

from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.operations.organisation_file.refusal import quoted

Path: TypeAlias = tuple[str | int, ...]
Trail: TypeAlias = "tuple[Trail, str | int] | None"
"""The steps to a value, innermost first: of a million values few are ever put into words."""


class Place(NamedTuple):
    """Where a value was written, and how, when YAML took plain text for something else."""

    line: int
    raw: str | None = None
    position: int | None = None
    """Of a list item: its position in the file, whatever is left out before it."""
    file: str = ""
    """Empty: the document's own, where nothing was written."""


class Table(dict[str, Any]):
    """A mapping that knows the place of each key, of those with an unusable value, too."""

    __slots__ = ("file", "lines")

    def __init__(self, file: str = "") -> None:
        super().__init__()
        self.file = file
        self.lines: dict[str, int | Place] = {}
        """A million of them: all that there is to say of most is the line, in ``file``."""

    def place(self, key: str) -> Place:
        found = self.lines[key]
        return found if isinstance(found, Place) else Place(found, file=self.file)


class Items(list[Any]):
    """A list that knows the place of each item."""

    __slots__ = ("places",)

    def __init__(self) -> None:
        super().__init__()
        self.places: list[Place] = []

    def leave_out(self, position: int) -> None:
        del self[position]
        del self.places[position]


def joined(words: str, step: Hashable) -> str:
    """Returns the path ``words`` and a step more as a person writes it: ``users.alice.number``."""
    if isinstance(step, int):
        return f"{words}[{step}]"
    text = str(step)
    is_plain = text and "." not in text and text.isprintable() and len(text) <= NAME_CHARS_MAX
    shown = text if is_plain else quoted(text)
    return f"{words}.{shown}" if words else shown


def steps_of(trail: Trail) -> Path:
    steps: list[str | int] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return tuple(reversed(steps))
