"""Takes a message: greeting, beep, recording until silence, a key, the limit or a hang-up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from callwright.apps.delivery import Delivery
from callwright.apps.phrases import mailbox_full, not_recorded, voicemail_greeting
from callwright.apps.services import Message
from callwright.calls.record import CallResult
from callwright.kernel.ids import MailboxId
from callwright.kernel.limits import VOICEMAIL_MESSAGES_MAX, VOICEMAIL_SILENCE_S
from callwright.kernel.prompt import Tune
from callwright.kernel.reason import Reason
from callwright.media.events import RecordEnd, RecordFinished

if TYPE_CHECKING:
    from callwright.apps.switchboard import Switchboard

MESSAGE_S_MIN = 0.5
"""Shorter than this is a hang-up, not a message."""


async def take_message(board: Switchboard, delivery: Delivery, mailbox_id: MailboxId) -> None:
    call, leg = delivery.call, delivery.leg
    mailbox = delivery.snapshot.mailboxes[mailbox_id]
    language = delivery.snapshot.language
    if not call.answer(leg):
        return
    delivery.reached()
    call.settle(CallResult.VOICEMAIL, Reason.NORMAL)
    call.story.via = call.story.via or f"voicemail of {mailbox_id}"
    if await board.messages.count(mailbox_id) >= VOICEMAIL_MESSAGES_MAX:
        await leg.media.play(mailbox_full(language))
        board.give_up(delivery, Reason.VOICEMAIL_FULL)
        return
    leg.media.forget_digits()
    await leg.media.play_until_digit(voicemail_greeting(mailbox, language))
    leg.media.forget_digits()
    await leg.media.play(Tune.BEEP)
    ended = await _record(board, delivery, mailbox_id, mailbox.message_s_max)
    if ended.end is RecordEnd.FAILED:
        await leg.media.play(not_recorded(language))
    call.settle(CallResult.VOICEMAIL, Reason.NORMAL)
    call.drop(leg, Reason.NORMAL)


async def _record(
    board: Switchboard, delivery: Delivery, mailbox: MailboxId, length_s: float
) -> RecordFinished:
    """The hang-up that cancels this is the usual end of a message: it is stored all the same."""
    received_at = board.clock.utc()
    path = board.messages.new_path(mailbox)
    media = delivery.leg.media
    try:
        return await media.record(path, max_s=length_s, silence_s=VOICEMAIL_SILENCE_S)
    finally:
        recorded = await media.finish_record()
        if recorded is not None and recorded.end is RecordEnd.FAILED:
            board.alarms.recording_failed(delivery.snapshot, mailbox, str(path))
        if recorded is None or recorded.duration_ms < MESSAGE_S_MIN * 1000:
            board.messages.discard(path)
        else:
            party = delivery.leg.party
            await asyncio.shield(
                board.messages.add(
                    delivery.snapshot,
                    Message(
                        mailbox=mailbox,
                        caller=party.shown_address,
                        caller_name=party.shown_name,
                        received_at=received_at,
                        duration_s=recorded.duration_ms / 1000,
                        path=path,
                    ),
                )
            )
