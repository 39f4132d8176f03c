"""YAML with the line of every key, so that a mistake can be shown where it was made.

Only plain data is read: mappings with text keys, lists, text, numbers, true and false. Duplicate
keys, empty values and tags are mistakes. Aliases are followed, within a bound.
"""

from collections.abc import Hashable, Sequence
from functools import reduce
from typing import Any, NamedTuple, TypeAlias

import yaml

from callwright.kernel.limits.configuration import (
    NAME_CHARS_MAX,
    ORGANISATION_DEPTH_MAX,
    ORGANISATION_NODES_MAX,
)
from callwright.operations.organisation_file.mistakes import Mistake
from callwright.operations.organisation_file.refusal import quoted

Path: TypeAlias = tuple[str | int, ...]
_Trail: TypeAlias = "tuple[_Trail, str | int] | None"
"""The steps to a value, innermost first: put into words only where there is a mistake."""

_PREFIX = "tag:yaml.org,2002:"
_TEXT, _MAPPING, _LIST = (_PREFIX + name for name in ("str", "map", "seq"))
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTRUCTOR = yaml.constructor.SafeConstructor()


class _Loader(_PARSER):  # type: ignore[misc]
    """Asks a million times what a scalar is, and mostly the same: keys, and text in quotes."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._known: dict[str, str] = {}

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> Any:
        if kind is not yaml.ScalarNode:
            return _MAPPING if kind is yaml.MappingNode else _LIST
        if not implicit[0]:
            return _TEXT
        known = self._known.get(value)
        if known is None:
            known = self._known[value] = super().resolve(kind, value, implicit)
        return known

    def descend_resolver(self, node: Any, index: Any) -> None:
        """Nothing depends on where a value is."""

    def ascend_resolver(self) -> None: ...


_MEANINGS = {
    "bool": "true or false",
    "float": "a number",
    "int": "a number",
    "merge": "a merge",
    "null": "nothing",
    "timestamp": "a date",
    "value": "a default value",
}
_NODES_AT_ONCE = 500
"""Entries of a section, with all that is in them."""
ABSENT: Any = object()
"""Stands for a value that could not be read; it is left out."""


class Place(NamedTuple):
    """Where a value was written, and how, when YAML took plain text for something else."""

    line: int
    raw: str | None = None
    position: int | None = None
    """Of a list item: its position in the file, whatever is left out before it."""
    file: str = ""
    """Empty: the document's own, where nothing was written."""


class Table(dict[str, Any]):
    """A mapping that knows the place of each value."""

    __slots__ = ("places",)

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[str, Place] = {}


class Items(list[Any]):
    """A list that knows the place of each item."""

    __slots__ = ("places",)

    def __init__(self) -> None:
        super().__init__()
        self.places: list[Place] = []

    def leave_out(self, position: int) -> None:
        del self[position]
        del self.places[position]


class _TooLarge(Exception):
    """The bound of values is reached."""


