"""If-Match and If-None-Match (RFC 9110 §13): nobody overwrites what he has not seen."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Header

from callwright.api.problems import Problem

TAGS_CHARS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Preconditions:
    """None: the header was not sent. ``*`` stands for any state that is there."""

    match: tuple[str, ...] | None = None
    none_match: tuple[str, ...] | None = None

    def is_unchanged(self, etag: str | None) -> bool:
        """For a GET: whether who asks has this state already (RFC 9110 §13.1.2)."""
        return etag is not None and self.none_match is not None and _has(self.none_match, etag)

    def check(self, etag: str | None) -> None:
        """For a write, given the state it would change; None: there is none. Raises Problem."""
        if self.match is not None and (etag is None or not _has(self.match, etag)):
            text = "it is not there" if etag is None else "it was changed since you looked at it"
            raise Problem(
                412, "changed-meanwhile", text, "look at it again, then repeat the change"
            )
        if self.none_match is not None and etag is not None and _has(self.none_match, etag):
            raise Problem(412, "exists-already", "it is there already", "leave out If-None-Match")


def preconditions(
    if_match: Annotated[
        str | None, Header(max_length=TAGS_CHARS_MAX, description="ETags that may be overwritten.")
    ] = None,
    if_none_match: Annotated[
        str | None, Header(max_length=TAGS_CHARS_MAX, description="`*`: only if it is not there.")
    ] = None,
) -> Preconditions:
    return Preconditions(
        None if if_match is None else _tags(if_match),
        None if if_none_match is None else _tags(if_none_match),
    )


def quoted_tag(etag: str) -> str:
    return f'"{etag}"'


def _tags(header: str) -> tuple[str, ...]:
    return tuple(tag.strip().removeprefix("W/").strip('"') for tag in header.split(","))


def _has(tags: tuple[str, ...], etag: str) -> bool:
    return "*" in tags or etag in tags
