"""What call control needs of prompts: a number that the engine can play, and how long it lasts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from callwright.kernel.ids import PromptId
from callwright.kernel.prompt import Prompt

Progress = Callable[[int, int], None]
"""How many prompts are done, of how many; called as each one is."""


def unseen(done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class LoadedPrompt:
    id: PromptId
    duration_s: float


class PromptLibrary(Protocol):
    """Renders, caches by content and loads prompts into the engine.

    ``prepare`` runs when a snapshot is made; ``get`` is for the call path and never blocks.
    """

    async def prepare(
        self,
        prompts: frozenset[Prompt],
        *,
        later: frozenset[Prompt] = frozenset(),
        progress: Progress = unseen,
    ) -> None:
        """Renders and loads what is missing of ``prompts``, which then stay.

        ``later`` are many and seldom heard, one greeting for each person: they are looked at now
        and rendered when they are fetched. Raises PromptError naming the file and the remedy when
        a sound cannot be used.
        """
        ...

    def get(self, prompt: Prompt) -> LoadedPrompt | None:
        """The loaded prompt; None when it is not there now."""
        ...

    async def fetch(self, prompt: Prompt) -> LoadedPrompt | None:
        """As ``get``, rendered first when it is not there; None when that fails or takes long."""
        ...


class PromptError(Exception):
    """A prompt cannot be rendered or read; the text names it and says what to do."""
