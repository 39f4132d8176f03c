"""Whether a certificate speaks for a name (RFC 2818 §3.1, RFC 6125 §6.4; SPEC 2.3)."""

from collections.abc import Iterable


def matches(pattern: str, name: str) -> bool:
    """``*.a.com`` matches ``foo.a.com``, and neither ``bar.foo.a.com`` nor ``a.com`` (row 54)."""
    pattern, name = _plain(pattern), _plain(name)
    if not pattern or not name:
        return False
    if not pattern.startswith("*."):
        return pattern == name
    first, _, rest = name.partition(".")
    # A star for a whole top-level domain would speak for everybody.
    return bool(first) and "." in rest and rest == pattern[2:]


def speaks_for(patterns: Iterable[str], name: str) -> bool:
    """Whether one of a certificate's names matches."""
    return any(matches(pattern, name) for pattern in patterns)


def _plain(name: str) -> str:
    """Host names ignore case, and a dot at the end."""
    return name.lower().removesuffix(".")
