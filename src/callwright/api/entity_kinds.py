"""Where each kind of entity lies in the API, whose permission it takes, and its shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any

from pydantic import BaseModel

from callwright.domains.access.model import Permission
from callwright.operations.organisation_file.document import Path
from callwright.operations.organisation_file.entities import (
    SECTIONS,
    SINGLETONS,
    EntitySection,
)
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.wording import plain_type

_COLLECTIONS: Mapping[str, str] = {
    "sbc": "sbcs",
    "stir": "stir",
    "route": "routes",
    "policy": "routing-policies",
    "number-range": "number-ranges",
    "location": "locations",
    "voicemail": "voicemail-settings",
}
"""Of sections whose path in the file is no good name by itself, or another thing's."""
_AREAS: Mapping[str, str] = {
    "organisation": "organisation",
    "licences": "licences",
    "users": "users",
    "groups": "groups",
    "pstn": "pstn",
    "dial_plans": "pstn",
    "numbers": "numbers",
    "unassigned_numbers": "numbers",
    "contacts": "users",
    "resource_accounts": "services",
    "call_queues": "services",
    "shared_voicemail": "services",
    "voicemail": "services",
    "auto_attendants": "services",
    "schedules": "services",
    "holiday_sets": "services",
    "credits": "credits",
    "emergency": "emergency",
    "shield": "shield",
    "policies": "policies",
    "devices": "devices",
    "sign_in": "access",
}
"""By the file's first key; a section that is not here takes the organisation's permission."""
_ALSO_TO_WRITE: Mapping[str, Permission] = {"resource-account": Permission.USERS_WRITE}
"""SPEC 11.1: work on resource accounts takes a user administrator, too."""
_TITLES: Mapping[str, str] = {"sbc": "SBC", "stir": "STIR/SHAKEN part", "policy": "routing policy"}
SEPARATE_PARTS: Mapping[str, tuple[str, ...]] = {"emergency": ("locations",)}
"""Fields of a singleton that are entities of their own."""


@dataclass(frozen=True, slots=True)
class EntityKind:
    kind: str
    collection: str
    """Below ``/api/v1/``."""
    area: str
    path: tuple[str, ...]
    """Of the section in the file."""
    is_singleton: bool
    has_any_key: bool
    """Whether a key may hold whatever a name may, a slash too."""

    @property
    def title(self) -> str:
        """``call queue``."""
        return _TITLES.get(self.kind, self.kind.replace("-", " ").replace("_", " "))

    @property
    def read(self) -> Permission:
        return Permission(f"{self.area}:read")

    @property
    def write(self) -> Permission:
        return Permission(f"{self.area}:write")

    @property
    def needed_to_write(self) -> tuple[Permission, ...]:
        also = _ALSO_TO_WRITE.get(self.kind)
        return (self.write,) if also is None else (self.write, also)

    @property
    def shape(self) -> Any:
        """The type of its settings, as pydantic takes it."""
        return _shape(self.path, is_singleton=self.is_singleton)

    def place(self, path: Path, key: str) -> Path | None:
        """A path of the file as one inside the settings of the entity; None: it lies outside."""
        whole = self.path if self.is_singleton else (*self.path, key)
        return path[len(whole) :] if path[: len(whole)] == whole else None


def entity_kinds() -> Mapping[str, EntityKind]:
    """Every kind of the organisation file, in its order."""
    kinds = [_of_singleton(name) for name in SINGLETONS] + [_of_section(s) for s in SECTIONS]
    return {kind.kind: kind for kind in kinds}


def _of_singleton(name: str) -> EntityKind:
    collection = _COLLECTIONS.get(name, name.replace("_", "-"))
    return EntityKind(name, collection, _area(name), (name,), True, False)


def _of_section(section: EntitySection) -> EntityKind:
    plain = "/".join(section.path).replace("_", "-")
    collection = _COLLECTIONS.get(section.kind, plain)
    area = _area(section.path[0])
    return EntityKind(section.kind, collection, area, section.path, False, bool(section.identity))


def _area(section: str) -> str:
    return _AREAS.get(section, "organisation")


@cache
def _shape(path: tuple[str, ...], *, is_singleton: bool) -> Any:
    model: Any = Organisation
    for step in path[:-1]:
        model = plain_type(model.model_fields[step].annotation)
    field = model.model_fields[path[-1]].annotation
    if is_singleton:
        return plain_type(field)
    found = plain_type(field)
    if isinstance(found, type) and issubclass(found, BaseModel):
        parts = [plain_type(part.annotation) for part in found.model_fields.values()]
        return reduce(or_, parts)
    return found.__args__[-1]
