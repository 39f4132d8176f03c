"""Forwarding a message to a colleague's mailbox, with a comment before it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from callwright.apps.voicemail.keys import ask_digits
from callwright.domains.voicemail.model import KeptMessage
from callwright.domains.voicemail.rules import is_full
from callwright.kernel.ids import MailboxId
from callwright.kernel.limits.voicemail import FORWARD_COMMENT_S_MAX, VOICEMAIL_SILENCE_S
from callwright.kernel.prompt import Tune
from callwright.media.events import RecordEnd
from callwright.routing.mailboxes import voicemail_policy

if TYPE_CHECKING:
    from callwright.apps.voicemail.listening import Listener

EXTENSION_DIGITS_MAX = 10
COMMENT_MS_MIN = 500
"""Shorter is no comment."""


async def forward(listener: Listener, message: KeptMessage) -> None:
    board, snapshot = listener.board, listener.delivery.snapshot
    media = listener.delivery.leg.media
    say, words = listener.voice.say, listener.voice.words
    if message.is_protected:
        await media.play_until_digit(say(words.protected))
        return
    digits = await ask_digits(media, say(words.forward_to), most=EXTENSION_DIGITS_MAX)
    to = _mailbox_at(listener, digits)
    if to is None:
        await media.play_until_digit(say(words.nobody_there))
        return
    policy = voicemail_policy(snapshot, snapshot.mailboxes[to])
    if is_full(policy, await board.messages.holdings(to)):
        await media.play_until_digit(say(words.full_there))
        return
    comment = await _comment(listener)
    is_done = await board.messages.forward(snapshot, message, to, by=listener.user, comment=comment)
    await media.play_until_digit(say(words.forwarded if is_done else words.not_forwarded))


def _mailbox_at(listener: Listener, digits: str) -> MailboxId | None:
    snapshot = listener.delivery.snapshot
    user = snapshot.user_by_extension.get(digits)
    if user is None or MailboxId(user) not in snapshot.mailboxes:
        return None
    return MailboxId(user)


async def _comment(listener: Listener) -> Path | None:
    """None: nothing was said. Whoever hangs up meanwhile forwards nothing."""
    messages, media = listener.board.messages, listener.delivery.leg.media
    say, words = listener.voice.say, listener.voice.words
    media.forget_digits()
    await media.play_until_digit(say(words.comment))
    media.forget_digits()
    await media.play(Tune.BEEP)
    path = messages.new_path(listener.mailbox)
    is_kept = False
    try:
        recorded = await media.record(
            path, max_s=FORWARD_COMMENT_S_MAX, silence_s=VOICEMAIL_SILENCE_S
        )
        is_kept = recorded.end is not RecordEnd.FAILED and recorded.duration_ms >= COMMENT_MS_MIN
        media.forget_digits()
    finally:
        await media.finish_record()
        if not is_kept:
            messages.discard(path)
    return path if is_kept else None
