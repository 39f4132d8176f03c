"""The organisation file: read it, check it, take it apart into entities, build a snapshot of it."""

from callwright.operations.organisation_file.entities import (
    Entities,
    EntityKey,
    from_entities,
    to_entities,
)
from callwright.operations.organisation_file.mistakes import Mistake, OrganisationFileError
from callwright.operations.organisation_file.reader import (
    read_organisation,
    read_organisation_text,
)
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.snapshot import Former, build_snapshot, follow_snapshot

__all__ = [
    "Entities",
    "EntityKey",
    "Former",
    "Mistake",
    "Organisation",
    "OrganisationFileError",
    "build_snapshot",
    "follow_snapshot",
    "from_entities",
    "read_organisation",
    "read_organisation_text",
    "to_entities",
]
