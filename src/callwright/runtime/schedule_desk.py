"""Stores what is switched from phones, as every other change of the configuration (ADR 0025)."""

import asyncio
from collections.abc import Callable

from callwright.domains.schedules.model import Standing
from callwright.kernel.clock import Clock
from callwright.kernel.ids import UserId
from callwright.operations.actor import Actor
from callwright.operations.administration import Administration
from callwright.operations.configuration import EditRefused
from callwright.operations.revision import RevisionConflict
from callwright.operations.schedules.kept import SCHEDULE
from callwright.operations.schedules.overriding import (
    OverrideAct,
    SubjectUnknown,
    WantedOverride,
    lift_override,
    set_override,
)
from callwright.storage.faults import DatabaseError


class StoredScheduleDesk:
    """``apps.schedule_services.ScheduleDesk``; running nodes follow within a second."""

    def __init__(self, administration: Callable[[], Administration], clock: Clock) -> None:
        self._administration = administration
        self._clock = clock

    async def switch(self, schedule: str, standing: Standing | None, by: UserId) -> None:
        try:
            await asyncio.to_thread(self._switch, schedule, standing, by)
        except (DatabaseError, EditRefused, RevisionConflict, SubjectUnknown) as error:
            raise OSError(f"{type(error).__name__}: {error}") from error

    def _switch(self, schedule: str, standing: Standing | None, by: UserId) -> None:
        act = OverrideAct(Actor("local", by), self._clock.utc(), why="dialled on a phone")
        administration = self._administration()
        if standing is None:
            lift_override(administration, SCHEDULE, schedule, act)
        else:
            set_override(administration, SCHEDULE, schedule, WantedOverride(standing), act)
