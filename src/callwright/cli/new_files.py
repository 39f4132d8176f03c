"""Files that commands make: whole or not at all, for their owner only, and never over another."""

import errno
import os
import tempfile
from pathlib import Path


def write_new(file: Path, content: bytes) -> None:
    """Raises FileExistsError, or OSError for what the disk refuses; then nothing is left."""
    if file.exists():
        raise _about(errno.EEXIST, file)
    try:
        descriptor, draft = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except FileNotFoundError:
        raise _about(errno.ENOENT, file) from None
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
        os.replace(draft, file)
    except BaseException:
        os.unlink(draft)
        raise


def _about(error: int, file: Path) -> OSError:
    return OSError(error, os.strerror(error), str(file))
