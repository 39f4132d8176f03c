"""YAML with the line of every key, made into plain data while it is parsed.

Only plain data is read: mappings with text keys, lists, text, numbers, true and false. Duplicate
keys, empty values and tags are mistakes. Aliases are followed, within a bound.
"""

from functools import reduce
from typing import Any, NamedTuple

import yaml
from yaml.composer import ComposerError
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from callwright.kernel.limits.configuration import ORGANISATION_DEPTH_MAX, ORGANISATION_NODES_MAX
from callwright.operations.organisation_file.mistakes import Mistake
from callwright.operations.organisation_file.places import (
    Items,
    Place,
    Table,
    Trail,
    joined,
    steps_of,
)
from callwright.operations.organisation_file.refusal import quoted
from callwright.operations.organisation_file.yaml_mistakes import mistake_of
from callwright.operations.organisation_file.yaml_tags import (
    MEANINGS,
    OWN_TAGS,
    PREFIX,
    TEXT,
    shown_tag,
    tag_of,
    tag_of_plain,
)

_BEGINS = frozenset({MappingStartEvent, SequenceStartEvent})
_ENDS = frozenset({MappingEndEvent, SequenceEndEvent})
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTRUCTOR = yaml.constructor.SafeConstructor()
_EVENTS_OF_VALUE_MAX = 3
"""Its key, its begin and its end."""
ABSENT: Any = object()
"""Stands for a value that could not be read; it is left out."""


class Composed(NamedTuple):
    tree: Table
    mistakes: list[Mistake]
    nodes_left: int
    """Values that might yet have been read."""


def compose(file: str, text: str, nodes_max: int) -> Composed:
    """Reads a text with at most so many values; of a hopeless one the tree is empty."""
    composer = _Composer(file, nodes_max)
    mistakes = composer.mistakes
    try:
        return Composed(composer.compose(text), mistakes, composer.nodes_left)
    except _TooLarge:
        most = f"{ORGANISATION_NODES_MAX:,} values"
        why = f"holds more than {most}; if aliases (*) repeat parts, write fewer"
        mistakes.append(Mistake(file, 1, "", why))
    except (yaml.YAMLError, RecursionError, UnicodeError) as error:
        mistakes = [mistake_of(file, text, error)]
    return Composed(Table(file), mistakes, composer.nodes_left)


class _TooLarge(Exception):
    """The bound of values is reached."""


class _Kept(NamedTuple):
    """The events of a value that has an anchor: a stretch of those of the outermost one."""

    events: list[Any]
    first: int
    last: int


class _Replay:
    """Gives kept events once more."""

    __slots__ = ("_events", "at")

    def __init__(self, events: list[Any], at: int) -> None:
        self._events = events
        self.at = at

    def take(self) -> Any:
        self.at += 1
        return self._events[self.at - 1]


