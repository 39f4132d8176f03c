"""Which passwords are taken: long ones that are not made of the owner's names (NIST SP 800-63B).

No rule asks for capitals or digits: they make passwords harder to keep, not harder to guess.
"""

from collections.abc import Iterable

from callwright.kernel.limits.access import PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN

WORD_CHARS_MIN = 4
"""Shorter parts of names are in too many good passwords."""
DIFFERENT_CHARS_MIN = 5


def objection(password: str, words: Iterable[str]) -> str | None:
    """Why a password is not taken, in words for a person; None when it is.

    ``words`` are names that it must not consist of: the account's, its mail's, the organisation's.
    """
    if len(password) < PASSWORD_CHARS_MIN:
        return f"has {len(password)} characters; take at least {PASSWORD_CHARS_MIN}"
    if len(password) > PASSWORD_CHARS_MAX:
        return f"has {len(password)} characters; take at most {PASSWORD_CHARS_MAX}"
    if len(set(password)) < DIFFERENT_CHARS_MIN:
        return "repeats a few characters; take several words"
    rest = _plain(password)
    for word in sorted(_parts(words), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < PASSWORD_CHARS_MIN // 2:
        return "is made of your name, your mail or the organisation; take several other words"
    return None


def _parts(words: Iterable[str]) -> set[str]:
    """Each name, and what stands between its dots, spaces and signs."""
    found = set()
    for word in words:
        split = "".join(c if c.isalnum() else " " for c in word.casefold()).split()
        found.update({_plain(word), *split})
    return {part for part in found if len(part) >= WORD_CHARS_MIN}


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
