"""Words for what the schema refuses: pydantic's errors as mistakes with a remedy."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from callwright.operations.organisation_file.document import Document, Path
from callwright.operations.organisation_file.refusal import (
    NEEDS_TEXT,
    REFUSED,
    alternatives,
    quoted,
)
from callwright.operations.organisation_file.schema import SECRET_FIELDS, Organisation

_KEY_MARK = "[key]"
"""What pydantic appends to the location of an error in a mapping's key."""


def location_of(error: ErrorDetails) -> Path:
    """Returns the path of the value that is refused, without pydantic's own marks."""
    return tuple(step for step in error["loc"] if step != _KEY_MARK)


def path_of(error: ErrorDetails) -> Path:
    """Returns the path of the bad part of it."""
    return location_of(error) + tuple(error.get("ctx", {}).get("at", ()))


def text_of(error: ErrorDetails, document: Document | None) -> str:
    """Returns what is wrong and what to write instead; ``document`` is None for plain data."""
    kind, path = error["type"], path_of(error)
    if kind == REFUSED:
        return str(error["ctx"]["text"])
    if kind == NEEDS_TEXT:
        return _text_wanted(error["ctx"]["value"], path, document)
    if kind == "missing":
        return f"is missing; write {_example(path)}"
    if kind == "extra_forbidden":
        known = _known_keys(path[:-1])
        return f"there is no such key; {alternatives(str(path[-1]), known)}"
    value = error.get("input")
    if kind == "string_type":
        return _text_wanted(value, path, document)
    return f"{_wanted(kind, value)}; {_remedy(kind, value, path)}"


def _text_wanted(value: object, path: Path, document: Document | None) -> str:
    if isinstance(value, Mapping | list):
        shape = "mapping" if isinstance(value, Mapping) else "list"
        return f"must be text, not a {shape}; write it in quotes if it holds : or [ ] or {{ }}"
    meaning = "true or false" if isinstance(value, bool) else "a number"
    if document is None:
        return f"must be text, not {meaning}; write it in quotes"
    if path[-1] in SECRET_FIELDS:
        return f"YAML reads it as {meaning}; write it in quotes"
    raw = document.locate(path)[0].raw
    written = str(value) if raw is None else raw
    return f'YAML reads {written} as {meaning}; write it in quotes: "{written}"'


def _wanted(kind: str, value: object) -> str:
    shown = f", not {_shown(value)}"
    match kind:
        case "int_type":
            return f"must be a whole number{shown}"
        case "bool_type":
            return f"must be true or false{shown}"
        case "list_type":
            return f"must be a list{shown}"
        case "dict_type" | "model_type":
            return f"must be a mapping of keys{shown}"
        case _:
            return f"does not fit{shown}"


def _remedy(kind: str, value: object, path: Path) -> str:
    match kind:
        case "int_type" if isinstance(value, str) and value.isdecimal():
            return f"write {value} without quotes"
        case "int_type":
            return "write digits without quotes"
        case "bool_type":
            return "write true or false without quotes"
        case "list_type":
            return "write it in [ ], or each item on a line of its own after a dash"
    field = _field(path)
    if field is not None and field.examples:
        return f"write for example {field.examples[0]}"
    return "write one key: value on each line, indented"


def _shown(value: object) -> str:
    match value:
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case _:
            return str(value)


def _example(path: Path) -> str:
    field = _field(path)
    if field is not None and field.examples:
        return str(field.examples[0])
    return f"{path[-1]}:"


def _field(path: Sequence[str | int]) -> FieldInfo | None:
    model = _model_at(path[:-1])
    return None if model is None or not path else model.model_fields.get(str(path[-1]))


def _known_keys(path: Sequence[str | int]) -> list[str]:
    model = _model_at(path)
    return [] if model is None else list(model.model_fields)


def _model_at(path: Sequence[str | int]) -> type[BaseModel] | None:
    """Walks the schema's annotations along a path of the file."""
    here: Any = Organisation
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(step))
            here = None if field is None else plain_type(field.annotation)
        elif get_origin(here) in (dict, list):
            here = plain_type(get_args(here)[-1])
        else:
            return None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def plain_type(annotation: Any) -> Any:
    """Strips Annotated and ``| None``."""
    while True:
        if hasattr(annotation, "__metadata__"):
            annotation = annotation.__origin__
            continue
        rest = [part for part in get_args(annotation) if part is not type(None)]
        if len(rest) == 1 and get_origin(annotation) not in (list, dict):
            annotation = rest[0]
            continue
        return annotation
