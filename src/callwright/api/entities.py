"""Routes for every kind of entity: list, look, put, patch, remove; made from the table of kinds."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import JsonValue

from callwright.api.authorisation import Caller, allowed
from callwright.api.bodies import JSON_TYPE, MERGE_PATCH_TYPE, read_json
from callwright.api.delegation import (
    entry_access,
    refuse_beyond_trust,
    refuse_unlisted,
)
from callwright.api.documents import (
    PLAN,
    REFS,
    Answers,
    described,
    json_body,
    kind_body,
    problems,
    schema_of,
)
from callwright.api.edits import (
    REVISION,
    Asked,
    asked,
    attempted,
    carry_out,
    cautions_header,
    changed,
    inside,
)
from callwright.api.entity_kinds import SEPARATE_PARTS, EntityKind, entity_kinds
from callwright.api.entity_lists import ListQuery, answer, list_query
from callwright.api.field_access import AllowedByField, has_own_fields, refuse_beyond_fields
from callwright.api.idempotency import Keeper, once
from callwright.api.masking import masked, unmasked
from callwright.api.paging import Page, paged
from callwright.api.preconditions import Preconditions, preconditions, quoted_tag
from callwright.api.problems import Mistake, not_found, refused
from callwright.kernel.limits.api import API_SEARCH_CHARS_MAX
from callwright.operations.administration import Applied
from callwright.operations.configuration import Edit, etag_of
from callwright.operations.organisation_file.entities import EntityKey

Writes = Annotated[Asked, Depends(asked)]
Conditions = Annotated[Preconditions, Depends(preconditions)]
Key = Annotated[str, Path(max_length=API_SEARCH_CHARS_MAX, description="Names the entry.")]
Revised = Callable[[JsonValue], JsonValue]
"""Given what is stored, None where nothing is, returns what shall be."""
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_COMMON_KINDS = frozenset({"user"})
"""Edited all the time; no caution is about one of them alone, and to look walks over all."""


def make_router(words: Collection[str] | None = None) -> APIRouter:
    """The routes below ``/api/v1`` that are made from kinds; with ``words``, of those kinds whose
    paths begin with one of them."""
    router = APIRouter()
    for kind in entity_kinds().values():
        if words is not None and kind.collection.partition("/")[0] not in words:
            continue
        if not kind.is_singleton:
            _add_list(router, kind)
        _add_entry(router, kind)
    return router


def _add_list(router: APIRouter, kind: EntityKind) -> None:
    async def list_entries(
        caller: Annotated[Caller, Depends(allowed(kind.read))],
        query: Annotated[ListQuery, Depends(list_query)],
    ) -> Response:
        return await paged(lambda: _page(caller, kind, query))

    router.add_api_route(
        f"/{kind.collection}",
        list_entries,
        methods=["GET"],
        response_model=Page,
        **described(kind, "list", f"Lists {kind.title} entries, a page at a time"),
        responses=problems(401, 403, 422),
    )


def _add_entry(router: APIRouter, kind: EntityKind) -> None:
    reads = allowed(kind.read) if kind.is_singleton else entry_access(kind.kind, kind.read)
    writes = (
        AllowedByField(kind)
        if has_own_fields(kind)
        else entry_access(kind.kind, *kind.needed_to_write)
    )
    named = Depends(_key_of(kind))

    async def get(
        key: Annotated[str, named],
        conditions: Conditions,
        caller: Annotated[Caller, Depends(reads)],
    ) -> Response:
        return await asyncio.to_thread(_look, caller, kind, key, conditions)

    async def put(
        request: Request,
        key: Annotated[str, named],
        options: Writes,
        conditions: Conditions,
        caller: Annotated[Caller, Depends(writes)],
    ) -> Response:
        return await _put(request, kind, key, options, conditions, caller)

    async def patch(
        request: Request,
        key: Annotated[str, named],
        options: Writes,
        conditions: Conditions,
        caller: Annotated[Caller, Depends(writes)],
    ) -> Response:
        return await _patch(request, kind, key, options, conditions, caller)

    async def delete(
        request: Request,
        key: Annotated[str, named],
        options: Writes,
        conditions: Conditions,
        caller: Annotated[Caller, Depends(writes)],
    ) -> Response:
        return await _delete(request, kind, key, options, conditions, caller)

    _add_methods(router, kind, _place(kind), get, put, patch, delete)


def _place(kind: EntityKind) -> str:
    if kind.is_singleton:
        return f"/{kind.collection}"
    return f"/{kind.collection}/{{key{':path' if kind.has_any_key else ''}}}"


def _key_of(kind: EntityKind) -> Callable[..., Awaitable[str]]:
    """A dependency: the key in the path, or the one that a singleton has."""

    async def only() -> str:
        return kind.kind

    async def asked_for(key: Key) -> str:
        return key

    return only if kind.is_singleton else asked_for


Endpoint = Callable[..., Any]


def _add_methods(
    router: APIRouter,
    kind: EntityKind,
    place: str,
    get: Endpoint,
    put: Endpoint,
    patch: Endpoint,
    delete: Endpoint,
) -> None:
    written = problems(400, 401, 403, 404, 409, 412, 413, 415, 422)
    shown: Answers = {200: kind_body(kind, "As it is now, or what a dry run would change.")}
    router.add_api_route(
        place,
        get,
        methods=["GET"],
        **described(kind, "get", f"Shows the {kind.title}"),
        responses=problems(401, 403, 404, 422)
        | {200: json_body(schema_of(kind), "As it is now.")}
        | {304: {"description": "You have it already."}},
    )
    router.add_api_route(
        place,
        put,
        methods=["PUT"],
        **described(kind, "put", f"Makes or replaces the {kind.title}", takes={JSON_TYPE: kind}),
        responses=written | shown | {201: json_body(schema_of(kind), "It was not there before.")},
    )
    if not _is_list(kind):
        router.add_api_route(
            place,
            patch,
            methods=["PATCH"],
            **described(
                kind,
                "patch",
                f"Changes parts of the {kind.title} (RFC 7396; null removes)",
                takes={MERGE_PATCH_TYPE: None, JSON_TYPE: None},
            ),
            responses=written | shown,
        )
    router.add_api_route(
        place,
        delete,
        methods=["DELETE"],
        **described(kind, "delete", f"Removes the {kind.title}"),
        responses=written
        | {200: json_body({"$ref": REFS + PLAN}, "What a dry run would change.")}
        | {204: {"description": "It is gone."}},
    )


def _is_list(kind: EntityKind) -> bool:
    return getattr(kind.shape, "__origin__", None) is list


# -- what the routes do, in a thread of its own ----------------------------------------------------


def _page(caller: Caller, kind: EntityKind, query: ListQuery) -> Page:
    tenant = caller.tenant
    index = tenant.indexes.of(tenant.administration.current(), kind.kind)
    return answer(index, kind, query)


def _look(caller: Caller, kind: EntityKind, key: str, conditions: Preconditions) -> Response:
    refuse_unlisted(caller, (kind.kind, key), kind.read)
    stored = caller.tenant.administration.current().entities.get((kind.kind, key))
    if stored is None:
        raise not_found(kind.title, key)
    if conditions.is_unchanged(etag_of(stored)):
        return Response(status_code=304, headers={"ETag": quoted_tag(etag_of(stored))})
    return _shown(kind, stored)


def _shown(
    kind: EntityKind,
    settings: JsonValue,
    *,
    status: int = 200,
    headers: Mapping[str, str] = _NO_HEADERS,
) -> JSONResponse:
    return JSONResponse(
        masked(without_parts(kind, settings)),
        status_code=status,
        headers={"ETag": quoted_tag(etag_of(settings)), **headers},
    )


def _own_cautions(kind: EntityKind, key: str, applied: Applied) -> dict[str, str]:
    """What is told of this entry, and of numbers that went with it."""
    found = [each.caution for each in applied.lost]
    if kind.kind not in _COMMON_KINDS:
        advice = applied.advice.cautions
        found += [each for each in advice if kind.place(each.path, key) is not None]
    return cautions_header(found)


def without_parts(kind: EntityKind, settings: JsonValue) -> JsonValue:
    """A singleton without the fields that are entities of their own."""
    parts = SEPARATE_PARTS.get(kind.kind, ())
    if not parts or not isinstance(settings, dict):
        return settings
    return {name: value for name, value in settings.items() if name not in parts}


async def _put(
    request: Request,
    kind: EntityKind,
    key: str,
    options: Asked,
    conditions: Preconditions,
    caller: Caller,
) -> Response:
    body = await read_json(request)
    for part in SEPARATE_PARTS.get(kind.kind, ()):
        if isinstance(body, dict) and part in body:
            text = f"{part} are entries of their own; see /api/v1/{part}"
            raise refused([Mistake.at((part,), "separate", text)])

    async def act(keeper: Keeper) -> Response:
        return await _revise(
            caller, kind, key, options, conditions, keeper, lambda stored: unmasked(body, stored)
        )

    return await once(request, caller, act)


async def _patch(
    request: Request,
    kind: EntityKind,
    key: str,
    options: Asked,
    conditions: Preconditions,
    caller: Caller,
) -> Response:
    body = await read_json(request, types=(MERGE_PATCH_TYPE, JSON_TYPE))
    if not isinstance(body, dict):
        raise refused([Mistake.at((), "not-an-object", "is no object; send the fields to change")])

    def revised(stored: JsonValue) -> JsonValue:
        if stored is None:
            raise not_found(kind.title, key, "make it with PUT")
        return unmasked(merged(stored, body), stored)

    async def act(keeper: Keeper) -> Response:
        return await _revise(caller, kind, key, options, conditions, keeper, revised)

    return await once(request, caller, act)


async def _delete(
    request: Request,
    kind: EntityKind,
    key: str,
    options: Asked,
    conditions: Preconditions,
    caller: Caller,
) -> Response:
    def revised(stored: JsonValue) -> JsonValue:
        if stored is None:
            raise not_found(kind.title, key)
        return None

    async def act(keeper: Keeper) -> Response:
        return await _revise(caller, kind, key, options, conditions, keeper, revised)

    return await once(request, caller, act)


async def _revise(
    caller: Caller,
    kind: EntityKind,
    key: str,
    options: Asked,
    conditions: Preconditions,
    keeper: Keeper,
    revised: Revised,
) -> Response:
    address: EntityKey = (kind.kind, key)

    def attempt() -> Response:
        configuration = caller.tenant.administration.current()
        stored, etag = configuration.entities.get(address), configuration.etag(*address)
        conditions.check(etag)
        settings = revised(stored)
        if has_own_fields(kind):
            refuse_beyond_fields(caller, kind, stored, settings)
        else:
            refuse_beyond_trust(caller, address, settings, kind.write)
        if settings is not None:
            settings = configuration.worded(address, settings)
        edit = Edit(removals=[address]) if settings is None else Edit({address: settings})

        def respond(applied: Applied) -> Response:
            """An entity may have lost more than was asked for."""
            told = {REVISION: str(applied.revision), **_own_cautions(kind, key, applied)}
            if settings is None:
                return Response(status_code=204, headers=told)
            status = 201 if stored is None else 200
            now = applied.written.upserts.get(address, settings)
            return _shown(kind, now, status=status, headers=told)

        applied = carry_out(
            caller,
            edit,
            options,
            expected={address: etag},
            pointing=inside(*address),
            keeper=keeper,
            answer=respond,
        )
        return changed(applied) if options.is_dry_run else respond(applied)

    return await asyncio.to_thread(attempted, attempt)


def merged(stored: JsonValue, patch: JsonValue) -> JsonValue:
    """RFC 7396 §2."""
    if not isinstance(patch, dict):
        return patch
    target = dict(stored) if isinstance(stored, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = merged(target.get(name), value)
    return target
