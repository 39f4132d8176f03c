"""Text that strangers wrote, made fit for records, screens, mail and terminals."""

import re

from callwright.kernel.limits.configuration import NAME_CHARS_MAX

_BROKEN = re.compile("[\0\ud800-\udfff]")


def plain(text: str, *, most: int = NAME_CHARS_MAX) -> str:
    """The printable characters of ``text``, at most so many; blanks of any kind become spaces.

    What is dropped: control characters, with them the escapes that move a terminal's cursor or
    set its title, marks that turn the direction of writing, and halves of characters.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " * c.isspace() for c in text)
    return text.strip()[:most]


def plain_address(text: str) -> str:
    """``text`` as somebody may have dialled it. What is too long for a name or a number stays too
    long, by one character, and so belongs to nobody."""
    return plain(text, most=NAME_CHARS_MAX + 1)


def mended(text: str) -> str:
    """``text`` as any encoding and database takes it: bytes that were no UTF-8, which Python
    keeps as lone surrogates, and NUL become U+FFFD."""
    return text if text.isascii() and "\0" not in text else _BROKEN.sub("\ufffd", text)
