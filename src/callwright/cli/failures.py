"""How the failures of a command are told: in lines that say what to do."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from callwright.operations.configuration import EditRefused
from callwright.operations.organisation_file import OrganisationFileError
from callwright.operations.revision import RevisionConflict
from callwright.storage.faults import DatabaseError


@contextmanager
def told(*others: type[Exception]) -> Iterator[None]:
    """Turns what can go wrong, and ``others``, into lines on stderr and exit status 1."""
    short: tuple[type[Exception], ...] = (DatabaseError, *others)
    try:
        yield
    except OrganisationFileError as error:
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
        count = len(error.mistakes)
        print(f"nothing was changed: {count} mistake{'s' * (count > 1)}", file=sys.stderr)
    except EditRefused as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        print("nothing was changed", file=sys.stderr)
    except RevisionConflict:
        print("somebody else applied a file at the same time; try again", file=sys.stderr)
    except short as error:
        print(error, file=sys.stderr)
    else:
        return
    raise typer.Exit(1)
