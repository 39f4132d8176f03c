"""Webhooks: where events are sent, with which secret they are signed, and how that went."""

import asyncio
import base64
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import problems
from callwright.api.events import kinds_for
from callwright.api.idempotency import IdempotencyKey, Keeper, once
from callwright.api.paging import LIMIT_DEFAULT, CursorText, Limit, Page, page_of, read_cursor
from callwright.api.problems import Mistake, Problem, not_found, refused
from callwright.domains.access.model import Permission
from callwright.kernel.instants import iso_utc, iso_utc_or_none
from callwright.kernel.limits.api import WEBHOOK_SECRET_BYTES, WEBHOOK_URL_CHARS_MAX, WEBHOOKS_MAX
from callwright.operations.organisation_file.values import is_printable
from callwright.storage.events import EventKind, Events, News
from callwright.storage.webhooks import Delivery, Webhook, Webhooks

SECRET_PREFIX = "whsec_"
router = APIRouter(prefix="/webhooks", tags=["webhooks"])
HookId = Annotated[str, Path(max_length=64)]
Reader = Annotated[Caller, Depends(allowed(Permission.WEBHOOKS_READ))]
Writer = Annotated[Caller, Depends(allowed(Permission.WEBHOOKS_WRITE))]
_READ, _WRITTEN = problems(401, 403, 404, 422), problems(400, 401, 403, 404, 409, 422)


class WebhookBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    url: str = Field(max_length=WEBHOOK_URL_CHARS_MAX, description="https, or http on loopback.")
    events: list[str] = Field(
        default=[], max_length=20, description="Kinds that are sent; empty: all that you may see."
    )
    description: str = Field(default="", max_length=500)
    is_enabled: bool = True


class WebhookShape(BaseModel):
    id: str
    url: str
    events: list[str]
    description: str
    is_enabled: bool
    cursor: int
    """The last event that was taken, given up, or is not for this hook."""
    failed_attempts: int
    failing_since: str | None
    next_try_at: str | None
    created_at: str
    created_by: str

    @classmethod
    def of(cls, hook: Webhook) -> "WebhookShape":
        return cls(
            id=hook.id,
            url=hook.url,
            events=list(hook.events),
            description=hook.description,
            is_enabled=hook.is_enabled,
            cursor=hook.cursor,
            failed_attempts=hook.attempts,
            failing_since=iso_utc_or_none(hook.failing_since),
            next_try_at=iso_utc_or_none(hook.next_try_at),
            created_at=iso_utc(hook.created_at),
            created_by=hook.created_by,
        )


class NewWebhookShape(WebhookShape):
    secret: str
    """Shown now and never again."""


class SecretShape(BaseModel):
    secret: str
    """Shown now and never again."""


@router.get("", operation_id="list_webhooks", responses=_READ)
async def list_webhooks(caller: Reader) -> list[WebhookShape]:
    """The oldest first; there are a hundred at most."""
    return [WebhookShape.of(hook) for hook in await asyncio.to_thread(_hooks(caller).all)]


@router.post("", operation_id="make_webhook", status_code=201, responses=_WRITTEN)
async def make_webhook(
    request: Request, caller: Writer, body: WebhookBody, key: IdempotencyKey = None
) -> NewWebhookShape:
    """The answer has the secret; no other one ever has. What happens from now on is sent."""
    events = checked(caller, body)
    tenant = caller.tenant

    async def act(keeper: Keeper) -> Response:
        hook = Webhook(
            id=tenant.new_id(),
            url=body.url,
            secret=_new_secret(caller),
            events=tuple(events),
            description=body.description,
            is_enabled=body.is_enabled,
            cursor=await asyncio.to_thread(Events(tenant.database).newest),
            attempts=0,
            failing_since=None,
            next_try_at=None,
            created_at=tenant.utc(),
            created_by=caller.principal.name,
        )
        shape = NewWebhookShape(**WebhookShape.of(hook).model_dump(), secret=hook.secret)
        response = JSONResponse(shape.model_dump(), status_code=201)
        is_added = await asyncio.to_thread(
            _hooks(caller).add,
            hook,
            most=WEBHOOKS_MAX,
            beside=lambda connection: keeper.keep_within(connection, response),
        )
        if not is_added:
            text = f"there are {WEBHOOKS_MAX} webhooks"
            raise Problem(409, "too-many-webhooks", text, "remove one that is not needed")
        return response

    return await once(request, caller, act)  # type: ignore[return-value]


