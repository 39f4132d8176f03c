"""Users and groups of the directory as SCIM resources, and back."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import phonenumbers
from pydantic import JsonValue
from pydantic_core import PydanticCustomError

from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.kernel.limits.rights import PROFILE_PHONES_MAX
from callwright.operations.organisation_file.mail_addresses import check_email
from callwright.operations.scim.refusal import invalid_value
from callwright.operations.scim.words import (
    ENTERPRISE,
    GROUP,
    USER,
    Resource,
    attribute,
    found_name,
    text_of,
)

Settings = dict[str, JsonValue]
_NEVER_KEPT = frozenset({"id", "meta", "schemas", "groups", "members", "password", "active"})
"""Attributes that are told from the directory, or must not be kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The directory's entry and the provider's record of one resource."""

    id: str
    key: str
    """Of the directory."""
    settings: Settings
    attributes: Resource
    made_at: str | None
    changed_at: str | None
    is_recorded: bool
    """False: SCIM has not touched it yet."""


def user_resource(kept: Kept, domain: str) -> Resource:
    """What the directory says counts where both say something."""
    profile = kept.settings.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    resource: Resource = {
        **kept.attributes,
        "schemas": [USER],
        "id": kept.id,
        "userName": user_name(kept, domain),
        "displayName": kept.settings.get("name"),
        "active": kept.settings.get("enabled", True),
    }
    _tell(resource, "title", profile.get("title"))
    enterprise = attribute(resource, ENTERPRISE)
    enterprise = dict(enterprise) if isinstance(enterprise, dict) else {}
    _tell(enterprise, "department", profile.get("department"))
    _tell(enterprise, "organization", profile.get("company"))
    resource.pop(found_name(resource, ENTERPRISE) or ENTERPRISE, None)
    if enterprise:
        resource[ENTERPRISE] = enterprise
        resource["schemas"] = [USER, ENTERPRISE]
    email = profile.get("email")
    if isinstance(email, str) and email not in _addresses(resource):
        resource["emails"] = [{"value": email, "type": "work", "primary": True}]
    return resource


def group_resource(kept: Kept, members: list[JsonValue]) -> Resource:
    name = kept.settings.get("name") or text_of(kept.attributes, "displayName") or kept.key
    return {
        **kept.attributes,
        "schemas": [GROUP],
        "id": kept.id,
        "displayName": name,
        "members": members,
    }


def user_name(kept: Kept, domain: str) -> str:
    """What the provider calls him; who was made otherwise has an address of the organisation."""
    told = text_of(kept.attributes, "userName")
    if told:
        return told
    profile = kept.settings.get("profile")
    email = profile.get("email") if isinstance(profile, dict) else None
    return email if isinstance(email, str) else f"{kept.key}@{domain}"


def user_settings(resource: Resource, before: Settings) -> Settings:
    """The directory's entry for a resource; what SCIM does not know stays as it was."""
    profile = before.get("profile")
    profile = dict(profile) if isinstance(profile, dict) else {}
    _put(profile, "title", _line(text_of(resource, "title")))
    _put(profile, "department", _line(text_of(resource, ENTERPRISE, "department")))
    _put(profile, "company", _line(text_of(resource, ENTERPRISE, "organization")))
    _put(profile, "email", _primary_address(resource))
    phones = _phones(resource)
    if phones or attribute(resource, "phoneNumbers") is not None:
        _put(profile, "phones", phones or None)
    settings = {**before, "name": _display_name(resource)}
    _put(settings, "profile", profile or None)
    _put(settings, "enabled", None if is_active(resource) else False)
    return settings


def group_name(resource: Resource) -> str:
    name = _line(text_of(resource, "displayName"))
    if name is None:
        raise invalid_value("displayName is needed")
    return name


def is_active(resource: Resource) -> bool:
    """Entra writes ``"True"``; without the attribute a user is active."""
    active = attribute(resource, "active")
    if isinstance(active, str) and active.strip().lower() in ("true", "false"):
        return active.strip().lower() == "true"
    if active is not None and not isinstance(active, bool):
        raise invalid_value("active is true or false")
    return active is not False


def kept_attributes(resource: Resource) -> Resource:
    """What is kept for the provider. A password that it sends is for nobody here."""
    return {
        name: value
        for name, value in resource.items()
        if name.lower() not in _NEVER_KEPT and value is not None
    }


def free_key(wanted: str, taken: Collection[str] | Mapping[str, object]) -> str:
    """A key made of the local part of a name, unlike all that are taken."""
    base = re.sub(r"[^a-z0-9._-]+", "-", wanted.partition("@")[0].lower()).strip("-._0123456789")
    base = base[: NAME_CHARS_MAX - 8] or "user"
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def _display_name(resource: Resource) -> str:
    parts = (text_of(resource, "name", "givenName"), text_of(resource, "name", "familyName"))
    candidates = (
        text_of(resource, "displayName"),
        text_of(resource, "name", "formatted"),
        " ".join(part for part in parts if part),
        text_of(resource, "userName"),
    )
    found = next((line for text in candidates if (line := _line(text))), None)
    if found is None:
        raise invalid_value("userName is needed")
    return found


def _addresses(resource: Resource) -> list[str]:
    emails = attribute(resource, "emails")
    return (
        [text_of(each, "value").lower() for each in emails if each]
        if (isinstance(emails, list))
        else []
    )


def _primary_address(resource: Resource) -> str | None:
    emails = attribute(resource, "emails")
    found = [each for each in emails if isinstance(each, dict)] if isinstance(emails, list) else []
    found.sort(key=lambda each: (attribute(each, "primary") is not True, text_of(each, "type")))
    candidates = [text_of(each, "value").lower() for each in found]
    return next(filter(_is_email, candidates), None)


def _is_email(text: str) -> bool:
    try:
        check_email(text)
    except PydanticCustomError:
        return False
    return True


def _phones(resource: Resource) -> Settings:
    """Those that are numbers of the world, by their type; the first of a type counts."""
    numbers = attribute(resource, "phoneNumbers")
    phones: Settings = {}
    for each in numbers if isinstance(numbers, list) else ():
        kind = re.sub(r"[^a-z0-9-]", "", text_of(each, "type").lower())[:NAME_CHARS_MAX] or "other"
        number = _e164(text_of(each, "value"))
        if number is not None and kind[0].isalpha() and len(phones) < PROFILE_PHONES_MAX:
            phones.setdefault(kind, number)
    return phones


def _e164(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text.removeprefix("tel:"))
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _line(text: str) -> str | None:
    """Cut to what a name may be here: a long title must not keep a person out."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.split())[:NAME_CHARS_MAX].strip() or None


def _put(settings: Settings, name: str, value: JsonValue) -> None:
    if value is None:
        settings.pop(name, None)
    else:
        settings[name] = value


def _tell(resource: Resource, name: str, value: JsonValue) -> None:
    """As ``_put``, but a longer text of the provider that was cut stays whole."""
    known = attribute(resource, name)
    if isinstance(known, str) and _line(known) == value:
        return
    resource.pop(found_name(resource, name) or name, None)
    if value is not None:
        resource[name] = value
