"""How a mailbox answers, what it takes, and which PIN opens it (SPEC 8.9; all pure)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from callwright.domains.voicemail.model import (
    AnswerRule,
    Choice,
    Forwarding,
    Holdings,
    KeptMessage,
    Mailbox,
    TranscriptState,
    VoicemailPolicy,
    WrongPins,
)
from callwright.domains.voicemail.profanity import masked
from callwright.domains.voicemail.words import voice_of, words_in
from callwright.kernel.ids import UserId
from callwright.kernel.limits.voicemail import (
    TRANSCRIPTION_S_BASE,
    TRANSCRIPTION_S_MAX,
    VOICEMAIL_MESSAGES_MAX,
    VOICEMAIL_PIN_DIGITS_MAX,
    VOICEMAIL_PIN_DIGITS_MIN,
    VOICEMAIL_PIN_FAILURES_FREE,
    VOICEMAIL_PIN_LOCK_S_FIRST,
    VOICEMAIL_PIN_LOCK_S_MAX,
)
from callwright.kernel.prompt import Prompt, Say, Sound
from callwright.kernel.target import Target


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """What a caller meets, in this order."""

    rule: AnswerRule
    preamble: Prompt | None
    greeting: tuple[Prompt, ...]
    postamble: Prompt | None
    is_mandatory: bool
    """No key skips preamble and postamble."""
    transfer_to: Target | None
    """None: no key leads on."""
    transfer_key: str
    message_s_max: int
    because: str
    """Which greeting it is, and why."""


def plan_answer(
    mailbox: Mailbox,
    policy: VoicemailPolicy,
    choice: Choice,
    *,
    language: str,
    zone: ZoneInfo,
    now: datetime,
) -> AnswerPlan:
    """``language`` and ``zone`` are the organisation's; ``now`` is an instant."""
    rule = effective_rule(mailbox, policy, choice)
    is_away = is_out_of_office(mailbox, policy, choice, zone=zone, now=now)
    languages = languages_of(mailbox, policy, language)
    own = _own_greeting(mailbox, choice, is_away=is_away)
    greeting: tuple[Prompt, ...]
    if own is None:
        greeting = tuple(_built_in(mailbox, rule, spoken, is_away=is_away) for spoken in languages)
    elif mailbox.is_shared and mailbox.says_instructions:
        greeting = (own, *(_said(words_in(each).leave_message, each) for each in languages))
    else:
        greeting = (own,)
    return AnswerPlan(
        rule,
        policy.preamble,
        greeting,
        policy.postamble,
        policy.is_mandatory,
        mailbox.transfer_to if rule.transfers else None,
        mailbox.transfer_key,
        min(mailbox.message_s_max or policy.message_s_max, policy.message_s_max),
        "out of the office" if is_away else "in the office",
    )


def effective_rule(mailbox: Mailbox, policy: VoicemailPolicy, choice: Choice) -> AnswerRule:
    """The owner's choice, as long as the policy lets owners choose."""
    chosen = choice.rule if policy.edit_answer_rules else None
    if chosen is None or (chosen.transfers and mailbox.transfer_to is None):
        return mailbox.rule
    return chosen


def is_out_of_office(
    mailbox: Mailbox, policy: VoicemailPolicy, choice: Choice, *, zone: ZoneInfo, now: datetime
) -> bool:
    """Until the day of ``until`` begins in the organisation's zone; the owner's choice counts as
    long as the policy lets owners choose."""
    set_up = mailbox.out_of_office
    is_on, until = set_up.is_on, set_up.until
    if policy.edit_answer_rules and choice.out_of_office is not None:
        is_on, until = choice.out_of_office, choice.until
    return is_on and (until is None or now.astimezone(zone).date() < until)


def languages_of(mailbox: Mailbox, policy: VoicemailPolicy, language: str) -> tuple[str, ...]:
    """The mailbox's own, else the policy's one after the other, else the organisation's."""
    if mailbox.language is not None:
        return (mailbox.language,)
    return policy.languages or (language,)