@router.get("/{hook}", operation_id="get_webhook", responses=_READ)
async def get_webhook(caller: Reader, hook: HookId) -> WebhookShape:
    return WebhookShape.of(await _found(caller, hook))


@router.put("/{hook}", operation_id="put_webhook", responses=_WRITTEN)
async def put_webhook(caller: Writer, hook: HookId, body: WebhookBody) -> WebhookShape:
    """What waited for another try is tried at once."""
    changed = await asyncio.to_thread(
        _hooks(caller).change,
        hook,
        url=body.url,
        events=checked(caller, body),
        description=body.description,
        is_enabled=body.is_enabled,
    )
    if not changed:
        raise not_found("webhook", hook)
    return WebhookShape.of(await _found(caller, hook))


@router.delete("/{hook}", operation_id="remove_webhook", status_code=204, responses=_READ)
async def remove_webhook(caller: Writer, hook: HookId) -> None:
    if not await asyncio.to_thread(_hooks(caller).remove, hook):
        raise not_found("webhook", hook)


@router.post("/{hook}/secret", operation_id="renew_webhook_secret", responses=_READ)
async def renew_secret(caller: Writer, hook: HookId) -> SecretShape:
    """From the next attempt on everything is signed with the new one."""
    secret = _new_secret(caller)
    if not await asyncio.to_thread(_hooks(caller).renew, hook, secret):
        raise not_found("webhook", hook)
    return SecretShape(secret=secret)


@router.post("/{hook}/test", operation_id="test_webhook", status_code=202, responses=_READ)
async def test_webhook(caller: Writer, hook: HookId) -> dict[str, Any]:
    """Sends an event ``webhook.test`` to this hook only; see its deliveries."""
    await _found(caller, hook)
    news = News(EventKind.WEBHOOK_TEST, caller.tenant.utc(), {"webhook": hook})
    await asyncio.to_thread(Events(caller.tenant.database).add, news)
    return {}


@router.get("/{hook}/deliveries", operation_id="list_deliveries", responses=_READ)
async def list_deliveries(
    caller: Reader, hook: HookId, cursor: CursorText = None, limit: Limit = LIMIT_DEFAULT
) -> Page:
    """The newest attempts first; the last thousand are kept."""
    await _found(caller, hook)
    place = read_cursor(cursor, int)
    before = None if place is None else place[0]
    found = await asyncio.to_thread(_hooks(caller).deliveries, hook, limit=limit + 1, before=before)
    return page_of(found, limit, shown=delivery_as_json, place=lambda each: (each.id,))


def delivery_as_json(delivery: Delivery) -> dict[str, Any]:
    return {
        "event": delivery.event,
        "attempt": delivery.attempt,
        "at": iso_utc(delivery.at),
        "duration_ms": delivery.duration_ms,
        "status": delivery.status,
        "error": delivery.error,
        "outcome": delivery.outcome,
    }


def checked(caller: Caller, body: WebhookBody) -> Sequence[str]:
    """Returns the kinds; nobody has sent what he may not see. Raises Problem."""
    mistake = _mistake(body.url)
    if mistake is not None:
        raise refused([Mistake.at(("url",), "bad-url", mistake)])
    if not is_printable(body.description):
        text = "is not printable; write it on one line"
        raise refused([Mistake.at(("description",), "bad-text", text)])
    return kinds_for(caller, body.events)


def _mistake(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is no URL; write https://host/path"
    if parts.scheme not in ("https", "http") or not host or not url.isascii() or port == 0:
        return "is no URL of a web server; write https://host/path"
    if any(character <= " " or character == "\x7f" for character in url):
        return "holds a space or a control character; encode it"
    if parts.username is not None or parts.password is not None:
        return "holds a user name; leave it out: what is sent is signed instead"
    if parts.scheme == "http" and not _is_loopback(parts):
        return "is not encrypted; write https://"
    return None


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _new_secret(caller: Caller) -> str:
    random = caller.tenant.new_secret(WEBHOOK_SECRET_BYTES)
    return SECRET_PREFIX + base64.urlsafe_b64encode(random).decode().rstrip("=")


def _hooks(caller: Caller) -> Webhooks:
    return Webhooks(caller.tenant.database)


async def _found(caller: Caller, hook: str) -> Webhook:
    found = await asyncio.to_thread(_hooks(caller).get, hook)
    if found is None:
        raise not_found("webhook", hook)
    return found
