"""Writes stored entities as an organisation file again, which reads back to the same entities."""

from typing import Any

from callwright.operations.circles import no_circles_looked_for
from callwright.operations.organisation_file.entities import Entities, from_entities, plain
from callwright.operations.organisation_file.layout import laid_out

_HEAD = "# The organisation file: one file sets up a phone system in the seven steps.\n"
_STEPS = {
    "organisation": "",
    "licences": "Step 1 - licences: seats bought, by SKU. Users hold them below.",
    "users": "",
    "groups": "",
    "policies": "",
    "pstn": "Step 2 - PSTN connectivity",
    "dial_plans": "",
    "numbers": "Steps 3 and 4 - numbers for users and for services",
    "unassigned_numbers": "",
    "contacts": "",
    "resource_accounts": "",
    "call_queues": "Step 5 - call queues",
    "shared_voicemail": "",
    "voicemail": "",
    "schedules": "",
    "holiday_sets": "",
    "auto_attendants": "Step 6 - auto attendants",
    "credits": "Step 7 - communications credits",
    "emergency": "",
    "shield": "",
    "sign_in": "",
}


def export_organisation(entities: Entities) -> str:
    """Returns the YAML text, sections and keys in the file's order, passwords included.

    Raises ValueError on entities that no version of this program wrote.
    """
    with no_circles_looked_for():
        tree: Any = plain(from_entities(entities))
        parts = [_HEAD]
        for section, comment in _STEPS.items():
            if section in tree:
                heading = f"# {comment}\n" if comment else ""
                parts.append(heading + laid_out(section, tree[section]))
        return "\n".join(parts)
