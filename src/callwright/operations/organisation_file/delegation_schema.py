"""To whom a queue or an attendant is entrusted."""

from typing import Annotated

from pydantic import AfterValidator

from callwright.kernel.limits.access import AUTHORISED_USERS_MAX
from callwright.operations.organisation_file import values

AuthorisedUsers = Annotated[
    list[values.Reference],
    AfterValidator(values.at_most(AUTHORISED_USERS_MAX, "authorised users")),
]
"""Who may change some of it, as far as the voice applications policy lets him (SPEC 11.3)."""
