"""Mailboxes: what is in them, hearing it, what owners chose (SPEC 8.9)."""

import asyncio
import wave
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from callwright.api.authorisation import Caller
from callwright.api.bodies import check_type
from callwright.api.conversion import SOUND_TYPES, in_turn
from callwright.api.documents import problems
from callwright.api.mailboxes import MailboxKey, MessageKey, Opened, opened, to_read, to_write
from callwright.api.paging import (
    LIMIT_DEFAULT,
    CursorText,
    Limit,
    Page,
    page_of,
    paged,
    read_cursor,
)
from callwright.api.problems import Mistake, Problem, not_found, refused
from callwright.api.voicemail_shapes import (
    AnsweringBody,
    ForwardBody,
    MailboxShape,
    MessageChangeBody,
    MessageShape,
    PinBody,
    message_form,
    message_shape,
)
from callwright.domains.access.model import Permission
from callwright.domains.voicemail.model import Choice, GreetingKind
from callwright.domains.voicemail.rules import (
    effective_rule,
    forwarding,
    is_full,
    is_out_of_office,
    pin_objection,
)
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.limits.voicemail import GREETING_S_MAX
from callwright.media.levels import SAMPLE_RATE_HZ
from callwright.media.library import PromptError
from callwright.media.sound_files import decode_sound
from callwright.operations.access.hashing import SALT_BYTES, PasswordHashes
from callwright.routing.mailboxes import voicemail_policy
from callwright.storage.audio_files import check_size
from callwright.storage.message_files import discard_recording, sync_message
from callwright.storage.sealing import SealError
from callwright.storage.voicemail import place_of

router = APIRouter(prefix="/voicemail/{mailbox}", tags=["voicemail"])
Reader = Annotated[Caller, Depends(to_read)]
Writer = Annotated[Caller, Depends(to_write)]
_REFUSALS = problems(401, 403, 404, 409, 422)
_SOUND: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        **_REFUSALS,
        200: {"description": "A WAV file.", "content": {"audio/wav": {"schema": {}}}},
    },
}
"""Of a route that answers with a sound."""
_UNKEPT = {"Cache-Control": "no-store"}


@router.get("", operation_id="get_mailbox", responses=_REFUSALS)
async def get_mailbox(asker: Reader, mailbox: MailboxKey) -> MailboxShape:
    """How much it holds, and what callers meet now."""
    return await asyncio.to_thread(_mailbox_shape, asker, mailbox)


@router.put("/answering", operation_id="set_mailbox_answering", responses=_REFUSALS)
async def put_answering(asker: Writer, mailbox: MailboxKey, body: AnsweringBody) -> MailboxShape:
    """The owner's choice takes the place of what the organisation's file says."""
    return await asyncio.to_thread(_choose_answering, asker, mailbox, body)


@router.put("/pin", operation_id="set_mailbox_pin", status_code=204, responses=_REFUSALS)
async def put_pin(asker: Writer, mailbox: MailboxKey, body: PinBody) -> None:
    """Takes the place of the PIN in the organisation's file."""
    await asyncio.to_thread(_set_pin, asker, mailbox, body.pin)


@router.delete("/pin", operation_id="forget_mailbox_pin", status_code=204, responses=_REFUSALS)
async def delete_pin(asker: Writer, mailbox: MailboxKey) -> None:
    """From now on the one in the organisation's file counts, or there is none."""
    await asyncio.to_thread(_set_pin, asker, mailbox, None)


@router.get("/greetings/{kind}", operation_id="get_greeting", **_SOUND)
async def get_greeting(asker: Reader, mailbox: MailboxKey, kind: GreetingKind) -> Response:
    """What was recorded or uploaded."""
    sound = await asyncio.to_thread(_greeting, asker, mailbox, kind)
    return Response(sound, media_type="audio/wav", headers=_UNKEPT)


@router.put(
    "/greetings/{kind}",
    operation_id="set_greeting",
    status_code=204,
    responses=problems(401, 403, 404, 413, 415, 422),
    openapi_extra={"requestBody": {"required": True, "content": {"audio/*": {"schema": {}}}}},
)
async def put_greeting(
    asker: Writer, request: Request, mailbox: MailboxKey, kind: GreetingKind
) -> None:
    """Takes WAV, MP3, mono WMA, M4A, Ogg or FLAC of up to 5 MB and two minutes; it is kept as
    telephones play it."""
    check_type(request, SOUND_TYPES)
    content = await request.body()
    await in_turn(lambda: _set_greeting(asker, mailbox, kind, content))


@router.delete(
    "/greetings/{kind}", operation_id="remove_greeting", status_code=204, responses=_REFUSALS
)
async def delete_greeting(asker: Writer, mailbox: MailboxKey, kind: GreetingKind) -> None:
    await asyncio.to_thread(_set_greeting, asker, mailbox, kind, None)


