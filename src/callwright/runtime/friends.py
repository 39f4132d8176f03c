"""Whom the shield of a node leaves alone, and what it takes for a call for help."""

from typing import Protocol

from callwright.domains.shield.rules import source_of
from callwright.kernel.clock import Clock
from callwright.routing.emergency import is_emergency_call
from callwright.routing.snapshot import Snapshot
from callwright.runtime.front_door import dialled_by
from callwright.runtime.shield import Shield
from callwright.runtime.trunks import Trunks
from callwright.sip.endpoint import Endpoint
from callwright.sip.registrar import Registrar
from callwright.sip.uri import UriError, parse_uri


class Acquainted(Protocol):
    """A node: it knows phones, trunks and people who talk."""

    snapshot: Snapshot | None
    registrar: Registrar
    endpoint: Endpoint
    trunks: Trunks


def make_shield(clock: Clock, node: Acquainted) -> Shield:
    """The node's parts may be made later; they are looked at when somebody fails."""

    def friends() -> set[str]:
        """Addresses, and of IPv6 the /64 as well."""
        hosts = node.registrar.remote_hosts() | node.endpoint.talking_hosts()
        snapshot, locations = node.snapshot, node.trunks.locations
        for sbc in () if snapshot is None else snapshot.sbcs.values():
            hosts.add(sbc.address.host)
            hosts.update(target.address.host for target in locations.all_targets(sbc))
        return hosts | {source_of(host) for host in hosts if ":" in host}

    def is_emergency(uri: str) -> bool:
        snapshot = node.snapshot
        try:
            return snapshot is not None and is_emergency_call(
                snapshot, dialled_by(snapshot, parse_uri(uri))
            )
        except UriError:
            return False

    return Shield(clock, friends=friends, is_emergency=is_emergency)
