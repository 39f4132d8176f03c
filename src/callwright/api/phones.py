"""Who has phones, and which messages wait for whom."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

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
from callwright.domains.access.model import Permission
from callwright.domains.voicemail.model import KeptMessage
from callwright.kernel.ids import MailboxId
from callwright.kernel.instants import iso_utc
from callwright.kernel.limits.api import API_SEARCH_CHARS_MAX
from callwright.storage.registrations import StoredBinding, StoredRegistrations
from callwright.storage.voicemail import Voicemails, place_of

router = APIRouter()
Text = Annotated[str | None, Query(max_length=API_SEARCH_CHARS_MAX)]
_REFUSALS = problems(401, 403, 422)


@router.get(
    "/registrations",
    operation_id="list_registrations",
    tags=["phones"],
    response_model=Page,
    responses=_REFUSALS,
)
async def list_registrations(
    asker: Annotated[Caller, Depends(allowed(Permission.DEVICES_READ))],
    user: Text = None,
    cursor: CursorText = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Response:
    """Where phones can be reached now, by user."""
    place = read_cursor(cursor, str, str)
    wanted = partial(
        StoredRegistrations(asker.tenant.database).page,
        asker.tenant.utc(),
        aor=user,
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    return await paged(
        lambda: page_of(
            wanted(), limit, shown=binding_form, place=lambda each: (each.aor, each.key)
        )
    )


@router.get(
    "/voicemail",
    operation_id="list_voicemail",
    tags=["voicemail"],
    response_model=Page,
    responses=_REFUSALS,
)
async def list_voicemail(
    asker: Annotated[Caller, Depends(allowed(Permission.CALLS_READ))],
    mailbox: Text = None,
    cursor: CursorText = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Response:
    """Newest first, of one mailbox or of all. That there is a message, not what it says."""
    place = read_cursor(cursor, int, str)
    voicemails = Voicemails(asker.tenant.database, new_id=asker.tenant.new_id)
    wanted = partial(
        voicemails.page,
        None if mailbox is None else MailboxId(mailbox),
        before=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    return await paged(lambda: page_of(wanted(), limit, shown=message_form, place=place_of))


def binding_form(binding: StoredBinding) -> dict[str, Any]:
    return {
        "user": binding.aor,
        "contact": binding.contact,
        "transport": binding.transport,
        "address": str(binding.remote),
        "user_agent": binding.user_agent,
        "device": binding.instance or None,
        "is_behind_nat": binding.is_behind_nat,
        "expires_at": iso_utc(binding.expires_at),
    }


def message_form(message: KeptMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "mailbox": message.mailbox,
        "caller": message.caller,
        "caller_name": message.caller_name,
        "received_at": iso_utc(message.received_at),
        "duration_s": message.duration_s,
        "is_read": message.is_read,
    }
