"""Names of schemas, and attributes looked up as SCIM wants it: whatever their case."""

from collections.abc import Mapping
from typing import TypeAlias

from pydantic import JsonValue

Resource: TypeAlias = dict[str, JsonValue]

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
SCHEMAS = (USER, GROUP, ENTERPRISE)


def found_name(resource: Mapping[str, JsonValue], name: str) -> str | None:
    """The attribute as the resource spells it (RFC 7643 §2.1: names have no case)."""
    if name in resource:
        return name
    wanted = name.lower()
    return next((known for known in resource if known.lower() == wanted), None)


def attribute(resource: JsonValue, *names: str) -> JsonValue:
    """Following the names; None where one is missing."""
    value = resource
    for name in names:
        known = found_name(value, name) if isinstance(value, dict) else None
        if known is None:
            return None
        assert isinstance(value, dict), "a name was found in it"
        value = value[known]
    return value


def text_of(resource: JsonValue, *names: str) -> str:
    """As ``attribute``; "" for what is no text."""
    value = attribute(resource, *names)
    return value.strip() if isinstance(value, str) else ""


def split_path(text: str) -> tuple[str, ...]:
    """``name.givenName`` in its steps; the name of a schema, which has dots, stays whole."""
    for schema in SCHEMAS:
        if text.lower().startswith(schema.lower()):
            rest = text[len(schema) :].lstrip(":")
            own = (ENTERPRISE,) if schema == ENTERPRISE else ()
            return (*own, *(step for step in rest.split(".") if step))
    return tuple(text.split("."))
