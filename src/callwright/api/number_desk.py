"""How a request reaches the acts on numbers, and how their refusals are worded."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import JsonValue

from callwright.api.authorisation import Caller, allowed
from callwright.api.edits import Asked, asked, crossed
from callwright.api.idempotency import Keeper, once
from callwright.api.problems import Mistake, Problem, refused
from callwright.api.tenant import Tenant
from callwright.domains.access.model import Permission
from callwright.operations.administration import EditConflict
from callwright.operations.configuration import EditRefused
from callwright.operations.configuration import Problem as Finding
from callwright.operations.numbers.desk import Act, NumberDesk
from callwright.operations.numbers.supplier import NumberSupplier, SupplierRefused
from callwright.operations.numbers.suppliers import suppliers
from callwright.operations.numbers.view import NumberProblem, View
from callwright.operations.revision import RevisionConflict

_STATUSES = {
    "number-unknown": 404,
    "order-unknown": 404,
    "port-order-unknown": 404,
    "upload-unknown": 404,
    "order-not-open": 409,
    "port-order-state": 409,
    "no-organisation": 409,
}
"""Of refusals that are about the place asked for, or its state; the others are 422."""
_IN_BODY = (("rows",), ("numbers",))
_OF_THE_BODY = (("order",), ("port-order",))
"""How paths begin that lead into the request."""
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Work:
    """Who asks for an act, and how it is to be done."""

    request: Request
    caller: Caller
    options: Asked

    async def perform(
        self,
        act: Callable[[NumberDesk, Act], Told],
        shape: Callable[[Told], JsonValue],
        *,
        status: int = 200,
    ) -> Response:
        """Carries an act out in a thread of its own, once for an Idempotency-Key; ``shape`` makes
        the answer, which is kept in the transaction of the act."""
        is_dry_run = self.options.is_dry_run

        def respond(done: Told) -> Response:
            return JSONResponse(shape(done), status_code=200 if is_dry_run else status)

        def answer(keeper: Keeper) -> Response:
            witness = keeper.witness(respond)
            wanted = Act(self.caller.actor, self.options.why, is_dry_run, witness)
            return respond(told(lambda: act(self.caller.tenant.number_desk, wanted)))

        async def carry_out(keeper: Keeper) -> Response:
            return await asyncio.to_thread(answer, keeper)

        return await once(self.request, self.caller, carry_out)


def work_of(*needed: Permission) -> Callable[..., Awaitable[Work]]:
    """A dependency that stands before the one that reads the body. Raises Problem (401, 403)."""

    async def work(
        request: Request,
        caller: Annotated[Caller, Depends(allowed(*needed))],
        options: Annotated[Asked, Depends(asked)],
    ) -> Work:
        return Work(request, caller, options)

    return work


async def look(caller: Caller, what: Callable[[NumberDesk], JsonValue]) -> JSONResponse:
    """Reads in a thread of its own."""
    return JSONResponse(
        await asyncio.to_thread(lambda: told(lambda: what(caller.tenant.number_desk)))
    )


def view_of(tenant: Tenant) -> View:
    """The numbers as they are now. Raises Problem."""
    return told(tenant.number_desk.view)


def told(act: Callable[[], Told]) -> Told:
    """Raises Problem for what an act raises."""
    try:
        return act()
    except EditRefused as error:
        raise _worded(error) from None
    except SupplierRefused as error:
        detail, _, remedy = str(error).partition("; ")
        raise Problem(409, "supplier-refused", detail, remedy) from None
    except (EditConflict, RevisionConflict):
        raise crossed() from None


def require_user_administrator(caller: Caller) -> None:
    """SPEC 11.1: work on resource accounts takes one, too. Raises Problem (403)."""
    allowed(Permission.USERS_WRITE).check(caller)


def supplier_named(name: str) -> NumberSupplier:
    """Raises Problem."""
    found = suppliers().get(name)
    if found is None:
        text = f"there is no supplier {name!r}; name one of {', '.join(suppliers())}"
        raise refused([Mistake.at(("supplier",), "supplier-unknown", text)])
    return found


def _worded(error: EditRefused) -> Problem:
    """What lies in the organisation, and not in the request, is named in words."""
    mistakes = [_mistake(problem) for problem in error.problems]
    status = _STATUSES.get(mistakes[0].code, 422)
    if status == 422:
        return refused(mistakes)
    return Problem(status, mistakes[0].code, mistakes[0].detail, mistakes[0].remedy)


def _mistake(problem: Finding) -> Mistake:
    code = problem.code if isinstance(problem, NumberProblem) else "invalid"
    first = problem.path[:1]
    if first in _IN_BODY:
        return Mistake.at(problem.path, code, problem.text)
    if first in _OF_THE_BODY:
        return Mistake.at(problem.path[1:], code, problem.text)
    return Mistake.at((), code, str(problem) if problem.path else problem.text)
