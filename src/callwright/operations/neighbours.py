"""What organisations on one system must not both have (ADR 0026); pure.

Each has users, extensions and routes of its own. What they share is the world outside: a domain
leads to one of them, and so does a call that a carrier brings. A carrier that knows us by our
address would bill one organisation for the calls of another, so an SBC belongs to one; unless each
has a login of its own there, and then the number dialled tells whose call it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import JsonValue

from callwright.kernel.addresses import HostPort
from callwright.operations.configuration import Problem
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.number_schema import NumberSettings
from callwright.operations.organisation_file.pstn_schema import SbcSettings
from callwright.operations.organisation_file.schema import Organisation
from callwright.operations.organisation_file.snapshot_trunk import place_of

SBC, NUMBERS = "sbc", "number-range"
KINDS = (SBC, NUMBERS)
"""The entities of a neighbour that matter here."""
_TELLING_KINDS = frozenset({*KINDS, "organisation"})
_ANY_PORT = 0
_SBCS = ("pstn", "direct_routing", "sbcs")
_Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Trunk:
    """An SBC, as far as it can be taken for another one."""

    places: tuple[HostPort, ...]
    """Where calls go to and come from; a port of 0 is any."""
    has_login: bool
    is_found_by_login: bool = False
    """``match: credentials``: wherever its calls come from."""

    @classmethod
    def of(cls, sbc: SbcSettings) -> "Trunk":
        places = [place_of(sbc.address)]
        if sbc.registration is not None and sbc.registration.registrar is not None:
            places.append(place_of(sbc.registration.registrar))
        if sbc.match == "address":
            places = [HostPort(place.host, _ANY_PORT) for place in places]
        return cls(
            tuple(places),
            has_login=sbc.credentials is not None or sbc.authenticate is not None,
            is_found_by_login=sbc.match == "credentials",
        )

    def is_near(self, other: "Trunk") -> bool:
        """Both may be the same machine."""
        return any(
            one.host == two.host and (one.port == two.port or _ANY_PORT in (one.port, two.port))
            for one in self.places
            for two in other.places
        )


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another organisation of the system."""

    domain: str
    trunks: tuple[Trunk, ...] = ()
    numbers: tuple[_Span, ...] = ()
    """Both ends of each range, as integers."""

    @classmethod
    def of(cls, domain: str, entities: Iterable[tuple[str, JsonValue]]) -> "Neighbour":
        """From the kind and the settings of its entities. Raises ValueError on what no version of
        this program wrote."""
        settings: Mapping[str, list[JsonValue]] = {kind: [] for kind in KINDS}
        for kind, value in entities:
            settings[kind].append(value)
        return cls(
            domain,
            tuple(Trunk.of(SbcSettings.model_validate(value)) for value in settings[SBC]),
            tuple(_span(NumberSettings.model_validate(value)) for value in settings[NUMBERS]),
        )


def may_clash(touched: Iterable[EntityKey]) -> bool:
    """Whether an edit of these entities is worth a look at the neighbours."""
    return any(kind in _TELLING_KINDS for kind, _ in touched)


def clashes(
    organisation: Organisation, neighbours: Iterable[Neighbour], *, seat: str | None = None
) -> Iterator[Problem]:
    """What the organisation cannot have beside its neighbours. ``seat``: the domain that it was
    made for; None: it may take any that is free."""
    domain = organisation.organisation.domain
    if seat is not None and domain != seat:
        text = f"this organisation is {seat}; write that, or make {domain} and apply the file there"
        yield Problem(("organisation", "domain"), text)
    own = {key: Trunk.of(sbc) for key, sbc in organisation.pstn.direct_routing.sbcs.items()}
    for neighbour in neighbours:
        if neighbour.domain == domain:
            text = "another organisation of this system has the domain; write one of your own"
            yield Problem(("organisation", "domain"), text)
        yield from _trunk_clashes(own, neighbour)
        if _has_shared_trunk(own, neighbour):
            yield from _number_clashes(organisation, neighbour)


def _trunk_clashes(own: Mapping[str, Trunk], neighbour: Neighbour) -> Iterator[Problem]:
    for key, trunk in own.items():
        for other in neighbour.trunks:
            if trunk.is_near(other) and not (trunk.has_login and other.has_login):
                text = (
                    "another organisation of this system has an SBC there; an address that is "
                    "shared needs a login in both: write credentials or authenticate, or another "
                    "address"
                )
                yield Problem((*_SBCS, key, "address"), text)
                break


def _has_shared_trunk(own: Mapping[str, Trunk], neighbour: Neighbour) -> bool:
    """There may be calls of which only the number dialled tells whose they are."""
    return any(
        trunk.is_near(other) or (trunk.is_found_by_login and other.is_found_by_login)
        for trunk in own.values()
        for other in neighbour.trunks
    )


def _number_clashes(organisation: Organisation, neighbour: Neighbour) -> Iterator[Problem]:
    theirs = sorted(neighbour.numbers)
    spans = sorted((_span(settings), index) for index, settings in enumerate(organisation.numbers))
    at = 0
    for (first, last), index in spans:
        while at < len(theirs) and theirs[at][1] < first:
            at += 1
        if at < len(theirs) and theirs[at][0] <= last:
            text = (
                "another organisation of this system has some of these numbers and shares an SBC "
                "with this one, so that nobody could tell whose call it is; leave them out"
            )
            yield Problem(("numbers", index), text)


def _span(settings: NumberSettings) -> _Span:
    """Numbers of several lengths are ordered as integers; a longer one is no part of a shorter."""
    first, last = settings.ends
    return int(first), int(last)
