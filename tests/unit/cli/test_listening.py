"""Where a server listens that nobody told where."""

import pytest

from callwright.cli.listening import HTTP, SIP
from callwright.domains.shield.rules import is_loopback
from callwright.kernel.addresses import HostPort


@pytest.mark.parametrize("place", [HTTP, SIP])
def test_a_server_is_there_for_this_machine_alone_unless_told_otherwise(place: str) -> None:
    """CVE-2025-57819: administration stood open to the internet on hundreds of systems."""
    assert is_loopback(HostPort.parse(place).host)
