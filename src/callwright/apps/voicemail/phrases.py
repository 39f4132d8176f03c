"""Prompts of mailboxes: what callers hear (`words`), and what owners hear (`owner_words`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from callwright.domains.voicemail.model import AnswerRule, Holdings, KeptMessage
from callwright.domains.voicemail.owner_translations import owner_words
from callwright.domains.voicemail.owner_words import OwnerWords
from callwright.domains.voicemail.words import voice_of, words_in
from callwright.kernel.prompt import Prompt, Say, Sound
from callwright.routing.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Voice:
    """Speaks the menu of owners in one language."""

    words: OwnerWords
    language: str

    def say(self, sentence: str) -> Prompt:
        return Say(sentence, self.language)

    def counted(self, held: Holdings, mailbox: str | None = None) -> Prompt:
        """``mailbox``: the name of a shared one."""
        words = self.words
        own, shared = (
            (words.none, words.none_in)
            if held.messages == 0
            else (words.one, words.one_in)
            if held.messages == 1
            else (words.many, words.many_in)
        )
        sentence = own if mailbox is None else shared
        return self.say(sentence.format(new=held.new, old=held.old, mailbox=mailbox))

    def heading(self, message: KeptMessage, zone: ZoneInfo) -> Prompt:
        """Who called, and when in the organisation's zone."""
        local: datetime = message.received_at.astimezone(zone)
        said = self.words.heading.format(
            caller=message.caller_name or " ".join(message.caller),
            weekday=self.words.weekdays[local.weekday()],
            day=local.day,
            time=f"{local:%H:%M}",
        )
        return self.say(said if message.is_read else f"{self.words.new_message} {said}")

    def rule(self, rule: AnswerRule) -> Prompt:
        words = self.words
        sentences = {
            AnswerRule.VOICEMAIL: words.takes_messages,
            AnswerRule.DECLINE: words.turns_away,
            AnswerRule.PROMPT: words.greets_only,
            AnswerRule.PROMPT_OR_TRANSFER: words.greets_and_leads_on,
            AnswerRule.VOICEMAIL_OR_TRANSFER: words.takes_messages_or_leads_on,
        }
        return self.say(sentences[rule])


def voice_in(language: str) -> Voice:
    return Voice(*owner_words(language))


def full(language: str) -> Prompt:
    return Say(words_in(language).full, voice_of(language))


def not_recorded(language: str) -> Prompt:
    return Say(words_in(language).not_recorded, voice_of(language))


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
