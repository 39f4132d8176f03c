"""Commands about the organisations of a system: list, create, remove."""

import time
from contextlib import closing
from pathlib import Path

from callwright.cli.civil_time import utc_now
from callwright.cli.failures import told
from callwright.cli.tables import print_json, print_table
from callwright.kernel.limits.configuration import ORGANISATION_LEAVES_S
from callwright.storage.faults import DatabaseError
from callwright.storage.system import NoSuchOrganisation, Seat, System

COLUMNS = ("organisation", "state")
LOOK_S = 0.1


def show(data: Path, url: str | None, *, as_json: bool) -> None:
    with told(), closing(System.open(data, url)) as system:
        seats = system.seats()
    if as_json:
        print_json(
            [
                {"domain": seat.domain, "is_first": seat.is_first, "is_leaving": seat.is_leaving}
                for seat in seats
            ]
        )
    else:
        print_table(COLUMNS, ((seat.domain or "-", _state(seat)) for seat in seats))


def create(data: Path, url: str | None, domain: str) -> None:
    with told(), closing(System.open(data, url)) as system:
        system.create(domain)
    print(f"{domain} is made; apply its file next")


def remove(data: Path, url: str | None, domain: str) -> None:
    with told(), closing(System.open(data, url)) as system:
        system.remove(domain)
        print(f"{domain} is removed; its running calls have a while to end", flush=True)
        print(_left(system, domain))


def _left(system: System, domain: str) -> str:
    """What became of it, once no server serves it any longer. A server puts it aside, too."""
    until_s = time.monotonic() + ORGANISATION_LEAVES_S
    while time.monotonic() < until_s:
        try:
            return f"what it had is in {system.put_aside(domain, utc_now())}"
        except NoSuchOrganisation:
            return "the server put aside what it had; its log says where"
        except DatabaseError as error:
            if not error.may_pass:
                raise
        time.sleep(LOOK_S)
    return "a server still serves it, and puts it aside when it lets it go"


def _state(seat: Seat) -> str:
    if seat.is_first:
        return "operates the system"
    return "leaves" if seat.is_leaving else "here"
