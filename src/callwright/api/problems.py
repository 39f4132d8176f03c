"""Every refusal of the API in one form (RFC 9457): what is wrong, where, and what to do instead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from callwright.storage.faults import DatabaseError, WrongCurrency

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "1"
_log = structlog.get_logger("callwright.api")
_CODES = {
    400: ("bad-request", "correct the request"),
    404: ("no-such-route", "see /openapi.json for the paths there are"),
    405: ("method-not-allowed", "use one of the methods in the header Allow"),
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong with a request."""

    pointer: str
    """JSON Pointer (RFC 6901) into the body; ``?name`` for a parameter, "" for the whole."""
    code: str
    detail: str
    remedy: str = ""

    @classmethod
    def at(cls, path: Iterable[str | int], code: str, text: str) -> "Mistake":
        """``text`` says what is wrong, a semicolon, what to write instead."""
        detail, _, remedy = text.partition("; ")
        return cls(pointer(path), code, detail, remedy)


class Problem(HTTPException):
    """Raised anywhere below a route; becomes the answer. FastAPI lets only its own kind of
    exception out of the reading of a body, so it is one."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        remedy: str = "",
        *,
        errors: Sequence[Mistake] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.remedy = remedy
        self.errors = tuple(errors)

    def response(self) -> JSONResponse:
        body = {
            "type": f"urn:callwright:problem:{self.code}",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "code": self.code,
            "detail": self.detail,
            "remedy": self.remedy,
            "errors": [asdict(mistake) for mistake in self.errors],
        }
        return JSONResponse(
            body, status_code=self.status_code, headers=self.headers, media_type=MEDIA_TYPE
        )


def pointer(path: Iterable[str | int]) -> str:
    """RFC 6901 §3: ``/users/alice/number``."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def not_found(what: str, key: str, remedy: str = "") -> Problem:
    return Problem(404, "not-found", f"there is no {what} {key!r}", remedy)


def refused(mistakes: Sequence[Mistake], *, status: int = 422) -> Problem:
    """A body that cannot be taken; nothing of it was."""
    count = f"{len(mistakes)} mistakes" if len(mistakes) > 1 else "a mistake"
    first = mistakes[0]
    return Problem(
        status,
        "refused",
        f"the request has {count}; nothing was changed" if status == 422 else first.detail,
        first.remedy,
        errors=mistakes,
    )


def bad_parameter(name: str, code: str, text: str) -> Problem:
    """``text`` says what is wrong with it, a semicolon, what to send instead."""
    detail, _, remedy = text.partition("; ")
    return refused([Mistake(f"?{name}", code, detail, remedy)])


def install(app: FastAPI) -> None:
    """Makes every failure of ``app`` a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(DatabaseError, _on_database)
    app.add_exception_handler(Exception, _on_defect)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _on_invalid(request: Request, error: Exception) -> Response:
    """FastAPI's own validation: parameters, and bodies of routes that declare a model."""
    assert isinstance(error, RequestValidationError)
    return invalid(error.errors()).response()


def invalid(errors: Sequence[Mapping[str, object]]) -> Problem:
    """Pydantic's errors, whose ``loc`` begins with body, query, path or header."""
    mistakes = []
    for details in errors:
        location = details.get("loc")
        where, *rest = location if isinstance(location, tuple) and location else ("body",)
        place = pointer(rest) if where == "body" else f"?{'.'.join(map(str, rest))}"
        kind = str(details.get("type", "invalid")).replace("_", "-")
        text = str(details.get("msg", "does not fit"))
        detail, _, remedy = text.partition("; ")
        mistakes.append(Mistake(place, kind, detail, remedy))
    is_unreadable = any(mistake.code == "json-invalid" for mistake in mistakes)
    return refused(mistakes, status=400 if is_unreadable else 422)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    code, remedy = _CODES.get(status, (HTTPStatus(status).phrase.lower().replace(" ", "-"), ""))
    detail = f"{request.method} {request.url.path}: {HTTPStatus(status).phrase.lower()}"
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_at(request)) or headers.get("Allow", "")
    return Problem(status, code, detail, remedy, headers=headers).response()


def _methods_at(request: Request) -> list[str]:
    """Of every route with this path; the framework names those of the first one only."""
    found: set[str] = set()
    for template, operations in request.app.openapi()["paths"].items():
        if compile_path(template)[0].match(request.url.path):
            found.update(method.upper() for method in operations)
    return sorted(found)


async def _on_database(request: Request, error: Exception) -> Response:
    assert isinstance(error, DatabaseError)
    if isinstance(error, WrongCurrency):
        detail, _, remedy = str(error).partition("; ")
        return Problem(422, "wrong-currency", detail, remedy).response()
    _log.error("a request met trouble of the database", because=str(error))
    headers = {"Retry-After": RETRY_AFTER_S} if error.may_pass else None
    return Problem(503, "database", str(error), headers=headers).response()


async def _on_defect(request: Request, error: Exception) -> Response:
    """The log has the trace; who asked learns that it is not his fault, and nothing else."""
    _log.error("a defect in the API", path=request.url.path, exc_info=error)
    text = "the server failed to answer; this is a defect"
    return Problem(500, "internal", text, "report it with the lines of the log").response()
