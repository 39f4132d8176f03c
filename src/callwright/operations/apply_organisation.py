"""Makes what is stored equal to an organisation file, in one transaction."""

from callwright.operations.actor import SYSTEM, Actor
from callwright.operations.administration import Administration, ConfigurationRepository
from callwright.operations.organisation_file import Organisation
from callwright.operations.plan import Change


def apply_organisation(
    repository: ConfigurationRepository, organisation: Organisation, *, by: Actor = SYSTEM
) -> tuple[Change, ...]:
    """Applies a checked organisation and returns what changed; nothing did when it is empty.

    An apply that comes between is compared again; raises RevisionConflict when that goes on.
    """
    return Administration(repository).replace(organisation, by=by).changes
