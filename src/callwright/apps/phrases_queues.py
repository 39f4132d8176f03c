"""What the built-in voice says in queues of its own accord, in the languages that we know.

A queue of another language hears English words; whoever wants more writes prompts of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from callwright.domains.queues.announcements import Outlook
from callwright.domains.queues.model import CallQueue, RecordingRule, is_outside
from callwright.kernel.prompt import Prompt, Say
from callwright.routing.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class _Words:
    next_in_line: str
    position: str
    further_back: str
    one_minute: str
    minutes: str
    promised: str
    not_possible: str
    unreached: str
    accept: str
    recorder_down: str
    recorded: str


_WORDS = {
    "en": _Words(
        "You are next in line.",
        "You are number {n} in line.",
        "There are more than {n} callers before you.",
        "You will wait for about one minute.",
        "You will wait for about {n} minutes.",
        "We will call you back. Goodbye.",
        "Sorry, we cannot call you back now. Please hold the line.",
        "The customer could not be reached.",
        "A call for {queue}. Press 1 to take it.",
        "Sorry, this call cannot be recorded and ends here. Goodbye.",
        "Recorded.",
    ),
    "de": _Words(
        "Sie sind als Nächstes an der Reihe.",
        "Sie sind an Position {n} der Warteschlange.",
        "Vor Ihnen warten mehr als {n} Anrufer.",
        "Ihre Wartezeit beträgt etwa eine Minute.",
        "Ihre Wartezeit beträgt etwa {n} Minuten.",
        "Wir rufen Sie zurück. Auf Wiederhören.",
        "Ein Rückruf ist leider nicht möglich. Bitte bleiben Sie in der Leitung.",
        "Der Kunde war nicht erreichbar.",
        "Ein Anruf für {queue}. Drücken Sie die 1, um ihn anzunehmen.",
        "Dieser Anruf kann nicht aufgezeichnet werden und endet hier. Auf Wiederhören.",
        "Wird aufgezeichnet.",
    ),
    "fr": _Words(
        "Vous êtes le prochain appelant.",
        "Vous êtes à la position {n} dans la file d'attente.",
        "Plus de {n} appelants sont avant vous.",
        "Votre attente est d'environ une minute.",
        "Votre attente est d'environ {n} minutes.",
        "Nous vous rappellerons. Au revoir.",
        "Nous ne pouvons pas vous rappeler. Merci de rester en ligne.",
        "Le client n'a pas pu être joint.",
        "Un appel pour {queue}. Appuyez sur 1 pour le prendre.",
        "Cet appel ne peut pas être enregistré et se termine ici. Au revoir.",
        "Enregistré.",
    ),
    "es": _Words(
        "Usted es el siguiente en la fila.",
        "Usted es el número {n} en la fila.",
        "Hay más de {n} llamadas antes de la suya.",
        "Esperará aproximadamente un minuto.",
        "Esperará aproximadamente {n} minutos.",
        "Le devolveremos la llamada. Adiós.",
        "No podemos devolverle la llamada. Por favor, espere en la línea.",
        "No se pudo localizar al cliente.",
        "Una llamada para {queue}. Pulse 1 para aceptarla.",
        "Esta llamada no se puede grabar y termina aquí. Adiós.",
        "Grabado.",
    ),
    "it": _Words(
        "Lei è il prossimo in coda.",
        "Lei è il numero {n} in coda.",
        "Ci sono più di {n} chiamate prima della sua.",
        "L'attesa è di circa un minuto.",
        "L'attesa è di circa {n} minuti.",
        "La richiameremo. Arrivederci.",
        "Non possiamo richiamarla. Resti in linea, per favore.",
        "Non è stato possibile raggiungere il cliente.",
        "Una chiamata per {queue}. Prema 1 per accettarla.",
        "Questa chiamata non può essere registrata e termina qui. Arrivederci.",
        "Registrata.",
    ),
}
_KNOWN_LANGUAGE_CHARS = 2


def _words(language: str) -> _Words:
    return _WORDS.get(language[:_KNOWN_LANGUAGE_CHARS].lower(), _WORDS["en"])


def line_news(outlook: Outlook, language: str) -> tuple[Prompt, ...]:
    """Position and wait, each a prompt of its own, so that there are few."""
    words, said = _words(language), []
    if outlook.is_further_back:
        said.append(words.further_back.format(n=outlook.position))
    elif outlook.position is not None:
        is_next = outlook.position == 1
        said.append(words.next_in_line if is_next else words.position.format(n=outlook.position))
    if outlook.wait_minutes is not None:
        is_one = outlook.wait_minutes == 1
        said.append(words.one_minute if is_one else words.minutes.format(n=outlook.wait_minutes))
    return tuple(Say(text, language) for text in said)


def callback_promised(language: str) -> Prompt:
    return Say(_words(language).promised, language)


def callback_not_possible(language: str) -> Prompt:
    return Say(_words(language).not_possible, language)


def customer_unreached(language: str) -> Prompt:
    return Say(_words(language).unreached, language)


def accept_call(queue: str, language: str) -> Prompt:
    """Asks somebody outside to press a key, which no answering machine does."""
    return Say(_words(language).accept.format(queue=queue), language)


def recorder_down(rule: RecordingRule, language: str) -> Prompt:
    return rule.failure or Say(_words(language).recorder_down, language)


def talk_recorded(language: str) -> Prompt:
    """For the agent, who hears it in every talk: as short as can be."""
    return Say(_words(language).recorded, language)


def prompts_of_queues(snapshot: Snapshot) -> frozenset[Prompt]:
    """News of the line are rendered when somebody is to hear them."""
    return frozenset(
        prompt
        for queue in snapshot.queues.values()
        for prompt in _of_queue(queue)
        if prompt is not None
    )


def _of_queue(queue: CallQueue) -> Iterator[Prompt | None]:
    yield from (queue.greeting, queue.music, queue.overflow.prompt, queue.timeout.prompt)
    if queue.no_agents is not None:
        yield queue.no_agents.prompt
    if any(map(is_outside, queue.agents)):
        yield accept_call(queue.name, queue.language)
    if queue.callback is not None:
        yield queue.callback.offer
        yield callback_promised(queue.language)
        yield callback_not_possible(queue.language)
        yield customer_unreached(queue.language)
    if queue.recording is not None:
        yield queue.recording.announcement
        yield recorder_down(queue.recording, queue.language)
        yield talk_recorded(queue.language)
