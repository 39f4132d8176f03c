"""Prompts of a virtual world: named by what they say, as long as speech would be, and silent."""

import wave
from itertools import count

from callwright.kernel.ids import PromptId
from callwright.kernel.prompt import Prompt, Say, Sound, Tune
from callwright.media.library import LoadedPrompt, Progress, PromptError, unseen
from callwright.testing.media import SAMPLES_PER_S
from callwright.testing.world_media import WorldMedia

SAY_S_MIN = 0.5
SAY_S_PER_WORD = 0.4
TUNES_S = {
    Tune.DEFAULT_MUSIC: 120.0,
    Tune.BEEP: 0.4,
    Tune.RINGBACK: 6.0,
    Tune.BUSY: 1.0,
}
TUNE_NAMES = {
    Tune.DEFAULT_MUSIC: "music",
    Tune.BEEP: "beep",
    Tune.RINGBACK: "ringback",
    Tune.BUSY: "busy",
}


def name_of(prompt: Prompt) -> str:
    """What a phone reports when it hears the prompt: ``music``, ``say: We are closed.``"""
    match prompt:
        case Say(text=text):
            return f"say: {text}"
        case Sound(path=path):
            return f"sound: {path}"
        case Tune():
            return TUNE_NAMES[prompt]


def length_of(prompt: Prompt) -> float:
    """Seconds; raises PromptError for a file that is no WAV."""
    match prompt:
        case Say(text=text):
            return max(SAY_S_MIN, SAY_S_PER_WORD * len(text.split()))
        case Sound(path=path):
            try:
                with wave.open(path, "rb") as file:
                    return file.getnframes() / file.getframerate()
            except (OSError, EOFError, wave.Error) as error:
                raise PromptError(f"{path} cannot be played: {error}") from error
        case Tune():
            return TUNES_S[prompt]


class SimulatedPrompts:
    """The `PromptLibrary` of a virtual world."""

    def __init__(self, engine: WorldMedia, *, ids_from: int = 1) -> None:
        self._engine = engine
        self._loaded: dict[Prompt, LoadedPrompt] = {}
        self._ids = count(ids_from)

    async def prepare(
        self,
        prompts: frozenset[Prompt],
        *,
        later: frozenset[Prompt] = frozenset(),
        progress: Progress = unseen,
    ) -> None:
        missing = sorted((p for p in prompts if p not in self._loaded), key=repr)
        for done, prompt in enumerate(missing, start=1):
            self._load(prompt)
            progress(done, len(missing))
        for prompt in later:
            length_of(prompt)

    def get(self, prompt: Prompt) -> LoadedPrompt | None:
        return self._loaded.get(prompt)

    async def fetch(self, prompt: Prompt) -> LoadedPrompt | None:
        """As long as it would take to read, none at all."""
        try:
            return self._loaded.get(prompt) or self._load(prompt)
        except PromptError:
            return None

    def _load(self, prompt: Prompt) -> LoadedPrompt:
        length_s = length_of(prompt)
        loaded = LoadedPrompt(PromptId(next(self._ids)), length_s)
        self._engine.load_prompt(loaded.id, bytes(2 * int(length_s * SAMPLES_PER_S)))
        self._engine.name_prompt(loaded.id, name_of(prompt))
        self._loaded[prompt] = loaded
        return loaded
