"""A program of ours beside this one, asked and answering over a pipe, one question at a time.

Messages are a length (u32, big-endian) and so many octets. A worker that crashes or says nothing in
time is ended, and another started with the next question.
"""

import asyncio
import os
import struct
from collections.abc import Mapping, Sequence
from types import MappingProxyType

AS_HERE: Mapping[str, str] = MappingProxyType({})


class WorkerDied(Exception):
    """It ended, or said nothing in time; the text says how."""


class WorkerProcess:
    """Starts with the first question."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        timeout_s: float,
        answer_bytes_max: int,
        environment: Mapping[str, str] = AS_HERE,
    ) -> None:
        """``environment``: variables that it has besides ours."""
        self._command = tuple(command)
        self._environment = environment
        self._timeout_s = timeout_s
        self._answer_bytes_max = answer_bytes_max
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def ask(self, request: bytes) -> bytes:
        """Raises WorkerDied. Questions wait for each other."""
        async with self._turn:
            return await self._exchange(request)

    async def close(self) -> None:
        """Ends it; a later question would start another."""
        async with self._turn:
            await self._end()

    async def _exchange(self, request: bytes) -> bytes:
        """A worker is kept only after an answer: one that was left midway would answer late."""
        is_kept = False
        try:
            process = await self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            async with asyncio.timeout(self._timeout_s):
                process.stdin.write(struct.pack(">I", len(request)) + request)
                await process.stdin.drain()
                (length,) = struct.unpack(">I", await process.stdout.readexactly(4))
                if not 1 <= length <= self._answer_bytes_max:
                    raise WorkerDied(f"an answer of {length} bytes")
                answer = await process.stdout.readexactly(length)
            is_kept = True
            return answer
        except TimeoutError as error:
            raise WorkerDied(f"no answer within {self._timeout_s:g} s") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            raise WorkerDied(f"{type(error).__name__}: {error}") from error
        finally:
            if not is_kept:
                await self._end()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is not None:
            await self._end()
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, **self._environment},
            )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        assert process.stdin is not None
        process.stdin.close()
        # Reads what is left, so that the pipe's end is seen and the transport closes.
        await process.communicate()
