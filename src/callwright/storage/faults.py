"""What can go wrong with a database, in words that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class DatabaseError(Exception):
    """The text is meant for a person. ``may_pass``: trying again later can help."""

    def __init__(self, text: str, *, may_pass: bool = False) -> None:
        super().__init__(text)
        self.may_pass = may_pass


class CannotBeMade(DatabaseError):
    """An organisation cannot come or go; nothing is wrong with the database."""

    def __init__(self, text: str, *, is_no_domain: bool = False) -> None:
        super().__init__(text)
        self.is_no_domain = is_no_domain


class WrongCurrency(DatabaseError):
    """The wallet holds money of another one; nothing is wrong with the database."""


_WORDS = (
    ("is locked", "another program keeps {place} locked; stop it or try again", True),
    ("disk is full", "the disk that holds {place} is full; make room and try again", True),
    ("disk I/O error", "the disk that holds {place} is full or reports errors; check it", True),
    ("readonly database", "{place} cannot be written to; check who owns the file", True),
    (
        "unable to open database file",
        "{place} cannot be opened; check that it may be read, and its directory written to",
        True,
    ),
    ("file is not a database", "{place} is not a database of Callwright", False),
    ("malformed", "{place} is damaged; restore it from a backup", False),
)


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turns what the driver raises into a DatabaseError about ``place``."""
    try:
        yield
    except DBAPIError as error:
        original = str(error.orig)
        for sign, words, may_pass in _WORDS:
            if sign in original:
                raise DatabaseError(words.format(place=place), may_pass=may_pass) from error
        may_pass = isinstance(error, OperationalError)
        raise DatabaseError(f"{place}: {original}", may_pass=may_pass) from error
    except PoolTimeout as error:
        raise DatabaseError(f"too many wait for {place}; try again", may_pass=True) from error