@router.get("/messages", operation_id="list_messages", response_model=Page, responses=_REFUSALS)
async def list_messages(
    asker: Reader, mailbox: MailboxKey, cursor: CursorText = None, limit: Limit = LIMIT_DEFAULT
) -> Response:
    """Newest first, with what was said where it was written out."""
    place = read_cursor(cursor, int, str)

    def make() -> Page:
        wanted = partial(
            opened(asker, mailbox, Permission.VOICEMAIL_READ).voicemails.page,
            MailboxId(mailbox),
            before=None if place is None else (place[0], place[1]),
            limit=limit + 1,
        )
        return page_of(wanted(), limit, shown=message_form, place=place_of)

    return await paged(make)


@router.get("/messages/{message}", operation_id="get_message", responses=_REFUSALS)
async def get_message(asker: Reader, mailbox: MailboxKey, message: MessageKey) -> MessageShape:
    found = await asyncio.to_thread(
        lambda: opened(asker, mailbox, Permission.VOICEMAIL_READ).message(message)
    )
    return message_shape(found)


@router.get("/messages/{message}/audio", operation_id="get_message_audio", **_SOUND)
async def get_audio(asker: Reader, mailbox: MailboxKey, message: MessageKey) -> Response:
    """The sound; hearing it here does not mark the message as read."""
    chunks = await asyncio.to_thread(_audio, asker, mailbox, message)
    return StreamingResponse(chunks, media_type="audio/wav", headers=_UNKEPT)


@router.patch("/messages/{message}", operation_id="mark_message", responses=_REFUSALS)
async def patch_message(
    asker: Writer, mailbox: MailboxKey, message: MessageKey, body: MessageChangeBody
) -> MessageShape:
    """Marks it as read or not, saved or not; lamps follow."""
    return await asyncio.to_thread(_mark, asker, mailbox, message, body)


@router.delete(
    "/messages/{message}", operation_id="delete_message", status_code=204, responses=_REFUSALS
)
async def delete_message(asker: Writer, mailbox: MailboxKey, message: MessageKey) -> None:
    await asyncio.to_thread(_delete, asker, mailbox, message)


@router.post(
    "/messages/{message}/forward",
    operation_id="forward_message",
    status_code=201,
    responses=_REFUSALS,
)
async def forward_message(
    asker: Writer, mailbox: MailboxKey, message: MessageKey, body: ForwardBody
) -> MessageShape:
    """Puts a copy into another mailbox."""
    return await asyncio.to_thread(_forward, asker, mailbox, message, body.to)


def _mailbox_shape(asker: Caller, key: str) -> MailboxShape:
    box = opened(asker, key, Permission.VOICEMAIL_READ)
    return _shape(box, asker)


def _shape(box: Opened, asker: Caller) -> MailboxShape:
    mailbox, policy = box.mailbox, voicemail_policy(box.snapshot, box.mailbox)
    choice, held = box.voicemails.choice(mailbox.id), box.voicemails.holdings(mailbox.id)
    return MailboxShape(
        mailbox=mailbox.id,
        name=mailbox.name,
        shared=mailbox.is_shared,
        new=held.new,
        old=held.old,
        seconds=held.seconds,
        full=is_full(policy, held),
        answer=effective_rule(mailbox, policy, choice),
        out_of_office=is_out_of_office(
            mailbox, policy, choice, zone=box.snapshot.zone, now=asker.tenant.utc()
        ),
        has_pin=choice.pin_hash is not None or mailbox.pin is not None,
        greeting_recorded=choice.greeting is not None,
        out_of_office_greeting_recorded=choice.out_of_office_greeting is not None,
    )


def _choose_answering(asker: Caller, key: str, body: AnsweringBody) -> MailboxShape:
    box = opened(asker, key, Permission.VOICEMAIL_WRITE)
    policy = voicemail_policy(box.snapshot, box.mailbox)
    if not policy.edit_answer_rules:
        text = "the voicemail policy lets nobody choose what callers meet"
        raise Problem(403, "policy-forbids", text, "change the organisation's file instead")
    if body.answer is not None and body.answer.transfers and box.mailbox.transfer_to is None:
        text = "leads nowhere; set voicemail.transfer_to of the user first"
        raise refused([Mistake.at(("answer",), "no-transfer", text)])
    choice = replace(
        box.voicemails.choice(box.mailbox.id),
        rule=body.answer,
        out_of_office=body.out_of_office,
        until=body.until if body.out_of_office else None,
    )
    box.voicemails.choose(box.mailbox.id, choice)
    return _shape(box, asker)


