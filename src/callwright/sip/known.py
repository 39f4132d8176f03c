"""What texts mean, remembered: peers write the same lines, names and addresses again and again."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Known(dict[str, T]):
    """Reads a text that it does not know when it is asked for it: ``known[text]``.

    Faults are raised each time. A dict answers in a quarter of the time of an ``lru_cache``; when
    it is full it begins anew.
    """

    __slots__ = ("_characters_max", "_entries_max", "_read")

    def __init__(self, read: Callable[[str], T], *, entries_max: int, characters_max: int) -> None:
        """``characters_max``: longer texts are read each time they come."""
        super().__init__()
        self._read = read
        self._entries_max = entries_max
        self._characters_max = characters_max

    def __missing__(self, text: str) -> T:
        meaning = self._read(text)
        if len(text) <= self._characters_max:
            if len(self) >= self._entries_max:
                self.clear()
            self[text] = meaning
        return meaning
