"""What Teams' queues do besides ringing agents: callbacks, shown numbers, prompts of exceptions."""

from collections.abc import Iterator
from typing import Any

from callwright.operations.importers.teams.reading import Thing, list_of, text_of
from callwright.operations.importers.teams.targets import Targets

_KEYS = {"ToneStar": "*", "TonePound": "#"} | {f"Tone{digit}": str(digit) for digit in range(10)}
_CONDITIONS = (
    ("WaitTimeBeforeOfferingCallbackInSecond", "after_wait_s"),
    ("NumberOfCallsInQueueBeforeOfferingCallback", "at_waiting"),
    ("CallToAgentRatioThresholdBeforeOfferingCallback", "over_ratio"),
)
_PROMPT_BY_KIND = {
    "disconnect": "Disconnect",
    "user": "RedirectPerson",
    "call_queue": "RedirectVoiceApp",
    "auto_attendant": "RedirectVoiceApp",
    "external": "RedirectPhoneNumber",
    "personal voicemail": "RedirectVoicemail",
    "shared voicemail": "SharedVoicemail",
}


def services_of(queue: Thing, label: str, targets: Targets) -> Iterator[tuple[str, Any]]:
    if queue.get("ConferenceMode") is False:
        why = "ConferenceMode is off, and every queue works in conference mode here"
        targets.ledger.lose(label, why)
    lent = [str(each) for each in list_of(queue, "OboResourceAccountIds")]
    accounts = targets.keys.accounts
    caller_ids = list(dict.fromkeys(accounts[each] for each in lent if each in accounts))
    if caller_ids:
        yield "caller_ids", caller_ids
    for each in lent:
        if each not in accounts:
            targets.ledger.lose(label, f"the account {each} that lends its number is not there")
    if queue.get("IsCallbackEnabled") is True:
        callback = _callback(queue, label, targets)
        if callback is not None:
            yield "callback", callback


def _callback(queue: Thing, label: str, targets: Targets) -> dict[str, Any] | None:
    """None, which is told, where something is missing that no cmdlet shows."""
    offer = targets.spoken(
        queue,
        "CallbackOfferTextToSpeechPrompt",
        "CallbackOfferAudioFilePromptResourceId",
        f"{label}, callback",
    )
    conditions = {
        ours: queue[name] for name, ours in _CONDITIONS if isinstance(queue.get(name), int)
    }
    key = _KEYS.get(text_of(queue, "CallbackRequestDtmf"))
    mail_to = text_of(queue, "CallbackEmailNotificationTarget")
    if "@" not in mail_to:
        why = "whom failed callbacks are mailed to is in no cmdlet; write callback: with mail_to"
        targets.ledger.lose(f"{label}, callback", why)
        return None
    if offer is None or key is None or not conditions:
        why = "callbacks need an offer in words, a key and a condition; write callback:"
        targets.ledger.lose(f"{label}, callback", why)
        return None
    return {"offer": offer, "key": key, "mail_to": mail_to, **conditions}


def exception_prompt(
    queue: Thing, name: str, to: object, label: str, targets: Targets
) -> dict[str, str] | None:
    """The prompt of this very action; ``name`` is ``Overflow``, ``Timeout`` or ``NoAgent``."""
    kind = _kind(to, targets)
    stem = f"{name}{_PROMPT_BY_KIND.get(kind, 'SharedVoicemail')}"
    return targets.spoken(queue, f"{stem}TextToSpeechPrompt", f"{stem}AudioFilePrompt", label)


def with_mailbox_wishes(queue: Thing, name: str, to: object, targets: Targets) -> object:
    """A shared mailbox's transcript and suppressed greeting stand beside it in the file."""
    if _kind(to, targets) != "shared voicemail" or not isinstance(to, dict):
        return to
    wishes = {}
    if queue.get(f"Enable{name}SharedVoicemailTranscription") is True:
        wishes["transcription"] = True
    if queue.get(f"Enable{name}SharedVoicemailSystemPromptSuppression") is True:
        wishes["skip_greeting"] = True
    return {**to, **wishes}


def _kind(to: object, targets: Targets) -> str:
    if not isinstance(to, dict):
        return str(to)
    kind = str(next(iter(to)))
    if kind != "voicemail":
        return kind
    is_own = to[kind] in targets.keys.users.values()
    return "personal voicemail" if is_own else "shared voicemail"
