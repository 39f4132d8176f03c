"""Targets and prompts in the words of a step and of `explain`."""

from callwright.domains.numbers.unassigned import Announcement, ToAccount, UnassignedTreatment
from callwright.kernel.prompt import Prompt, Say, Sound, Tune
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


def target_text(target: Target) -> str:
    """``bob``, ``queue support``, ``voicemail of bob``; never empty."""
    match target:
        case ToUser(user=user):
            return user
        case ToGroup(group=group):
            return f"everybody of group {group}"
        case ToQueue(queue=queue):
            return f"queue {queue}"
        case ToAttendant(attendant=attendant):
            return f"attendant {attendant}"
        case ToExternal(number=number):
            return number
        case ToVoicemail(mailbox=mailbox):
            return f"voicemail of {mailbox}"
        case Disconnect():
            return "the end of the call"


def recorded_target(target: Target) -> str:
    """As records name it, a person like any other: ``user bob``, ``queue support``."""
    return f"user {target.user}" if isinstance(target, ToUser) else target_text(target)


def onward_text(target: Target) -> str:
    """``the call goes to voicemail of bob`` or ``the call ends``."""
    if isinstance(target, Disconnect):
        return "the call ends"
    return f"the call goes to {target_text(target)}"


def treatment_text(treatment: UnassignedTreatment) -> str:
    """``"Sorry." once, then the call ends`` or ``resource account main-line``."""
    match treatment.action:
        case Announcement(prompt=prompt):
            return f"{prompt_text(prompt)} once, then the call ends"
        case ToAccount(account=account):
            return f"resource account {account}"
        case target:
            return target_text(target)


def prompt_text(prompt: Prompt) -> str:
    """What is heard: the words in quotes, or the name of the sound."""
    match prompt:
        case Say(text=text):
            return f'"{text}"'
        case Sound(path=path):
            return f"the sound file {path}"
        case Tune():
            return prompt.value
