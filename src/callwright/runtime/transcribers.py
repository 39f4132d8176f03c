"""Recognisers that write messages out: a command on this machine, or an HTTP endpoint.

They are named where the server is started, not in the organisation's file: whoever may change an
organisation must not run programs here, or have this machine ask its neighbours (ADR 0038).
"""

import asyncio
import shlex
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from callwright.apps.voicemail.services import Transcriber, TranscriptionFailed
from callwright.kernel.limits.voicemail import TRANSCRIPT_CHARS_MAX

FILE, LANGUAGE = "{file}", "{language}"
_FAREWELL_S = 5.0
_OUTPUT_BYTES_MAX = 4 * TRANSCRIPT_CHARS_MAX


def transcriber_of(words: str) -> Transcriber:
    """Of a URL, or of a command line with ``{file}`` in it. Raises ValueError."""
    if words.startswith(("http://", "https://")):
        return HttpTranscriber(words)
    command = shlex.split(words)
    if not command or not any(FILE in word for word in command):
        raise ValueError(f'{words!r} names no file; write "whisper-cli -f {FILE}", or a URL')
    return CommandTranscriber(command)


class CommandTranscriber:
    """Runs a program on a WAV file; what it prints is the text."""

    def __init__(self, command: Sequence[str]) -> None:
        """``{file}`` and ``{language}`` in its words stand for the message's."""
        self._command = tuple(command)

    async def transcribe(self, wav: bytes, language: str) -> str:
        with tempfile.TemporaryDirectory(prefix="callwright-message-") as folder:
            path = Path(folder) / "message.wav"
            await asyncio.to_thread(path.write_bytes, wav)
            words = [
                word.replace(FILE, str(path)).replace(LANGUAGE, language) for word in self._command
            ]
            return await self._run(words)

    async def _run(self, words: Sequence[str]) -> str:
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise TranscriptionFailed(f"{words[0]}: {error.strerror or error}") from None
        try:
            assert process.stdout is not None, "a pipe was asked for"
            output = b""
            while more := await process.stdout.read(_OUTPUT_BYTES_MAX):
                output += more
                if len(output) > _OUTPUT_BYTES_MAX:
                    raise TranscriptionFailed(f"{words[0]} prints more than any message says")
            status = await process.wait()
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            with suppress(TimeoutError):  # a child of its own may hold the pipe
                async with asyncio.timeout(_FAREWELL_S):
                    await process.communicate()
        if status != 0:
            raise TranscriptionFailed(f"{words[0]} ended with status {status}")
        return _text(output)


class HttpTranscriber:
    """Posts a WAV file; the answer is plain text, or JSON with ``text``."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def transcribe(self, wav: bytes, language: str) -> str:
        headers = {"Content-Type": "audio/wav", "Accept-Language": language}
        try:
            async with httpx.AsyncClient(timeout=None) as client:  # whoever asks has one
                answer = await client.post(self._url, content=wav, headers=headers)
            answer.raise_for_status()
            is_json = answer.headers.get("content-type", "").startswith("application/json")
            found = answer.json() if is_json else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise TranscriptionFailed(f"{self._url}: {type(error).__name__}: {error}") from None
        if not is_json:
            return _text(answer.content)
        if not isinstance(found, dict) or not isinstance(found.get("text"), str):
            raise TranscriptionFailed(f"{self._url} answers without a text")
        return _text(found["text"].encode(errors="replace"))


def _text(output: bytes) -> str:
    return output.decode(errors="replace").strip()[:TRANSCRIPT_CHARS_MAX]
