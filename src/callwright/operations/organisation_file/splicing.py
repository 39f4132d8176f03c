"""Changes values inside a YAML text and leaves everything else as it stands: comments, order,
quotes, blank lines.

Only what differs is written anew, in the layout of ``layout``. Nothing is emitted by a YAML
library, so a text in which nothing differs stays the same byte for byte.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml
from pydantic import JsonValue

from callwright.operations.organisation_file.layout import entry_lines, inline, item_lines, laid_out

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BEFORE_COMMENT = re.compile(r"[ ]+(?=#)")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What YAML 1.1 takes for the end of a line."""


class CannotSplice(Exception):
    """The text cannot be changed in place; says in which line, and why."""


class _Splice(NamedTuple):
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Page:
    """A text, and where its lines begin."""

    text: str
    starts: Sequence[int]
    shared: frozenset[int]
    """Ids of nodes that stand in more than one place, by aliases."""

    def offset(self, mark: Any) -> int:
        line, column = int(mark.line), int(mark.column)
        return self.starts[line] + column

    def line_start(self, at: int) -> int:
        """Of the line in which ``at`` lies."""
        return self.starts[self.line(at)]

    def line(self, at: int) -> int:
        return bisect_right(self.starts, at) - 1

    def after_line(self, at: int) -> int:
        """Where the next line begins; the end of the text after the last one."""
        line = self.line(at)
        return self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)

    def start(self, node: yaml.Node) -> int:
        return self.offset(node.start_mark)

    def end(self, node: yaml.Node) -> int:
        """Without the blanks and comments that may follow; a library's mark is behind them."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            key, value = last if isinstance(last, tuple) else (None, last)
            if key is not None and self._is_nothing(value):
                return self.end(key)
            return self.end(value)
        start, end = self.start(node), self.offset(node.end_mark)
        return start + len(self.text[start:end].rstrip())

    def _is_nothing(self, node: yaml.Node) -> bool:
        return bool(node.start_mark.index == node.end_mark.index)

    def is_first_in_line(self, at: int) -> bool:
        return not self.text[self.line_start(at) : at].strip()


def spliced(text: str, before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> str:
    """``before`` is what the text says, in the words of ``after``. Keys of mappings that both
    have keep their order. Raises CannotSplice."""
    root = yaml.compose(text, Loader=_LOADER)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise CannotSplice("line 1: is no list of sections in lines of their own")
    starts = (0, *(found.end() for found in _BREAK.finditer(text)))
    page = _Page(text, starts, _shared(root))
    parts: list[str] = []
    at = 0
    splices = sorted(_mapping(page, root, dict(before), dict(after), in_flow=False))
    for splice in splices:
        parts += text[at : splice.start], splice.text
        at = splice.end
    return "".join((*parts, text[at:]))


def _shared(root: yaml.Node) -> frozenset[int]:
    seen: set[int] = set()
    shared: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            shared.add(id(node))
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            waiting += (part for pair in node.value for part in pair)
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    return frozenset(shared)


def _value(
    page: _Page, node: yaml.Node, before: JsonValue, after: JsonValue, *, in_flow: bool
) -> Iterator[_Splice] | None:
    """None: the value has to be written anew as a whole."""
    if id(node) in page.shared:
        line = node.start_mark.line + 1
        raise CannotSplice(f"line {line}: what an alias (*) repeats has changed; write it out")
    if isinstance(node, yaml.MappingNode) and isinstance(before, dict) and isinstance(after, dict):
        keys = [str(key.value) for key, _ in node.value]
        is_same = keys == list(dict.fromkeys(keys)) and set(keys) == before.keys()
        flows = in_flow or bool(node.flow_style)
        if is_same and after and node.value and (not flows or before.keys() == after.keys()):
            return _mapping(page, node, before, after, in_flow=flows)
    if isinstance(node, yaml.SequenceNode) and isinstance(before, list) and isinstance(after, list):
        flows = in_flow or bool(node.flow_style)
        is_same = len(node.value) == len(before)
        if is_same and after and node.value and (not flows or len(before) == len(after)):
            return _sequence(page, node, before, after, in_flow=flows)
    return None


# -- mappings --------------------------------------------------------------------------------------


def _mapping(
    page: _Page,
    node: yaml.MappingNode,
    before: Mapping[str, JsonValue],
    after: Mapping[str, JsonValue],
    *,
    in_flow: bool,
) -> Iterator[_Splice]:
    places = {str(key.value): (key, value) for key, value in node.value}
    for key, (key_node, value_node) in places.items():
        old = before.get(key)
        if key not in after:
            if old or not isinstance(old, dict | list):  # an empty part says nothing
                yield _without(page, key_node, value_node)
        elif after[key] != old:
            yield from _entry(page, key_node, value_node, key, old, after[key], in_flow=in_flow)
    if not in_flow:
        yield from _added(page, node, places, after)


def _entry(
    page: _Page,
    key_node: yaml.Node,
    value_node: yaml.Node,
    key: str,
    old: JsonValue,
    new: JsonValue,
    *,
    in_flow: bool,
) -> Iterator[_Splice]:
    inner = _value(page, value_node, old, new, in_flow=in_flow)
    start, end = page.start(value_node), page.end(value_node)
    if inner is not None:
        yield from inner
    elif in_flow:
        yield _Splice(start, end, inline(new, in_flow=True))
    elif isinstance(value_node, yaml.ScalarNode) and not isinstance(new, dict | list):
        yield from _scalar(page, start, end, inline(new))
    else:
        column = int(key_node.start_mark.column)
        lines = _lines(key, new, column)
        yield _Splice(page.start(key_node), end, "\n".join(lines)[column:])


def _scalar(page: _Page, start: int, end: int, written: str) -> Iterator[_Splice]:
    """A comment behind it stays in its column, if there is room."""
    gap = _BEFORE_COMMENT.match(page.text, end)
    if gap is not None:
        room = end - start + len(gap[0]) - len(written)
        written += " " * max(room, 2)
        end = gap.end()
    yield _Splice(start, end, written)


def _lines(key: str, value: JsonValue, column: int) -> list[str]:
    if column == 0:
        return laid_out(key, value).splitlines()
    return list(entry_lines(key, value, column))


def _without(page: _Page, key_node: yaml.Node, value_node: yaml.Node) -> _Splice:
    start = page.start(key_node)
    if not page.is_first_in_line(start):
        line = key_node.start_mark.line + 1
        raise CannotSplice(f"line {line}: the first key of a list's entry is gone")
    last = max(page.end(key_node), page.end(value_node))
    return _Splice(page.line_start(start), page.after_line(last), "")


def _added(
    page: _Page,
    node: yaml.MappingNode,
    places: Mapping[str, tuple[yaml.Node, yaml.Node]],
    after: Mapping[str, JsonValue],
) -> Iterator[_Splice]:
    """New entries stand behind the one that they follow; without any, before the first."""
    column = int(node.start_mark.column)
    behind: str | None = None
    waiting: dict[str | None, list[str]] = {}
    for key, value in after.items():
        if key in places:
            behind = key
        else:
            gap = [""] if column == 0 else []
            waiting.setdefault(behind, []).extend((*gap, *_lines(key, value, column)))
    for anchor, lines in waiting.items():
        text = "\n".join(lines)
        if anchor is not None:
            key_node, value_node = places[anchor]
            yield _behind(page, max(page.end(key_node), page.end(value_node)), text)
        else:
            start = page.start(node)
            if not page.is_first_in_line(start):
                line = node.start_mark.line + 1
                raise CannotSplice(f"line {line}: a key has to stand before the first one")
            yield _Splice(page.line_start(start), page.line_start(start), f"{text}\n")


def _behind(page: _Page, at: int, text: str) -> _Splice:
    """Lines behind the line of ``at``, with its comment."""
    place = page.after_line(at)
    has_break = _BREAK.match(page.text, place - 1) is not None
    return _Splice(place, place, f"{text}\n" if has_break else f"\n{text}")


# -- lists -----------------------------------------------------------------------------------------


def _sequence(
    page: _Page,
    node: yaml.SequenceNode,
    before: list[JsonValue],
    after: list[JsonValue],
    *,
    in_flow: bool,
) -> Iterator[_Splice]:
    """What is the same at both ends stays; what lies between is compared one by one."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    for at, (was, is_now) in enumerate(zip(old, new, strict=False), start=head):
        yield from _item(page, node, node.value[at], was, is_now, in_flow=in_flow)
    for at in range(head + len(new), head + len(old)):
        yield _without_item(page, node.value[at])
    column = int(node.start_mark.column)
    added = [line for value in new[len(old) :] for line in item_lines(value, column)]
    if added:
        place = head + len(old)
        if place > 0:
            yield _behind(page, page.end(node.value[place - 1]), "\n".join(added))
        else:
            start = page.line_start(page.start(node))
            yield _Splice(start, start, "\n".join(added) + "\n")


def _item(
    page: _Page,
    parent: yaml.SequenceNode,
    node: yaml.Node,
    old: JsonValue,
    new: JsonValue,
    *,
    in_flow: bool,
) -> Iterator[_Splice]:
    inner = _value(page, node, old, new, in_flow=in_flow) if old != new else iter(())
    start, end = page.start(node), page.end(node)
    if inner is not None:
        yield from inner
    elif in_flow:
        yield _Splice(start, end, inline(new, in_flow=True))
    else:
        column = int(parent.start_mark.column)
        lines = "\n".join(item_lines(new, column))
        yield _Splice(start, end, lines[column + 2 :])


def _without_item(page: _Page, node: yaml.Node) -> _Splice:
    start = page.line_start(page.start(node))
    if page.text[start : page.start(node)].strip() != "-":
        line = node.start_mark.line + 1
        raise CannotSplice(f"line {line}: an entry of a list stands in the line of another")
    return _Splice(start, page.after_line(page.end(node)), "")
