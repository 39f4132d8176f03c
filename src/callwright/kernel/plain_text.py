"""Text that strangers wrote, made fit for records, screens, mail and terminals."""

from callwright.kernel.limits import NAME_CHARS_MAX


def plain(text: str, *, most: int = NAME_CHARS_MAX) -> str:
    """The printable characters of ``text``, at most so many; blanks of any kind become spaces.

    What is dropped: control characters, with them the escapes that move a terminal's cursor or
    set its title, marks that turn the direction of writing, and halves of characters.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " * c.isspace() for c in text)
    return text.strip()[:most]
