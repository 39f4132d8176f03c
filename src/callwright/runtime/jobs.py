"""Does the long work of an organisation, a step at a time, and goes on with it after a restart."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from pydantic import JsonValue

from callwright.kernel.clock import Clock
from callwright.kernel.limits.api import JOB_LOOK_S, JOB_STEP_ENTITIES
from callwright.kernel.limits.configuration import CONFIGURATION_RETRY_S
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration
from callwright.operations.bulk_import import Intake, Step, take_in
from callwright.operations.revision import RevisionConflict
from callwright.storage.faults import DatabaseError
from callwright.storage.jobs import Job, Jobs, JobState

log = structlog.get_logger("callwright.jobs")


class JobRunner:
    """``run`` until it is cancelled. One job at a time: each is written in the turn of others."""

    def __init__(
        self,
        jobs: Jobs,
        administration: Administration,
        clock: Clock,
        has_news: Callable[[], bool] = lambda: True,
    ) -> None:
        """``has_news()``: whether anything was stored since it was asked last."""
        self._has_news = has_news
        self._may_have_work = True
        self._jobs = jobs
        self._administration = administration
        self._clock = clock

    async def run(self) -> None:
        while True:
            await asyncio.sleep(JOB_LOOK_S)
            if not (self._has_news() or self._may_have_work):
                continue
            self._may_have_work = True
            try:
                await self.look()
                self._may_have_work = False
            except (DatabaseError, RevisionConflict) as error:
                log.error("jobs are put off", because=str(error))
                await asyncio.sleep(CONFIGURATION_RETRY_S)

    async def look(self) -> None:
        """Does what there is to do. A step that was interrupted is done again: to write the same
        settings twice is to write them once."""
        for job, work in await asyncio.to_thread(self._jobs.running):
            try:
                await self._carry_on(job, work)
            except (DatabaseError, RevisionConflict):
                raise  # it may pass
            except Exception:
                # A defect in one, which a restart would meet again, ends that one.
                log.exception("a job failed", job=job.id)
                await asyncio.to_thread(self._jobs.end, job.id, JobState.FAILED, self._clock.utc())

    async def _carry_on(self, job: Job, work: Any) -> None:
        by = Actor(work["by"]["kind"], work["by"]["name"])
        results: list[JsonValue] = list(job.results) if isinstance(job.results, list) else []
        entities, done, failed = work["entities"], job.done, job.failed
        is_wanted = not job.is_cancel_wanted
        while is_wanted and done < len(entities):
            step = _step(entities[done : done + JOB_STEP_ENTITIES])
            intake = await asyncio.to_thread(
                take_in, self._administration, step, by=by, why=work["why"]
            )
            results += _told(intake, done, step)
            done, failed = done + len(step), failed + len(intake.left_out)
            is_wanted = await asyncio.to_thread(
                self._jobs.progress, job.id, done=done, failed=failed, results=results
            )
        state = JobState.DONE if done >= len(entities) else JobState.CANCELLED
        await asyncio.to_thread(self._jobs.end, job.id, state, self._clock.utc())


def _step(entities: Sequence[Any]) -> Step:
    return [((each["kind"], each["key"]), each["settings"]) for each in entities]


def _told(intake: Intake, first: int, step: Step) -> list[JsonValue]:
    """``position`` counts from 0 in what was sent; null: the user himself is not in this step, but
    what gave him the licence is."""
    positions = {address: first + at for at, (address, _) in enumerate(step)}
    told = [(each.address, each.text, False) for each in intake.left_out]
    told += [(("user", one.user), one.caution.text, True) for one in intake.lost]
    return [
        {
            "position": positions.get(address),
            "kind": address[0],
            "key": address[1],
            "text": text,
            "is_taken": is_taken,
        }
        for address, text, is_taken in told
    ]
