"""Who is kept out, and changing that."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import problems
from callwright.api.paging import LIMIT_DEFAULT, Limit, Page
from callwright.api.problems import Mistake, bad_parameter, refused
from callwright.domains.access.model import Permission
from callwright.domains.shield.model import Block
from callwright.domains.shield.rules import read_network
from callwright.kernel.instants import iso_utc
from callwright.storage.shield import StoredShield

BLOCK_S_MAX = 366 * 86_400
NETWORK_CHARS_MAX = 64
router = APIRouter(prefix="/shield", tags=["shield"])
Reader = Annotated[Caller, Depends(allowed(Permission.SHIELD_READ))]
Writer = Annotated[Caller, Depends(allowed(Permission.SHIELD_WRITE))]
_REFUSALS = problems(401, 403, 422)


class BlockBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    network: str = Field(max_length=NETWORK_CHARS_MAX, description="203.0.113.0/24 or an address.")
    for_s: int = Field(ge=1, le=BLOCK_S_MAX)


class LiftedShape(BaseModel):
    lifted: list[str]
    """What was blocked."""


@router.get("/blocks", operation_id="list_blocks", responses=_REFUSALS)
async def list_blocks(asker: Reader, limit: Limit = LIMIT_DEFAULT) -> Page:
    """Blocks that hold, the newest first."""
    kept, now = StoredShield(asker.tenant.database), asker.tenant.utc()
    blocks = await asyncio.to_thread(kept.holding, now, limit=limit)
    total = await asyncio.to_thread(kept.count, now)
    return Page(items=[block_form(block) for block in blocks], next=None, total=total)


@router.post("/blocks", operation_id="block_network", status_code=204, responses=_REFUSALS)
async def post_block(asker: Writer, body: BlockBody) -> None:
    """Keeps a network out; a running server follows within a second."""
    name = _read(body.network)
    if name is None:
        text = "is no address and no network; write one such as 203.0.113.0/24"
        raise refused([Mistake.at(("network",), "bad-network", text)])
    now = asker.tenant.utc()
    until = now + timedelta(seconds=body.for_s)
    await asyncio.to_thread(StoredShield(asker.tenant.database).block, name, now, until)


@router.delete("/blocks", operation_id="lift_blocks", responses=_REFUSALS)
async def lift_blocks(
    asker: Writer,
    network: Annotated[str | None, Query(max_length=NETWORK_CHARS_MAX)] = None,
) -> LiftedShape:
    """Ends the blocks of a network, of all around it and inside it; without one, every block."""
    kept, now = StoredShield(asker.tenant.database), asker.tenant.utc()
    if network is None:
        return LiftedShape(lifted=await asyncio.to_thread(kept.lift_all, now))
    name = _read(network)
    if name is None:
        text = "is no address and no network; write one such as 203.0.113.0/24"
        raise bad_parameter("network", "bad-network", text)
    return LiftedShape(lifted=await asyncio.to_thread(kept.lift, name, now))


def block_form(block: Block) -> dict[str, Any]:
    return {
        "network": block.network,
        "offence": block.offence.name.lower().replace("_", "-"),
        "failures": block.count,
        "names": list(block.names),
        "since": iso_utc(block.since),
        "until": iso_utc(block.until),
        "offences": block.offences,
    }


def _read(network: str) -> str | None:
    try:
        return read_network(network)
    except ValueError:
        return None
