"""What supervisors and the agents they join are told."""

from callwright.kernel.prompt import Prompt, Say
from callwright.kernel.supervision import SupervisionMode
from callwright.routing.snapshot import Snapshot

_MODES = {
    SupervisionMode.MONITOR: "Listening.",
    SupervisionMode.WHISPER: "Whispering.",
    SupervisionMode.BARGE: "In conference.",
}


def told_mode(mode: SupervisionMode, language: str) -> Prompt:
    return Say(_MODES[mode], language)


def refused(language: str) -> Prompt:
    return Say("That is not allowed.", language)


def supervisor_joins(language: str) -> Prompt:
    return Say("A supervisor has joined.", language)


def prompts_of_supervision(snapshot: Snapshot) -> frozenset[Prompt]:
    """Nothing where nobody may supervise."""
    if all(not p.supervision for p in snapshot.voice_application_policies.values()):
        return frozenset()
    language = snapshot.language
    modes = {told_mode(mode, language) for mode in _MODES}
    return frozenset({*modes, refused(language), supervisor_joins(language)})
