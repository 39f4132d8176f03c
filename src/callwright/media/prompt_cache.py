"""Rendered sound on disk, by what it was rendered from; loss costs only time."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from callwright.kernel.limits.sounds import PROMPT_CACHE_FILES_MAX

_DIGEST_BYTES = 32


class PromptCache:
    """A folder of files, each a SHA-256 of its samples and the samples.

    Blocks on the disk. Its owner serialises writes.
    """

    def __init__(self, folder: Path) -> None:
        """``folder`` is made with the first write."""
        self._folder = folder

    def read(self, key: str) -> bytes | None:
        """The samples; None when they are not there or not what was written."""
        path = self._path(key)
        try:
            content = path.read_bytes()
            os.utime(path)  # the age by which `_trim` chooses
        except OSError:
            return None
        digest, pcm = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        return pcm if hashlib.sha256(pcm).digest() == digest else None

    def write(self, key: str, pcm: bytes) -> None:
        """Whole or not at all. A disk that refuses is none of the prompt's concern."""
        path = self._path(key)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                draft.write_bytes(hashlib.sha256(pcm).digest() + pcm)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
            self._trim()

    def _trim(self) -> None:
        kept = list(self._folder.glob("*.pcm"))
        if len(kept) > PROMPT_CACHE_FILES_MAX:
            kept.sort(key=lambda path: path.stat().st_mtime_ns)
            # A tenth more than it has to, or each write would have to sort them again.
            for path in kept[: -PROMPT_CACHE_FILES_MAX * 9 // 10]:
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / (hashlib.sha256(key.encode()).hexdigest() + ".pcm")
