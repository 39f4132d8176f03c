"""Where calls are sent, and what is said: callable entities and prompts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from callwright.operations.importers.csv_users import plain_number
from callwright.operations.importers.teams.names import Keys, Ledger
from callwright.operations.importers.teams.reading import Thing, text_of, word_of

_TYPES = (
    "User", "OrganizationalAutoAttendant", "HuntGroup", "ApplicationEndpoint", "ExternalPstn",
    "SharedVoicemail", "Mailbox", "Phone", "ConfigurationEndpoint",
)  # fmt: skip
_PROMPTS = ("None", "TextToSpeech", "AudioFile")


@dataclass(slots=True)
class Targets:
    """Puts Teams' targets into the file's words; knows whom each identity means."""

    keys: Keys
    answered: Mapping[str, Mapping[str, str]]
    """By a resource account's id, what it answers with."""
    ledger: Ledger
    mailboxes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Shared ones that targets made necessary, by key."""

    def of(self, entity: Thing, label: str, *, mailbox: str) -> Any:
        """None, which is told, where nothing here is meant. ``mailbox`` names a shared one."""
        identity, kind = text_of(entity, "Id"), word_of(entity, "Type", _TYPES)
        keys = self.keys
        if kind in ("SharedVoicemail", "Mailbox"):
            if identity in keys.users:
                return {"voicemail": keys.users[identity]}
            if mailbox not in self.mailboxes:
                self.mailboxes[mailbox] = {}
                why = f"its group became the mailbox {mailbox}, whose address no cmdlet shows"
                self.ledger.lose(label, why)
            return {"voicemail": mailbox}
        if kind in ("ExternalPstn", "Phone") or identity.startswith(("tel:", "+")):
            return {"external": plain_number(identity)}
        if identity in keys.users:
            return {"user": keys.users[identity]}
        service: dict[str, Any] | None = None
        if identity in self.answered:
            service = dict(self.answered[identity])
        elif identity in keys.queues:
            service = {"call_queue": keys.queues[identity]}
        elif identity in keys.attendants:
            service = {"auto_attendant": keys.attendants[identity]}
        if service is not None:
            priority = entity.get("CallPriority")
            is_said = isinstance(priority, int) and priority in range(1, 6)
            return {**service, "priority": priority} if is_said else service
        self.ledger.lose(label, f"its target {kind} {identity or '(none)'} is not in the exports")
        return None

    def prompt(self, prompt: Thing, label: str) -> dict[str, str] | None:
        """What is said; recordings are in no cmdlet, which is told."""
        kind = word_of(prompt, "ActiveType", _PROMPTS)
        text = text_of(prompt, "TextToSpeechPrompt")
        if kind == "AudioFile":
            self.ledger.lose(label, "its recording is in no cmdlet; write {file: PATH}")
            return None
        return {"say": text} if text and kind != "None" else None

    def spoken(self, thing: Thing, text: str, sound: str, label: str) -> dict[str, str] | None:
        """Of a queue, whose prompts are fields of its own."""
        if text_of(thing, sound):
            why = f"the recording {text_of(thing, sound)} is in no cmdlet; write {{file: PATH}}"
            self.ledger.lose(label, why)
        said = text_of(thing, text)
        return {"say": said} if said else None
