"""The organisations of the system, for whoever operates it: which there are, one more, one less."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import problems
from callwright.api.problems import Mistake, Problem, not_found, refused
from callwright.domains.access.model import Permission
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.operations.access.desk import actor_of
from callwright.operations.access.store import Event
from callwright.storage.access_events import note
from callwright.storage.faults import CannotBeMade
from callwright.storage.system import NoSuchOrganisation, Seat, System

router = APIRouter(prefix="/organisations", tags=["organisations"])
Reader = Annotated[Caller, Depends(allowed(Permission.SYSTEM_READ))]
Writer = Annotated[Caller, Depends(allowed(Permission.SYSTEM_WRITE))]
Domain = Annotated[str, Path(max_length=NAME_CHARS_MAX)]


class NewOrganisation(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    domain: str = Field(max_length=NAME_CHARS_MAX)
    """In small letters, such as ``fabrikam.test``."""


class OrganisationShape(BaseModel):
    domain: str
    operates_the_system: bool
    is_leaving: bool
    """It was removed, and is put aside as soon as its calls are over."""


class OrganisationList(BaseModel):
    items: list[OrganisationShape]


@router.get("", operation_id="list_organisations", responses=problems(401, 403))
async def list_organisations(caller: Reader) -> OrganisationList:
    """The first one operates the system."""
    seats = await asyncio.to_thread(_system(caller).seats)
    return OrganisationList(items=[_shape(seat) for seat in seats])


@router.post(
    "",
    operation_id="make_organisation",
    status_code=201,
    responses=problems(400, 401, 403, 409, 422),
)
async def make_organisation(caller: Writer, body: NewOrganisation) -> OrganisationShape:
    """Served within a second; it has no settings yet, and nobody who may sign in. Tell it both with
    the header `Callwright-Organisation`."""
    system = _system(caller)
    await asyncio.to_thread(_noted, caller, "organisation.made", body.domain, system.create)
    return OrganisationShape(domain=body.domain, operates_the_system=False, is_leaving=False)


@router.delete(
    "/{domain}",
    operation_id="remove_organisation",
    status_code=202,
    responses=problems(401, 403, 404, 409, 422),
)
async def remove_organisation(caller: Writer, domain: Domain) -> OrganisationShape:
    """Its running calls have a while to end; then all that it has is put aside. Nothing is
    deleted."""
    system = _system(caller)
    await asyncio.to_thread(_noted, caller, "organisation.removed", domain, system.remove)
    return OrganisationShape(domain=domain, operates_the_system=False, is_leaving=True)


def _system(caller: Caller) -> System:
    """Only the first organisation has it, and only who is at home there. Raises Problem (403)."""
    system = caller.tenant.system
    if system is None or caller.principal.is_guest:
        text = "only the first organisation operates the system"
        raise Problem(403, "not-operator", text, "ask there, without Callwright-Organisation")
    return system


def _noted(caller: Caller, act: str, domain: str, do: Callable[[str], object]) -> None:
    """Raises Problem: 404, 409, 422."""
    try:
        do(domain)
    except NoSuchOrganisation:
        raise not_found("organisation", domain, "see the list") from None
    except CannotBeMade as error:
        text = str(error)
        if error.is_no_domain:
            raise refused([Mistake.at(("domain",), "bad-domain", text)]) from None
        raise Problem(409, "cannot-be", text.partition("; ")[0], text.partition("; ")[2]) from None
    tenant = caller.tenant
    with tenant.database.writing() as connection:
        note(connection, Event(tenant.utc(), actor_of(caller.principal), act, domain, ""))


def _shape(seat: Seat) -> OrganisationShape:
    return OrganisationShape(
        domain=seat.domain or "", operates_the_system=seat.is_first, is_leaving=seat.is_leaving
    )
