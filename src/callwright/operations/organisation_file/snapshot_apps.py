"""The targets and prompts that everything in the snapshot uses."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from callwright.kernel.e164 import E164
from callwright.kernel.ids import AutoAttendantId, CallQueueId, GroupId, MailboxId, UserId
from callwright.kernel.prompt import Prompt, Say, Sound
from callwright.kernel.target import (
    Disconnect,
    Target,
    ToAttendant,
    ToExternal,
    ToGroup,
    ToQueue,
    ToUser,
    ToVoicemail,
)
from callwright.operations.organisation_file import forms


@dataclass(frozen=True, slots=True)
class Wording:
    """How prompts are made: the voice's language, and where relative sound files are."""

    language: str
    base: Path | None


def target(form: JsonValue) -> Target:
    """Returns what a form that the schema accepted leads to."""
    if form == forms.DISCONNECT:
        return Disconnect()
    assert isinstance(form, dict), f"{form!r} is no target"
    kind = next(kind for kind in forms.TARGET_KINDS if kind in form)
    key = str(form[kind])
    priority = form.get(forms.PRIORITY)
    assert priority is None or isinstance(priority, int), "the schema takes nothing else"
    match kind:
        case "user":
            return ToUser(UserId(key))
        case "group":
            return ToGroup(GroupId(key))
        case "call_queue":
            return ToQueue(CallQueueId(key), priority)
        case "auto_attendant":
            return ToAttendant(AutoAttendantId(key), priority)
        case "external":
            return ToExternal(E164(key))
        case _:
            written_out = form.get(forms.TRANSCRIPTION)
            assert written_out is None or isinstance(written_out, bool), "the schema takes no other"
            skips_greeting = form.get(forms.SKIP_GREETING) is True
            return ToVoicemail(MailboxId(key), written_out, skips_greeting)


def own_target(form: JsonValue, user: str) -> Target:
    """Like ``target``, where ``voicemail`` is the user's own."""
    return ToVoicemail(MailboxId(user)) if form == forms.OWN_VOICEMAIL else target(form)


def prompt(form: JsonValue, wording: Wording) -> Prompt | None:
    """Returns what is heard; None for no form."""
    if form is None:
        return None
    assert isinstance(form, dict), f"{form!r} is no prompt"
    if "say" in form:
        return Say(str(form["say"]), wording.language)
    path = Path(str(form["file"]))
    return Sound(str(path if wording.base is None else wording.base.absolute() / path))
