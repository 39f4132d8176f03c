"""What attendants say of their own accord, and the words that callers may say back (SPEC 6.10).

Prompts of the file are not translated: the voice of the attendant's language reads them as written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from callwright.domains.attendants.people import Person
from callwright.domains.attendants.sentences import Sentences
from callwright.domains.attendants.translations import SENTENCES
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


def sentences_of(language: str) -> Sentences:
    """``pt-BR`` and ``pt-PT`` say the same; a language that is none of SPEC 6.10's is English."""
    return SENTENCES.get(language.partition("-")[0], SENTENCES["en"])


def _fixed(sentence: Callable[[Sentences], str]) -> Callable[[str], Say]:
    """What is the same for every caller, in the language that is asked for."""
    return lambda language: Say(sentence(sentences_of(language)), language)


invalid_key = _fixed(lambda sentences: sentences.invalid)
not_understood = _fixed(lambda sentences: sentences.not_understood)
unreachable = _fixed(lambda sentences: sentences.unreachable)
transferring_to_operator = _fixed(lambda sentences: sentences.transferring_to_operator)
nobody_found = _fixed(lambda sentences: sentences.nobody)
too_many = _fixed(lambda sentences: sentences.too_many)


def transferring(name: str | None, language: str) -> Say:
    sentences = sentences_of(language)
    if name is None:
        return Say(sentences.transferring, language)
    return Say(sentences.transferring_to.format(name=name), language)


def choose_person(people: Sequence[Person], language: str) -> Say:
    """``For Amos Marble, press 1. For ..., press 2. To hear this again, press star.``"""
    sentences = sentences_of(language)
    choices = (
        sentences.choice.format(name=each.spoken, key=key)
        for key, each in enumerate(people, start=1)
    )
    return Say(" ".join((*choices, sentences.again)), language)


def did_you_say(phrase: str, language: str) -> Say:
    return Say(sentences_of(language).doubt.format(phrase=phrase), language)
