"""Is it an emergency number, and where is the caller (SPEC 9)."""

from callwright.domains.emergency.model import Emergency, Location


def is_emergency(emergency: Emergency | None, digits: str) -> bool:
    """Whether ``digits``, without separators, is a configured dial string, exactly.

    ``+911`` and ``9110`` are not: an emergency call by mistake sends people out for nothing.
    """
    return emergency is not None and digits in emergency.numbers


def find_location(emergency: Emergency, location: str | None) -> Location | None:
    """Returns the named location, or the first one where none or an unknown one is named."""
    for known in emergency.locations:
        if known.id == location:
            return known
    return emergency.locations[0] if emergency.locations else None