class Document:
    """A parsed file: ``tree`` and the mistakes of its form. A hopeless one has an empty tree."""

    def __init__(self, file: str, text: str, *, nodes_max: int = ORGANISATION_NODES_MAX) -> None:
        self.file = file
        self.tree = Table()
        self.mistakes: list[Mistake] = []
        self.nodes_left = nodes_max
        """Values that may yet be read."""
        self._open: set[int] = set()
        try:
            root = yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            self._note_syntax(error, last_line=max(1, len(text.splitlines())))
        except (yaml.YAMLError, RecursionError, UnicodeError) as error:
            self._note_unreadable(text, error)
        else:
            self._take_root(root)

    def locate(self, path: Sequence[str | int]) -> tuple[Place, str]:
        """Returns the place of the value at ``path``, or of the nearest one around it, and the
        path as a person writes it: ``pstn.direct_routing.routes[0].sbcs[1]``."""
        here: Any = self.tree
        place, words = Place(1), ""
        for step in path:
            written = step
            if isinstance(here, Table) and step in here.places:
                place = here.places[str(step)]
                here = here.get(str(step))
            elif isinstance(here, Items) and isinstance(step, int) and step < len(here):
                place, here = here.places[step], here[step]
                written = step if place.position is None else place.position
            else:
                here, place = None, Place(place.line, file=place.file)
            words = _joined(words, written)
        return place, words

    def was_written(self, path: Path) -> bool:
        """Whether the file has the key at ``path``, with a usable value or without."""
        here = self._parent(path)
        return isinstance(here, Table) and path[-1] in here.places

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
        """Nobody needs it any longer; see ``_take_apart``."""
        for section in self.tree.values():
            while isinstance(section, Table | Items) and section:
                section.popitem() if isinstance(section, Table) else section.pop()

    def _note_at(self, line: int, trail: _Trail, text: str) -> None:
        self.mistakes.append(Mistake(self.file, line, _words(trail), text))

    def _note_syntax(self, error: yaml.MarkedYAMLError, *, last_line: int) -> None:
        mark = error.problem_mark or error.context_mark
        line = min(1 if mark is None else mark.line + 1, last_line)
        problem = (error.problem or "it is broken").removeprefix("but ")
        begun = error.context_mark
        if begun is not None and begun.line + 1 != line:
            problem += f" ({error.context}, line {begun.line + 1})"
        remedy = "check indentation (spaces, no tabs), quotes, brackets and colons here and above"
        if "found another document" in problem:
            remedy = "write one organisation in a file, without a second ---"
        elif "undefined alias" in problem:
            remedy = "put text that begins with * into quotes"
        self._note_at(line, None, f"this is not YAML: {problem}; {remedy}")

    def _note_unreadable(self, text: str, error: Exception) -> None:
        if isinstance(error, yaml.reader.ReaderError):
            position = int(error.position)
            line = text.count("\n", 0, position) + 1
            problem = f"the character U+{ord(text[position]):04X}" if position < len(text) else ""
            self._note_at(line, None, f"this is not YAML: {problem or error}; remove it")
        elif isinstance(error, RecursionError):
            self._note_at(1, None, "this is nested too deeply; write plain mappings and lists")
        else:
            self._note_at(1, None, "this holds half a character; save the file as UTF-8")

    def _take_root(self, root: yaml.Node | None) -> None:
        if root is None:
            self._note_at(1, None, "the file is empty; begin with organisation:")
        elif not isinstance(root, yaml.MappingNode):
            self._note_at(
                _line(root), None, "the file is not a mapping of keys; begin with organisation:"
            )
        else:
            self._take_tree(root)

    def _take_tree(self, root: yaml.MappingNode) -> None:
        try:
            self.tree = self._table(root, None)
            _take_apart(root)
        except _TooLarge:
            most = f"{ORGANISATION_NODES_MAX:,} values"
            self._note_at(
                1, None, f"holds more than {most}; if aliases (*) repeat parts, write fewer"
            )

    def _value(self, node: yaml.Node, trail: _Trail) -> Any:
        self._count()
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, trail)
        if id(node) in self._open:
            self._note_at(_line(node), trail, "contains itself by an alias; write it out")
            return ABSENT
        if len(self._open) >= ORGANISATION_DEPTH_MAX:
            self._note_at(_line(node), trail, "is nested too deeply; no key needs as many levels")
            return ABSENT
        if node.tag not in (_MAPPING, _LIST):
            self._note_at(_line(node), trail, f"has the tag {_tag(node)}; leave tags out")
            return ABSENT
        self._open.add(id(node))
        value: Any
        if isinstance(node, yaml.MappingNode):
            value = self._table(node, trail)
        else:
            value = self._items(node, trail)
        self._open.remove(id(node))
        return value

    def _table(self, node: yaml.MappingNode, trail: _Trail) -> Table:
        table = Table()
        places, file = table.places, self.file
        for key_node, value_node in node.value:
            key = key_node.value if key_node.tag == _TEXT else self._key(key_node, trail)
            if key is None:
                continue
            line, path = key_node.start_mark.line + 1, (trail, key)
            if key in places:
                text = f"is written twice, first in line {places[key].line}; keep one of them"
                self._note_at(line, path, text)
                continue
            places[key] = Place(line, _raw(value_node), None, file)
            if value_node.tag == _TEXT and type(value_node) is yaml.ScalarNode:  # most of them
                self._count()
                table[key] = value_node.value
                continue
            if node.flow_style and _is_left_empty(value_node):
                remedy = f'put text with a comma into quotes, or write "{key}: VALUE"'
                self._note_at(line, path, f"has no value; {remedy}")
                continue
            value = self._value(value_node, path)
            if value is not ABSENT:
                table[key] = value
        return table

    def _count(self) -> None:
        self.nodes_left -= 1
        if self.nodes_left < 0:
            raise _TooLarge

    def _items(self, node: yaml.Node, trail: _Trail) -> Items:
        items = Items()
        for index, item in enumerate(node.value):
            value = self._value(item, (trail, index))
            if value is not ABSENT:
                items.append(value)
                items.places.append(Place(_line(item), _raw(item), index, self.file))
        return items

    def _key(self, node: yaml.Node, trail: _Trail) -> str | None:
        """Returns the key as it was written; one that is not text is a mistake."""
        line = _line(node)
        if not isinstance(node, yaml.ScalarNode):
            self._note_at(line, trail, "has a key that is a list or mapping; write text as a key")
            return None
        key = str(node.value)
        tag = node.tag.removeprefix(_PREFIX)
        if tag == "merge":
            self._note_at(line, (trail, key), "merges are not read; write the keys out")
            return None
        if tag != "str":
            meaning = _MEANINGS.get(tag, f"the tag {node.tag}")
            text = f'YAML reads this key as {meaning}; write it in quotes: "{key}"'
            self._note_at(line, (trail, key), text)
        return key

    def _scalar(self, node: yaml.ScalarNode, trail: _Trail) -> Any:
        tag = node.tag.removeprefix(_PREFIX)
        if tag in ("str", "timestamp", "value", "merge"):
            return str(node.value)
        if tag == "null":
            self._note_at(_line(node), trail, "is empty; write a value or leave the key out")
            return ABSENT
        try:
            if tag == "bool":
                return bool(_CONSTRUCTOR.construct_yaml_bool(node))
            if tag == "int":
                return int(_CONSTRUCTOR.construct_yaml_int(node))
            if tag == "float":
                return float(_CONSTRUCTOR.construct_yaml_float(node))
        except (ValueError, KeyError):
            self._note_at(_line(node), trail, f"{quoted(node.value)} is no {tag}; correct it")
            return ABSENT
        self._note_at(_line(node), trail, f"has the tag {_tag(node)}; leave tags out")
        return ABSENT


def _take_apart(root: yaml.MappingNode) -> None:
    """A million nodes that go at once keep everybody waiting for a fifth of a second."""
    for _, section in root.value:
        while isinstance(section.value, list) and section.value:
            del section.value[-_NODES_AT_ONCE:]


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1


def _tag(node: yaml.Node) -> str:
    return str(node.tag).replace(_PREFIX, "!!")


def _raw(node: yaml.Node) -> str | None:
    """The text of a scalar that was written without quotes."""
    return node.value if type(node) is yaml.ScalarNode and not node.style else None


def _is_left_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _PREFIX + "null" and not node.value


def _words(trail: _Trail) -> str:
    steps = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return reduce(_joined, reversed(steps), "")


def _joined(words: str, step: Hashable) -> str:
    if isinstance(step, int):
        return f"{words}[{step}]"
    text = str(step)
    is_plain = text and "." not in text and text.isprintable() and len(text) <= NAME_CHARS_MAX
    shown = text if is_plain else quoted(text)
    return f"{words}.{shown}" if words else shown
