"""One system, and the organisations that live in it apart from each other (ADR 0026).

The first organisation is where the only one always was; it operates the system. Each further one
has a database of its own, so that no statement can reach from one into another.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, select

from callwright.domains.access.account import Account
from callwright.kernel.limits.configuration import ORGANISATIONS_MAX
from callwright.operations.access.owners import every_account, locked_out
from callwright.operations.actor import Actor
from callwright.operations.administration import Outside
from callwright.operations.configuration import Configuration, Problem
from callwright.operations.neighbours import KINDS, Neighbour, clashes, may_clash
from callwright.operations.organisation_file.entities import EntityKey
from callwright.operations.organisation_file.mail_addresses import DOMAIN
from callwright.operations.own_files import foreign_files, private_files
from callwright.storage.accounts import StoredAccounts
from callwright.storage.database import Database, read_url
from callwright.storage.faults import CannotBeMade, DatabaseError
from callwright.storage.organisation_catalogs import (
    ORGANISATIONS,
    Catalog,
    FolderCatalog,
    SchemaCatalog,
)
from callwright.storage.schema import CONFIGURATION_ENTITY

FILES = "files"
"""Within an organisation's folder: sounds and keys that its own administrators may name."""
AT_THE_MACHINE = frozenset({"local", "system"})
"""Actors who may name any file; all others act over the network."""
_NAMED_MAX = 8
_PROFILE = select(CONFIGURATION_ENTITY.c.settings).where(
    CONFIGURATION_ENTITY.c.kind == "organisation", CONFIGURATION_ENTITY.c.key == "organisation"
)
_OF_KINDS = select(CONFIGURATION_ENTITY.c.kind, CONFIGURATION_ENTITY.c.settings).where(
    CONFIGURATION_ENTITY.c.kind.in_(KINDS)
)


class NoSuchOrganisation(DatabaseError):
    """Nobody has the domain, or it has to be said which one is meant."""


@dataclass(frozen=True, slots=True)
class Seat:
    """An organisation's place in the system."""

    domain: str | None
    """None: the first one, which was told nothing yet."""
    is_first: bool = False
    is_leaving: bool = False
    """It was removed, and waits until a server has let it go."""


