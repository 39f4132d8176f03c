"""A caller whose keys and words are known beforehand, for `explain` and for tests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callwright.domains.attendants.turns import Ask, Input, Key, Quiet, Said

KEYS = frozenset("0123456789*#")


@dataclass(frozen=True, slots=True)
class Press:
    """Keys pressed quickly, one after the other, once the prompts are over."""

    keys: str


@dataclass(frozen=True, slots=True)
class Say:
    """Words said once the prompts are over."""

    words: str


Act = Press | Say


def read_acts(keys: str | None, says: Sequence[str] = ()) -> tuple[Act, ...] | None:
    """Reads ``"1 2 102#"``, a group of keys for each prompt, and what is said after them.

    None: nothing is to be done, and nobody asks what would follow. Raises ValueError on what is
    no key.
    """
    if keys is None and not says:
        return None
    groups = (keys or "").split()
    for group in groups:
        strange = set(group) - KEYS
        if strange:
            raise ValueError(f"{group} has {min(strange)}, which is no key; write 0-9, * and #")
    return (*map(Press, groups), *map(Say, says))


class ScriptedCaller:
    """Listens to every prompt to its end and then does the next thing; when nothing is left, the
    caller is silent."""

    def __init__(self, acts: Iterable[Act]) -> None:
        self._acts = list(acts)
        self._pending = ""
        """Keys of the group that is being pressed."""

    def answer(self, ask: Ask) -> Input:
        if not ask.barge_in:
            self._pending = ""
        if self._pending:
            return self._press()
        if ask.wait_s <= 0 or not ask.begins or not self._acts:
            return Quiet()
        match self._acts.pop(0):
            case Press(keys=keys):
                self._pending = keys
                return self._press()
            case Say(words=words):
                return _said(ask, words)

    def _press(self) -> Key:
        key, self._pending = self._pending[0], self._pending[1:]
        return Key(key)


def _said(ask: Ask, words: str) -> Input:
    """Where nobody listens, nothing is heard."""
    if not ask.phrases:
        return Quiet()
    wanted = words.casefold()
    return Said(next((phrase for phrase in ask.phrases if phrase.casefold() == wanted), None))
