"""The prompts of a running node: rendered, cached on disk, loaded into the engine once."""

import asyncio
import itertools
import json
import os
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from callwright.kernel.ids import PromptId
from callwright.kernel.limits.sounds import (
    PROMPT_FETCH_S,
    PROMPT_IDLE_BYTES_MAX,
    PROMPT_RENDERS_AT_ONCE,
)
from callwright.kernel.prompt import Prompt, Say, Sound, Tune
from callwright.media.engine import MediaEngine
from callwright.media.levels import SAMPLE_RATE_HZ
from callwright.media.library import LoadedPrompt, Progress, PromptError, unseen
from callwright.media.prompt_cache import PromptCache
from callwright.media.sound_files import look_at_sound, read_sound
from callwright.media.speech import Voice
from callwright.media.tunes import TUNES_VERSION, generate

Spawn = Callable[[Coroutine[object, object, None], str], "asyncio.Task[None]"]
"""Starts a named task and sees to its end."""


@dataclass(frozen=True, slots=True)
class _Held:
    loaded: LoadedPrompt
    edition: tuple[int, int] | None
    """Of a file: when it was written and its size; a new edition is loaded anew."""
    octets: int


class RenderedPrompts:
    """A `PromptLibrary` over a voice, WAV files and our own tunes.

    What was prepared stays. What was fetched, or prepared for a former configuration, stays while
    there is room: what was not heard for longest goes first, and callers who are listening hear it
    to its end. Belongs to one event loop. The voice remains its owner's to close.
    """

    def __init__(
        self,
        engine: MediaEngine,
        voice: Voice,
        cache: Path,
        *,
        spawn: Spawn,
        country: str = "US",
        idle_bytes_max: int = PROMPT_IDLE_BYTES_MAX,
        fetch_s: float = PROMPT_FETCH_S,
        ids_from: int = 1,
        complain: Callable[[str], None] = lambda problem: None,
        read: Callable[[str], bytes] = read_sound,
    ) -> None:
        """``cache`` is a folder; ``spawn`` owns the rendering of what is fetched; ``country`` (ISO
        3166-1) chooses ringing and busy tones; ``ids_from`` is the first of the engine's ids for
        prompts; ``complain`` is told why a fetched prompt cannot be heard;
        ``read`` gives the samples of a sound file."""
        self._engine = engine
        self._voice = voice
        self._cache = PromptCache(cache)
        self._country = country
        self._idle_bytes_max = idle_bytes_max
        self._fetch_s = fetch_s
        self._spawn = spawn
        self._complain = complain
        self._read = read
        self._held: dict[Prompt, _Held] = {}
        """In the order in which they were heard last."""
        self._kept: frozenset[Prompt] = frozenset()
        self._fetching: dict[Prompt, asyncio.Task[None]] = {}
        self._ids = itertools.count(ids_from)
        self._changing = asyncio.Lock()
        self._slots = asyncio.Semaphore(PROMPT_RENDERS_AT_ONCE)
        self._urgent_slots = asyncio.Semaphore(PROMPT_RENDERS_AT_ONCE)

    async def prepare(
        self,
        prompts: frozenset[Prompt],
        *,
        later: frozenset[Prompt] = frozenset(),
        progress: Progress = unseen,
    ) -> None:
        """See `PromptLibrary`; also loads a file that was written anew.

        Everything that can be used is there before PromptError tells, one line each, what cannot.
        A changed file that cannot be read leaves its former sound in use.
        """
        later = later - prompts
        async with self._changing:
            editions = await asyncio.to_thread(_editions, prompts | later)
            missing = [prompt for prompt in prompts if not self._holds(prompt, editions[prompt])]
            self._kept = prompts | (self._kept & self._held.keys())
            problems = await self._load_all(missing, editions, progress)
            for prompt in later & self._held.keys():
                edition = editions[prompt]
                if edition is not None and not self._holds(prompt, edition):
                    self._unload(prompt)
            problems += await asyncio.to_thread(_look_at_all, later)
            self._kept = prompts
            self._make_room()
        if problems:
            raise PromptError("\n".join(sorted(problems)))

    def get(self, prompt: Prompt) -> LoadedPrompt | None:
        held = self._held.get(prompt)
        if held is None:
            return None
        if prompt not in self._kept:
            self._held[prompt] = self._held.pop(prompt)
        return held.loaded

    async def fetch(self, prompt: Prompt) -> LoadedPrompt | None:
        if prompt not in self._held:
            task = self._fetching.get(prompt)
            if task is None:
                task = self._spawn(self._render_urgently(prompt), "prompt")
                self._fetching[prompt] = task
                task.add_done_callback(lambda _: self._fetching.pop(prompt, None))
            # Others may wait for it, too, and the next caller has it at once.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._fetch_s):
                    await asyncio.shield(task)
        return self.get(prompt)

    async def _render_urgently(self, prompt: Prompt) -> None:
        try:
            async with self._urgent_slots:
                edition = (await asyncio.to_thread(_editions, [prompt]))[prompt]
                pcm = await self._render(prompt)
        except PromptError as error:
            self._complain(str(error))
        else:
            self._load(prompt, pcm, edition)
            self._make_room()

    async def _load_all(
        self,
        missing: list[Prompt],
        editions: dict[Prompt, tuple[int, int] | None],
        progress: Progress,
    ) -> list[str]:
        """Returns what went wrong."""
        done = itertools.count(1)

        async def load(prompt: Prompt) -> str | None:
            try:
                async with self._slots:
                    pcm = await self._render(prompt)
            except PromptError as error:
                return str(error)
            else:
                self._load(prompt, pcm, editions[prompt])
                return None
            finally:
                progress(next(done), len(missing))

        return [problem for problem in await asyncio.gather(*map(load, missing)) if problem]

    def _make_room(self) -> None:
        idle = [prompt for prompt in self._held if prompt not in self._kept]
        octets = sum(self._held[prompt].octets for prompt in idle)
        for prompt in idle[:-1]:
            if octets <= self._idle_bytes_max:
                break
            octets -= self._held[prompt].octets
            self._unload(prompt)

    def _holds(self, prompt: Prompt, edition: tuple[int, int] | None) -> bool:
        held = self._held.get(prompt)
        return held is not None and held.edition == edition

    def _load(self, prompt: Prompt, pcm: bytes, edition: tuple[int, int] | None) -> None:
        loaded = LoadedPrompt(PromptId(next(self._ids)), len(pcm) / 2 / SAMPLE_RATE_HZ)
        self._engine.load_prompt(loaded.id, pcm)
        if prompt in self._held:
            self._unload(prompt)
        self._held[prompt] = _Held(loaded, edition, len(pcm))

    def _unload(self, prompt: Prompt) -> None:
        self._engine.unload_prompt(self._held.pop(prompt).loaded.id)

    async def _render(self, prompt: Prompt) -> bytes:
        if isinstance(prompt, Sound):
            return await asyncio.to_thread(self._read, prompt.path)
        key = self._key(prompt)
        pcm = await asyncio.to_thread(self._cache.read, key)
        if pcm is None:
            if isinstance(prompt, Say):
                pcm = await self._voice.speak(prompt.text, prompt.language)
            else:
                pcm = await asyncio.to_thread(generate, prompt, self._country)
            await asyncio.to_thread(self._cache.write, key, pcm)
        return pcm

    def _key(self, prompt: Say | Tune) -> str:
        """Everything that decides how the prompt sounds."""
        if isinstance(prompt, Say):
            return json.dumps(["say", self._voice.version, prompt.language, prompt.text])
        return json.dumps(["tune", TUNES_VERSION, self._country, prompt.value])


def _editions(prompts: Iterable[Prompt]) -> dict[Prompt, tuple[int, int] | None]:
    return {prompt: _edition(prompt) for prompt in prompts}


def _edition(prompt: Prompt) -> tuple[int, int] | None:
    if not isinstance(prompt, Sound):
        return None
    try:
        state = os.stat(prompt.path)
    except OSError:
        return None  # reading it will say what is wrong
    return state.st_mtime_ns, state.st_size


def _look_at_all(prompts: Iterable[Prompt]) -> list[str]:
    """What is wrong with files that are to be read some time."""
    problems = []
    for prompt in prompts:
        try:
            if isinstance(prompt, Sound):
                look_at_sound(prompt.path)
        except PromptError as error:
            problems.append(str(error))
    return problems
