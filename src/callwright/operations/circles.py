"""When nobody looks for circles of dead objects, since there can be none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 50_000
"""Of objects that were made meanwhile."""


@contextmanager
def no_circles_looked_for() -> Iterator[None]:
    """A large organisation is a million objects, none of them garbage: to look through them again
    and again took two thirds of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if gc.get_count()[0] > _MANY:
                # Moved among the old ones unseen, else the next step looks through all of them.
                gc.freeze()
                gc.unfreeze()
            gc.enable()