def _set_pin(asker: Caller, key: str, pin: str | None) -> None:
    box = opened(asker, key, Permission.VOICEMAIL_WRITE)
    hashed = None
    if pin is not None:
        user = box.snapshot.users.get(UserId(key))
        lines = {} if user is None else {"extension": user.extension, "number": user.number}
        known = {what: line for what, line in lines.items() if line}
        objection = pin_objection(pin, known)
        if objection is not None:
            raise refused([Mistake.at(("pin",), "bad-pin", objection)])
        hashed = PasswordHashes().hash(pin, asker.tenant.new_secret(SALT_BYTES))
    choice = box.voicemails.choice(box.mailbox.id)
    box.voicemails.choose(box.mailbox.id, replace(choice, pin_hash=hashed))


def _greeting(asker: Caller, key: str, kind: GreetingKind) -> bytes:
    box = opened(asker, key, Permission.VOICEMAIL_READ)
    path = _recorded(box.voicemails.choice(box.mailbox.id), kind)
    if path is None or not path.is_file():
        raise not_found("recorded greeting", kind.value)
    return path.read_bytes()


def _recorded(choice: Choice, kind: GreetingKind) -> Path | None:
    return choice.greeting if kind is GreetingKind.DEFAULT else choice.out_of_office_greeting


def _set_greeting(asker: Caller, key: str, kind: GreetingKind, content: bytes | None) -> None:
    """The former recording is gone when the new one counts."""
    box = opened(asker, key, Permission.VOICEMAIL_WRITE)
    path = None
    if content is not None:
        try:
            check_size(content)
            samples = decode_sound(content, "the file")
            if len(samples) > GREETING_S_MAX * SAMPLE_RATE_HZ * 2:
                raise PromptError(f"a greeting longer than {GREETING_S_MAX:g} s; shorten it")
        except PromptError as error:
            raise refused([Mistake.at((), "bad-sound", str(error))]) from None
        path = box.voicemails.greeting_path(box.mailbox.id, kind)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(samples)
        sync_message(path)
    choice = box.voicemails.choice(box.mailbox.id)
    former = _recorded(choice, kind)
    if kind is GreetingKind.DEFAULT:
        choice = replace(choice, greeting=path)
    else:
        choice = replace(choice, out_of_office_greeting=path)
    box.voicemails.choose(box.mailbox.id, choice)
    if former is not None:
        discard_recording(former)


def _audio(asker: Caller, key: str, message: str) -> Iterator[bytes]:
    """Reads the first part at once, so that what cannot be read is told."""
    box = opened(asker, key, Permission.VOICEMAIL_READ)
    chunks = box.voicemails.chunks(box.message(message).path)
    try:
        first = next(chunks, b"")
    except SealError as error:
        raise Problem(409, "sealed", str(error)) from None
    except OSError:
        raise not_found("sound of the message", message) from None

    def all_of_it() -> Iterator[bytes]:
        yield first
        yield from chunks

    return all_of_it()


def _mark(asker: Caller, key: str, message: str, body: MessageChangeBody) -> MessageShape:
    box = opened(asker, key, Permission.VOICEMAIL_WRITE)
    found = box.message(message)
    box.voicemails.mark_read(
        found.id, asker.tenant.utc(), is_read=body.is_read, is_saved=body.is_saved
    )
    return message_shape(box.message(message))


def _delete(asker: Caller, key: str, message: str) -> None:
    box = opened(asker, key, Permission.VOICEMAIL_WRITE)
    box.voicemails.delete(box.message(message).id, asker.tenant.utc())


def _forward(asker: Caller, key: str, message: str, to: str) -> MessageShape:
    box = opened(asker, key, Permission.VOICEMAIL_WRITE)
    found, target = box.message(message), box.snapshot.mailboxes.get(MailboxId(to))
    if target is None:
        text = f"there is no mailbox {to}; name a user or a shared mailbox"
        raise refused([Mistake.at(("to",), "no-mailbox", text)])
    if found.is_protected:
        raise Problem(409, "protected", "the message is protected and stays in its mailbox")
    policy = voicemail_policy(box.snapshot, target)
    if is_full(policy, box.voicemails.holdings(target.id)):
        raise Problem(409, "mailbox-full", f"the mailbox {to} takes no more messages")
    user = asker.principal.user or UserId(key)
    try:
        copy = box.voicemails.forward(
            forwarding(
                found,
                target,
                policy,
                by=user,
                at=asker.tenant.utc(),
                profanities=box.snapshot.profanities,
            )
        )
    except SealError as error:
        raise Problem(409, "sealed", str(error)) from None
    except FileNotFoundError:
        raise not_found("sound of the message", message) from None
    except OSError as error:
        text = f"the copy cannot be written: {error.strerror or error}"
        raise Problem(503, "not-written", text, "make room on the disk") from None
    return message_shape(copy)
