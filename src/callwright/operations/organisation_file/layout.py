"""Writes plain data as YAML in the layout of the organisation file.

A list or mapping that fits into a line stands in one, as in { }; entries of one shape are all in
one line or none. Text that looks like a number is in double quotes, as readers of the file expect.
The library's own emitter knows neither rule, and takes 25 s for 50,000 users.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from io import StringIO
from typing import Any

import yaml
from pydantic import JsonValue
from yaml.emitter import Emitter

LINE_CHARS_MAX = 96

_NUMBER_LIKE = re.compile(r"[-+0-9:*#]+|\+?[0-9.]+(\.\.\+[0-9]+)?")
_WORDS = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ._@/+-]*[A-Za-z0-9.])?")
_MEANINGFUL = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null"})
_HIDDEN = re.compile(
    "[^\t\n\\x20-\\x7e\\xa0-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]|[\\u2028\\u2029\t\n]"
)
_ESCAPES = {"\n": r"\n", "\t": r"\t"}
_STR = "tag:yaml.org,2002:str"
_EMITTER = Emitter(StringIO())
_RESOLVER: Any = yaml.resolver.Resolver()


def laid_out(section: str, content: JsonValue) -> str:
    """One section of the file: its name, and its content in lines below or behind it."""
    return "".join(f"{line}\n" for line in _block({section: content}, 0, is_section=True))


def entry_lines(key: str, value: JsonValue, indent: int) -> Iterator[str]:
    """One entry of a mapping that stands in lines."""
    yield from _block({key: value}, indent)


def item_lines(value: JsonValue, indent: int) -> Iterator[str]:
    """One entry of a list that stands in lines."""
    yield from _block([value], indent)


def _block(value: JsonValue, indent: int, *, is_section: bool = False) -> Iterator[str]:
    """The lines of a mapping or list that does not stand in one."""
    pad = " " * indent
    children = _children(value)
    in_lines = len({_shape(child) for child in children}) > 1 or all(
        _fits(child, indent + 2) for child in children
    )
    for head, child in zip(_heads(value), children, strict=True):
        is_open = isinstance(child, dict | list) and bool(child)
        is_entry = not in_lines and isinstance(child, dict | list) and len(child) > 1
        if is_open and (is_section or is_entry or not _fits(child, indent + 2)):
            yield from _opened(pad, head, list(_block(child, indent + 2)))
        else:
            yield f"{pad}{head} {inline(child)}"


def _opened(pad: str, head: str, lines: list[str]) -> Iterator[str]:
    if head == "-":
        yield f"{pad}- {lines[0].lstrip(' ')}"
        yield from lines[1:]
    else:
        yield f"{pad}{head}"
        yield from lines


def _heads(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{_text(key, in_flow=False)}:" for key in value)
    elif isinstance(value, list):
        yield from ("-" for _ in value)


def _children(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _shape(value: JsonValue) -> str:
    return "mapping" if isinstance(value, dict) else "list" if isinstance(value, list) else "scalar"


def _fits(value: JsonValue, indent: int) -> bool:
    """About whether it takes one line; a prompt alone stays on its line, however long it is."""
    return not isinstance(value, dict | list) or _room(value, LINE_CHARS_MAX - indent) >= 0


def _room(value: JsonValue, room: int) -> int:
    """What is left of ``room``; negative as soon as it is used up."""
    if isinstance(value, dict):
        room -= 4
        for key, child in value.items():
            room = _room(child, room - len(key) - 4)
            if room < 0:
                break
        return room
    if isinstance(value, list):
        room -= 4
        for child in value:
            room = _room(child, room)
            if room < 0:
                break
        return room
    return room - len(str(value)) - 4


def inline(value: JsonValue, *, in_flow: bool = False) -> str:
    """The value in one line; ``in_flow``: inside of brackets."""
    match value:
        case dict():
            pairs = (
                f"{_text(k, in_flow=True)}: {inline(v, in_flow=True)}" for k, v in value.items()
            )
            return "{" + ", ".join(pairs) + "}"
        case list():
            return "[" + ", ".join(inline(item, in_flow=True) for item in value) + "]"
        case str():
            return _text(value, in_flow=in_flow)
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case _:
            return repr(value)


def _text(text: str, *, in_flow: bool) -> str:
    if _WORDS.fullmatch(text) and text.lower() not in _MEANINGFUL:
        return text
    return f'"{text}"' if _NUMBER_LIKE.fullmatch(text) else _hard_text(text, in_flow)


@lru_cache(maxsize=4_096)
def _hard_text(text: str, in_flow: bool) -> str:
    """Plain where YAML takes it for this text, else quoted."""
    analysis = _EMITTER.analyze_scalar(text)
    is_plain = analysis.allow_flow_plain if in_flow else analysis.allow_block_plain
    if (
        is_plain
        and not analysis.multiline
        and _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == _STR
    ):
        return text
    if analysis.allow_single_quoted and not analysis.multiline:
        return "'" + text.replace("'", "''") + "'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _HIDDEN.sub(_escaped, escaped) + '"'


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    return _ESCAPES.get(character) or (
        f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
    )
