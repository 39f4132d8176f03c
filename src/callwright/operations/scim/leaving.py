"""Takes a user or group out of the lists that name it, so that it can be removed."""

from collections.abc import Mapping

from pydantic import JsonValue

from callwright.operations.organisation_file.entities import EntityKey

_LISTS: Mapping[str, tuple[str, ...]] = {
    "group": ("members",),
    "call-queue": ("agents", "authorised"),
    "auto-attendant": ("authorised",),
}
"""Fields by kind; who is in one is there with others and can be missing."""


def without_member(
    entities: Mapping[EntityKey, JsonValue], kind: str, key: str
) -> dict[EntityKey, JsonValue]:
    """The entities that have to be written so that no list names it any longer."""
    edited: dict[EntityKey, JsonValue] = {}
    for address, settings in entities.items():
        fields = _LISTS.get(address[0])
        if fields is None or not isinstance(settings, dict):
            continue
        kept = {
            field: [each for each in listed if not _names(each, kind, key)]
            for field in fields
            if isinstance(listed := settings.get(field), list)
        }
        if any(kept[field] != settings[field] for field in kept):
            edited[address] = {**settings, **kept}
    edited.pop((kind, key), None)
    return edited


def _names(each: JsonValue, kind: str, key: str) -> bool:
    if isinstance(each, dict):
        return each.get(kind) == key
    return kind == "user" and each == key
