"""Sounds for greetings, menus and music on hold (SPEC 6.14)."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from callwright.api.authorisation import Caller, allowed
from callwright.api.conversion import in_turn
from callwright.api.documents import problems
from callwright.api.problems import Mistake, refused
from callwright.domains.access.model import Permission
from callwright.media.library import PromptError
from callwright.storage.audio_files import AudioFile, AudioFiles

router = APIRouter(prefix="/audio-files", tags=["audio-files"])
Reader = Annotated[Caller, Depends(allowed(Permission.SERVICES_READ))]
Writer = Annotated[Caller, Depends(allowed(Permission.SERVICES_WRITE))]
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


def _add(asker: Caller, content: bytes) -> AudioFile:
    try:
        return _kept(asker).add(content)
    except PromptError as error:
        raise refused([Mistake("", "bad-sound", str(error))]) from None


def _kept(asker: Caller) -> AudioFiles:
    return AudioFiles(asker.tenant.database.data)


def _shape(one: AudioFile) -> AudioFileShape:
    return AudioFileShape(name=one.name, file=str(one.path), duration_s=round(one.duration_s, 3))