class _Composer:
    """Makes values of a parser's events as they come.

    Nodes of the whole file, as YAML's own composer makes first, took as long as all the rest.
    """

    def __init__(self, file: str, nodes_max: int) -> None:
        self.mistakes: list[Mistake] = []
        self.nodes_left = nodes_max
        self._file = file
        self._next: Any = None
        """Gives the parser's next event, or the next one of what an alias stands for."""
        self._replay: _Replay | None = None
        """What ``_next`` belongs to; None: to the parser."""
        self._anchored: dict[str, _Kept] = {}
        """What has an anchor, to be read as often as there are aliases."""
        self._open: list[str | None] = []
        """The anchors of the mappings and lists around; None: of one without."""
        self._plain: dict[str, str | None] = {}
        """Text without quotes that was met; None: it means something else than text."""

    def compose(self, text: str) -> Table:
        """Raises YAML's errors, and _TooLarge."""
        self._next = _PARSER(text).get_event
        self._next()  # the stream begins
        begin = self._next()
        if type(begin) is StreamEndEvent:
            self._note(1, None, "the file is empty; begin with organisation:")
            return Table(self._file)
        first = begin.start_mark
        tree = self._root(self._begin())
        self._next()  # the document ends
        other = self._next()
        if type(other) is not StreamEndEvent:
            what, but = "expected a single document in the stream", "but found another document"
            raise ComposerError(what, first, but, other.start_mark)
        return tree

    def _root(self, event: Any) -> Table:
        if type(event) is MappingStartEvent:
            tree = self._collection(event, None)
            return Table(self._file) if tree is ABSENT else tree
        text = "the file is not a mapping of keys; begin with organisation:"
        self._note(_line(event), None, text)
        self._pass_over(event)
        return Table(self._file)

    def _begin(self) -> Any:
        """Returns the first event of the next value, or of what it is an alias of."""
        event = self._next()
        return event if event.anchor is None else self._known(event)

    def _known(self, event: Any) -> Any:
        known = self._anchored.get(event.anchor)
        mark = event.start_mark
        if type(event) is AliasEvent:
            if known is None:
                raise ComposerError(None, None, "found undefined alias", mark)
            return known.events[known.first]
        if known is None or known.events[known.first] is not event:
            self._read_events(event)
        elif self._replay is not None:  # it is inside of what an alias stands for
            self._replay.at += known.last - known.first
        return event

    def _pass_over(self, begin: Any) -> None:
        """What has an anchor has been read already."""
        if begin.anchor is None:
            self._read_events(begin)

    def _read_events(self, begin: Any) -> None:
        """Reads a value's events, and keeps those of what has an anchor."""
        events: list[Any] = []
        firsts: list[int] = []
        most = _EVENTS_OF_VALUE_MAX * (self.nodes_left + 1)
        event = begin
        while True:
            events.append(event)
            if type(event) in _ENDS:
                first = firsts.pop()
                anchor = events[first].anchor
                if anchor is not None:
                    self._anchored[anchor] = _Kept(events, first, len(events) - 1)
            else:
                if event.anchor is not None:
                    self._note_anchor(event, events)
                if type(event) in _BEGINS:
                    firsts.append(len(events) - 1)
            if not firsts:
                return
            if len(events) > most:
                raise _TooLarge
            event = self._next()

    def _note_anchor(self, event: Any, events: list[Any]) -> None:
        """Of the newest of ``events``."""
        if type(event) is AliasEvent:
            self._known(event)
            return
        newest = len(events) - 1
        known = self._anchored.setdefault(event.anchor, _Kept(events, newest, newest))
        first = known.events[known.first]
        if first is not event:
            text = f"the anchor &{event.anchor} is written twice"
            raise ComposerError("first", first.start_mark, text, event.start_mark)

    def _value(self, event: Any, trail: Trail) -> Any:
        self._count(1)
        if type(event) is ScalarEvent:
            return self._scalar(event, trail)
        return self._collection(event, trail)

    def _count(self, values: int) -> None:
        self.nodes_left -= values
        if self.nodes_left < 0:
            raise _TooLarge

    def _collection(self, begin: Any, trail: Trail) -> Any:
        anchor, outer = begin.anchor, (self._next, self._replay)
        if anchor is not None or begin.tag is not None or len(self._open) > ORGANISATION_DEPTH_MAX:
            objection = self._objection(begin)
            if objection:
                self._note(_line(begin), trail, objection)
                self._pass_over(begin)
                return ABSENT
        if anchor is not None:
            known = self._anchored[anchor]
            self._replay = _Replay(known.events, known.first + 1)
            self._next = self._replay.take
        self._open.append(anchor)
        is_mapping = type(begin) is MappingStartEvent
        value = self._table(begin, trail) if is_mapping else self._items(trail)
        self._open.pop()
        self._next, self._replay = outer
        return value

    def _objection(self, begin: Any) -> str:
        """Why a collection is not read; empty: it is."""
        if begin.anchor is not None and begin.anchor in self._open:
            return "contains itself by an alias; write it out"
        if len(self._open) > ORGANISATION_DEPTH_MAX:
            return "is nested too deeply; no key needs as many levels"
        return "" if begin.tag in OWN_TAGS else f"has the tag {shown_tag(begin)}; leave tags out"

    def _table(self, begin: Any, trail: Trail) -> Table:
        table = Table(self._file)
        lines, take, text_of = table.lines, self._next, self._text
        texts = 0
        while type(event := take()) is not MappingEndEvent:
            key = text_of(event) or self._key(event, trail)
            line = event.start_mark.line + 1
            value = take()
            if value.anchor is not None:
                value = self._known(value)
            if key is None:
                self._pass_over(value)
            elif key in lines:
                first = table.place(key).line
                twice = f"is written twice, first in line {first}; keep one of them"
                self._note(line, (trail, key), twice)
                self._pass_over(value)
            elif (text := text_of(value)) is not None:  # as most of them are
                table[key] = text
                lines[key] = line
                texts += 1
                if texts > self.nodes_left:
                    raise _TooLarge
            elif begin.flow_style and _is_left_empty(value):
                lines[key] = line
                remedy = f'put text with a comma into quotes, or write "{key}: VALUE"'
                self._note(line, (trail, key), f"has no value; {remedy}")
            else:
                lines[key] = self._place(value, line)
                self._put(table, key, value, trail)
        self._count(texts)
        return table

    def _put(self, table: Table, key: str, value: Any, trail: Trail) -> None:
        read = self._value(value, (trail, key))
        if read is not ABSENT:
            table[key] = read

    def _place(self, value: Any, line: int) -> int | Place:
        raw = _raw(value)
        return line if raw is None else Place(line, raw, file=self._file)

    def _items(self, trail: Trail) -> Items:
        items = Items()
        index = 0
        while type(event := self._next()) is not SequenceEndEvent:
            if event.anchor is not None:
                event = self._known(event)
            value, raw = self._text(event), None
            if value is not None:
                self._count(1)
            else:
                value, raw = self._value(event, (trail, index)), _raw(event)
            if value is not ABSENT:
                items.append(value)
                items.places.append(Place(_line(event), raw, index, self._file))
            index += 1
        return items

    def _key(self, event: Any, trail: Trail) -> str | None:
        """Returns the key as it was written; one that is not text is a mistake."""
        if event.anchor is not None:
            event = self._known(event)
        if type(event) is not ScalarEvent:
            text = "has a key that is a list or mapping; write text as a key"
            self._note(_line(event), trail, text)
            self._pass_over(event)
            return None
        key: str = event.value
        tag = tag_of(event).removeprefix(PREFIX)
        if tag == "str":
            return key
        if tag == "merge":
            self._note(_line(event), (trail, key), "merges are not read; write the keys out")
            return None
        meaning = MEANINGS.get(tag, f"the tag {event.tag}")
        text = f'YAML reads this key as {meaning}; write it in quotes: "{key}"'
        self._note(_line(event), (trail, key), text)
        return key

    def _text(self, event: Any) -> str | None:
        """Returns the value of a scalar that is text, the same object for the same plain text;
        None where it is something else, or has to be looked at closely."""
        if type(event) is not ScalarEvent or event.tag is not None or event.anchor is not None:
            return None
        text: str = event.value
        if event.style:
            return text
        known = self._plain.get(text, ABSENT)
        if known is ABSENT:
            known = self._plain[text] = text if tag_of_plain(text) is TEXT else None
        return known  # type: ignore[no-any-return]

    def _scalar(self, event: Any, trail: Trail) -> Any:
        tag = tag_of(event).removeprefix(PREFIX)
        if tag in ("str", "timestamp", "value", "merge"):
            return str(event.value)
        if tag == "null":
            self._note(_line(event), trail, "is empty; write a value or leave the key out")
            return ABSENT
        try:
            node = yaml.ScalarNode(event.tag, event.value)
            if tag == "bool":
                return bool(_CONSTRUCTOR.construct_yaml_bool(node))
            if tag == "int":
                return int(_CONSTRUCTOR.construct_yaml_int(node))
            if tag == "float":
                return float(_CONSTRUCTOR.construct_yaml_float(node))
        except (ValueError, LookupError, ArithmeticError):
            self._note(_line(event), trail, f"{quoted(event.value)} is no {tag}; correct it")
            return ABSENT
        self._note(_line(event), trail, f"has the tag {shown_tag(event)}; leave tags out")
        return ABSENT

    def _note(self, line: int, trail: Trail, text: str) -> None:
        self.mistakes.append(Mistake(self._file, line, reduce(joined, steps_of(trail), ""), text))


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


def _raw(event: Any) -> str | None:
    """The text of a scalar that was written without quotes."""
    return event.value if type(event) is ScalarEvent and not event.style else None


def _is_left_empty(event: Any) -> bool:
    return type(event) is ScalarEvent and not event.value and event.implicit[0]
