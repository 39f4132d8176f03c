"""A parsed organisation file, in which a mistake can be shown where it was made."""

from collections.abc import Sequence
from typing import Any

from callwright.kernel.limits.configuration import ORGANISATION_NODES_MAX
from callwright.operations.organisation_file.composing import compose
from callwright.operations.organisation_file.mistakes import Mistake
from callwright.operations.organisation_file.places import Items, Path, Place, Table, joined

__all__ = ["Document", "Items", "Path", "Table"]


class Document:
    """A parsed file: ``tree`` and the mistakes of its form. A hopeless one has an empty tree."""

    def __init__(self, file: str, text: str, *, nodes_max: int = ORGANISATION_NODES_MAX) -> None:
        self.file = file
        self.tree, self.mistakes, self.nodes_left = compose(file, text, nodes_max)

    def locate(self, path: Sequence[str | int]) -> tuple[Place, str]:
        """Returns the place of the value at ``path``, or of the nearest one around it, and the
        path as a person writes it: ``pstn.direct_routing.routes[0].sbcs[1]``."""
        here: Any = self.tree
        place, words = Place(1), ""
        for step in path:
            written = step
            if isinstance(here, Table) and step in here.lines:
                place = here.place(str(step))
                here = here.get(str(step))
            elif isinstance(here, Items) and isinstance(step, int) and step < len(here):
                place, here = here.places[step], here[step]
                written = step if place.position is None else place.position
            else:
                here, place = None, Place(place.line, file=place.file)
            words = joined(words, written)
        return place, words

    def was_written(self, path: Path) -> bool:
        """Whether the file has the key at ``path``, with a usable value or without."""
        here = self._parent(path)
        return isinstance(here, Table) and path[-1] in here.lines

    def _parent(self, path: Path) -> Any:
        here: Any = self.tree
        for step in path[:-1]:
            here = here[step]
        return here

    def note(self, path: Sequence[str | int], text: str) -> None:
        """Adds a mistake at ``path``."""
        place, words = self.locate(path)
        self.mistakes.append(Mistake(place.file or self.file, place.line, words, text))

    def put(self, path: Path, value: str) -> None:
        """Adds what is missing in a mapping, so that the rest can be checked."""
        self._parent(path)[path[-1]] = value

    def leave_out(self, path: Path) -> None:
        """Removes a value from the tree, so that the rest can be checked."""
        here = self._parent(path)
        if isinstance(here, Items):
            here.leave_out(int(path[-1]))
        else:
            here.pop(path[-1], None)

    def take_apart(self) -> None:
        """Nobody needs it any longer, and a million values that go at once keep everybody waiting
        for a fifth of a second."""
        for section in self.tree.values():
            while isinstance(section, Table | Items) and section:
                section.popitem() if isinstance(section, Table) else section.pop()
