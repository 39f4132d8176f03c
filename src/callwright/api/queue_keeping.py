"""What call queues keep: talks that were recorded, and callers who were promised a call."""

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import FileResponse, Response

from callwright.api.authorisation import Caller, allowed
from callwright.api.documents import problems
from callwright.api.paging import (
    LIMIT_DEFAULT,
    CursorText,
    Limit,
    Page,
    page_of,
    paged,
    read_cursor,
)
from callwright.api.problems import Problem, not_found
from callwright.domains.access.model import Permission
from callwright.domains.queues.callback import CallbackRequest
from callwright.kernel.ids import CallId, CallQueueId, RecordingId
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.configuration import NAME_CHARS_MAX
from callwright.storage.queue_callbacks import StoredQueueCallbacks
from callwright.storage.queue_recordings import StoredRecording, StoredRecordings, place_of

router = APIRouter(tags=["call-queues"])
Reader = Annotated[Caller, Depends(allowed(Permission.CALLS_READ))]
Hearer = Annotated[Caller, Depends(allowed(Permission.RECORDINGS_READ))]
Remover = Annotated[Caller, Depends(allowed(Permission.RECORDINGS_WRITE))]
Canceller = Annotated[Caller, Depends(allowed(Permission.CALLS_WRITE))]
QueueName = Annotated[str | None, Query(max_length=NAME_CHARS_MAX, description="Of one queue.")]
Name = Annotated[str, Path(max_length=NAME_CHARS_MAX)]


@router.get(
    "/recordings",
    operation_id="list_recordings",
    response_model=Page,
    responses=problems(401, 403, 422),
)
async def list_recordings(
    asker: Reader,
    queue: QueueName = None,
    cursor: CursorText = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Response:
    """Newest first."""
    before = read_cursor(cursor, int, str)
    wanted = partial(
        _stored(asker).page,
        None if queue is None else CallQueueId(queue),
        before=None if before is None else (before[0], before[1]),
        limit=limit + 1,
    )
    return await paged(lambda: page_of(wanted(), limit, shown=_shown, place=place_of))


@router.get(
    "/recordings/{recording}",
    operation_id="get_recording",
    responses=problems(401, 403, 404, 422),
)
async def get_recording(asker: Reader, recording: Name) -> dict[str, Any]:
    """With the call and the agent whose talk it is."""
    return _shown(await _found(asker, recording))


@router.get(
    "/recordings/{recording}/sound",
    operation_id="get_recording_sound",
    response_class=FileResponse,
    responses=problems(401, 403, 404, 422),
)
async def get_sound(asker: Hearer, recording: Name) -> FileResponse:
    """A WAV file. Left: the caller; right: what the caller hears."""
    known = await _found(asker, recording)
    if not await asyncio.to_thread(known.path.is_file):
        raise not_found("sound of recording", recording)
    return FileResponse(known.path, media_type="audio/wav", filename=f"{known.id}.wav")


@router.delete(
    "/recordings/{recording}",
    operation_id="delete_recording",
    status_code=204,
    responses=problems(401, 403, 404, 422),
)
async def delete_recording(asker: Remover, recording: Name) -> None:
    """With its file."""
    if not await asyncio.to_thread(_stored(asker).delete, RecordingId(recording)):
        raise not_found("recording", recording)


@router.get(
    "/queue-callbacks", operation_id="list_queue_callbacks", responses=problems(401, 403, 422)
)
async def list_callbacks(asker: Reader, queue: QueueName = None) -> Page:
    """Callers who keep their place and wait to be called, in the order in which they came."""
    requests = await asyncio.to_thread(StoredQueueCallbacks(asker.tenant.database).all)
    theirs = [request for request in requests if queue in (None, request.queue)]
    return Page(items=[_promised(request) for request in theirs], next=None, total=len(theirs))


@router.delete(
    "/queue-callbacks/{call}",
    operation_id="cancel_queue_callback",
    status_code=204,
    responses=problems(401, 403, 404, 422, 503),
)
async def cancel_callback(asker: Canceller, call: Name) -> None:
    """Takes back what was promised in the call; its record says who did. A customer who is being
    called just now still is."""
    live = asker.tenant.live
    if live is None:
        raise Problem(
            503, "no-server", "no server runs that would call", "start it, or say --server"
        )
    if not live.callbacks.cancel(CallId(call), asker.principal.name):
        raise not_found("callback of call", call)


def _stored(asker: Caller) -> StoredRecordings:
    return StoredRecordings(asker.tenant.database, new_id=lambda: "")


async def _found(asker: Caller, recording: str) -> StoredRecording:
    known = await asyncio.to_thread(_stored(asker).get, RecordingId(recording))
    if known is None:
        raise not_found("recording", recording)
    return known


def _shown(recording: StoredRecording) -> dict[str, Any]:
    return {
        "id": recording.id,
        "call": recording.call,
        "queue": recording.queue,
        "agent": recording.agent,
        "caller": recording.caller,
        "started_at": iso_utc(recording.started_at),
        "duration_s": round(recording.duration_s, 3),
    }


def _promised(request: CallbackRequest) -> dict[str, Any]:
    not_before = request.not_before
    return {
        "call": request.call,
        "queue": request.queue,
        "number": request.number,
        "name": request.name,
        "since": iso_utc(request.joined_at),
        "until": iso_utc(request.expires_at),
        "priority": request.priority,
        "attempts": request.attempts,
        "not_before": None if not_before is None else iso_utc(not_before),
    }
