"""What supervisors and the agents they join are told, in the languages that we know."""

from collections.abc import Iterator
from dataclasses import dataclass

from callwright.kernel.languages import in_language
from callwright.kernel.prompt import Prompt, Say
from callwright.kernel.supervision import SupervisionMode
from callwright.routing.snapshot import Snapshot

_MODES = (SupervisionMode.MONITOR, SupervisionMode.WHISPER, SupervisionMode.BARGE)
"""Those that a supervisor is told of; who takes a call over hears the caller."""


@dataclass(frozen=True, slots=True)
class _Words:
    modes: tuple[str, str, str]
    """In the order of `_MODES`."""
    refused: str
    joins: str


_WORDS = {
    "en": _Words(
        ("Listening.", "Whispering.", "In conference."),
        "That is not allowed.",
        "A supervisor has joined.",
    ),
    "de": _Words(
        ("Sie hören mit.", "Nur der Agent hört Sie.", "Alle hören Sie."),
        "Das ist nicht erlaubt.",
        "Ein Supervisor hört jetzt mit.",
    ),
    "fr": _Words(
        ("Écoute.", "Seul l'agent vous entend.", "Tous vous entendent."),
        "Ce n'est pas autorisé.",
        "Un superviseur a rejoint l'appel.",
    ),
    "es": _Words(
        ("Escuchando.", "Solo el agente le oye.", "Todos le oyen."),
        "Eso no está permitido.",
        "Un supervisor se ha unido a la llamada.",
    ),
    "it": _Words(
        ("In ascolto.", "Solo l'agente la sente.", "Tutti la sentono."),
        "Non è consentito.",
        "Un supervisore partecipa alla chiamata.",
    ),
}


def told_mode(mode: SupervisionMode, language: str) -> Prompt:
    words, voice = in_language(_WORDS, language)
    return Say(words.modes[_MODES.index(mode)], voice)


def refused(language: str) -> Prompt:
    words, voice = in_language(_WORDS, language)
    return Say(words.refused, voice)


def supervisor_joins(language: str) -> Prompt:
    words, voice = in_language(_WORDS, language)
    return Say(words.joins, voice)


def prompts_of_supervision(snapshot: Snapshot) -> Iterator[Prompt]:
    """Only where somebody may supervise."""
    if any(policy.supervision for policy in snapshot.voice_application_policies.values()):
        yield from (told_mode(mode, snapshot.language) for mode in _MODES)
        yield refused(snapshot.language)
        yield supervisor_joins(snapshot.language)
