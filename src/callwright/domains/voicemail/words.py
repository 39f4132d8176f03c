"""What mailboxes say of their own accord, in the languages that are spoken by most callers."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    away: str
    """With the name of the mailbox, as the next one."""
    out_of_office: str
    leave_message: str
    call_later: str
    press_key: str
    """With the key that leads to somebody else."""
    full: str
    not_recorded: str


_BY_LANGUAGE: Mapping[str, Words] = {
    "en": Words(
        "{name} is not available.",
        "{name} is out of the office.",
        "Please leave a message after the tone.",
        "Please call again later.",
        "To be connected with somebody else, press {key}.",
        "This mailbox is full. Goodbye.",
        "Sorry, your message could not be recorded. Goodbye.",
    ),
    "de": Words(
        "{name} ist nicht erreichbar.",
        "{name} ist zurzeit nicht im Büro.",
        "Bitte hinterlassen Sie nach dem Ton eine Nachricht.",
        "Bitte rufen Sie später noch einmal an.",
        "Um mit jemand anderem verbunden zu werden, drücken Sie die {key}.",
        "Diese Mailbox ist voll. Auf Wiederhören.",
        "Ihre Nachricht konnte leider nicht aufgenommen werden. Auf Wiederhören.",
    ),
    "fr": Words(
        "{name} n'est pas disponible.",
        "{name} est absent du bureau.",
        "Veuillez laisser un message après le bip sonore.",
        "Veuillez rappeler plus tard.",
        "Pour joindre quelqu'un d'autre, appuyez sur {key}.",
        "Cette boîte vocale est pleine. Au revoir.",
        "Désolé, votre message n'a pas pu être enregistré. Au revoir.",
    ),
    "es": Words(
        "{name} no está disponible.",
        "{name} está fuera de la oficina.",
        "Por favor, deje un mensaje después del tono.",
        "Por favor, vuelva a llamar más tarde.",
        "Para hablar con otra persona, pulse {key}.",
        "Este buzón está lleno. Adiós.",
        "Lo sentimos, su mensaje no se ha podido grabar. Adiós.",
    ),
    "it": Words(
        "{name} non è disponibile.",
        "{name} è fuori ufficio.",
        "Lasciate un messaggio dopo il segnale acustico.",
        "Vi preghiamo di richiamare più tardi.",
        "Per parlare con qualcun altro, premete {key}.",
        "Questa casella è piena. Arrivederci.",
        "Non è stato possibile registrare il messaggio. Arrivederci.",
    ),
    "nl": Words(
        "{name} is niet bereikbaar.",
        "{name} is niet op kantoor.",
        "Spreek na de toon een bericht in.",
        "Probeer het later nog eens.",
        "Toets {key} om met iemand anders te spreken.",
        "Deze voicemail is vol. Tot ziens.",
        "Uw bericht kon niet worden opgenomen. Tot ziens.",
    ),
}
_ENGLISH = "en"


def words_in(language: str) -> Words:
    """By language code, ``de-DE``; English where nothing was translated."""
    return _BY_LANGUAGE.get(language.partition("-")[0], _BY_LANGUAGE[_ENGLISH])


def voice_of(language: str) -> str:
    """The language of whoever speaks `words_in`: nobody understands English read as Polish."""
    return language if language.partition("-")[0] in _BY_LANGUAGE else "en-US"
