"""Passwords and PINs never come out; what is sent back masked stays as it is."""

from pydantic import JsonValue

from callwright.api.problems import Mistake, refused
from callwright.operations.organisation_file.schema import SECRET_FIELDS
from callwright.operations.organisation_file.values import HIDDEN


def masked(value: JsonValue) -> JsonValue:
    """The same with ``(secret)`` in the place of each secret; nothing is changed in place."""
    if isinstance(value, dict):
        return {
            key: HIDDEN if key in SECRET_FIELDS and inner is not None else masked(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value


def unmasked(value: JsonValue, stored: JsonValue) -> JsonValue:
    """``value`` with the stored secrets in the place of ``(secret)``.

    Raises Problem where nothing is stored at that place.
    """
    mistakes: list[Mistake] = []
    found = _unmasked(value, stored, (), mistakes)
    if mistakes:
        raise refused(mistakes)
    return found


def _unmasked(
    value: JsonValue, stored: JsonValue, path: tuple[str | int, ...], mistakes: list[Mistake]
) -> JsonValue:
    if isinstance(value, dict):
        before = stored if isinstance(stored, dict) else {}
        found: dict[str, JsonValue] = {}
        for key, inner in value.items():
            if key in SECRET_FIELDS and inner == HIDDEN:
                if key not in before:
                    text = f"there is no {key} to keep; write one, or leave it out"
                    mistakes.append(Mistake.at((*path, key), "no-secret-to-keep", text))
                found[key] = before.get(key)
            else:
                found[key] = _unmasked(inner, before.get(key), (*path, key), mistakes)
        return found
    if isinstance(value, list):
        old = stored if isinstance(stored, list) else []
        return [
            _unmasked(inner, old[at] if at < len(old) else None, (*path, at), mistakes)
            for at, inner in enumerate(value)
        ]
    return value
