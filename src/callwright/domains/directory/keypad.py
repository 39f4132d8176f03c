"""Names as they are typed on a telephone's keys (ITU-T E.161; SPEC 6.9)."""

import unicodedata
from functools import lru_cache
from itertools import permutations

from callwright.kernel.limits.attendants import DIRECTORY_NAME_WORDS_MAX, DIRECTORY_NAMES_REMEMBERED

WORD_END = "0"
"""Stands between the words of a name."""

_KEY_LETTERS = {
    "2": "abc", "3": "def", "4": "ghi", "5": "jkl", "6": "mno", "7": "pqrs", "8": "tuv",
    "9": "wxyz",
}  # fmt: skip
_LATIN = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h",
    "ı": "i", "ŋ": "n", "ŧ": "t", "ĸ": "k",
}  # fmt: skip
_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ы": "y", "э": "e", "ю": "yu", "я": "ya", "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "w",
    "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dz", "ђ": "dj",
}  # fmt: skip
_SPELLED = {**_LATIN, **_GREEK, **_CYRILLIC}
_KEY_OF = {letter: key for key, letters in _KEY_LETTERS.items() for letter in letters} | {
    digit: digit for digit in "123456789"
}
_SYLLABIC = ("HANGUL SYLLABLE ", "HIRAGANA LETTER ", "KATAKANA LETTER ")
"""Unicode names these characters by how they sound; Chinese characters it does not."""
_NO_BREAK = "'’ʼ`."
"""Left out inside a word: O'Neil is typed as ONeil."""


@lru_cache(maxsize=DIRECTORY_NAMES_REMEMBERED)
def keypad_words(name: str) -> tuple[str, ...]:
    """Returns the keys of each word: ``Åsa O'Neil`` gives ``272``, ``66345``.

    Accents are typed as the letter below, ``ß`` as ``ss``. A word that no Latin letters spell is
    left out.
    """
    found: list[str] = [""]
    for character in unicodedata.normalize("NFKC", name.casefold()):
        keys = _keys_of(character)
        if keys:
            found[-1] += keys
        elif found[-1] and not character.isalpha() and character not in _NO_BREAK:
            found.append("")
    return tuple(word for word in found if word)[:DIRECTORY_NAME_WORDS_MAX]


def fits(name: str, keys: str) -> bool:
    """Whether the keys are words of the name or their beginnings, in any order (row 177).

    ``Mar0Am`` fits Amos Marble: each typed word begins another word of the name.
    """
    words = keypad_words(name)
    typed = [word for word in keys.split(WORD_END) if word]
    if not typed or len(typed) > len(words):
        return False
    if len(typed) == 1:
        return any(word.startswith(typed[0]) for word in words)
    return any(
        all(word.startswith(part) for word, part in zip(order, typed, strict=True))
        for order in permutations(words, len(typed))
    )


def _keys_of(character: str) -> str:
    if character.isascii():
        return _KEY_OF.get(character, "")
    spelled = _SPELLED.get(character) or _by_sound(character)
    if not spelled:
        spelled = unicodedata.normalize("NFKD", character)
        spelled = "".join(_SPELLED.get(letter, letter) for letter in spelled)
    return "".join(_KEY_OF.get(letter, "") for letter in spelled)


def _by_sound(character: str) -> str:
    name = unicodedata.name(character, "")
    for prefix in _SYLLABIC:
        if name.startswith(prefix):
            return name.removeprefix(prefix).removeprefix("SMALL ").lower()
    return ""
