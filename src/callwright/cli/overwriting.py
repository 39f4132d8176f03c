"""A file that is there gets other content, at once and whole, or stays what it was."""

import os
import tempfile
from pathlib import Path


def write_over(file: Path, text: str) -> None:
    """Keeps who may read it; follows a link to where it leads. Raises OSError."""
    target = file.resolve()
    mode = target.stat().st_mode & 0o7777
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
