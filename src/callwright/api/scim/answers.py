"""Answers and refusals as SCIM clients expect them (RFC 7644 §3.1, §3.12)."""

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import JsonValue
from starlette.exceptions import HTTPException

from callwright.operations.revision import RevisionConflict
from callwright.operations.scim.refusal import ScimError
from callwright.operations.scim.words import ERROR, Resource
from callwright.storage.faults import DatabaseError

MEDIA_TYPE = "application/scim+json"
BODY_TYPES = (MEDIA_TYPE, "application/json")
RETRY_AFTER = {"Retry-After": "1"}
_log = structlog.get_logger("callwright.scim")


class ScimRoute(APIRoute):
    """Words every failure below it as SCIM does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_or_refuse(request: Request) -> Response:
            try:
                return await handle(request)
            except ScimError as error:
                headers = RETRY_AFTER if error.status == 503 else {}
                return refusal(error.status, error.detail, error.kind, headers)
            except HTTPException as error:
                return refusal(error.status_code, error.detail, None, error.headers or {})
            except RequestValidationError:
                return refusal(400, "a parameter does not fit", "invalidValue", {})
            except RevisionConflict:
                text = "others change the same thing at this moment; try again"
                return refusal(503, text, None, RETRY_AFTER)
            except DatabaseError as error:
                _log.error("a SCIM request met trouble of the database", because=str(error))
                return refusal(503, "the database is in trouble; try again", None, RETRY_AFTER)

        return handle_or_refuse


def answer(
    body: JsonValue, *, status: int = 200, version: str | None = None, place: str | None = None
) -> Response:
    headers = {"Cache-Control": "no-store"}
    if version is not None:
        headers["ETag"] = version
    if place is not None:
        headers["Location"] = place
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status, dict(headers), MEDIA_TYPE)


def refusal(status: int, detail: str, kind: str | None, headers: Mapping[str, str]) -> Response:
    body: Resource = {"schemas": [ERROR], "status": str(status), "detail": detail}
    if kind is not None:
        body["scimType"] = kind
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(content, status, dict(headers), MEDIA_TYPE)
