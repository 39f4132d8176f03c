"""Tags of a number: few, short, and the same in any case (SPEC 3.5; row 37)."""

from collections.abc import Iterable

from callwright.kernel.limits.numbers import NUMBER_TAG_CHARS_MAX, NUMBER_TAGS_MAX


class BadTag(ValueError):
    """Says which tag, and what to write instead."""


def check_tag(tag: str) -> str:
    """Returns the tag without blanks around it; raises BadTag."""
    plain = tag.strip()
    if not 0 < len(plain) <= NUMBER_TAG_CHARS_MAX or not plain.isprintable():
        raise BadTag(
            f"{tag[:NUMBER_TAG_CHARS_MAX]!r} is not a tag; "
            f"write 1 to {NUMBER_TAG_CHARS_MAX} printable characters"
        )
    return plain


def with_tags(held: Iterable[str], added: Iterable[str]) -> tuple[str, ...]:
    """Returns all tags, each once as it was first written; raises BadTag for the 51st."""
    tags = {tag.casefold(): tag for tag in held}
    for tag in added:
        plain = check_tag(tag)
        tags.setdefault(plain.casefold(), plain)
    if len(tags) > NUMBER_TAGS_MAX:
        raise BadTag(f"a number has at most {NUMBER_TAGS_MAX} tags, this makes {len(tags)}")
    return tuple(tags.values())


def without_tags(held: Iterable[str], removed: Iterable[str]) -> tuple[str, ...]:
    gone = {tag.strip().casefold() for tag in removed}
    return tuple(tag for tag in held if tag.casefold() not in gone)


def has_tag(held: Iterable[str], tag: str) -> bool:
    sought = tag.strip().casefold()
    return any(candidate.casefold() == sought for candidate in held)
