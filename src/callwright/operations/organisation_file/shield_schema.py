"""The shape of ``shield``: who is never blocked."""

from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, StrictStr

from callwright.kernel.limits.shield import SHIELD_NEVER_MAX
from callwright.operations.organisation_file.refusal import quoted, refused
from callwright.operations.organisation_file.section import Section


def _check_network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise refused(
            f"{quoted(text)} is not a network; write one such as 203.0.113.0/24 or 2001:db8::/48, "
            "or a single address"
        ) from None
    return text


def _check_count(networks: list[str]) -> list[str]:
    if len(networks) > SHIELD_NEVER_MAX:
        raise refused(f"has {len(networks)} networks; {SHIELD_NEVER_MAX} are the most")
    return networks


NetworkText = Annotated[StrictStr, AfterValidator(_check_network)]


class ShieldSettings(Section):
    never: Annotated[list[NetworkText], AfterValidator(_check_count)] = []
