"""Commands about the organisations of a system: list, create, remove."""

import time
from contextlib import closing
from urllib.parse import quote

from callwright.cli.civil_time import utc_now
from callwright.cli.client import ApiRefused, reached_api
from callwright.cli.failures import told
from callwright.cli.places import Reach
from callwright.cli.tables import print_json, print_table
from callwright.kernel.limits.configuration import ORGANISATION_LEAVES_S
from callwright.storage.faults import DatabaseError
from callwright.storage.system import NoSuchOrganisation, Seat, System

COLUMNS = ("organisation", "state")
PATH = "/organisations"
LOOK_S = 0.1


def show(reach: Reach, *, as_json: bool) -> None:
    seats = _seats_here(reach) if reach.server is None else _seats_there(reach)
    if as_json:
        print_json(
            [
                {"domain": seat.domain, "is_first": seat.is_first, "is_leaving": seat.is_leaving}
                for seat in seats
            ]
        )
    else:
        print_table(COLUMNS, ((seat.domain or "-", _state(seat)) for seat in seats))


def create(reach: Reach, domain: str) -> None:
    if reach.server is None:
        with told(), _system(reach) as system:
            system.create(domain)
    else:
        with told(ApiRefused), reached_api(reach) as api:
            api.ask("POST", PATH, body={"domain": domain})
    print(f"{domain} is made; apply its file next")


def remove(reach: Reach, domain: str) -> None:
    said = f"{domain} is removed; its running calls have a while to end"
    if reach.server is None:
        with told(), _system(reach) as system:
            system.remove(domain)
            print(said, flush=True)
            print(_left(system, domain))
    else:
        with told(ApiRefused), reached_api(reach) as api:
            api.ask("DELETE", f"{PATH}/{quote(domain, safe='')}")
        print(f"{said}, and the server puts aside what it had")


def _system(reach: Reach) -> closing[System]:
    return closing(System.open(reach.where.data, reach.where.url))


def _seats_here(reach: Reach) -> list[Seat]:
    with told(), _system(reach) as system:
        return list(system.seats())


def _seats_there(reach: Reach) -> list[Seat]:
    with told(ApiRefused), reached_api(reach, read_only=True) as api:
        found = api.get(PATH)["items"]
    return [Seat(one["domain"], one["operates_the_system"], one["is_leaving"]) for one in found]


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
