"""Making, changing and removing users and groups for a provider, each in one transaction."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from callwright.kernel.limits.access import (
    SCIM_ATTEMPTS_MAX,
    SCIM_RESOURCE_BYTES_MAX,
    SCIM_TEXT_CHARS_MAX,
)
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration, EditConflict
from callwright.operations.configuration import Configuration, Edit, EditRefused, etag_of
from callwright.operations.scim.directory import RECORDS, ScimDirectory
from callwright.operations.scim.leaving import without_member
from callwright.operations.scim.refusal import ScimError, invalid_value, not_found
from callwright.operations.scim.resources import (
    Kept,
    Settings,
    free_key,
    group_name,
    group_resource,
    kept_attributes,
    user_resource,
    user_settings,
)
from callwright.operations.scim.words import Resource, attribute, text_of

Revised = Callable[[Resource], Resource]
"""Given the resource as it is, returns what it shall be."""


@dataclass(frozen=True, slots=True)
class Provisioning:
    """What the acts work with, of one organisation."""

    administration: Administration
    directory: ScimDirectory
    utc: Callable[[], datetime]
    new_id: Callable[[], str]
    by: Actor


@dataclass(frozen=True, slots=True)
class Shown:
    """A resource, and which version of it."""

    resource: Resource
    version: str
    kept: Kept


def show(provisioning: Provisioning, kind: str, id: str) -> Shown:
    """Raises ScimError (404)."""
    configuration = provisioning.directory.look()
    return _shown(provisioning, configuration, _kept(provisioning, kind, id))


def show_kept(provisioning: Provisioning, configuration: Configuration, kept: Kept) -> Shown:
    """As ``show``, for what was found in this configuration."""
    return _shown(provisioning, configuration, kept)


def create(provisioning: Provisioning, kind: str, body: Resource) -> Shown:
    """Raises ScimError: 400, 409."""

    def edit(configuration: Configuration) -> tuple[Edit, str]:
        name = _name(kind, body)
        _refuse_same_name(provisioning, kind, name, None)
        key = free_key(name, provisioning.directory.keys(kind))
        id = provisioning.new_id()
        settings = _settings(provisioning, kind, body, {})
        return _edit(provisioning, kind, id, key, settings, body, None), id

    return _carried_out(provisioning, kind, edit)


def revise(
    provisioning: Provisioning, kind: str, id: str, revised: Revised, *, version: str | None
) -> Shown:
    """Replaces or patches. ``version``: which one it is meant for; None: whichever there is.

    Raises ScimError: 400, 404, 409, 412.
    """

    def edit(configuration: Configuration) -> tuple[Edit, str]:
        kept = _kept(provisioning, kind, id)
        shown = _shown(provisioning, configuration, kept)
        _check_version(shown, version)
        body = revised(shown.resource)
        name = _name(kind, body)
        _refuse_same_name(provisioning, kind, name, kept)
        settings = _settings(provisioning, kind, body, kept.settings)
        return _edit(provisioning, kind, id, kept.key, settings, body, kept), id

    return _carried_out(provisioning, kind, edit)


def remove(provisioning: Provisioning, kind: str, id: str, *, version: str | None) -> None:
    """Removes it, and from every list that names it.

    A user whom something else leads to (an attendant's operator, a forward) stays, disabled, and
    is no longer the provider's. Raises ScimError: 404, 412.
    """
    for _ in range(SCIM_ATTEMPTS_MAX):
        configuration = provisioning.directory.look()
        kept = _kept(provisioning, kind, id)
        _check_version(_shown(provisioning, configuration, kept), version)
        address = (kind, kept.key)
        removals = [address, *([(RECORDS[kind], id)] if kept.is_recorded else [])]
        leaves = Edit(without_member(configuration.entities, kind, kept.key), removals)
        try:
            _change(provisioning, leaves, configuration)
            return
        except EditConflict:
            continue
        except EditRefused as refused:
            if kind != "user":
                raise _refused(refused) from None
        stays = Edit({address: {**kept.settings, "enabled": False}}, removals[1:])
        try:
            _change(provisioning, stays, configuration)
            return
        except EditConflict:
            continue
        except EditRefused as refused:
            raise _refused(refused) from None
    raise _crossed()


def _carried_out(
    provisioning: Provisioning,
    kind: str,
    edit: Callable[[Configuration], tuple[Edit, str]],
) -> Shown:
    """Thinks it over again where somebody's change came between."""
    for _ in range(SCIM_ATTEMPTS_MAX):
        configuration = provisioning.directory.look()
        wanted, id = edit(configuration)
        try:
            _change(provisioning, wanted, configuration)
        except EditConflict:
            continue
        except EditRefused as refused:
            raise _refused(refused) from None
        return show(provisioning, kind, id)
    raise _crossed()


def _change(provisioning: Provisioning, edit: Edit, seen: Configuration) -> None:
    """Raises EditConflict where something that it writes is no longer as it was seen."""
    expected = {address: seen.etag(*address) for address in edit.keys}
    applied = provisioning.administration.change(edit, by=provisioning.by, expected=expected)
    if applied.changes:
        provisioning.directory.advance(applied.written, applied.revision)


def _edit(
    provisioning: Provisioning,
    kind: str,
    id: str,
    key: str,
    settings: Settings,
    body: Resource,
    kept: Kept | None,
) -> Edit:
    """Nothing, where nothing changes: providers repeat themselves."""
    attributes = kept_attributes(body)
    if len(json.dumps(attributes)) > SCIM_RESOURCE_BYTES_MAX:
        raise invalid_value(f"a resource has at most {SCIM_RESOURCE_BYTES_MAX} bytes")
    is_same = kept is not None and kept.settings == settings and kept.attributes == attributes
    if is_same and kept is not None and kept.is_recorded:
        return Edit()
    now = provisioning.utc().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record: JsonValue = {
        "entity": key,
        "made_at": (kept.made_at if kept is not None else None) or now,
        "changed_at": now,
        "attributes": attributes,
    }
    return Edit({(kind, key): settings, (RECORDS[kind], id): record})


def _settings(provisioning: Provisioning, kind: str, body: Resource, before: Settings) -> Settings:
    if kind == "user":
        return user_settings(body, before)
    return {**before, "name": group_name(body), "members": _members(provisioning, body)}


def _members(provisioning: Provisioning, body: Resource) -> list[JsonValue]:
    """As the directory words them. Raises ScimError for who is not there."""
    listed = attribute(body, "members")
    found: dict[str, JsonValue] = {}
    for member in listed if isinstance(listed, list) else ():
        id = text_of(member, "value")
        user = provisioning.directory.of_id("user", id)
        group = provisioning.directory.of_id("group", id) if user is None else None
        if user is not None:
            found[f"user {user.key}"] = user.key
        elif group is not None:
            found[f"group {group.key}"] = {"group": group.key}
        else:
            raise invalid_value(f"members: there is no user or group {id[:100]!r}")
    return list(found.values())


def _shown(provisioning: Provisioning, configuration: Configuration, kept: Kept) -> Shown:
    domain = "" if configuration.organisation is None else _domain(configuration)
    members = kept.settings.get("members")
    if isinstance(members, list):
        resource = group_resource(kept, _shown_members(provisioning, members))
        place = "Groups"
    else:
        resource = user_resource(kept, domain)
        place = "Users"
    version = f'W/"{etag_of([kept.settings, kept.attributes])}"'
    meta: Resource = {
        "resourceType": place[:-1],
        "location": f"/scim/v2/{place}/{kept.id}",
        "version": version,
    }
    if kept.made_at is not None:
        meta |= {"created": kept.made_at, "lastModified": kept.changed_at}
    return Shown({**resource, "meta": meta}, version, kept)


def _shown_members(provisioning: Provisioning, members: list[JsonValue]) -> list[JsonValue]:
    shown: list[JsonValue] = []
    for member in members:
        kind = "group" if isinstance(member, dict) else "user"
        key = text_of(member, "group") if isinstance(member, dict) else str(member)
        kept = provisioning.directory.of_key(kind, key)
        if kept is not None:
            place = "Groups" if kind == "group" else "Users"
            shown.append(
                {
                    "value": kept.id,
                    "display": kept.settings.get("name") or key,
                    "type": place[:-1],
                    "$ref": f"/scim/v2/{place}/{kept.id}",
                }
            )
    return shown


def _domain(configuration: Configuration) -> str:
    assert configuration.organisation is not None, "the caller looked"
    return configuration.organisation.organisation.domain


def _kept(provisioning: Provisioning, kind: str, id: str) -> Kept:
    kept = provisioning.directory.of_id(kind, id)
    if kept is None:
        raise not_found(kind, id)
    return kept


def _name(kind: str, body: Resource) -> str:
    field = "userName" if kind == "user" else "displayName"
    name = text_of(body, field)
    if not name or len(name) > SCIM_TEXT_CHARS_MAX:
        raise invalid_value(f"{field} is needed, with at most {SCIM_TEXT_CHARS_MAX} characters")
    if len(text_of(body, "externalId")) > SCIM_TEXT_CHARS_MAX:
        raise invalid_value(f"externalId has at most {SCIM_TEXT_CHARS_MAX} characters")
    return name


def _refuse_same_name(provisioning: Provisioning, kind: str, name: str, kept: Kept | None) -> None:
    """Only users' names are unique (RFC 7643 §4.1.1); groups may be called alike."""
    other = provisioning.directory.of_name(kind, name) if kind == "user" else None
    if other is not None and (kept is None or other.key != kept.key):
        raise ScimError(409, f"userName {name[:100]!r} is taken by {other.id}", "uniqueness")


def _check_version(shown: Shown, version: str | None) -> None:
    if version is not None and version not in ("*", shown.version):
        raise ScimError(412, "it was changed meanwhile; look at it again")


def _refused(refused: EditRefused) -> ScimError:
    return invalid_value("; ".join(map(str, refused.problems[:5])))


def _crossed() -> ScimError:
    return ScimError(503, "others change the same thing at this moment; try again")
