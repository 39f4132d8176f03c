"""Sounds for greetings, menus and music on hold (SPEC 6.14)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi import Path as PathParameter
from pydantic import BaseModel

from callwright.api.authorisation import Caller, allowed
from callwright.api.conversion import in_turn
from callwright.api.documents import problems
from callwright.api.problems import Mistake, Problem, not_found, refused
from callwright.domains.access.model import Permission
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.media.library import PromptError
from callwright.operations.own_files import files_named
from callwright.storage.audio_files import AudioFile, AudioFiles
from callwright.storage.message_files import discard_recording

router = APIRouter(prefix="/audio-files", tags=["audio-files"])
Reader = Annotated[Caller, Depends(allowed(Permission.SERVICES_READ))]
Writer = Annotated[Caller, Depends(allowed(Permission.SERVICES_WRITE))]
FileName = Annotated[str, PathParameter(max_length=NAME_CHARS_MAX)]
PLACES_TOLD_MAX = 5
_SOUND = {"required": True, "content": {"audio/*": {"schema": {}}}}


class AudioFileShape(BaseModel):
    name: str
    file: str
    """What a prompt names: ``{"file": "..."}``."""
    duration_s: float


class AudioFilesShape(BaseModel):
    items: list[AudioFileShape]


@router.post(
    "",
    operation_id="add_audio_file",
    status_code=201,
    responses=problems(401, 403, 413, 422),
    openapi_extra={"requestBody": _SOUND},
)
async def add_audio_file(asker: Writer, request: Request) -> AudioFileShape:
    """Takes WAV, MP3, mono WMA, M4A, Ogg or FLAC of up to 5 MB and ten minutes; it is kept as
    telephones play it, once for each content."""
    content = await request.body()
    return _shape(await in_turn(lambda: _add(asker, content)))


@router.get("", operation_id="list_audio_files", responses=problems(401, 403))
async def list_audio_files(asker: Reader) -> AudioFilesShape:
    """All that were uploaded."""
    found = await asyncio.to_thread(_kept(asker).all)
    return AudioFilesShape(items=[_shape(one) for one in found])


@router.delete(
    "/{name}",
    operation_id="remove_audio_file",
    status_code=204,
    responses=problems(401, 403, 404, 409),
)
async def remove_audio_file(asker: Writer, name: FileName) -> None:
    """Refused while anything plays it; the answer says what."""
    await asyncio.to_thread(_remove, asker, name)


def _remove(asker: Caller, name: str) -> None:
    found = _kept(asker).find(name)
    if found is None:
        raise not_found("audio file", name)
    entities = asker.tenant.administration.current().entities
    naming = [path for path, text in files_named(entities) if Path(text).name == name]
    if naming:
        users = "; ".join(_place(path) for path in naming[:PLACES_TOLD_MAX])
        more = f" and {len(naming) - PLACES_TOLD_MAX} more" * (len(naming) > PLACES_TOLD_MAX)
        text = f"{name} is played by {users}{more}"
        raise Problem(409, "in-use", text, "have another sound played there first")
    discard_recording(found.path)


def _place(path: Sequence[str | int]) -> str:
    kind, key, *inner = path
    return f"{kind} {key} ({'.'.join(map(str, inner))})"


def _add(asker: Caller, content: bytes) -> AudioFile:
    try:
        return _kept(asker).add(content)
    except PromptError as error:
        raise refused([Mistake("", "bad-sound", str(error))]) from None


def _kept(asker: Caller) -> AudioFiles:
    return AudioFiles(asker.tenant.database.data)


def _shape(one: AudioFile) -> AudioFileShape:
    return AudioFileShape(name=one.name, file=str(one.path), duration_s=round(one.duration_s, 3))