def _own_greeting(mailbox: Mailbox, choice: Choice, *, is_away: bool) -> Prompt | None:
    """What was recorded comes before what the file says."""
    recorded = choice.out_of_office_greeting if is_away else choice.greeting
    if recorded is not None:
        return Sound(str(recorded))
    return mailbox.out_of_office.greeting if is_away else mailbox.greeting


def _built_in(mailbox: Mailbox, rule: AnswerRule, language: str, *, is_away: bool) -> Prompt:
    words = words_in(language)
    said = [(words.out_of_office if is_away else words.away).format(name=mailbox.name)]
    if rule.transfers and mailbox.transfer_to is not None:
        said.append(words.press_key.format(key=mailbox.transfer_key))
    said.append(words.leave_message if rule.takes_messages else words.call_later)
    return _said(" ".join(said), language)


def _said(text: str, language: str) -> Say:
    return Say(text, voice_of(language))


def is_full(policy: VoicemailPolicy, held: Holdings) -> bool:
    """A mailbox takes one more message while it is below its quotas."""
    if held.messages >= min(policy.messages_max, VOICEMAIL_MESSAGES_MAX):
        return True
    return policy.minutes_max is not None and held.seconds >= policy.minutes_max * 60


def wants_transcript(mailbox: Mailbox, policy: VoicemailPolicy) -> bool:
    return policy.transcription and mailbox.wants_transcript


def transcription_s_max(duration_s: float) -> float:
    """How long writing out a message of this length may take."""
    return min(TRANSCRIPTION_S_MAX, TRANSCRIPTION_S_BASE + duration_s)


def forwarding(
    message: KeptMessage,
    to: Mailbox,
    policy: VoicemailPolicy,
    *,
    by: UserId,
    at: datetime,
    comment: Path | None = None,
    profanities: Collection[str] = (),
) -> Forwarding:
    """``policy`` is that of ``to``, which says what becomes of the transcript, too."""
    text, state = message.transcript, message.transcript_state
    if not wants_transcript(to, policy):
        text, state = None, TranscriptState.NONE
    if text is not None and policy.mask_profanity:
        text = masked(text, profanities)
    return Forwarding(message, to.id, by, at, comment, to.is_protected, text, state)


def pin_objection(pin: str, lines: Mapping[str, str]) -> str | None:
    """Why a PIN is not taken, in words for a person; None when it is.

    ``lines`` are numbers that everybody knows of the owner, by what they are.
    """
    if not (pin.isascii() and pin.isdigit()):
        return "is not made of digits; take 4 to 12 of them"
    if not VOICEMAIL_PIN_DIGITS_MIN <= len(pin) <= VOICEMAIL_PIN_DIGITS_MAX:
        return f"has {len(pin)} digits; take {VOICEMAIL_PIN_DIGITS_MIN} to " + str(
            VOICEMAIL_PIN_DIGITS_MAX
        )
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        return "repeats one digit or counts; take another"
    for what, line in lines.items():
        if line.endswith(pin):
            return f"is the end of the {what}; take another"
    return None


def is_shut(wrong: WrongPins, now: datetime) -> bool:
    """Too many wrong PINs: nobody is let in for a while."""
    return wrong.last_at is not None and now < wrong.last_at + timedelta(
        seconds=pin_lock_s(wrong.count)
    )


def pin_lock_s(failures: int) -> float:
    """How long a mailbox stays shut after so many wrong PINs in a row; 0: it does not."""
    beyond = failures - VOICEMAIL_PIN_FAILURES_FREE
    if beyond < 0:
        return 0.0
    return min(VOICEMAIL_PIN_LOCK_S_MAX, VOICEMAIL_PIN_LOCK_S_FIRST * 2.0 ** min(beyond, 30))
