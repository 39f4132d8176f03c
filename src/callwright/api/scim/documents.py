"""What a SCIM client may ask about this server: its configuration, types and schemas."""

from collections.abc import Sequence

from pydantic import JsonValue

from callwright.kernel.limits.access import SCIM_PAGE_MAX
from callwright.operations.scim.words import ENTERPRISE, GROUP, LIST, USER, Resource

BASE = "/scim/v2"
_CORE = "urn:ietf:params:scim:schemas:core:2.0:"


def service_provider_config() -> Resource:
    """RFC 7643 §5."""
    return {
        "schemas": [_CORE + "ServiceProviderConfig"],
        "documentationUri": "https://www.rfc-editor.org/rfc/rfc7644",
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": SCIM_PAGE_MAX},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "API token",
                "description": "A token with users:write and groups:write.",
                "primary": True,
            }
        ],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": BASE + "/ServiceProviderConfig",
        },
    }


def resource_types() -> list[Resource]:
    """RFC 7643 §6."""
    return [
        _resource_type("User", "/Users", USER, [{"schema": ENTERPRISE, "required": False}]),
        _resource_type("Group", "/Groups", GROUP, []),
    ]


def schemas() -> list[Resource]:
    """RFC 7643 §7: the attributes that mean something here; others are kept as they are sent."""
    value, kind = _attribute("value"), _attribute("type")
    primary = _attribute("primary", "boolean")
    several = [value, kind, primary]
    name = [_attribute("formatted"), _attribute("givenName"), _attribute("familyName")]
    user = [
        _attribute("userName", required=True, uniqueness="server"),
        _attribute("externalId", is_exact=True),
        _attribute("name", "complex", sub=name),
        _attribute("displayName"),
        _attribute("title"),
        _attribute("active", "boolean"),
        _attribute("emails", "complex", is_multiple=True, sub=several),
        _attribute("phoneNumbers", "complex", is_multiple=True, sub=several),
    ]
    group = [
        _attribute("displayName", required=True),
        _attribute("externalId", is_exact=True),
        _attribute(
            "members", "complex", is_multiple=True, sub=[value, _attribute("display"), kind]
        ),
    ]
    enterprise = [_attribute("department"), _attribute("organization")]
    return [
        _schema(USER, "User", user),
        _schema(GROUP, "Group", group),
        _schema(ENTERPRISE, "EnterpriseUser", enterprise),
    ]


def listed(resources: Sequence[JsonValue], *, total: int, start: int) -> Resource:
    """RFC 7644 §3.4.2."""
    return {
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": list(resources),
    }


def _resource_type(
    name: str, endpoint: str, schema: str, extensions: Sequence[JsonValue]
) -> Resource:
    return {
        "schemas": [_CORE + "ResourceType"],
        "id": name,
        "name": name,
        "endpoint": endpoint,
        "schema": schema,
        "schemaExtensions": list(extensions),
        "meta": {"resourceType": "ResourceType", "location": f"{BASE}/ResourceTypes/{name}"},
    }


def _schema(id: str, name: str, attributes: Sequence[Resource]) -> Resource:
    return {
        "schemas": [_CORE + "Schema"],
        "id": id,
        "name": name,
        "description": name,
        "attributes": list(attributes),
        "meta": {"resourceType": "Schema", "location": f"{BASE}/Schemas/{id}"},
    }


def _attribute(
    name: str,
    kind: str = "string",
    *,
    sub: Sequence[Resource] = (),
    is_multiple: bool = False,
    is_exact: bool = False,
    required: bool = False,
    uniqueness: str = "none",
) -> Resource:
    attribute: Resource = {
        "name": name,
        "type": kind,
        "multiValued": is_multiple,
        "description": name,
        "required": required,
        "caseExact": is_exact,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": uniqueness,
    }
    if sub:
        attribute["subAttributes"] = list(sub)
    return attribute
