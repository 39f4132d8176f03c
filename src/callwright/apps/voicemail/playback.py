"""Hearing messages one after the other: skip, rewind, save, delete, call back, forward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callwright.apps.voicemail.forwarding import forward
from callwright.apps.voicemail.keys import ask
from callwright.domains.voicemail.model import KeptMessage
from callwright.kernel.decision import Decision, Step
from callwright.kernel.limits.voicemail import VOICEMAIL_MENU_STEPS_MAX, VOICEMAIL_SKIP_S
from callwright.kernel.prompt import Prompt
from callwright.routing.request import (
    ActAsAgent,
    CallRequest,
    Destination,
    FromUser,
    ListenToVoicemail,
    PlaceEmergency,
    Refuse,
    Supervise,
    SwitchSchedule,
)
from callwright.routing.route import route_call

if TYPE_CHECKING:
    from callwright.apps.voicemail.listening import Listener

BACK, FORTH = "7", "9"
TAIL_S = 0.3
"""Between the end of a message and its menu."""
NO_WAY_BACK = ActAsAgent | ListenToVoicemail | PlaceEmergency | Refuse | Supervise | SwitchSchedule
"""What nobody does by calling back: a stranger's phone says what it likes of its number, and who
hides it leaves none."""


async def hear_messages(listener: Listener) -> bool:
    """False: the call went on to whoever had left a message."""
    media = listener.delivery.leg.media
    say, words = listener.voice.say, listener.voice.words
    for message in await listener.board.messages.messages(listener.mailbox):
        match await _hear(listener, message):
            case "*":
                return True
            case "4":
                await _call_back(listener, message)
                return False
        if media.closed:
            return True
    await media.play_until_digit(say(words.no_more))
    return True


async def _hear(listener: Listener, message: KeptMessage) -> str | None:
    """Plays one message until it was dealt with. ``*``: back to the menu; ``4``: call back; None:
    the next one."""
    board, snapshot = listener.board, listener.delivery.snapshot
    media = listener.delivery.leg.media
    say, words = listener.voice.say, listener.voice.words
    sound = await board.messages.sound(message)
    if sound is None:
        await media.play_until_digit(say(words.gone))
        return None
    await media.play_until_digit(listener.voice.heading(message, snapshot.zone))
    key = await _play(listener, message, sound)
    is_noted = message.is_read
    for _ in range(VOICEMAIL_MENU_STEPS_MAX):
        if not is_noted and key not in ("1", "2", "3"):
            # It was heard: whoever hangs up in the menu leaves no lamp on.
            await board.messages.mark(snapshot, message, is_saved=message.is_saved)
            is_noted = True
        match key:
            case "1":
                key = await _play(listener, message, sound)
                continue
            case "2":
                await board.messages.mark(snapshot, message, is_saved=True)
                await media.play_until_digit(say(words.saved))
                return None
            case "3":
                await board.messages.delete(snapshot, message)
                await media.play_until_digit(say(words.deleted))
                return None
            case "5":
                await forward(listener, message)
            case "4" if isinstance(_way_back(listener, message).value, NO_WAY_BACK):
                await media.play_until_digit(say(words.no_way_back))
            case "4" | "6" | "*":
                break
        key = await ask(media, say(words.message_menu))
        if key is None:
            break
    return "*" if key is None else key


async def _play(listener: Listener, message: KeptMessage, sound: Prompt) -> str | None:
    """Plays until a key other than those that go back and forth; None: to the end."""
    media, clock = listener.delivery.leg.media, listener.board.clock
    at_s, length_s = 0.0, message.duration_s
    for _ in range(VOICEMAIL_MENU_STEPS_MAX):
        await listener.board.messages.sound(message)  # others may have taken its room meanwhile
        begun_s = clock.monotonic()
        media.start_play(sound, start_ms=int(at_s * 1000))
        key = await media.next_digit(max(0.0, length_s - at_s) + TAIL_S)
        media.stop_play()
        if key not in (BACK, FORTH):
            return key
        heard_s = at_s + clock.monotonic() - begun_s
        step_s = VOICEMAIL_SKIP_S if key == FORTH else -VOICEMAIL_SKIP_S
        at_s = min(max(0.0, heard_s + step_s), length_s)
    return None


async def _call_back(listener: Listener, message: KeptMessage) -> None:
    delivery = listener.delivery
    delivery.call.note(Step(f"the call goes on to {message.caller}", "the message's caller"))
    await listener.board.deliver(delivery, _way_back(listener, message))


def _way_back(listener: Listener, message: KeptMessage) -> Decision[Destination]:
    """As if the listener had dialled the caller: with the listener's rights, on his account."""
    board = listener.board
    return route_call(
        listener.delivery.snapshot,
        CallRequest(FromUser(listener.user), message.caller),
        now=board.clock.utc(),
        live=board.live(),
    )
