"""What call control needs of prompts: a number that the engine can play, and how long it lasts."""

from dataclasses import dataclass
from typing import Protocol

from callwright.kernel.ids import PromptId
from callwright.kernel.prompt import Prompt


@dataclass(frozen=True, slots=True)
class LoadedPrompt:
    id: PromptId
    duration_s: float


class PromptLibrary(Protocol):
    """Renders, caches by content and loads prompts into the engine.

    ``prepare`` runs when a snapshot is made; ``get`` is for the call path and never blocks.
    """

    async def prepare(self, prompts: "frozenset[Prompt]") -> None:
        """Renders and loads what is missing.

        Raises PromptError naming the file and the remedy when a sound cannot be used.
        """
        ...

    def get(self, prompt: Prompt) -> LoadedPrompt | None:
        """The loaded prompt; None when it was never prepared."""
        ...


class PromptError(Exception):
    """A prompt cannot be rendered or read; the text names it and says what to do."""
