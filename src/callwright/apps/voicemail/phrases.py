"""What owners of mailboxes hear, in English; what callers hear is in `domains.voicemail.words`."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from callwright.domains.voicemail.model import AnswerRule, KeptMessage
from callwright.domains.voicemail.words import words_in
from callwright.kernel.prompt import Prompt, Say, Sound
from callwright.routing.snapshot import Snapshot

LANGUAGE = "en-US"

ENTER_PIN = Say("Please enter your PIN, then press hash.", LANGUAGE)
WRONG_PIN = Say("That PIN is not right.", LANGUAGE)
LOCKED = Say("Too many wrong PINs were entered. Please try again later. Goodbye.", LANGUAGE)
NO_PIN = Say("This mailbox has no PIN yet. Please ask your administrator. Goodbye.", LANGUAGE)
NO_MAILBOX = Say("You have no mailbox. Goodbye.", LANGUAGE)
MAIN_MENU = Say(
    "To listen to your messages, press 1. For greetings, press 2. To say whether you are in the "
    "office, press 3. To change your PIN, press 4. To hang up, press star.",
    LANGUAGE,
)
SHARED_HINT = Say("For the next mailbox that you share, press 6.", LANGUAGE)
SHARED_MENU = Say(
    "To listen to the messages, press 1. For the next mailbox, press 6. To hang up, press star.",
    LANGUAGE,
)
MESSAGE_MENU = Say(
    "To hear it again, press 1. To save it, press 2. To delete it, press 3. To call back, press 4. "
    "To forward it, press 5. For the next message, press 6. For the main menu, press star.",
    LANGUAGE,
)
NO_MORE = Say("There are no more messages.", LANGUAGE)
SAVED = Say("Saved.", LANGUAGE)
DELETED = Say("Deleted.", LANGUAGE)
GONE = Say("This message cannot be heard any more.", LANGUAGE)
FORWARD_TO = Say("Enter the extension to forward to, then press hash.", LANGUAGE)
NO_NUMBER = Say("There is no number to call back.", LANGUAGE)
NOBODY_THERE = Say("Nobody with a mailbox has this extension.", LANGUAGE)
PROTECTED = Say("This message is protected and stays in this mailbox.", LANGUAGE)
COMMENT = Say(
    "Speak a comment after the tone, then press hash. For none, press hash at once.", LANGUAGE
)
FORWARDED = Say("Forwarded.", LANGUAGE)
NOT_FORWARDED = Say("This message cannot be forwarded.", LANGUAGE)
FULL_THERE = Say("That mailbox is full.", LANGUAGE)
GREETING_MENU = Say(
    "To record your greeting, press 1. To record the one for when you are out of the office, press "
    "2. To remove your recordings, press 3. To choose what callers may do, press 4. To go back, "
    "press star.",
    LANGUAGE,
)
SPEAK_GREETING = Say("Speak your greeting after the tone, then press hash.", LANGUAGE)
KEEP_GREETING = Say("To keep it, press 1. To record it again, press 2.", LANGUAGE)
REMOVED = Say("Your recordings are removed.", LANGUAGE)
NOT_ALLOWED = Say("Your organisation does not let you change this.", LANGUAGE)
IN_OFFICE = Say("Callers hear that you are in the office.", LANGUAGE)
OUT_OF_OFFICE = Say("Callers hear that you are out of the office.", LANGUAGE)
NEW_PIN = Say("Enter your new PIN of 4 to 12 digits, then press hash.", LANGUAGE)
SAME_PIN = Say("Enter it once more, then press hash.", LANGUAGE)
DIFFERENT_PINS = Say("These were two different PINs. Nothing was changed.", LANGUAGE)
BAD_PIN = Say("This PIN is too easy to guess. Nothing was changed.", LANGUAGE)
PIN_CHANGED = Say("Your PIN is changed.", LANGUAGE)
GOODBYE = Say("Goodbye.", LANGUAGE)

RULES = {
    AnswerRule.VOICEMAIL: Say("Callers may leave a message.", LANGUAGE),
    AnswerRule.PROMPT: Say("Callers hear your greeting and leave no message.", LANGUAGE),
    AnswerRule.DECLINE: Say("Callers are turned away.", LANGUAGE),
    AnswerRule.PROMPT_OR_TRANSFER: Say(
        "Callers hear your greeting, and a key leads them on.", LANGUAGE
    ),
    AnswerRule.VOICEMAIL_OR_TRANSFER: Say(
        "Callers may leave a message, or press a key that leads them on.", LANGUAGE
    ),
}


def full(language: str) -> Prompt:
    return Say(words_in(language).full, language)


def not_recorded(language: str) -> Prompt:
    return Say(words_in(language).not_recorded, language)


def counted(new: int, old: int, mailbox: str | None = None) -> Prompt:
    """``mailbox``: the name of a shared one."""
    whose = "You have" if mailbox is None else f"{mailbox} has"
    if not new and not old:
        return Say(f"{whose} no messages.", LANGUAGE)
    noun = "message" if new + old == 1 else "messages"
    return Say(f"{whose} {new} new and {old} old {noun}.", LANGUAGE)


def heading(message: KeptMessage, zone: ZoneInfo) -> Prompt:
    """Who called, and when in the organisation's zone."""
    local: datetime = message.received_at.astimezone(zone)
    caller = message.caller_name or " ".join(message.caller)
    state = "" if message.is_read else "New message. "
    return Say(f"{state}From {caller}, {local:%A} the {local.day}., {local:%H:%M}.", LANGUAGE)


def greetings_of(snapshot: Snapshot) -> frozenset[Prompt]:
    """Recordings that mailboxes greet with; read when somebody is to hear them. Whatever is said
    by the voice needs no file, and 50,000 people have names."""
    return frozenset(
        greeting
        for mailbox in snapshot.mailboxes.values()
        for greeting in (mailbox.greeting, mailbox.out_of_office.greeting)
        if isinstance(greeting, Sound)
    )


def prompts_of_voicemail(snapshot: Snapshot) -> Iterator[Prompt]:
    """What any caller of a mailbox may hear; the menu is rendered when somebody listens."""
    spoken = {snapshot.language}
    for policy in snapshot.voicemail_policies.values():
        spoken.update(policy.languages)
        yield from (each for each in (policy.preamble, policy.postamble) if each is not None)
    for language in spoken:
        yield full(language)
        yield not_recorded(language)
