"""Who is let into a mailbox: the phone has proven the owner or the member, a PIN does the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwright.apps.voicemail.keys import ask_digits
from callwright.apps.voicemail.services import PinAnswer
from callwright.kernel.limits.voicemail import VOICEMAIL_PIN_DIGITS_MAX, VOICEMAIL_PIN_TRIES_MAX
from callwright.routing.mailboxes import voicemail_policy

if TYPE_CHECKING:
    from callwright.apps.voicemail.listening import Listener


async def let_in(listener: Listener) -> bool:
    """Asks for the PIN unless the policy lets the phone in without, or a shared mailbox has none;
    says why not."""
    snapshot, media = listener.delivery.snapshot, listener.delivery.leg.media
    say, words = listener.voice.say, listener.voice.words
    mailbox = snapshot.mailboxes[listener.mailbox]
    if not voicemail_policy(snapshot, mailbox).pin_at_own_phone:
        return True
    messages = listener.board.messages
    for _ in range(VOICEMAIL_PIN_TRIES_MAX):
        answer = await messages.barred(snapshot, mailbox.id)
        if answer is None:
            pin = await ask_digits(media, say(words.enter_pin), most=VOICEMAIL_PIN_DIGITS_MAX)
            if not pin:
                continue  # a pocket that dials does not guess
            answer = await messages.opens(snapshot, mailbox.id, pin)
        match answer:
            case PinAnswer.FITS:
                return True
            case PinAnswer.WRONG:
                await media.play(say(words.wrong_pin))
            case PinAnswer.LOCKED:
                await media.play(say(words.locked))
                return False
            case PinAnswer.NONE if mailbox.is_shared:
                return True
            case PinAnswer.NONE:
                await media.play(say(words.no_pin))
                return False
    await media.play(say(words.goodbye))
    return False
