"""The routes of SCIM; each takes ``users`` or ``groups`` permissions of a token."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import JsonValue

from callwright.api.authorisation import Allowed, Caller, allowed
from callwright.api.bodies import read_json
from callwright.api.scim.answers import BODY_TYPES, ScimRoute, answer
from callwright.api.scim.documents import (
    BASE,
    listed,
    resource_types,
    schemas,
    service_provider_config,
)
from callwright.domains.access.model import Permission
from callwright.kernel.limits.access import SCIM_BODY_BYTES_MAX, SCIM_PAGE_MAX
from callwright.operations.actor import Actor
from callwright.operations.scim.directory import ScimDirectory
from callwright.operations.scim.filters import Filter, fits, read_filter, sought
from callwright.operations.scim.patching import patched
from callwright.operations.scim.provisioning import (
    Provisioning,
    Shown,
    create,
    remove,
    revise,
    show,
    show_kept,
)
from callwright.operations.scim.refusal import ScimError, not_found
from callwright.operations.scim.resources import Kept
from callwright.operations.scim.words import Resource

Names = Annotated[str | None, Query(max_length=2_000)]
FilterText = Annotated[str | None, Query(alias="filter")]
Start = Annotated[int, Query(alias="startIndex")]
Count = Annotated[int, Query()]


def make_scim_router() -> APIRouter:
    """It describes itself, by its own documents."""
    router = APIRouter(prefix=BASE, route_class=ScimRoute, include_in_schema=False)
    _add_documents(router)
    read, write = Permission.USERS_READ, Permission.USERS_WRITE
    _add_resources(router, "Users", "user", allowed(read), allowed(write))
    read, write = Permission.GROUPS_READ, Permission.GROUPS_WRITE
    _add_resources(router, "Groups", "group", allowed(read), allowed(write))
    return router


def _add_documents(router: APIRouter) -> None:
    reader = Depends(allowed(Permission.USERS_READ))

    @router.get("/ServiceProviderConfig", dependencies=[reader])
    async def get_configuration() -> Response:
        """What of SCIM there is."""
        return answer(service_provider_config())

    def add_list(name: str, entries: Callable[[], list[Resource]], key: str) -> None:
        @router.get(f"/{name}", dependencies=[reader], name=f"list_{name}")
        async def get_all() -> Response:
            found = entries()
            return answer(listed(found, total=len(found), start=1))

        @router.get(f"/{name}/{{id}}", dependencies=[reader], name=f"get_{name}")
        async def get_one(id: str) -> Response:
            for entry in entries():
                if entry[key] == id:
                    return answer(entry)
            raise not_found(name, id)

    add_list("ResourceTypes", resource_types, "id")
    add_list("Schemas", schemas, "id")


def _add_resources(router: APIRouter, name: str, kind: str, read: Allowed, write: Allowed) -> None:
    @router.get(f"/{name}", name=f"list_{name}")
    async def get_list(
        caller: Annotated[Caller, Depends(read)],
        filter: FilterText = None,
        start: Start = 1,
        count: Count = SCIM_PAGE_MAX,
        attributes: Names = None,
        excluded: Annotated[str | None, Query(alias="excludedAttributes")] = None,
    ) -> Response:
        provisioning = _provisioning(caller)
        select = _selection(attributes, excluded)
        page = await asyncio.to_thread(
            _page, provisioning, kind, filter, max(1, start), min(max(0, count), SCIM_PAGE_MAX)
        )
        resources, total = page
        shown: list[JsonValue] = [select(resource) for resource in resources]
        return answer(listed(shown, total=total, start=max(1, start)))

    @router.post(f"/{name}", status_code=201, name=f"create_{name}")
    async def post(request: Request, caller: Annotated[Caller, Depends(write)]) -> Response:
        body = await _body(request)
        provisioning = _provisioning(caller)
        made = await asyncio.to_thread(create, provisioning, kind, body)
        return _answered(made, status=201)

    @router.get(f"/{name}/{{id}}", name=f"get_{name}")
    async def get(
        request: Request,
        id: str,
        caller: Annotated[Caller, Depends(read)],
        attributes: Names = None,
        excluded: Annotated[str | None, Query(alias="excludedAttributes")] = None,
    ) -> Response:
        found = await asyncio.to_thread(show, _provisioning(caller), kind, id)
        if found.version in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": found.version})
        select = _selection(attributes, excluded)
        return answer(select(found.resource), version=found.version)

    @router.put(f"/{name}/{{id}}", name=f"replace_{name}")
    async def put(request: Request, id: str, caller: Annotated[Caller, Depends(write)]) -> Response:
        body = await _body(request)
        return await _revised(request, caller, kind, id, lambda resource: body)

    @router.patch(f"/{name}/{{id}}", name=f"patch_{name}")
    async def patch(
        request: Request, id: str, caller: Annotated[Caller, Depends(write)]
    ) -> Response:
        body = await _body(request)
        return await _revised(request, caller, kind, id, lambda resource: patched(resource, body))

    @router.delete(f"/{name}/{{id}}", status_code=204, name=f"delete_{name}")
    async def delete(
        request: Request, id: str, caller: Annotated[Caller, Depends(write)]
    ) -> Response:
        provisioning, version = _provisioning(caller), request.headers.get("if-match")
        await asyncio.to_thread(remove, provisioning, kind, id, version=version)
        return Response(status_code=204)


async def _revised(
    request: Request, caller: Caller, kind: str, id: str, revised: Callable[[Resource], Resource]
) -> Response:
    provisioning, version = _provisioning(caller), request.headers.get("if-match")
    shown = await asyncio.to_thread(revise, provisioning, kind, id, revised, version=version)
    return _answered(shown)


def _page(
    provisioning: Provisioning, kind: str, text: str | None, start: int, count: int
) -> tuple[list[Resource], int]:
    directory = provisioning.directory
    configuration = directory.look()

    def shown(kept: Kept) -> Resource:
        return show_kept(provisioning, configuration, kept).resource

    if not text:
        kept = islice(directory.all(kind), start - 1, start - 1 + count)
        return [shown(each) for each in kept], directory.count(kind)
    filter = read_filter(text)
    resources = map(shown, _candidates(directory, kind, filter))
    found = [resource for resource in resources if fits(filter, resource)]
    return found[start - 1 : start - 1 + count], len(found)


def _candidates(directory: ScimDirectory, kind: str, filter: Filter) -> Iterator[Kept]:
    """The one that the filter names, where it names one; else everybody."""
    name = sought(filter, "userName" if kind == "user" else "displayName")
    lookups: tuple[tuple[str | None, Callable[[str, str], Kept | None]], ...] = (
        (sought(filter, "id"), directory.of_id),
        (sought(filter, "externalId"), directory.of_external_id),
        (name if kind == "user" else None, directory.of_name),
    )
    for value, look_up in lookups:
        if value is not None:
            kept = look_up(kind, value)
            return iter([kept] if kept is not None else [])
    return directory.all(kind)


def _selection(attributes: str | None, excluded: str | None) -> Callable[[Resource], Resource]:
    """RFC 7644 §3.9, by top-level attributes; what identifies a resource is always there."""
    always = {"schemas", "id", "meta"}
    wanted = {name.split(".")[0].strip().lower() for name in (attributes or "").split(",") if name}
    left_out = {name.strip().lower() for name in (excluded or "").split(",") if name} - always

    def select(resource: Resource) -> Resource:
        return {
            name: value
            for name, value in resource.items()
            if name.lower() not in left_out
            and (not wanted or name.lower() in wanted or name in always)
        }

    return select


async def _body(request: Request) -> Resource:
    body = await read_json(request, bytes_max=SCIM_BODY_BYTES_MAX, types=BODY_TYPES)
    if not isinstance(body, dict):
        raise ScimError(400, "the body is no object", "invalidSyntax")
    return body


def _answered(shown: Shown, *, status: int = 200) -> Response:
    place = f"{BASE}/{'Groups' if 'members' in shown.resource else 'Users'}/{shown.kept.id}"
    where = place if status == 201 else None
    return answer(shown.resource, status=status, version=shown.version, place=where)


def _provisioning(caller: Caller) -> Provisioning:
    tenant = caller.tenant
    actor = Actor("scim", caller.principal.name)
    return Provisioning(
        tenant.administration, tenant.scim_directory, tenant.utc, tenant.new_id, actor
    )
