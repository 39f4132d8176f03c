"""The prompts of a running node: rendered, cached on disk, loaded into the engine once."""

import asyncio
import itertools
import json
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from callwright.kernel.ids import PromptId
from callwright.kernel.limits import PROMPT_RENDERS_AT_ONCE
from callwright.kernel.prompt import Prompt, Say, Sound, Tune
from callwright.media.engine import MediaEngine
from callwright.media.levels import SAMPLE_RATE_HZ
from callwright.media.library import LoadedPrompt, PromptError
from callwright.media.prompt_cache import PromptCache
from callwright.media.sound_files import read_sound
from callwright.media.speech import Voice
from callwright.media.tunes import TUNES_VERSION, generate

Progress = Callable[[int, int], None]
"""How many prompts are done, of how many; called as each one is."""


@dataclass(frozen=True, slots=True)
class _Held:
    loaded: LoadedPrompt
    edition: tuple[int, int] | None
    """Of a file: when it was written and its size; a new edition is loaded anew."""


class RenderedPrompts:
    """A `PromptLibrary` over a voice, WAV files and our own tunes.

    Belongs to one event loop. The voice remains its owner's to close.
    """

    def __init__(
        self, engine: MediaEngine, voice: Voice, cache: Path, *, country: str = "US"
    ) -> None:
        """``cache`` is a folder; ``country`` (ISO 3166-1) chooses ringing and busy tones."""
        self._engine = engine
        self._voice = voice
        self._cache = PromptCache(cache)
        self._country = country
        self._held: dict[Prompt, _Held] = {}
        self._ids = itertools.count(1)
        self._changing = asyncio.Lock()
        self._slots = asyncio.Semaphore(PROMPT_RENDERS_AT_ONCE)

    async def prepare(
        self, prompts: frozenset[Prompt], *, progress: Progress = lambda done, total: None
    ) -> None:
        """Renders and loads what is missing; also a file that was written anew.

        Everything that can be used is loaded before PromptError tells, one line each, what cannot.
        A changed file that cannot be read leaves its former sound in use.
        """
        async with self._changing:
            editions = {prompt: _edition(prompt) for prompt in prompts}
            missing = [prompt for prompt in prompts if not self._holds(prompt, editions[prompt])]
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

            problems = sorted(filter(None, await asyncio.gather(*map(load, missing))))
        if problems:
            raise PromptError("\n".join(problems))

    def get(self, prompt: Prompt) -> LoadedPrompt | None:
        held = self._held.get(prompt)
        return None if held is None else held.loaded

    async def retain(self, prompts: Collection[Prompt]) -> None:
        """Unloads all but these; for when no call can play the others any more."""
        async with self._changing:
            for prompt in [prompt for prompt in self._held if prompt not in prompts]:
                self._engine.unload_prompt(self._held.pop(prompt).loaded.id)

    def _holds(self, prompt: Prompt, edition: tuple[int, int] | None) -> bool:
        held = self._held.get(prompt)
        return held is not None and held.edition == edition

    def _load(self, prompt: Prompt, pcm: bytes, edition: tuple[int, int] | None) -> None:
        loaded = LoadedPrompt(PromptId(next(self._ids)), len(pcm) / 2 / SAMPLE_RATE_HZ)
        self._engine.load_prompt(loaded.id, pcm)
        former = self._held.get(prompt)
        self._held[prompt] = _Held(loaded, edition)
        if former is not None:
            self._engine.unload_prompt(former.loaded.id)

    async def _render(self, prompt: Prompt) -> bytes:
        if isinstance(prompt, Sound):
            return await asyncio.to_thread(read_sound, prompt.path)
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


def _edition(prompt: Prompt) -> tuple[int, int] | None:
    if not isinstance(prompt, Sound):
        return None
    try:
        state = os.stat(prompt.path)
    except OSError:
        return None  # reading it will say what is wrong
    return state.st_mtime_ns, state.st_size
