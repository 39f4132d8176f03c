"""XML written by hand: text that is safe in an element or between double quotes (XML 1.0 §2.4)."""

import re

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&apos;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def escaped(text: str) -> str:
    """``text`` as content or attribute value; characters that XML has none for become U+FFFD."""
    return _FORBIDDEN.sub("\ufffd", text).translate(_SPECIAL)


def attributes(*pairs: tuple[str, str | None]) -> str:
    """`` name="value"`` for each value that is known."""
    return "".join(f' {name}="{escaped(value)}"' for name, value in pairs if value is not None)
