"""The sound of messages and greetings on disk: where it lies, that it reached it, what is left."""

import os
import wave
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import structlog

from callwright.kernel.ids import MailboxId
from callwright.storage.sealing import SEALED

_log = structlog.get_logger(__name__)


def discard_recording(path: Path) -> None:
    """Removes a recording that is not wanted; it may be gone already."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.error("voicemail.recording_stays", path=str(path), error=str(error))


def recordings(folder: Path) -> Iterator[Path]:
    """Every sound file below ``folder``; a folder that cannot be read has none."""
    for place in _entries(folder):
        if place.is_dir(follow_symlinks=False):
            for file in _entries(Path(place.path)):
                if file.name.endswith((".wav", f".wav{SEALED}")):
                    yield Path(file.path)


def name_of(path: Path) -> str:
    """Of a message, by its sound."""
    return path.name.partition(".")[0]


def changed_us(path: Path) -> int | None:
    """None: it is gone, or not ours to look at."""
    try:
        return path.stat(follow_symlinks=False).st_mtime_ns // 1_000
    except OSError:
        return None


def sound_s(path: Path) -> float:
    """Seconds of sound, as far as it came. Raises OSError, and EOFError or wave.Error for a file
    that was cut short before it had any."""
    with wave.open(str(path), "rb") as file:
        return file.getnframes() / file.getframerate()


def sync_message(path: Path) -> None:
    """Brings the file and its name to the disk."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def folder_name(mailbox: MailboxId) -> str:
    """A key is a name of one directory, whatever is in it: no way up or aside."""
    name = quote(mailbox, safe="@+ ")
    return name.replace(".", "%2E") if name.strip(".") == "" else name


def _entries(folder: Path) -> "Iterator[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return
