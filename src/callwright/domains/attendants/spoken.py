"""What attendants say of their own accord, and the words that callers may say back (SPEC 6.10).

What is said is English, read by the voice of the attendant's language: prompts are not translated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callwright.domains.attendants.people import Person
from callwright.kernel.prompt import Say


@dataclass(frozen=True, slots=True)
class Words:
    """What a caller of one language may say beside the names of options."""

    yes: str
    no: str
    repeat: str
    operator: str
    main_menu: str
    digits: tuple[str, ...]
    """Zero to nine."""


def _words(yes: str, no: str, repeat: str, operator: str, main_menu: str, digits: str) -> Words:
    return Words(yes, no, repeat, operator, main_menu, tuple(digits.split()))


_WORDS: Mapping[str, Words] = {
    "ca": _words(
        "Sí", "No", "Repeteix", "Operadora", "Menú principal",
        "Zero U Dos Tres Quatre Cinc Sis Set Vuit Nou",
    ),
    "de": _words(
        "Ja", "Nein", "Wiederholen", "Vermittlung", "Hauptmenü",
        "Null Eins Zwei Drei Vier Fünf Sechs Sieben Acht Neun",
    ),
    "en": _words(
        "Yes", "No", "Repeat", "Operator", "Main menu",
        "Zero One Two Three Four Five Six Seven Eight Nine",
    ),
    "es": _words(
        "Sí", "No", "Repetir", "Operadora", "Menú principal",
        "Cero Uno Dos Tres Cuatro Cinco Seis Siete Ocho Nueve",
    ),
    "fr": _words(
        "Oui", "Non", "Répéter", "Opérateur", "Menu principal",
        "Zéro Un Deux Trois Quatre Cinq Six Sept Huit Neuf",
    ),
    "it": _words(
        "Sì", "No", "Ripeti", "Operatore", "Menu principale",
        "Zero Uno Due Tre Quattro Cinque Sei Sette Otto Nove",
    ),
    "ja": _words(
        "はい", "いいえ", "もう一度", "オペレーター", "メインメニュー",
        "ゼロ いち に さん よん ご ろく なな はち きゅう",
    ),
    "pt": _words(
        "Sim", "Não", "Repetir", "Telefonista", "Menu principal",
        "Zero Um Dois Três Quatro Cinco Seis Sete Oito Nove",
    ),
    "zh": _words("是", "不是", "重复", "接线员", "主菜单", "零 一 二 三 四 五 六 七 八 九"),
}  # fmt: skip

_SPEECH_LANGUAGES = (
    "ca-ES de-DE en-AU en-CA en-GB en-IN en-US es-ES es-MX fr-CA fr-FR it-IT ja-JP pt-BR zh-CN"
)
SPEECH_LANGUAGES = frozenset(_SPEECH_LANGUAGES.split())
"""In which callers may speak (SPEC 6.10); in all others they press keys only (row 188)."""


def words_of(language: str) -> Words:
    """Of one of `SPEECH_LANGUAGES`; English for any other."""
    return _WORDS.get(language.partition("-")[0], _WORDS["en"])


def invalid_key(language: str) -> Say:
    return Say("Sorry, that is not a valid choice.", language)


def not_understood(language: str) -> Say:
    return Say("Sorry, I did not understand that.", language)


def unreachable(language: str) -> Say:
    return Say("Sorry, your call cannot be connected.", language)


def transferring(name: str | None, language: str) -> Say:
    to = "" if name is None else f" to {name}"
    return Say(f"Transferring your call{to}.", language)


def transferring_to_operator(language: str) -> Say:
    return transferring("the operator", language)


def nobody_found(language: str) -> Say:
    return Say("Sorry, nobody of that name was found.", language)


def too_many(language: str) -> Say:
    return Say("Too many names match. Please enter more of the name.", language)


def choose_person(people: Sequence[Person], language: str) -> Say:
    """``For Amos Marble, press 1. For ..., press 2. To hear this again, press star.``"""
    choices = [f"For {each.spoken}, press {key}." for key, each in enumerate(people, start=1)]
    return Say(" ".join((*choices, "To hear this again, press star.")), language)


def did_you_say(phrase: str, language: str) -> Say:
    return Say(f"Did you say {phrase}? For yes, press 1. For no, press 2.", language)