class System:
    """Lists, makes, opens and removes organisations; may be used from any thread."""

    def __init__(self, data: Path, url: str | None, catalog: Catalog) -> None:
        self.data = data
        self._url = url
        self._catalog = catalog

    @classmethod
    def open(cls, data: Path, url: str | None = None) -> Self:
        """Makes nothing. ``url`` names a PostgreSQL database; raises DatabaseError for another
        kind of URL."""
        if url is None:
            return cls(data, None, FolderCatalog(data))
        read_url(url)
        return cls(data, url, SchemaCatalog(data, url))

    def close(self) -> None:
        """Databases that were opened stay open."""
        self._catalog.close()

    # -- which there are ---------------------------------------------------------------------------

    def seats(self) -> tuple[Seat, ...]:
        """The first organisation, where there is one, and then the others by domain."""
        others = tuple(
            Seat(domain, is_leaving=is_leaving)
            for domain, is_leaving in self._catalog.domains().items()
        )
        return (Seat(self.first_domain(), is_first=True), *others) if self.has_first else others

    def further(self) -> tuple[str, ...]:
        """The domains of all but the first that are to be served; asks no organisation."""
        return tuple(name for name, is_leaving in self._catalog.domains().items() if not is_leaving)

    def leaving(self) -> tuple[str, ...]:
        return tuple(name for name, is_leaving in self._catalog.domains().items() if is_leaving)

    @property
    def has_first(self) -> bool:
        """Somebody applied a file, or started a server, here."""
        return self._catalog.has_first()

    def first_domain(self) -> str | None:
        if not self.has_first:
            return None
        with closing(self.open_first(read_only=True)) as database:
            return configured_domain(database)

    # -- opening -----------------------------------------------------------------------------------

    def open_first(self, *, read_only: bool = False, version: str | None = None) -> Database:
        """``version``: see `Database.open`."""
        return Database.open(self.data, read_only=read_only, url=self._url, version=version)

    def open_further(
        self, domain: str, *, read_only: bool = False, version: str | None = None
    ) -> Database:
        """Raises NoSuchOrganisation; one that leaves can be read to the end."""
        if domain not in self._catalog.domains():
            raise self._unknown(domain)
        return self._catalog.open(domain, read_only=read_only, version=version)

    def open_seat(
        self, domain: str | None, *, read_only: bool = False, version: str | None = None
    ) -> Database:
        """None: the first one. Raises NoSuchOrganisation."""
        if domain is None:
            return self.open_first(read_only=read_only, version=version)
        return self.open_further(domain, read_only=read_only, version=version)

    def open_organisation(self, domain: str | None, *, read_only: bool = False) -> Database:
        """The one with the domain; None: the only one. Raises NoSuchOrganisation."""
        domain = None if domain is None else domain.lower()
        others = self.further()
        if domain is None and others:
            raise NoSuchOrganisation(
                f"several organisations live here; add --organisation DOMAIN: {self._known()}"
            )
        if domain is None or (domain not in others and domain == self.first_domain()):
            return self.open_first(read_only=read_only)
        return self.open_further(domain, read_only=read_only)

    def open_for_file(self, domain: str, *, read_only: bool = False) -> Database:
        """Where a file of this domain belongs: to the organisation that has it; else to the first
        one, if it was told nothing yet, or is alone and so may change its name.

        Raises NoSuchOrganisation.
        """
        others = self.further()
        if domain in others:
            return self.open_further(domain, read_only=read_only)
        if not others or not self.has_first or self.first_domain() in (None, domain):
            return self.open_first(read_only=read_only)
        raise self._unknown(domain)

    # -- neighbours --------------------------------------------------------------------------------

    def outside(self, seat: str | None) -> Outside:
        """What an edit of this organisation must respect; None: the first one's."""

        def problems(
            after: Configuration, touched: Collection[EntityKey], by: Actor
        ) -> Iterator[Problem]:
            if may_clash(touched) and after.organisation is not None:
                yield from clashes(after.organisation, self.neighbours(seat), seat=seat)
            if by.kind in AT_THE_MACHINE:
                return
            yield from locked_out(after, touched, lambda: self._accounts(seat))
            data = self.data.absolute()
            if seat is None:
                yield from private_files(after.entities, touched, data, data / FILES)
            else:
                files = data / ORGANISATIONS / seat / FILES
                yield from foreign_files(after.entities, touched, files)

        return problems

    def _accounts(self, seat: str | None) -> list[Account]:
        with closing(self.open_seat(seat, read_only=True)) as database:
            return list(every_account(StoredAccounts(database)))

    def neighbours(self, seat: str | None) -> list[Neighbour]:
        """Every other organisation, as far as it concerns this one. Raises DatabaseError."""
        found = []
        for domain in (None, *self.further()):
            if domain == seat:
                continue
            opened = self.open_seat(domain, read_only=True)
            with closing(opened) as database, database.reading() as connection:
                rows = connection.execute(_OF_KINDS).all()
                name = domain or _domain_in(connection) or ""
            settings = [(kind, json.loads(text)) for kind, text in rows]
            found.append(Neighbour.of(name, settings))
        return found

    # -- changing ----------------------------------------------------------------------------------

    def create(self, domain: str, *, version: str | None = None) -> None:
        """Makes an organisation that has no settings yet. Raises CannotBeMade where the domain is
        none, or taken, or this would be the first: that one comes with its file."""
        _check(domain)
        first = self.first_domain()
        if first is None:
            raise CannotBeMade(
                "the first organisation operates the system; apply its file before you make others"
            )
        known = self._catalog.domains()
        if domain == first or domain in known:
            leaving = " and is being removed; try again soon" if known.get(domain) else ""
            raise CannotBeMade(f"{domain} is there already{leaving}")
        if len(known) + 1 >= ORGANISATIONS_MAX:
            raise CannotBeMade(f"a system holds at most {ORGANISATIONS_MAX} organisations")
        self._catalog.create(domain, version)

    def remove(self, domain: str) -> None:
        """Has servers let it go; `put_aside` is the second step. Raises CannotBeMade for the first
        one, NoSuchOrganisation."""
        if domain == self.first_domain():
            raise CannotBeMade(f"{domain} operates the system and cannot be removed")
        if domain not in self._catalog.domains():
            raise self._unknown(domain)
        self._catalog.mark(domain)

    def put_aside(self, domain: str, at: datetime) -> Path:
        """Takes what `remove` marked out of the list; all of it is kept where the result says.

        Raises DatabaseError while a server serves it, ``may_pass``, and NoSuchOrganisation where
        somebody else was quicker.
        """
        if not self._catalog.domains().get(domain):
            raise self._unknown(domain)
        place = self._catalog.put_aside(domain, at)
        if place is None:
            raise self._unknown(domain)
        return place

    def _unknown(self, domain: str) -> NoSuchOrganisation:
        return NoSuchOrganisation(
            f"there is no organisation {domain}; `callwright organisations create` makes one."
            f" There are: {self._known()}"
        )

    def _known(self) -> str:
        names = [seat.domain for seat in self.seats() if seat.domain is not None]
        more = ", ..." if len(names) > _NAMED_MAX else ""
        return (", ".join(names[:_NAMED_MAX]) + more) or "none"


def configured_domain(database: Database) -> str | None:
    """What the organisation's settings name; None: it has none yet."""
    with database.reading() as connection:
        return _domain_in(connection)


def _domain_in(connection: Connection) -> str | None:
    settings = connection.execute(_PROFILE).scalar_one_or_none()
    domain = None if settings is None else json.loads(settings).get("domain")
    return domain if isinstance(domain, str) else None


def called(domain: str | None) -> str:
    """What an organisation is called where people read; the first one may have no domain yet."""
    return domain or "the first organisation"


def _check(domain: str) -> None:
    if DOMAIN.fullmatch(domain) is None:
        text = f"{domain!r} is no domain; write small letters, such as contoso.test"
        raise CannotBeMade(text, is_no_domain=True)
