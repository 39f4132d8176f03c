"""PATCH (RFC 7644 §3.5.2), with what Entra ID and Okta make of it.

Operations in any case (``Replace``), truth as text (``"True"``), values without a path whose keys
are paths (``{"name.givenName": "A"}``), members to remove named in the value instead of the path.
"""

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

from pydantic import JsonValue

from callwright.kernel.limits.access import SCIM_OPERATIONS_MAX
from callwright.operations.scim.filters import Comparison, Filter, fits, read_filter
from callwright.operations.scim.refusal import ScimError
from callwright.operations.scim.words import (
    ENTERPRISE,
    PATCH,
    Resource,
    attribute,
    found_name,
    split_path,
)

MULTIPLE = frozenset({"emails", "phonenumbers", "addresses", "members", "roles", "entitlements"})
"""Attributes of several values, by their lower-case names."""
_PATH = re.compile(r"(?P<attribute>[^\[\]]+)(?:\[(?P<filter>.*)\](?:\.(?P<sub>[A-Za-z0-9_$]+))?)?")
_READ_ONLY = frozenset({"id", "meta", "schemas", "groups"})


@dataclass(frozen=True, slots=True)
class Path:
    steps: tuple[str, ...]
    filter: Filter | None = None
    sub: str | None = None


def patched(resource: Resource, body: JsonValue) -> Resource:
    """The resource after all operations; the one given stays. Raises ScimError."""
    operations = attribute(body, "Operations")
    schemas = attribute(body, "schemas")
    if not isinstance(operations, list) or not operations:
        raise ScimError(400, "Operations are missing", "invalidSyntax")
    if isinstance(schemas, list) and PATCH not in schemas:
        raise ScimError(400, f"schemas must name {PATCH}", "invalidSyntax")
    if len(operations) > SCIM_OPERATIONS_MAX:
        text = f"more than {SCIM_OPERATIONS_MAX} operations; send fewer at once"
        raise ScimError(400, text, "tooMany")
    result = deepcopy(resource)
    for operation in operations:
        _apply(result, operation)
    return result


def read_path(text: str) -> Path:
    """Raises ScimError (400, invalidPath)."""
    found = _PATH.fullmatch(text.strip())
    steps = split_path(found["attribute"]) if found is not None else ()
    if found is None or not steps or not all(re.fullmatch(r"[\w$:.-]+", step) for step in steps):
        raise ScimError(400, f"{text[:60]!r} is no path", "invalidPath")
    filter = None if found["filter"] is None else read_filter(found["filter"])
    return Path(steps, filter, found["sub"])


def _apply(resource: Resource, operation: JsonValue) -> None:
    op, path = attribute(operation, "op"), attribute(operation, "path")
    word = op.lower() if isinstance(op, str) else ""
    value = attribute(operation, "value")
    if word not in ("add", "replace", "remove"):
        raise ScimError(400, "op is add, replace or remove", "invalidSyntax")
    if isinstance(path, str) and path.strip():
        _at(resource, word, read_path(path), value)
    elif word == "remove":
        raise ScimError(400, "remove needs a path", "noTarget")
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name.lower() == ENTERPRISE.lower() and isinstance(inner, dict):
                for sub, deep in inner.items():
                    _at(resource, word, Path((ENTERPRISE, sub)), deep)
            else:
                _at(resource, word, read_path(name), inner)
    else:
        raise ScimError(400, "without a path the value is an object", "invalidValue")


def _at(resource: Resource, word: str, path: Path, value: JsonValue) -> None:
    if path.steps[0].lower() in _READ_ONLY:
        return  # RFC 7644 §3.5.2 would refuse; Okta sends the id along
    holder = resource
    for step in path.steps[:-1]:
        name = found_name(holder, step) or step
        inner = holder.get(name)
        if not isinstance(inner, dict):
            if word == "remove":
                return
            inner = {}
        holder[name] = inner
        holder = inner
    name = found_name(holder, path.steps[-1]) or path.steps[-1]
    if path.filter is not None:
        _among(holder, name, path, word, value)
    elif word == "remove":
        _remove(holder, name, value)
    elif word == "add" and name.lower() in MULTIPLE:
        holder[name] = _joined(_listed(holder.get(name)), _listed(value))
    elif word == "add" and isinstance(holder.get(name), dict) and isinstance(value, dict):
        known = holder[name]
        assert isinstance(known, dict)
        holder[name] = {**known, **value}
    else:
        holder[name] = _listed(value) if name.lower() in MULTIPLE else value


def _among(holder: Resource, name: str, path: Path, word: str, value: JsonValue) -> None:
    """Of several values those that fit: ``emails[type eq "work"].value``."""
    assert path.filter is not None, "the caller looked"
    values = _listed(holder.get(name))
    chosen = [fits(path.filter, each) for each in values]
    if word == "remove":
        if path.sub is None:
            holder[name] = [each for each, is_it in zip(values, chosen, strict=True) if not is_it]
            return
        for each, is_it in zip(values, chosen, strict=True):
            if is_it and isinstance(each, dict):
                each.pop(found_name(each, path.sub) or path.sub, None)
        return
    if not any(chosen):
        # Entra replaces what it never added; then it is an addition of what the filter describes.
        made = _described(path.filter)
        if made is None:
            raise ScimError(400, f"no value of {name} fits the filter", "noTarget")
        values.append(made)
        chosen.append(True)
    for each, is_it in zip(values, chosen, strict=True):
        if is_it and isinstance(each, dict):
            if path.sub is not None:
                each[found_name(each, path.sub) or path.sub] = value
            elif isinstance(value, dict):
                each.update(value)
    holder[name] = values


def _remove(holder: Resource, name: str, value: JsonValue) -> None:
    """All of it, or of several values those that ``value`` names, as Entra writes it."""
    named = {text for each in _listed(value) if isinstance(text := _identity(each), str)}
    if named and name.lower() in MULTIPLE:
        kept = [each for each in _listed(holder.get(name)) if _identity(each) not in named]
        holder[name] = kept
    else:
        holder.pop(name, None)


def _joined(known: list[JsonValue], added: Sequence[JsonValue]) -> list[JsonValue]:
    """What is there already is not added again (RFC 7644 §3.5.2.1)."""
    seen = {_identity(each) for each in known if isinstance(_identity(each), str)}
    for each in added:
        identity = _identity(each)
        if identity is None or identity not in seen:
            known.append(each)
            seen.add(identity)
    return known


def _identity(value: JsonValue) -> str | None:
    found = attribute(value, "value") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None


def _described(filter: Filter) -> Resource | None:
    if isinstance(filter, Comparison) and filter.operator == "eq" and len(filter.path) == 1:
        return {filter.path[0]: filter.value}
    return None


def _listed(value: JsonValue) -> list[JsonValue]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
