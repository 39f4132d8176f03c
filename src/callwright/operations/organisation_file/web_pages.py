"""Web pages whose visitors may call, named as a browser names where a connection comes from."""

import re
from typing import Annotated

from pydantic import AfterValidator, StrictStr

from callwright.kernel.limits.configuration import WEB_PAGES_MAX
from callwright.operations.organisation_file.refusal import quoted, refused
from callwright.operations.organisation_file.values import at_most

_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?")
"""RFC 6454 §6.2: lower case, no path, and no port that the scheme has anyway."""


def _check(text: str) -> str:
    if _ORIGIN.fullmatch(text) is None:
        remedy = "write scheme and host alone, such as https://www.contoso.com"
        raise refused(f"{quoted(text)} does not fit; {remedy}")
    return text


WebPages = Annotated[
    list[Annotated[StrictStr, AfterValidator(_check)]],
    AfterValidator(at_most(WEB_PAGES_MAX, "web pages")),
]
