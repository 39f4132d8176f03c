"""The shape of organisation files as JSON Schema (2020-12), for editors and other tools."""

from functools import cache
from typing import Any

import yaml
from pydantic import BaseModel

from callwright.operations.organisation_file.schema import SECRET_FIELDS, Organisation
from callwright.operations.organisation_file.secret_references import FROM_ENV, FROM_FILE
from callwright.operations.organisation_file.several import INCLUDE

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_INCLUDED = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Further files, beside this one or below; patterns such as queues/*.yaml.",
    "examples": [["users.yaml", "queues/*.yaml"]],
}

_REFERENCES = [
    {
        "type": "object",
        "properties": {word: {"type": "string"}},
        "required": [word],
        "additionalProperties": False,
    }
    for word in (FROM_ENV, FROM_FILE)
]


@cache
def file_schema() -> dict[str, Any]:
    """Of a file on its own, or the first of several. What refers to what is not in it."""
    found = _tidy(Organisation.model_json_schema())
    found["properties"][INCLUDE] = _INCLUDED
    for section in found["$defs"].values():
        for name in SECRET_FIELDS & section.get("properties", {}).keys():
            section["properties"][name] = {"anyOf": [section["properties"][name], *_REFERENCES]}
    return {"$schema": DIALECT, "title": "A Callwright organisation file"} | {
        name: part for name, part in found.items() if name != "title"
    }


def _tidy(part: Any) -> Any:
    """Examples as values, and no titles that only repeat the name of the key; what a section
    inherits from the library says nothing about it."""
    if isinstance(part, list):
        return [_tidy(each) for each in part]
    if not isinstance(part, dict):
        return part
    tidied = {name: _tidy(inner) for name, inner in part.items() if not _is_noise(name, inner)}
    if isinstance(tidied.get("examples"), list):
        tidied["examples"] = [_example(each) for each in tidied["examples"]]
    return tidied


def _is_noise(name: str, inner: Any) -> bool:
    is_title = name == "title" and isinstance(inner, str)
    return is_title or (name == "description" and inner == BaseModel.__doc__)


def _example(text: Any) -> Any:
    """``name: Alice Adams``, as a mistake proposes it, without its key."""
    written = yaml.safe_load(text) if isinstance(text, str) else None
    return next(iter(written.values())) if isinstance(written, dict) else text
