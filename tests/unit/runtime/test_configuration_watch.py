"""A revision that cannot be taken over now is taken over later, and told once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import pytest
from pydantic import JsonValue
from structlog.testing import capture_logs
from tests.unit.operations.contoso_file import FILE

from callwright.kernel.limits.configuration import CONFIGURATION_RETRY_S
from callwright.media.library import PromptError
from callwright.operations.administration import ConfigurationRepository
from callwright.operations.organisation_file import read_organisation, to_entities
from callwright.routing.snapshot import Snapshot
from callwright.runtime.configuration_watch import ConfigurationWatch
from callwright.storage.database import DatabaseError
from callwright.testing.virtual_loop import VirtualClock, run, running_loop

ENTITIES = to_entities(read_organisation(FILE))


class Stored:
    """A configuration whose loading fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.number = 1
        self.loads = 0

    def revision(self) -> int:
        return self.number

    def changed_since(self, revision: int) -> None:
        return None

    def load(self) -> tuple[int, dict[tuple[str, str], JsonValue]]:
        self.loads += 1
        if self.failures:
            raise self.failures.pop(0)
        return self.number, ENTITIES


async def nothing() -> None:
    pass


def follow(
    stored: Stored,
    use: Callable[[Snapshot], Awaitable[None]],
    refresh: Callable[[], Awaitable[None]] = nothing,
) -> ConfigurationWatch:
    clock = VirtualClock(running_loop())
    return ConfigurationWatch(cast(ConfigurationRepository, stored), use, refresh, clock)


async def look_for(watch: ConfigurationWatch, seconds: float) -> None:
    for _ in range(int(seconds * 10)):
        await watch.look_safely()
        await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    "failure", [DatabaseError("locked"), ValueError("odd"), KeyError("x"), OSError("no room")]
)
def test_a_load_that_failed_is_tried_again(failure: Exception) -> None:
    async def main() -> None:
        used: list[int] = []

        async def use(snapshot: Snapshot) -> None:
            used.append(snapshot.revision)

        stored = Stored(failure, failure, failure)
        watch = follow(stored, use)
        with capture_logs() as lines:
            await look_for(watch, 4 * CONFIGURATION_RETRY_S)
        assert (used, watch.revision, stored.loads) == ([1], 1, 4)
        assert [line["log_level"] for line in lines] == ["error", "info"]

    run(main())


def test_a_newer_revision_does_not_wait_for_the_retry() -> None:
    async def main() -> None:
        used: list[int] = []

        async def use(snapshot: Snapshot) -> None:
            used.append(snapshot.revision)

        stored = Stored(ValueError("a mistake"))
        watch = follow(stored, use)
        await watch.look_safely()
        stored.number = 2
        await watch.look_safely()
        assert used == [2]

    run(main())


def test_a_snapshot_that_could_not_be_used_is_used_again() -> None:
    async def main() -> None:
        attempts: list[int] = []

        async def use(snapshot: Snapshot) -> None:
            attempts.append(snapshot.revision)
            if len(attempts) == 1:
                raise OSError("the prompt cache cannot be written")

        watch = follow(Stored(), use)
        await look_for(watch, 3 * CONFIGURATION_RETRY_S)
        assert (attempts, watch.revision) == ([1, 1], 1)

    run(main())


def test_a_prompt_that_cannot_be_heard_does_not_hold_up_the_rest() -> None:
    async def main() -> None:
        attempts: list[int] = []

        async def use(snapshot: Snapshot) -> None:
            attempts.append(snapshot.revision)
            raise PromptError("welcome.wav is gone")

        watch = follow(Stored(), use)
        await look_for(watch, 2 * CONFIGURATION_RETRY_S)
        assert (attempts, watch.revision) == ([1], 1)

    run(main())


def test_trouble_is_logged_again_when_it_is_another_or_came_back() -> None:
    async def main() -> None:
        async def use(snapshot: Snapshot) -> None:
            pass

        troubles = [ValueError("a"), ValueError("a"), ValueError("b"), None, ValueError("b")]

        async def refresh() -> None:
            trouble = troubles.pop(0)
            if trouble is not None:
                raise trouble

        watch = follow(Stored(), use, refresh)
        with capture_logs() as lines:
            for _ in range(5):
                await watch.look_safely()
        told = [line["because"] for line in lines if line["log_level"] == "error"]
        assert told == ["ValueError: a", "ValueError: b", "ValueError: b"]

    run(main())
