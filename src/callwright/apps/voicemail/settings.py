"""What owners change of their mailbox by phone: greetings, what callers may do, the PIN."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from callwright.apps.voicemail.keys import ask, ask_digits
from callwright.domains.voicemail.model import AnswerRule, Choice, GreetingKind
from callwright.domains.voicemail.rules import effective_rule, pin_objection
from callwright.kernel.limits.voicemail import (
    GREETING_S_MAX,
    VOICEMAIL_MENU_ROUNDS_MAX,
    VOICEMAIL_MENU_STEPS_MAX,
    VOICEMAIL_PIN_DIGITS_MAX,
    VOICEMAIL_SILENCE_S,
)
from callwright.kernel.prompt import Sound, Tune
from callwright.media.events import RecordEnd
from callwright.routing.mailboxes import voicemail_policy

if TYPE_CHECKING:
    from callwright.apps.voicemail.listening import Listener

GREETING_MS_MIN = 500


async def change_greetings(listener: Listener) -> None:
    messages, media = listener.board.messages, listener.delivery.leg.media
    say, words = listener.voice.say, listener.voice.words
    for _ in range(VOICEMAIL_MENU_STEPS_MAX):
        match await ask(media, say(words.greeting_menu)):
            case "1":
                await _record(listener, GreetingKind.DEFAULT)
            case "2":
                await _record(listener, GreetingKind.OUT_OF_OFFICE)
            case "3":
                choice = await messages.choice(listener.mailbox)
                none = replace(choice, greeting=None, out_of_office_greeting=None)
                await messages.choose(listener.mailbox, none)
                await media.play_until_digit(say(words.removed))
            case "4":
                await _next_rule(listener)
            case None | "*":
                return
            case _:
                continue


async def _record(listener: Listener, kind: GreetingKind) -> None:
    """Until the owner keeps one; who hangs up keeps the former."""
    messages, media = listener.board.messages, listener.delivery.leg.media
    say, words = listener.voice.say, listener.voice.words
    for _ in range(VOICEMAIL_MENU_ROUNDS_MAX):
        path = messages.greeting_path(listener.mailbox, kind)
        is_kept = False
        try:
            media.forget_digits()
            await media.play_until_digit(say(words.speak_greeting))
            media.forget_digits()
            await media.play(Tune.BEEP)
            recorded = await media.record(path, max_s=GREETING_S_MAX, silence_s=VOICEMAIL_SILENCE_S)
            media.forget_digits()
            is_heard = recorded.duration_ms >= GREETING_MS_MIN
            if recorded.end is not RecordEnd.FAILED and is_heard:
                is_kept = await ask(media, Sound(str(path)), say(words.keep_greeting)) == "1"
            if is_kept:
                choice = await messages.choice(listener.mailbox)
                await messages.choose(listener.mailbox, _with_greeting(choice, kind, path))
                await media.play_until_digit(say(words.saved))
                return
        finally:
            await media.finish_record()
            if not is_kept:
                messages.discard(path)


def _with_greeting(choice: Choice, kind: GreetingKind, path: Path) -> Choice:
    if kind is GreetingKind.DEFAULT:
        return replace(choice, greeting=path)
    return replace(choice, out_of_office_greeting=path)


async def _next_rule(listener: Listener) -> None:
    """One key, the rules in turn: each press says what callers meet from now on."""
    messages, snapshot = listener.board.messages, listener.delivery.snapshot
    media, mailbox = listener.delivery.leg.media, snapshot.mailboxes[listener.mailbox]
    say, words = listener.voice.say, listener.voice.words
    policy = voicemail_policy(snapshot, mailbox)
    if not policy.edit_answer_rules:
        await media.play_until_digit(say(words.not_allowed))
        return
    choice = await messages.choice(mailbox.id)
    rules = [rule for rule in AnswerRule if mailbox.transfer_to is not None or not rule.transfers]
    at = (rules.index(effective_rule(mailbox, policy, choice)) + 1) % len(rules)
    await messages.choose(mailbox.id, replace(choice, rule=rules[at]))
    await media.play_until_digit(listener.voice.rule(rules[at]))


async def change_pin(listener: Listener) -> None:
    messages, media = listener.board.messages, listener.delivery.leg.media
    say, words = listener.voice.say, listener.voice.words
    pin = await ask_digits(media, say(words.new_pin), most=VOICEMAIL_PIN_DIGITS_MAX)
    user = listener.delivery.snapshot.users[listener.user]
    lines = {"extension": user.extension or "", "number": user.number or ""}
    if pin_objection(pin, {what: line for what, line in lines.items() if line}) is not None:
        await media.play_until_digit(say(words.bad_pin))
        return
    if await ask_digits(media, say(words.same_pin), most=VOICEMAIL_PIN_DIGITS_MAX) != pin:
        await media.play_until_digit(say(words.different_pins))
        return
    hashed = await messages.hashed(pin)
    choice = await messages.choice(listener.mailbox)
    await messages.choose(listener.mailbox, replace(choice, pin_hash=hashed))
    await media.play_until_digit(say(words.pin_changed))
