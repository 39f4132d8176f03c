"""What the number inventory says of other parts of the file (pure)."""

from collections.abc import Iterator

from callwright.operations.organisation_file.checks import Finding, Names, unknown
from callwright.operations.organisation_file.schema import Organisation


def check_number_entries(organisation: Organisation, names: Names) -> Iterator[Finding]:
    """An emergency address that came with numbers is one of ours."""
    for index, entry in enumerate(organisation.numbers):
        if entry.location is not None and entry.location not in names.locations:
            text = unknown("location", entry.location, names.locations, "emergency.locations")
            yield Finding(("numbers", index, "location"), text)
