"""What agents hear when they opt in or out, pause or resume by a code."""

from collections.abc import Iterator

from callwright.apps.phrases_schedules import not_switched
from callwright.kernel.agent_codes import AgentCode
from callwright.kernel.languages import in_language
from callwright.kernel.prompt import Prompt, Say
from callwright.routing.snapshot import Snapshot

_WORDS = {
    "en": {
        AgentCode.OPT_IN: "You take calls of your queues.",
        AgentCode.OPT_OUT: "You take no more calls of your queues.",
        AgentCode.PAUSE: "You are on a break.",
        AgentCode.RESUME: "You are back.",
    },
    "de": {
        AgentCode.OPT_IN: "Sie nehmen Anrufe Ihrer Warteschlangen an.",
        AgentCode.OPT_OUT: "Sie nehmen keine Anrufe Ihrer Warteschlangen mehr an.",
        AgentCode.PAUSE: "Sie machen eine Pause.",
        AgentCode.RESUME: "Sie sind wieder da.",
    },
    "fr": {
        AgentCode.OPT_IN: "Vous prenez les appels de vos files d'attente.",
        AgentCode.OPT_OUT: "Vous ne prenez plus les appels de vos files d'attente.",
        AgentCode.PAUSE: "Vous êtes en pause.",
        AgentCode.RESUME: "Vous êtes de retour.",
    },
    "es": {
        AgentCode.OPT_IN: "Usted atiende las llamadas de sus colas.",
        AgentCode.OPT_OUT: "Usted ya no atiende las llamadas de sus colas.",
        AgentCode.PAUSE: "Usted está en pausa.",
        AgentCode.RESUME: "Usted ha vuelto.",
    },
}
_REFUSED = {
    "en": "Sorry, your queues do not let you opt out.",
    "de": "Ihre Warteschlangen lassen das leider nicht zu.",
    "fr": "Désolé, vos files d'attente ne le permettent pas.",
    "es": "Lo sentimos, sus colas no lo permiten.",
}


def done(act: AgentCode, language: str) -> Prompt:
    words, voice = in_language(_WORDS, language)
    return Say(words[act], voice)


def not_allowed(language: str) -> Prompt:
    text, voice = in_language(_REFUSED, language)
    return Say(text, voice)


def not_stored(language: str) -> Prompt:
    """In the words of whoever switches a schedule."""
    return not_switched(language)


def prompts_of_agents(snapshot: Snapshot) -> Iterator[Prompt]:
    """Only where there are agents."""
    if any(queue.agents for queue in snapshot.queues.values()):
        yield from (done(act, snapshot.language) for act in AgentCode)
        yield not_allowed(snapshot.language)
        yield not_stored(snapshot.language)
