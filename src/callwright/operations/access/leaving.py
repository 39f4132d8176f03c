"""Who has left the directory, and so lost access."""

from callwright.kernel.ids import UserId
from callwright.operations.configuration import Configuration


def has_left(configuration: Configuration, user: UserId) -> bool:
    """Whether the user is there no longer, or is disabled."""
    settings = configuration.entities.get(("user", user))
    return not isinstance(settings, dict) or settings.get("enabled") is False
